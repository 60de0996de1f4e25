"""What two officers decide about a vote: to declare it void, to count what is left, to correct a count by people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Proposal, Resident, User
from residents.offices import person_of
from residents.rights import Act, may
from residents.two_people import NotWaiting, handler, propose

from . import live
from .balance import VALID, parts_of, picks_fit, valid_of
from .eligibility import may_settle
from .errors import Invalid, KeyMissing, MeetingError, WrongState
from .key_store import KeyStoreError, get_key_store
from .locks import database_now, lock_meeting, stop_casting
from .models import Bulletin, Decision, Motion, Sheet
from .models.sheets import COUNT_FIELDS
from .moves import move
from .options import Form
from .places import require_counted_once
from .sealing import decide_anew, needs_sheet, seal, tidy_up
from .tally import CountError

ANNUL, COUNT = "annul", "count"
_ANNULS = (
    Motion.State.OPEN,
    Motion.State.PAUSED,
    Motion.State.CLOSING,
    Motion.State.DISPUTED,
    Motion.State.INTERRUPTED,
)
_COUNTS = (Motion.State.DISPUTED, Motion.State.INTERRUPTED)


def choices_for(motion: Motion) -> list[str]:
    """What two officers may decide about it now."""
    state = Motion.State(motion.state)
    return [ANNUL] * (state in _ANNULS) + [COUNT] * (state in _COUNTS)


def propose_settling(motion: Motion, *, decision: str, reason: str, by: User) -> Proposal:
    """The first officer says what is to become of the motion and why; nothing happens until a second one agrees.

    `decision` is "annul" or "count". Raises Invalid without a reason, WrongState when it is not to be decided so.
    """
    if not reason.strip():
        raise Invalid(_("请写明原因，好让第二个人和村民知道为什么。"), field="reason")
    if decision not in choices_for(motion):
        raise WrongState(_("这一项现在是“%(state)s”，不能这样处理。") % {"state": motion.get_state_display()})
    words = {ANNUL: _("作废这次表决"), COUNT: _("按箱子里现有的票计票")}[decision]
    return propose(
        kind=Proposal.Kind.SETTLE_MOTION,
        summary=f"{words}：{motion.text}",
        payload={
            "motion": motion.pk,
            "state": motion.state,
            "decision": decision,
            "reason": reason.strip()[:200],
            "words": [
                [_("会议"), motion.meeting.title],
                [_("表决事项"), motion.text],
                [_("怎么办"), words],
                [_("原因"), reason.strip()[:200]],
            ],
        },
        by=by,
        village=motion.village,
    )


def waiting_for(motion: Motion) -> list[Proposal]:
    """What one officer has proposed about the motion and nobody has decided yet."""
    kinds = [Proposal.Kind.SETTLE_MOTION, Proposal.Kind.CORRECT_RESULT]
    waiting = Proposal.objects.of(motion.village).waiting().filter(kind__in=kinds, payload__motion=motion.pk)
    return list(waiting.select_related("proposed_by").order_by("number"))


def _may_settle(user: User, proposal: Proposal) -> bool:
    """The meeting's own chair is one of those who may, though the office is none of the village's."""
    motion = Motion.objects.select_related("meeting__village").filter(pk=proposal.payload["motion"]).first()
    if motion is None or motion.village_id != proposal.village_id:
        return proposal.village is not None and may(user, Act.SETTLE_RESULT, proposal.village)
    return may_settle(user, motion.meeting)


@handler(Proposal.Kind.SETTLE_MOTION, Act.SETTLE_RESULT, held=_may_settle)
def _settle(proposal: Proposal, by: User) -> None:
    try:
        motion = Motion.objects.select_related("meeting").get(pk=proposal.payload["motion"])
        _settled(motion, proposal.payload, by=by)
    except MeetingError as refused:
        raise NotWaiting(str(refused.message)) from refused
    except Motion.DoesNotExist as gone:
        raise NotWaiting(_("这一项表决已经不在了。")) from gone


def _settled(motion: Motion, payload: Mapping[str, Any], *, by: User) -> None:
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    decision, reason = payload["decision"], payload["reason"]
    if motion.state != payload["state"] or decision not in choices_for(motion):
        raise WrongState(_("这一项的情况已经变了，请重新提出。"))
    record(
        action="settle_motion", subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number, decision=decision, reason=reason,
    )  # fmt: skip
    if decision == ANNUL:
        _annul(motion, reason)
    elif motion.state == Motion.State.INTERRUPTED:
        _count_interrupted(motion, by=by, reason=reason)
    elif seal(motion, by=by, strict=False, reason=reason) is None:
        raise WrongState(_("票数和到会人数对不上，不能计票，只能作废重投。"))
    live.announce(motion.meeting_id)


def _annul(motion: Motion, reason: str) -> None:
    move(motion, Motion.State.ANNULLED)
    motion.note = reason
    motion.closed_at = motion.closed_at or database_now()
    motion.save(update_fields=["state", "note", "closed_at"])
    motion.slips.all().delete()
    transaction.on_commit(lambda: tidy_up(motion.village_id), robust=True)


def _count_interrupted(motion: Motion, *, by: User, reason: str) -> None:
    """A vote that a restored backup found open: it is closed with what was in the box when the backup was made."""
    if motion.secret and motion.key_ref:
        try:
            get_key_store().read(motion.key_ref)
        except KeyStoreError as error:
            raise KeyMissing(_("票箱的钥匙没有了，票打不开，只能作废重投。")) from error
    move(motion, Motion.State.CLOSING)
    motion.closed_at = motion.closed_at or database_now()
    try:
        with transaction.atomic():
            motion.save(update_fields=["state", "closed_at"])
    except IntegrityError as error:
        raise WrongState(_("另一项正在表决，请先结束它。")) from error
    if not needs_sheet(motion):
        seal(motion, by=by, strict=True, reason=reason)


def propose_correction(motion: Motion, sheet: Sheet, *, numbers: Mapping[str, int], reason: str, by: User) -> Proposal:
    """A count by people was wrong: what it should have been, by field name, and why. A second officer confirms.

    Ballots cannot be wrong, only sheets can. Raises Invalid without a reason, when nothing changes or when the numbers
    do not add up, WrongState while the motion has no result or another correction of the sheet waits.
    """
    if motion.state != Motion.State.PUBLISHED:
        raise WrongState(_("还没有宣布结果，不用更正。"))
    if not reason.strip():
        raise Invalid(_("请写明更正的原因。"), field="reason")
    form = motion.form
    known = [f"{part}_count" for part in parts_of(form, sheet.method)] if form.keys else COUNT_FIELDS
    changed = {name: numbers[name] for name in known if name in numbers}
    before = {name: sheet.number(name.removesuffix("_count")) for name in changed}
    if before == changed:
        raise Invalid(_("数字和原来一样，没有什么要更正的。"))
    if any(one.payload.get("sheet") == sheet.pk for one in waiting_for(motion)):
        raise WrongState(_("这张计票单已经有一份更正在等另一位同意。请先撤回那一份，或者等它办完再提。"))
    try:
        corrected = _with_numbers(Sheet.objects.get(pk=sheet.pk), form, changed)
        corrected.validate_constraints()
    except ValidationError as error:
        raise Invalid(_unbalanced()) from error
    _require_counted_once(motion, corrected)
    return propose(
        kind=Proposal.Kind.CORRECT_RESULT,
        summary=_("更正计票：%(motion)s") % {"motion": motion.text},
        payload={
            "motion": motion.pk,
            "sheet": sheet.pk,
            "before": list(sheet.numbers),
            "numbers": changed,
            "reason": reason.strip()[:200],
            "words": [
                [_("会议"), motion.meeting.title],
                [_("表决事项"), motion.text],
                [_("计票单"), sheet.get_method_display()],
                *(
                    [str(label_of(motion, name)), f"{before[name]} → {number}"]
                    for name, number in changed.items()
                    if before[name] != number
                ),
                [_("原因"), reason.strip()[:200]],
            ],
        },
        by=by,
        village=motion.village,
    )


def _with_numbers(sheet: Sheet, form: Form, numbers: Mapping[str, int]) -> Sheet:
    """Raises ValidationError for picks that more or fewer people cannot have made."""
    for name, number in numbers.items():
        sheet.put(name.removesuffix("_count"), number)
    whole = {part: sheet.number(part) for part in parts_of(form, sheet.method)}
    if not picks_fit(form, whole):
        raise ValidationError("the picks do not fit the ballots")
    sheet.put(VALID, valid_of(form, whole))
    if sheet.method != Sheet.Method.HANDS:
        sheet.returned_count = sheet.returned
    return sheet


def _require_counted_once(motion: Motion, sheet: Sheet) -> None:
    if sheet.method == Sheet.Method.HANDS:
        require_counted_once(motion, sheet.session, sheet.speaking)


def _unbalanced() -> str:
    return _("更正后的数字加起来对不上（发出＝收回＋作废＋没有交回；举手不能多于可举手的人）。")


def label_of(motion: Motion, name: str) -> object:
    """What a number of a sheet is called in forms and proposals."""
    options = {f"{key}_count": words for key, words in motion.counted_parts}
    return options.get(name) or {field.name: field.verbose_name for field in Sheet._meta.concrete_fields}[name]


@handler(Proposal.Kind.CORRECT_RESULT, Act.SETTLE_RESULT, held=_may_settle)
def _correct(proposal: Proposal, by: User) -> None:
    payload = proposal.payload
    motion = stop_casting(Motion.objects.select_related("meeting").get(pk=payload["motion"]))
    sheet = motion.sheets.select_for_update().filter(pk=payload["sheet"]).first()
    if sheet is None or motion.state != Motion.State.PUBLISHED or list(sheet.numbers) != payload["before"]:
        raise NotWaiting(_("这张计票单的情况已经变了，请重新提出。"))
    _with_numbers(sheet, motion.form, payload["numbers"])
    sheet.entered_by = _name(proposal.proposed_person, proposal.proposed_by)
    sheet.confirmed_by = _name(person_of(by, motion.village), by)
    try:
        _require_counted_once(motion, sheet)
        with transaction.atomic():
            sheet.save()
            _new_version(motion, by=by, reason=payload["reason"])
    except WrongState as refused:
        raise NotWaiting(str(refused.message)) from refused
    except (IntegrityError, CountError) as error:
        raise NotWaiting(_unbalanced()) from error
    live.announce(motion.meeting_id)


def _name(person: Resident | None, user: User | None) -> str:
    """The name on the roll, as the bulletin shows it."""
    name = person.name if person is not None else (user.get_full_name() if user is not None else "")
    return str(name)[:60]


def _new_version(motion: Motion, *, by: User, reason: str) -> Decision:
    last = motion.latest_decision
    assert last is not None  # noqa: S101  a published motion has its decision
    return decide_anew(motion, codes=_codes_of(motion), by=by, version=last.version + 1, reason=reason)


def _codes_of(motion: Motion) -> list[str]:
    """The board codes as they were published: of a secret motion nothing else keeps them."""
    first = Bulletin.objects.filter(motion=motion).order_by("version").first()
    return json.loads(first.body)["codes"] if first is not None else []
