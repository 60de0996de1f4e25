"""Amendments: voted before the motion whose words or options they would change, and taken over into it by the chair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import live
from .continuing import left_over_by_words, left_over_options, options_of, reserved_before, words_of
from .errors import Invalid, WrongState
from .locks import database_now, lock_meeting
from .models import AgendaItem, Meeting, Motion
from .options import keyed
from .tabling import option_texts, put_on_list, require_rankable, table_motion, taking_motions

LONGEST = 450  # characters; the question that is voted quotes them
QUESTION = 500


@transaction.atomic
def table_amendment(motion: Motion, *, new_text: str, options: Sequence[str] | None = None, by: User | None) -> Motion:
    """Put on the list that the motion's words become `new_text`, and its options those of `options` (None: as they
    are): for or against, voted as the motion itself will be.

    Raises Invalid for words that are none, too long or the same, and for options that make no ballot; WrongState unless
    the motion waits to be voted and is no amendment itself, and for another list while one is not decided.
    """
    meeting = taking_motions(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    if not motion.is_voted:
        raise WrongState(_("这一项不表决，不用提修正案，谈下来怎么样直接写。"))
    words = new_text.strip()
    if motion.state != Motion.State.ANNOUNCED or motion.amends_id is not None:
        raise WrongState(_("只有还没有开始表决的事项才能提修正案，修正案本身不能再修正。"))
    texts = _new_list(motion, options)
    if not words or (words == motion.text and not texts):
        raise Invalid(
            _("原话和方案都和现在一样，请改其中一处。")
            if motion.form.keys
            else _("请写出改了以后的原话，要和现在的不一样。"),
            field="new_text",
        )
    if len(words) > LONGEST:
        raise Invalid(_("改成的话最多 %(limit)s 个字。") % {"limit": LONGEST}, field="new_text")
    elsewhere = motion.by_belenios  # an election of its own for a change of words is not worth it
    return put_on_list(
        meeting,
        by=by,
        amends=motion,
        new_text=words if words != motion.text else "",
        new_options=keyed(texts),
        agenda_item=motion.agenda_item,
        text=_question(motion, words, texts),
        method=Motion.Method.HANDS_AND_ONLINE if elsewhere else motion.method,
        counts_shown=motion.counts_shown,
        secret=motion.secret and not elsewhere,
        changeable=motion.changeable,
    )


def _new_list(motion: Motion, options: Sequence[str] | None) -> list[str]:
    """The texts of another list; nothing where it stays as it is."""
    if options is None or not motion.form.keys:
        return []
    texts = option_texts(motion.kind, options, motion.most, motion.method)
    if texts == _texts(motion.options):
        return []
    if motion.form.ranked:
        require_rankable(motion.meeting, len(texts), method=motion.method, secret=motion.secret)
    if motion.runoff_of_id is not None:
        raise WrongState(_("第二轮的方案是第一轮选出来的，不能改。"))
    others = motion.amendments.exclude(new_options=[])
    if any(one.is_undecided or one.words_wait for one in others):
        raise WrongState(_("还有一件改方案的修正案没有办完，请先表决它、确认它。"))
    return texts


def _texts(options: Iterable[Mapping[str, str]]) -> list[str]:
    return [option["text"] for option in options]


def _question(motion: Motion, words: str, texts: Sequence[str]) -> str:
    """What is voted: the new words, which options come and which go."""
    said = {"number": motion.number, "words": words}
    parts = [_("修正案：第 %(number)s 项改成“%(words)s”") % said if words != motion.text else ""]
    if texts:
        old = _texts(motion.options)
        come, go = [text for text in texts if text not in old], [text for text in old if text not in texts]
        parts += [
            "" if parts[0] else _("修正案：第 %(number)s 项的方案") % said,
            _("加上“%(options)s”") % {"options": _("”“").join(come)} if come else "",
            _("去掉“%(options)s”") % {"options": _("”“").join(go)} if go else "",
            _("换个次序") if not come and not go else "",
        ]
    question = _("，").join(part for part in parts if part)
    if len(question) > QUESTION:
        raise Invalid(_("一次改得太多，写不下。请分几次提修正案。"), field="options")
    return question


@transaction.atomic
def table_again(before: Motion, *, meeting: Meeting, agenda_item: AgendaItem | None, by: User | None) -> Motion:
    """Put what an earlier meeting did not come to on the list of this one: voted as it would have been there, in the
    words that were decided by then, with its amendments that were not voted either.

    Raises what tabling raises.
    """
    motion = table_motion(
        meeting=meeting, text=words_of(before), method=before.method, agenda_item=agenda_item, by=by, kind=before.kind,
        options=options_of(before), most=before.most, secret=before.secret,
        changeable=before.changeable, counts_shown=before.counts_shown, reserved_for=before.reserved_for,
    )  # fmt: skip
    waiting = before.amendments.filter(state__in=[Motion.State.DRAFT, Motion.State.ANNOUNCED]).order_by("number")
    for amendment in waiting.exclude(new_text=motion.text):
        table_amendment(
            motion, new_text=amendment.new_text or motion.text, options=_texts(amendment.new_options) or None, by=by
        )
    return motion


@transaction.atomic
def table_left_over(
    meeting: Meeting, continued: Meeting | None, texts: Sequence[str], *, item: AgendaItem | None, method: str,
    by: User | None,
) -> None:  # fmt: skip
    """Put on the list of a new meeting the votes between options that `continued` did not come to, then what is to be
    voted for or against (`texts`): in words that stand unchanged since then as it would have been voted there, else by
    `method`.

    Raises what tabling raises.
    """
    for before in left_over_options(continued) if continued else ():
        table_again(before, meeting=meeting, agenda_item=item, by=by)
    unchanged = left_over_by_words(continued) if continued else {}
    for text in texts:
        if text in unchanged:
            table_again(unchanged[text], meeting=meeting, agenda_item=item, by=by)
            continue
        table_motion(
            meeting=meeting, text=text, method=method, agenda_item=item, reserved_for=reserved_before(continued, text),
            by=by,
        )  # fmt: skip


def held_up(motion: Motion) -> str:
    """Why the motion cannot be opened yet: an amendment is not decided, or its words do not follow the decision."""
    undecided = [str(one.number) for one in motion.amendments.all() if one.is_undecided]
    if undecided:
        return _("先表决修正案（第 %(numbers)s 项），再表决这一项。") % {"numbers": "、".join(undecided)}
    waiting = [str(one.number) for one in motion.amendments.all() if one.words_wait]
    if waiting:
        return _("修正案（第 %(numbers)s 项）有了结果，请先确认这一项的原话，再表决。") % {
            "numbers": "、".join(waiting)
        }
    return ""


def require_amendments_settled(motion: Motion) -> None:
    """Raises WrongState while the motion is held up."""
    why = held_up(motion)
    if why:
        raise WrongState(why)


@transaction.atomic
def settle_words(amendment: Motion, *, by: User | None) -> Motion:
    """The chair confirms what the amendment came to: carried, the motion has the new words; no longer carried after a
    correction, it has its old ones again. Both stay in the log.

    Raises WrongState when nothing is to be confirmed, or the motion is under vote already.
    """
    lock_meeting(amendment.meeting)
    amendment = Motion.objects.select_for_update().get(pk=amendment.pk)
    waits = amendment.words_wait
    if not waits:
        raise WrongState(_("这项修正案没有要确认的。"))
    motion = Motion.objects.select_for_update().get(amendments=amendment)
    if motion.state != Motion.State.ANNOUNCED:
        raise WrongState(_("要改的那一项已经开始表决，原话不能再改。"))
    old, old_list = motion.text, motion.options
    if waits == "take":
        amendment.old_text, amendment.old_options, amendment.taken_over_at = old, old_list, database_now()
        motion.text, motion.options = amendment.new_text or old, amendment.new_options or old_list
    else:
        changed_since = old != (amendment.new_text or old) or old_list != (amendment.new_options or old_list)
        if changed_since:
            raise WrongState(_("要改的那一项后来又改过，不能改回去。请撤下它，重新提出。"))
        amendment.taken_over_at = None
        motion.text = amendment.old_text if amendment.new_text else old
        motion.options = amendment.old_options if amendment.new_options else old_list
    motion.most = len(motion.options) if motion.form.ranked else motion.most
    motion.save(update_fields=["text", "options", "most"])
    amendment.save(update_fields=["old_text", "old_options", "taken_over_at"])
    record(
        action="amend_motion", subject=motion, village_id=motion.village_id, actor=by, meeting=motion.meeting.number,
        motion=motion.number, amendment=amendment.number, old=old, new=motion.text,
        **({"old_options": old_list, "options": motion.options} if motion.options != old_list else {}),
    )  # fmt: skip
    live.announce(motion.meeting_id)
    return motion
