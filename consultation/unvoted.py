"""What a meeting talks about without a vote: what it came to, in words, recorded by the chair or the recorder.

A consultation may end in agreement (VL 33, UL 32 of 2025); who decides does so by a vote (VL 26, 30; UL 27, 29).
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import agenda_times, live
from .attendance import present_count, quorum_reached, required_for
from .bulletin_text import normal
from .errors import Invalid, NoQuorum, WrongState
from .locks import database_now, lock_meeting
from .models import AgendaItem, Decision, Meeting, Motion, Outcome
from .moves import move
from .reserved import as_referred
from .sealing import passed_on
from .tabling import put_on_list, referred_to, reserved_by_topic, taking_motions

RESULTS = (Outcome.CONSENSUS, Outcome.UNSETTLED, Outcome.NOTED, Outcome.REFERRED)
LONGEST = 1000  # characters


@transaction.atomic
def table_unvoted(
    *, meeting: Meeting, text: str, by: User | None, agenda_item: AgendaItem | None = None, reserved_for: str = ""
) -> Motion:
    """Put on the list what is not voted. Raises Invalid without words, WrongState once the meeting is over."""
    meeting = taking_motions(meeting)
    if not text.strip():
        raise Invalid(_("请写明要谈什么、通报什么。"), field="text")
    return put_on_list(
        meeting,
        by=by,
        agenda_item=agenda_item,
        text=text.strip(),
        method=Motion.Method.NONE,
        reserved_for=reserved_for or reserved_by_topic(meeting, agenda_item),
    )


def _require_possible(meeting: Meeting, motion: Motion, outcome: str, words: str, decides: str) -> None:
    if outcome not in RESULTS:
        raise Invalid(_("请选谈下来怎么样。"), field="outcome")
    if outcome == Outcome.REFERRED and not decides:
        raise Invalid(_("先标明这件事由谁定，才能转办。"), field="outcome")
    if outcome == Outcome.CONSENSUS and not decides and meeting.procedure["binding"]:
        raise Invalid(_("这个会作决定要表决，不能记“协商一致”。请加一项表决。"), field="outcome")
    if outcome != Outcome.NOTED and not words:
        raise Invalid(_("请写明谈成什么、还差什么，会写进会议记录。"), field="words")
    if len(words) > LONGEST:
        raise Invalid(_("最多 %(limit)s 个字。") % {"limit": LONGEST}, field="words")
    if outcome == Outcome.CONSENSUS and not quorum_reached(meeting):
        raise NoQuorum(
            _("实到 %(present)s，至少要到 %(required)s 才能记“协商一致”。")
            % {"present": present_count(meeting), "required": required_for(meeting)}
        )


@transaction.atomic
def conclude(motion: Motion, *, outcome: str, words: str, by: User | None, reason: str = "") -> Decision:
    """Record what the talk came to (one of RESULTS) and its words. What somebody else decides by law is passed on with
    them, whatever it came to, unless it was only heard.

    Once more while the meeting goes on is a new version and needs a `reason`; the first one stays in the log. Raises
    Invalid, NoQuorum (for an agreement), or WrongState for what is voted and outside of a running meeting.
    """
    meeting = lock_meeting(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    if motion.is_voted:
        raise WrongState(_("这一项要表决，不能直接写结果。"))
    if not meeting.is_live or meeting.motions.running().exists():
        raise WrongState(_("会议没有在进行，或者正在表决另一项，现在不能写结果。"))
    words, decides, before = words.strip(), referred_to(motion), motion.latest_decision
    _require_possible(meeting, motion, outcome, words, decides)
    if before is not None and not reason.strip():
        raise Invalid(_("结果已经写过。要改，请写明原因。"), field="reason")
    if before is None:
        move(motion, Motion.State.PUBLISHED)
        motion.opened_at = database_now()
        motion.definition = normal(
            {"text": motion.text, "method": motion.method, "rules": meeting.procedure, "roster": meeting.roster.digest}
            | ({"referred_to": decides} if decides else {})
        )
        if motion.agenda_item is not None:
            meeting.item_number = motion.agenda_item.number
            agenda_times.turn_to(meeting, meeting.item_number)
    motion.closed_at = database_now()
    motion.entitled_count, motion.present_count = meeting.roster.entitled_count, present_count(meeting)
    if outcome != Outcome.NOTED:
        outcome = as_referred(outcome, referred_to=decides)
    motion.referred_to = passed_on(motion) if outcome == Outcome.REFERRED else ""
    motion.save()
    decision = Decision.objects.create(
        village=motion.village,
        motion=motion,
        version=before.version + 1 if before is not None else 1,
        outcome=outcome,
        entitled=motion.entitled_count,
        present=motion.present_count,
        required=required_for(meeting),
        needed=0,
        words=words,
        reason=reason.strip()[:200] if before is not None else "",
    )
    meeting.phase = Meeting.Phase.ANNOUNCED
    meeting.floor += 1  # the board shows the new words, also where only they changed
    meeting.save(update_fields=["phase", "item_number", "floor"])
    record(
        action="conclude_item", subject=motion, village_id=meeting.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, outcome=outcome, version=decision.version, words=words,
        **({"reason": decision.reason} if decision.reason else {}),
    )  # fmt: skip
    live.announce(meeting.pk)
    return decision
