"""Which step of a version's life follows which, and who takes it: one table, asked by rules and pages alike.

Every step begins with `begin`, which locks the version, and ends with `finish`, which writes its line of history. The
states are domain words (RuleVersion.State); 施行 and 被新版代替 are no states but follow from dates.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log import record
from consultation.locks import database_now
from residents.models import User, Village
from residents.rights import Act, Grant, Letter, grant_to, letters_of

from .errors import NotAllowed, WrongState
from .models import AskingPeriod, RuleStep, RuleVersion

State = RuleVersion.State


@dataclass(frozen=True)
class Step:
    """One thing that is done to a version: in which states, by whose right, and its name on pages."""

    label: Promise
    states: tuple[State, ...]
    act: Act


STEPS: dict[str, Step] = {
    "open_call": Step(gettext_lazy("开始征集民意"), (State.DRAFTING,), Act.DRAFT_RULES),
    "add_opinion": Step(gettext_lazy("提意见"), (State.SOLICITING, State.PUBLIC_COMMENT), Act.JOIN_MEETING),
    "enter_opinion": Step(gettext_lazy("代录意见"), (State.SOLICITING, State.PUBLIC_COMMENT), Act.WRITE_DOWN),
    "answer_opinion": Step(
        gettext_lazy("答复意见"), (State.SOLICITING, State.DRAFTING, State.PUBLIC_COMMENT), Act.DRAFT_RULES
    ),
    "close_period": Step(
        gettext_lazy("意见收齐，开始修改"), (State.SOLICITING, State.PUBLIC_COMMENT), Act.DRAFT_RULES
    ),
    "revise_text": Step(
        gettext_lazy("修改全文"),
        (State.DRAFTING, State.REVIEW_RETURNED, State.CLEARED, State.PARTY_DISCUSSION),
        Act.DRAFT_RULES,
    ),
    "publish_draft": Step(gettext_lazy("公示草案，征求意见"), (State.DRAFTING,), Act.DRAFT_RULES),
    "submit_review": Step(
        gettext_lazy("送乡镇（街道）审核"), (State.DRAFTING, State.REVIEW_RETURNED), Act.DRAFT_RULES
    ),
    "add_finding": Step(gettext_lazy("写审查意见"), (State.TOWNSHIP_REVIEW,), Act.REVIEW_RULES),
    "drop_finding": Step(gettext_lazy("撤掉审查意见"), (State.TOWNSHIP_REVIEW,), Act.REVIEW_RULES),
    "return_rules": Step(gettext_lazy("退回修改"), (State.TOWNSHIP_REVIEW,), Act.REVIEW_RULES),
    "clear_rules": Step(gettext_lazy("审核通过"), (State.TOWNSHIP_REVIEW,), Act.REVIEW_RULES),
    "record_party_step": Step(gettext_lazy("登记党组织研究日期"), (State.CLEARED,), Act.RECORD_PARTY_STEP),
    "put_to_vote": Step(
        gettext_lazy("提交会议表决"), (State.PARTY_DISCUSSION, State.SCHEDULED), Act.DRAFT_RULES
    ),
    "take_result": Step(
        gettext_lazy("登记表决结果"), (State.SCHEDULED, State.ADOPTED, State.VOTED_DOWN), Act.DRAFT_RULES
    ),
    "enter_amended_text": Step(gettext_lazy("录入会上改定的全文"), (State.ADOPTED,), Act.DRAFT_RULES),
    "file_rules": Step(gettext_lazy("备案"), (State.ADOPTED,), Act.REVIEW_RULES),
    "order_correction": Step(
        gettext_lazy("责令改正"), (State.ADOPTED, State.FILED, State.PUBLISHED), Act.REVIEW_RULES
    ),
    "check_rules": Step(gettext_lazy("年检"), (State.PUBLISHED,), Act.REVIEW_RULES),
    "publish_rules": Step(gettext_lazy("公布"), (State.ADOPTED, State.FILED), Act.PUBLISH_RULES),
    "repeal_rules": Step(gettext_lazy("废止"), (State.PUBLISHED,), Act.PUBLISH_RULES),
}  # fmt: skip

# Who has the right to a step, in the words of a refusal.
_WHO = {
    Act.DRAFT_RULES: gettext_lazy("这一步由村（居）民委员会办理。"),
    Act.JOIN_MEETING: gettext_lazy("名册上的村（居）民才能提意见。"),
    Act.WRITE_DOWN: gettext_lazy("这一步由记录员或者委员会办理。"),
    Act.REVIEW_RULES: gettext_lazy("这一步由乡镇（街道）审核人员办理。"),
    Act.RECORD_PARTY_STEP: gettext_lazy("这一步由书记或者主任登记。"),
    Act.PUBLISH_RULES: gettext_lazy("这一步由主任、书记或者管理员办理，要两个人。"),
}


def why_not(letters: Iterable[Letter], state: str, action: str) -> NotAllowed | WrongState | None:
    """Why somebody with these letters cannot take the step in this state: NotAllowed first, then WrongState; None when
    nothing of the two stands against it. What a step asks beyond that it says itself."""
    step = STEPS[action]
    if grant_to(letters, step.act) not in (Grant.MAY, Grant.TWO):
        return NotAllowed(str(_WHO[step.act]))
    if state not in step.states:
        facts = {
            "step": step.label,
            "now": State(state).label,
            "when": _("、").join(str(one.label) for one in step.states),
        }
        return WrongState(_("“%(step)s”要在“%(when)s”时办，这一版现在是“%(now)s”。") % facts)
    return None


def begin(version: RuleVersion, action: str, *, by: User | None) -> RuleVersion:
    """The version, locked and read again. Raises NotAllowed or WrongState. Without an account it is the system's."""
    line = (
        RuleVersion.objects.select_for_update(of=("self",))
        .select_related("village__region", "rules__village")
        .get(pk=version.pk)
    )
    letters = letters_of(by, line.village) if by is not None else [Letter(one) for one in "REKPT"]
    refused = why_not(letters, line.state, action)
    if refused is not None:
        raise refused
    if line.imported and line.state == State.DRAFTING:
        raise WrongState(_("这是录入的老村规，不走修订的步骤。要修订，请在它公布以后另起一版。"))
    return line


def finish(
    line: RuleVersion, action: str, *, by: User | None, state: State | None = None, result: str = "", **detail: object
) -> RuleVersion:
    """Save the version, in its next state where there is one, and write down who did it and what came of it."""
    if state is not None:
        line.state = state
    line.save()
    RuleStep.objects.create(
        village=line.village,
        version=line,
        action=action,
        state=line.state,
        result=result[:300],
        office=office_of(action, line.village),
        by_name=(by.display_name if by is not None else "")[:60],
    )
    note(line, action, by=by, state=line.state, **detail)
    return line


def note(line: RuleVersion, action: str, *, by: User | None, **detail: object) -> None:
    """A small step that leaves the state: for the log, without a line in the history that everybody reads."""
    record(action=action, subject=line.rules, village_id=line.village_id, actor=by, version=line.number, **detail)


def office_of(action: str, village: Village) -> str:
    """In whose name the step is taken, in the village's language."""
    with translation.override("zh-hans"):
        if STEPS[action].act == Act.REVIEW_RULES:
            return village.region.name
        return village.committee_name


def open_period(version: RuleVersion) -> AskingPeriod | None:
    """The one that was not closed yet, whether its days are over or not."""
    return version.periods.filter(closed_at__isnull=True).first()


def today_in(village: Village) -> datetime.date:
    """By the database's clock."""
    return village.local_date(database_now())
