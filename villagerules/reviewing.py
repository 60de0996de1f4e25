"""The township's part: is the draft lawful, is it filed, must it be corrected. It finds, and never changes a text.

VL 31, UL 31: rules must not go against the law nor anybody's rights; otherwise the township orders correction.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from pathlib import Path

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.models import User
from residents.seeding import data_in
from ui.dates import plain_date

from .canonical import canonical_text, text_hash
from .drafting import figure, require_answered, under_way
from .errors import Incomplete, WrongState
from .keeping import next_version
from .life_cycle import State, begin, finish, note, today_in
from .models import FINDING_MOST, AskingPeriod, Review, ReviewFinding, RuleVersion, VillageRules
from .opinions import place_of

CHECKLIST = Path(__file__).parent / "data" / "checklist.yaml"
MOST_FINDINGS = 300  # of a round
# Nothing in law has a yard's convention, a council's charter or advocated standards filed.
FILED_KINDS = (
    VillageRules.Kind.VILLAGE_RULES,
    VillageRules.Kind.RESIDENTS_CONVENTION,
    VillageRules.Kind.CHARTER,
)


def checklist() -> list[dict[str, str]]:
    """What a reviewer signs for, each with its source."""
    return data_in(CHECKLIST)["items"]


def latest_review(version: RuleVersion) -> Review | None:
    return version.reviews.order_by("-round").first()


def clearance(version: RuleVersion) -> Review | None:
    """The round in which this version was cleared last."""
    return version.reviews.filter(state=Review.State.CLEARED).order_by("-round").first()


@transaction.atomic
def submit_review(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """Hand the text in, word for word. Raises WrongState before it was shown for comment, while an opinion is not
    answered, or when what was sent back with things to change was not changed.
    """
    line = begin(version, "submit_review", by=by)
    shown = line.periods.filter(purpose=AskingPeriod.Purpose.PUBLIC_COMMENT, closed_at__isnull=False)
    if not shown.exists():
        raise WrongState(_("草案还没有公示征求过意见，请先公示。"))
    require_answered(line)
    before = latest_review(line)
    if before is not None and before.state == Review.State.RETURNED and before.text_hash == text_hash(line):
        raise WrongState(_("退回以后全文没有改过，请按审查意见改了再送。"))
    number = (before.round if before else 0) + 1
    review = Review.objects.create(
        village=line.village, version=line, round=number, text=canonical_text(line), text_hash=text_hash(line)
    )
    return finish(
        line, "submit_review", by=by, state=State.TOWNSHIP_REVIEW, round=number, sha256=review.text_hash,
        result=_("第 %(round)s 轮") % {"round": number},
    )  # fmt: skip


def _running(line: RuleVersion) -> Review:
    review = latest_review(line)
    if review is None or review.state != Review.State.WAITING:
        raise WrongState(_("现在没有在审的稿子。"))
    return review


def _finding(
    review: Review, line: RuleVersion, *, severity: str, text: str, lineage: uuid.UUID | None
) -> ReviewFinding:
    words = text.strip()
    if severity not in ReviewFinding.Severity.values:
        raise Incomplete(_("请选：必须改，还是建议改。"))
    if not words or len(words) > FINDING_MOST:
        raise Incomplete(_("请写审查意见，最多 %(most)s 个字。") % {"most": FINDING_MOST})
    if review.findings.count() >= MOST_FINDINGS:
        raise WrongState(_("一轮最多 %(most)s 条审查意见。") % {"most": MOST_FINDINGS})
    place = place_of(line, lineage)
    return ReviewFinding(
        village=line.village, review=review, severity=severity, text=words, lineage=place.lineage, place=place.name
    )


@transaction.atomic
def add_finding(
    version: RuleVersion, *, severity: str, text: str, by: User | None, lineage: uuid.UUID | None = None
) -> ReviewFinding:
    """One thing that must or should be changed, in an article or in the whole. Raises Incomplete, WrongState."""
    line = begin(version, "add_finding", by=by)
    finding = _finding(_running(line), line, severity=severity, text=text, lineage=lineage)
    finding.by = by
    finding.save()
    note(line, "add_finding", by=by, place=finding.place, severity=severity)
    return finding


@transaction.atomic
def drop_finding(version: RuleVersion, finding: int, *, by: User | None) -> None:
    """Take one back while the round runs; `finding` is its place in the round, from 1. Raises WrongState."""
    line = begin(version, "drop_finding", by=by)
    found = list(_running(line).findings.all())[finding - 1 : finding] if finding > 0 else []
    if not found:
        raise WrongState(_("这条审查意见已经不在了。"))
    note(line, "drop_finding", by=by, place=found[0].place, text=found[0].text[:200])
    found[0].delete()


def _decide(review: Review, state: Review.State, *, by: User | None, words: str = "") -> None:
    review.state, review.decided_by, review.decided_at, review.note = state, by, database_now(), words.strip()[:500]
    review.save()


@transaction.atomic
def return_rules(version: RuleVersion, *, by: User | None, words: str = "") -> RuleVersion:
    """Send the draft back with what was found. Raises Incomplete without a finding."""
    line = begin(version, "return_rules", by=by)
    review = _running(line)
    count = review.findings.count()
    if not count:
        raise Incomplete(_("退回要写明改哪里，请先写审查意见。"))
    _decide(review, Review.State.RETURNED, by=by, words=words)
    return finish(
        line, "return_rules", by=by, state=State.REVIEW_RETURNED, round=review.round, findings=count,
        result=_("第 %(round)s 轮，%(count)s 条审查意见") % {"round": review.round, "count": count},
    )  # fmt: skip


@transaction.atomic
def clear_rules(version: RuleVersion, *, checked: Collection[str], by: User | None, words: str = "") -> RuleVersion:
    """Sign the checklist (`checked`: the codes of its items, all of them): from here on this text and no other.

    Raises Incomplete for an item that is not checked, WrongState while something must be changed.
    """
    line = begin(version, "clear_rules", by=by)
    review = _running(line)
    missing = next((item for item in checklist() if item["code"] not in checked), None)
    if missing is not None:
        raise Incomplete(_("还没有核对“%(item)s”。逐项核对了才能通过。") % {"item": missing["words"]})
    if review.findings.filter(severity=ReviewFinding.Severity.MUST).exists():
        raise WrongState(_("有“必须改”的审查意见，不能通过，请退回修改；写错了的请先撤掉。"))
    if text_hash(line) != review.text_hash:
        raise WrongState(_("全文和送审时不一样，请退回重新送审。"))
    review.checklist = checklist()
    _decide(review, Review.State.CLEARED, by=by, words=words)
    return finish(
        line, "clear_rules", by=by, state=State.CLEARED, round=review.round, sha256=review.text_hash,
        result=_("第 %(round)s 轮，文本校验值 %(hash)s") % {"round": review.round, "hash": review.text_hash[:12]},
    )  # fmt: skip


@transaction.atomic
def record_party_step(version: RuleVersion, *, on: datetime.date, by: User | None) -> RuleVersion:
    """The day on which the Party organisation studied it (VL 28, UL 30); nothing else of that is kept.

    Raises Incomplete for a day to come, or before the draft was handed to the township.
    """
    line = begin(version, "record_party_step", by=by)
    if on > today_in(line.village):
        raise Incomplete(_("这一天还没有到。"))
    first = line.periods.first()
    if first is not None and on < line.village.local_date(first.opens_at):
        raise Incomplete(_("这一天比开始征集意见还早，请检查。"))
    line.party_on = on
    return finish(line, "record_party_step", by=by, state=State.PARTY_DISCUSSION, on=on.isoformat(),
                  result=plain_date(on))  # fmt: skip


# --- after the vote -------------------------------------------------------------------------------------------------


def needs_filing(version: RuleVersion) -> bool:
    return version.rules.kind in FILED_KINDS


def filing_due(version: RuleVersion) -> datetime.date | None:
    """The last day to file: so many days after the vote; None where nothing is to be filed or no period is set."""
    period = figure(version, "rules_filed")
    if version.adopted_on is None or not needs_filing(version) or period is None or period.days is None:
        return None
    return version.adopted_on + datetime.timedelta(days=period.days)


def is_overdue(version: RuleVersion) -> bool:
    due = filing_due(version) if version.state == State.ADOPTED else None
    return due is not None and due < today_in(version.village)


@transaction.atomic
def file_rules(version: RuleVersion, *, number: str, on: datetime.date, by: User | None) -> RuleVersion:
    """Take the rules on file, under a number. Raises Incomplete for a day out of place; WrongState while the text that
    the meeting amended is not entered, or the result was corrected since.
    """
    line = begin(version, "file_rules", by=by)
    require_standing(line)
    if not number.strip():
        raise Incomplete(_("请填备案号。"))
    if on > today_in(line.village):
        raise Incomplete(_("备案日期还没有到。"))
    if line.adopted_on is not None and on < line.adopted_on:
        raise Incomplete(_("备案日期不能比表决日期早。"))
    line.filed_with, line.filed_on, line.filing_number = line.village.region.name[:60], on, number.strip()[:60]
    return finish(
        line, "file_rules", by=by, state=State.FILED, number=line.filing_number, sha256=line.voted_hash,
        result=_("备案号 %(number)s") % {"number": line.filing_number},
    )  # fmt: skip


def amended_at_meeting(version: RuleVersion) -> bool:
    """Whether the meeting changed the words of what it voted on."""
    return version.motion is not None and version.motion.amendments.filter(taken_over_at__isnull=False).exists()


def require_standing(line: RuleVersion) -> None:
    """Raises WrongState unless the standing result of the vote is that it was carried, on the very text it has now."""
    decision = line.motion.latest_decision if line.motion is not None else None
    if decision is None or decision.outcome != "carried":
        raise WrongState(_("现在的表决结果不是“通过”，不能往下办。请先重新登记表决结果。"))
    cleared = clearance(line)
    if amended_at_meeting(line) and cleared is not None and line.voted_hash == cleared.text_hash:
        raise WrongState(_("会上改过原话，请委员会先把改定的全文录进来。"))
    if text_hash(line) != line.voted_hash:
        raise WrongState(_("全文和表决通过的不一样，不能往下办。"))


@transaction.atomic
def order_correction(
    version: RuleVersion, *, text: str, by: User | None, lineage: uuid.UUID | None = None
) -> RuleVersion:
    """Order that voted rules be corrected, and why: a new version with the same words is begun, to be mended.

    What is in force stays so until the new one is; what was voted but not yet published is not published. Raises
    WrongState while another version is being made already.
    """
    line = begin(version, "order_correction", by=by)
    rules = VillageRules.objects.select_for_update(of=("self",)).select_related("village").get(pk=line.rules_id)
    other = under_way(rules)
    if other is not None and other.pk != line.pk:
        raise WrongState(_("第 %(number)s 版正在修订，请在那一版里提出。") % {"number": other.number})
    round_before = line.reviews.aggregate(last=Max("round"))["last"] or 0
    review = Review.objects.create(
        village=line.village, version=line, round=round_before + 1, text=canonical_text(line),
        text_hash=text_hash(line), state=Review.State.ORDERED, decided_by=by, decided_at=database_now(),
    )  # fmt: skip
    finding = _finding(review, line, severity=ReviewFinding.Severity.MUST, text=text, lineage=lineage)
    finding.by = by
    finding.save()
    words = _("按责令改正意见修改")
    draft = next_version(rules, line.whole_text(), before=line, note=words)
    note(draft, "start_correction", by=by, of=line.number)
    stays = line.state == State.PUBLISHED
    return finish(
        line, "order_correction", by=by, state=None if stays else State.CORRECTION_ORDERED, new_version=draft.number,
        result=_("改成第 %(number)s 版") % {"number": draft.number},
    )  # fmt: skip
