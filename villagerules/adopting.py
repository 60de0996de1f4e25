"""The vote on a text: which meeting may adopt it, the question with the text's hash, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from consultation.errors import MeetingError
from consultation.models import AgendaItem, Meeting, Motion, Outcome
from consultation.tabling import table_motion
from residents.models import User
from residents.seeding import add_missing, data_in

from .bodies import body_name
from .canonical import text_hash, written_out
from .errors import Incomplete, RulesError, WrongState
from .keeping import rewrite
from .life_cycle import State, begin, finish
from .models import AdoptingBody, RuleVersion
from .reviewing import amended_at_meeting, clearance, require_standing
from .structure import RulesText

FILE = Path(__file__).parent / "data" / "adopting.yaml"
HASH_DIGITS = 12  # of the hash in the question that is voted


def seed_adopting_bodies(model: type[models.Model] = AdoptingBody) -> int:
    """Add the lines that are missing; how many."""
    data = data_in(FILE)
    rows = [
        {name: row[name] for name in ("kind", "body", "citation", "verified")}
        | {"needs_basis": row.get("needs_basis", False), "source": data["sources"][row["of"]]}
        for row in data["bodies"]
    ]
    return add_missing(model, rows, by=("kind", "body"))


@dataclass(frozen=True)
class Fitness:
    """Whether a body may adopt a document: `why` it may not, else empty; `needs_basis` where it may if a basis is
    stated: for what is delegated, and for what is against the list and stands on the village's own responsibility."""

    why: str = ""
    needs_basis: bool = False


def fitness(version: RuleVersion, body: str) -> Fitness:
    """What the county's list says to this kind of document and that body."""
    lines = list(AdoptingBody.objects.filter(kind=version.rules.kind))
    line = next((one for one in lines if one.body == body), None)
    if line is not None and not line.needs_basis:
        return Fitness()
    if line is not None:
        facts = {"body": body_name(body), "kind": version.rules.get_kind_display()}
        return Fitness(_("%(body)s要有授权才能通过%(kind)s，请写明授权依据。") % facts, needs_basis=True)
    names = [body_name(one.body) for one in lines if not one.needs_basis and _same_place(version, one.body)]
    facts = {
        "kind": version.rules.get_kind_display(),
        "names": _("、").join(names),
        "body": body_name(body) or _("这个会议"),
    }
    return Fitness(_("%(kind)s要由%(names)s通过，%(body)s不能表决。确有依据的，请写明依据。") % facts, needs_basis=True)


def _same_place(version: RuleVersion, body: str) -> bool:
    """A community has no assembly of villagers, nor the other way round."""
    return not body.startswith("villagers" if version.village.is_community else "residents")


def question(version: RuleVersion) -> str:
    """What is voted on: title, version and the hash's first digits, on ballot, screen and minutes alike."""
    with translation.override("zh-hans"):  # the record is in the village's language
        return _("通过《%(title)s》第 %(number)s 版（文本校验值 %(hash)s）") % {
            "title": version.shown_title,
            "number": version.number,
            "hash": text_hash(version)[:HASH_DIGITS],
        }


