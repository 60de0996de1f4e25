"""The list of what a meeting is to vote on: putting a question on it, and taking it off again."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import live
from .errors import Invalid, WrongState
from .locks import lock_meeting, stop_casting
from .models import AgendaItem, Meeting, Motion, Outcome, ReservedFor, TopicCategory
from .options import (
    FEWEST_OPTIONS,
    LONGEST_OPTION,
    MOST_OPTIONS,
    MOST_RANKED,
    MOST_RANKED_SECRET,
    keyed,
    picks_of,
)
from .reserved import is_only_opinion

MAX_MOTIONS = 200
SECRET_FROM = 3  # voting units; among fewer a secret vote hides nothing
SECRET_SAFE_FROM = 10  # below it people are warned
WITH_PHONES = (Motion.Method.HANDS_AND_ONLINE, Motion.Method.PAPER_AND_ONLINE)
WITH_HANDS = (Motion.Method.HANDS, Motion.Method.HANDS_AND_ONLINE)
KINDS = (Motion.Kind.YES_NO, Motion.Kind.CHOICE, Motion.Kind.MULTI_CHOICE, Motion.Kind.RANKED)


def option_texts(kind: str, options: Sequence[str], most: int, method: str) -> list[str]:
    """The options' texts as they are kept. Raises Invalid for what makes no ballot."""
    if kind not in KINDS:
        raise Invalid(_("请选择怎么投：赞成反对，还是选方案。"), field="kind")
    if kind == Motion.Kind.YES_NO:
        return []
    if method == Motion.Method.BELENIOS:
        raise Invalid(_("选方案的不能用 Belenios 投，请换一种表决方式。"), field="method")
    texts = [unicodedata.normalize("NFC", text).strip() for text in options]
    texts = [text for text in texts if text]
    if not FEWEST_OPTIONS <= len(texts) <= MOST_OPTIONS:
        raise Invalid(
            _("方案要有 %(fewest)s 到 %(most)s 个，一行写一个。") % {"fewest": FEWEST_OPTIONS, "most": MOST_OPTIONS},
            field="options",
        )
    long = next((text for text in texts if len(text) > LONGEST_OPTION), None)
    if long is not None:
        raise Invalid(
            _("每个方案最多 %(longest)s 个字，“%(start)s…”太长了。") % {"longest": LONGEST_OPTION, "start": long[:12]},
            field="options",
        )
    again = next((text for place, text in enumerate(texts) if text in texts[:place]), None)
    if again is not None:
        raise Invalid(_("“%(text)s”写了两遍，请去掉一个。") % {"text": again}, field="options")
    if kind == Motion.Kind.MULTI_CHOICE and not 1 <= most < len(texts):
        raise Invalid(_("最多选几个，要填 1 到 %(most)s：比方案的个数少。") % {"most": len(texts) - 1}, field="most")
    return texts


def may_rank(meeting: Meeting) -> bool:
    """Whether this meeting may put options in order: an order decides nothing, so only where people are consulted."""
    return not meeting.procedure["binding"]


def require_rankable(meeting: Meeting, options: int, *, method: str, secret: bool) -> None:
    """Raises Invalid where options cannot be put in order, or not so many of them."""
    if not may_rank(meeting):
        raise Invalid(_("排先后只能用在协商会上：这个会要作决定，请改成选一个方案或者选几个方案。"), field="kind")
    if method in WITH_HANDS:
        raise Invalid(_("举手排不出先后，请选手机、纸票，或者手机和纸票。"), field="method")
    if secret and options > MOST_RANKED_SECRET:
        raise Invalid(
            _(
                "无记名的排先后最多 %(most)s 个方案：排得太长，事先约好一种排法就等于签了名，数票的人认得出是谁。"
                "请合并几个方案，或者不用无记名。"
            )
            % {"most": MOST_RANKED_SECRET},
            field="options",
        )
    if options > MOST_RANKED:
        raise Invalid(
            _("排先后最多 %(most)s 个方案，再多就排不过来了。请合并几个，或者改成选几个方案。") % {"most": MOST_RANKED},
            field="options",
        )


def reserved_by_topic(meeting: Meeting, item: AgendaItem | None) -> str:
    """That of the item's own topic; of the meeting's where all that it talks about is reserved."""
    if item is not None and item.topic is not None:
        return item.topic.reserved_for
    about = meeting.agenda.filter(topic__isnull=False).order_by("number").values_list("topic__reserved_for", flat=True)
    reserved = list(about)
    return reserved[0] if reserved and all(reserved) else ""