@transaction.atomic
def put_to_vote(
    version: RuleVersion, meeting: Meeting, *, by: User | None, basis: str = "", secret: bool = True,
    method: str = Motion.Method.PAPER_AND_ONLINE, agenda_item: AgendaItem | None = None,
) -> RuleVersion:  # fmt: skip
    """Put the cleared text, and no other, on a meeting's list: on rules people vote secretly unless they say otherwise.

    Raises WrongState where it is on a list already, the text is not the cleared one, or the meeting may not adopt it
    and no basis is stated; Incomplete for what the meeting refuses.
    """
    line = begin(version, "put_to_vote", by=by)
    if line.motion_id is not None:
        raise WrongState(_("已经列在一次会议的表决事项里。要换会议，请先在那里撤下。"))
    cleared = clearance(line)
    if cleared is None or cleared.text_hash != text_hash(line):
        raise WrongState(_("全文和审核通过的不一样，要重新送审。"))
    if meeting.village_id != line.village_id:
        raise Incomplete(_("请选本村（社区）的会议。"))
    body = str(meeting.procedure["body"])
    fit, basis = fitness(line, body), basis.strip()[:200]
    if fit.why and not (fit.needs_basis and basis):
        raise WrongState(fit.why)
    try:
        line.motion = table_motion(
            meeting=meeting, text=question(line), by=by, agenda_item=agenda_item, method=method, secret=secret
        )
    except MeetingError as error:
        raise RulesError(error.code, str(error.message)) from error
    line.voted_hash, line.adopted_by, line.body_basis = cleared.text_hash, body, basis if fit.why else ""
    return finish(
        line, "put_to_vote", by=by, state=State.SCHEDULED, meeting=meeting.number, sha256=line.voted_hash,
        basis=line.body_basis, result="，".join(filter(None, (meeting.title, line.body_basis))),
    )  # fmt: skip


@transaction.atomic
def take_result(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """What the meeting's standing, announced decision says: adopted or voted down; without a valid vote it may be put
    to another meeting. May be asked again when a decision was corrected.

    Raises WrongState while nothing is announced, or nothing is new.
    """
    line = begin(version, "take_result", by=by)
    if line.motion_id is None:
        raise WrongState(_("会上撤下了这一项，请重新提交会议表决。"))
    motion = Motion.objects.select_for_update(of=("self",)).get(pk=line.motion_id)
    if motion.state == Motion.State.ANNULLED:
        return _not_voted(line, by=by, result=_("表决作废"))
    decision = motion.latest_decision if motion.state == Motion.State.PUBLISHED else None
    if decision is None:
        raise WrongState(_("会上还没有宣布结果。宣布以后再登记。"))
    counts = "，".join(decision.told)
    if decision.outcome == Outcome.CARRIED:
        state = State.ADOPTED
    elif decision.outcome in (Outcome.LOST, Outcome.TIED):
        state = State.VOTED_DOWN
    else:
        return _not_voted(line, by=by, result=decision.outcome_label)
    if state == line.state:
        raise WrongState(_("结果已经登记过了，没有变化。"))
    line.adopted_on = (
        line.village.local_date(motion.closed_at or decision.decided_at) if state == State.ADOPTED else None
    )
    return finish(
        line, "take_result", by=by, state=state, outcome=decision.outcome, sha256=line.voted_hash,
        result=f"{decision.outcome_label}：{counts}",
    )  # fmt: skip


def _not_voted(line: RuleVersion, *, by: User | None, result: str) -> RuleVersion:
    """Back to where it waits for a meeting."""
    line.motion, line.voted_hash, line.adopted_by, line.adopted_on = None, "", "", None
    return finish(line, "take_result", by=by, state=State.PARTY_DISCUSSION, result=result)


@transaction.atomic
def enter_amended_text(version: RuleVersion, text: RulesText, *, by: User | None) -> RuleVersion:
    """The whole text as the meeting amended it. The township sees at filing how it differs from the cleared one.

    Raises WrongState where the meeting amended nothing; Incomplete for a text that is none or the cleared one.
    """
    line = begin(version, "enter_amended_text", by=by)
    if not amended_at_meeting(line):
        raise WrongState(_("会上没有通过修正案，全文不能改。"))
    if not text.title.strip() or not text.count:
        raise Incomplete(_("全文要有名称，至少有一条。"))
    cleared = clearance(line)
    if cleared is not None and written_out(text) == cleared.text:
        raise Incomplete(_("和审核通过的一个字不差。请按会上通过的修正案改好。"))
    rewrite(line, text)
    line.voted_hash = text_hash(line)
    require_standing(line)
    return finish(
        line, "enter_amended_text", by=by, sha256=line.voted_hash,
        result=_("文本校验值 %(hash)s，备案时和审核过的对照") % {"hash": line.voted_hash[:HASH_DIGITS]},
    )  # fmt: skip