@transaction.atomic
def mark_reserved(motion: Motion, *, category: TopicCategory | None, reason: str, by: User | None) -> Motion:
    """Say of a question that was not opened yet that by law somebody else decides it (`category`), or after all not.

    The reason stands in the log. Raises Invalid without one or for an ordinary category, WrongState once it was opened.
    """
    meeting = taking_motions(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    if motion.state not in (Motion.State.DRAFT, Motion.State.ANNOUNCED):
        raise WrongState(_("这一项已经开始表决或者有了结果，由谁定不能再改。"))
    if category is not None and (not category.reserved_for or category.applies_to != meeting.village.kind):
        raise Invalid(_("请选一类法律规定由别的会议或者机关定的事。"), field="category")
    if not reason.strip():
        raise Invalid(_("请写明为什么，操作日志里看得到。"), field="reason")
    motion.reserved_category, motion.reserved_for = category, category.reserved_for if category is not None else ""
    motion.save(update_fields=["reserved_category", "reserved_for"])
    record(
        action="mark_reserved", subject=motion, village_id=meeting.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, category=category.key if category is not None else "", reserved_for=motion.reserved_for,
        reason=reason.strip()[:200],
    )  # fmt: skip
    live.announce(meeting.pk)
    return motion


def referred_to(motion: Motion) -> str:
    """Who decides the matter, where a vote on it is an opinion only; empty where this meeting decides."""
    if motion.definition:
        return str(motion.definition.get("referred_to", ""))
    rules = motion.meeting.procedure
    if not is_only_opinion(motion.reserved_for, body=rules["body"], binding=rules["binding"]):
        return ""
    with translation.override("zh-hans"):  # the record is in the village's language
        return str(ReservedFor(motion.reserved_for).label)


def require_enough_for_secrecy(units: int) -> None:
    """Raises Invalid where a secret vote would hide nothing."""
    if units < SECRET_FROM:
        raise Invalid(
            _("不到 %(number)s 人（户）的表决藏不住谁投了什么，不能无记名。请改用记名表决。") % {"number": SECRET_FROM},
            field="secret",
        )


def secret_warning(units: int) -> str:
    """What to say before a secret vote among few: nothing from ten units up."""
    if units >= SECRET_SAFE_FROM:
        return ""
    return _("只有 %(units)s 人（户）可以投票：如果大家投得一样，或者只有一两票不同，别人就猜得出谁投了什么。") % {
        "units": units
    }


@transaction.atomic
def table_motion(
    *,
    meeting: Meeting,
    text: str,
    by: User | None,
    agenda_item: AgendaItem | None = None,
    method: str = Motion.Method.HANDS_AND_ONLINE,
    counts_shown: bool = False,
    secret: bool = False,
    changeable: bool = False,
    kind: str = Motion.Kind.YES_NO,
    options: Sequence[str] = (),
    most: int = 1,
    reserved_for: str = "",
) -> Motion:
    """Put a question on the meeting's list, with its exact words: for, against or abstain; or, with another `kind`,
    between the texts of `options`, of which one ballot may pick one (CHOICE) or up to `most` (MULTI_CHOICE), or
    which it puts in order (RANKED, in consultations only).

    `secret` hides who chose what from everybody; `changeable` lets a voter hand in another paper until voting stops;
    `reserved_for` (ReservedFor) says whose decision it is by law: not given, it is that of the topic it is about.
    Raises Invalid for an empty text, a method not offered, options that are no ballot or a secret vote among too few,
    WrongState once the meeting is over.
    """
    meeting = taking_motions(meeting)
    if not text.strip():
        raise Invalid(_("请写明要表决什么。"), field="text")
    if method not in Motion.Method.values or method == Motion.Method.NONE:
        raise Invalid(_("请选择表决方式。"), field="method")
    if reserved_for and reserved_for not in ReservedFor.values:
        raise Invalid(_("请选法律规定由谁定。"), field="reserved_for")
    texts = option_texts(kind, options, most, method)
    if kind == Motion.Kind.RANKED:
        require_rankable(meeting, len(texts), method=method, secret=secret)
        most = len(texts)
    if secret:
        if method in WITH_HANDS:
            raise Invalid(_("无记名表决不能举手，请选手机、纸票或者手机和纸票。"), field="method")
        require_enough_for_secrecy(meeting.roster.entitled_count if hasattr(meeting, "roster") else SECRET_FROM)
    return put_on_list(
        meeting,
        by=by,
        agenda_item=agenda_item,
        text=text.strip(),
        kind=kind,
        options=keyed(texts),
        most=most if kind in (Motion.Kind.MULTI_CHOICE, Motion.Kind.RANKED) else 1,
        method=method,
        counts_shown=counts_shown and not secret,
        secret=secret,
        changeable=changeable and method in (Motion.Method.ONLINE, *WITH_PHONES),
        reserved_for=reserved_for or reserved_by_topic(meeting, agenda_item),
    )


def taking_motions(meeting: Meeting) -> Meeting:
    """The meeting, locked. Raises WrongState once it is over."""
    meeting = lock_meeting(meeting)
    if meeting.state not in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议已经结束，不能再加表决事项。"))
    return meeting


def put_on_list(meeting: Meeting, *, by: User | None, **fields: Any) -> Motion:
    """A motion with the next number, noted and shown."""
    last = meeting.motions.aggregate(last=Max("number"))["last"] or 0
    if last >= MAX_MOTIONS:
        raise Invalid(_("一次会议最多 %(limit)s 项表决。") % {"limit": MAX_MOTIONS})
    motion = Motion.objects.create(village=meeting.village, meeting=meeting, number=last + 1, **fields)
    kept = {name: fields[name].number for name in ("runoff_of", "amends") if name in fields}
    record(
        action="table_motion", subject=motion, village_id=meeting.village_id, actor=by,
        meeting=meeting.number, motion=motion.number, **kept,
    )  # fmt: skip
    live.announce(meeting.pk)
    return motion


@transaction.atomic
def table_runoff(motion: Motion, *, by: User | None) -> Motion:
    """Put the runoff of a counted motion on the list: its options that go on, under their keys, voted the same way;
    those that a ranking left level, as a choice of one.

    Raises WrongState unless the motion's standing result asks for one that is not on the list already.
    """
    meeting = taking_motions(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    decision = motion.latest_decision
    if decision is None or decision.outcome != Outcome.RUNOFF or not motion.awaits_runoff:
        raise WrongState(_("这一项不用再投第二轮，或者第二轮已经加上了。"))
    going_on = picks_of(decision.going_on)
    one_of_them = motion.kind == Motion.Kind.RANKED
    return put_on_list(
        meeting,
        by=by,
        runoff_of=motion,
        agenda_item=motion.agenda_item,
        text=_("%(text)s（第二轮）") % {"text": motion.text[:480]},
        kind=Motion.Kind.CHOICE if one_of_them else motion.kind,
        options=[option for option in motion.options if option["key"] in going_on],
        most=1 if one_of_them else max(motion.form.most - len(picks_of(decision.winner)), 1),
        method=motion.method,
        counts_shown=motion.counts_shown,
        secret=motion.secret,
        changeable=motion.changeable,
        reserved_for=motion.reserved_for,
    )


def require_standing_runoff(motion: Motion) -> None:
    """Raises WrongState for a runoff among others than its first round now leads to: that one was corrected since."""
    first = motion.runoff_of
    decision = first.latest_decision if first is not None else None
    if first is not None and (decision is None or picks_of(decision.going_on) != motion.form.keys):
        raise WrongState(_("第一轮的结果更正过了，这第二轮不作数。请撤下它，再按新的结果办。"))


@transaction.atomic
def withdraw_motion(motion: Motion, *, by: User | None) -> None:
    """Take a motion off the list before it is put to the vote."""
    motion = stop_casting(motion)
    if motion.state not in (Motion.State.DRAFT, Motion.State.ANNOUNCED):
        raise WrongState(_("已经开始表决的事项不能撤下。"))
    if motion.amendments.exists():
        raise WrongState(_("这一项有修正案。请先撤下修正案；已经表决过的，就让这一项表决。"))
    record(
        action="withdraw_motion", subject=motion, village_id=motion.village_id, actor=by,
        motion=motion.number, meeting=motion.meeting.number,
    )  # fmt: skip
    meeting_id = motion.meeting_id
    motion.delete()
    live.announce(meeting_id)
