"""Judging: who judges, which entries, marks that only their judge sees until the scores are locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Appointment, Claim, Region, Role, User, Village

from .errors import Incomplete, NotAllowed, Stale, WrongState
from .models import Assignment, Contest, Criterion, Entry, Judge, Score, ScoreChange, Stage
from .models.judging import NOTE_MOST, REASON_MOST
from .rights import may_run
from .stages import require_open

HALF = Decimal("0.5")
JUDGES_MOST = 50


def _running(contest: Contest, by: User) -> Contest:
    """The contest's row under a lock, for who runs it, before the scores are locked."""
    if not may_run(by, contest):
        raise NotAllowed(_("评委由主办方安排，您没有这项权限。"))
    locked = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
    if locked.state not in (Contest.State.DRAFT, Contest.State.ANNOUNCED):
        raise WrongState(_("分数已经锁定，不能再改评委和评分表。"))
    return locked


def may_be_named(contest: Contest) -> QuerySet[User]:
    """The accounts that are judges by office in some region of the contest's province and are not named yet: a
    judge need not come from the region that runs it.
    """
    region = _region(contest)
    top = [*region.ancestors(), region][0]
    places, level = [top.pk], [top.pk]
    while level:
        level = list(Region.objects.filter(parent__in=level).values_list("pk", flat=True))
        places += level
    held = Appointment.objects.current(timezone.localdate()).filter(role=Role.JUDGE, region__in=places)
    named = contest.judges.exclude(account=None).values("account")
    return User.objects.filter(pk__in=held.values("user"), is_active=True).exclude(pk__in=named).order_by("pk")


@transaction.atomic
def name_judges(contest: Contest, accounts: Collection[User], *, by: User) -> list[Judge]:
    """Make these accounts judges of the contest. Raises NotAllowed, WrongState, Incomplete for one who may not be."""
    contest = _running(contest, by)
    able = set(may_be_named(contest).values_list("pk", flat=True))
    chosen = list({one.pk: one for one in accounts}.values())
    if not chosen or any(one.pk not in able for one in chosen):
        raise Incomplete(_("请从名单里选评委：要先有“评委”职务，而且还没有列入这次评选。"), "accounts")
    after = contest.judges.aggregate(last=Max("number"))["last"] or 0
    if after + len(chosen) > JUDGES_MOST:
        raise Incomplete(_("评委最多 %(most)s 位。") % {"most": JUDGES_MOST}, "accounts")
    made = [
        Judge.objects.create(contest=contest, number=number, account=one, name=one.get_full_name())
        for number, one in enumerate(chosen, start=after + 1)
    ]
    record(
        action="name_judges",
        subject=contest,
        village_id=contest.village_id,
        actor=by,
        judges=[one.name for one in made],
    )
    return made


@transaction.atomic
def assign(
    contest: Contest, *, by: User, judges: Collection[Judge] | None = None, entries: Collection[Entry] | None = None
) -> int:
    """Give each of the judges a sheet for each of the entries, by default all for all; how many are new.

    Where a judge is on a roll or holds an office in the entry's county (in its village, where the contest is a county's
    or smaller), the sheet is recused at once.
    Raises NotAllowed, WrongState, Incomplete when there are no judges or no entries.
    """
    contest = _running(contest, by)
    of_judges = [one for one in contest.judges.filter(resigned_at=None) if judges is None or one in judges]
    of_entries = [
        one for one in contest.entries.on_show().select_related("village__region") if entries is None or one in entries
    ]
    if not of_judges or not of_entries:
        raise Incomplete(_("请先定下评委和入围的申报，再分配。"))
    there = set(Assignment.objects.filter(judge__in=of_judges).values_list("judge_id", "entry_id"))
    homes = {one.pk: _homes(one) for one in of_judges}
    new = [
        Assignment(
            judge=judge, entry=entry,
            conflict=Assignment.Conflict.OWN_COUNTY if _place(contest, entry.village) in homes[judge.pk] else "",
        )
        for judge in of_judges
        for entry in of_entries
        if (judge.pk, entry.pk) not in there
    ]  # fmt: skip
    Assignment.objects.bulk_create(new, batch_size=500)
    if new:
        record(action="assign_sheets", subject=contest, village_id=contest.village_id, actor=by, count=len(new))
    return len(new)


def _region(contest: Contest) -> Region:
    return contest.village.region if contest.village is not None else contest.host  # type: ignore[return-value]


def _place(contest: Contest, village: Village) -> tuple[str, int]:
    """What a judge of this contest must not come from: the entry's county where counties compete, else its village."""
    if _region(contest).level in (Region.Level.PROVINCE, Region.Level.PREFECTURE) and contest.village is None:
        return _county(village.region)
    return "village", village.pk


def _county(region: Region) -> tuple[str, int]:
    line = [*region.ancestors(), region]
    return "region", next((one.pk for one in line if one.level == Region.Level.COUNTY), region.pk)


def _homes(judge: Judge) -> frozenset[tuple[str, int]]:
    """The villages and counties where the judge is on a roll or holds an office other than a judge's; what lies above a
    county is nobody's own."""
    if judge.account_id is None:
        return frozenset()
    claims = Claim.objects.confirmed().filter(user=judge.account_id, relation=Claim.Relation.SELF)
    villages = [one.village for one in claims.select_related("village__region")]
    regions = []
    held = Appointment.objects.current(timezone.localdate()).filter(user=judge.account_id).exclude(role=Role.JUDGE)
    for one in held.select_related("region", "village__region"):
        if one.village is not None:
            villages.append(one.village)
        elif one.region is not None and one.region.level in (Region.Level.COUNTY, Region.Level.TOWNSHIP):
            regions.append(one.region)
    regions += [one.region for one in villages]
    return frozenset({_county(one) for one in regions} | {("village", one.pk) for one in villages})


@transaction.atomic
def lift_conflict(sheet: Assignment, reason: str, *, by: User) -> Assignment:
    """The organizer lets a judge score after all, where the portal or the judge was wrong about it. Raises NotAllowed,
    WrongState, Incomplete without a reason."""
    contest = _running(sheet.judge.contest, by)
    found = Assignment.objects.select_for_update(of=("self",)).select_related("judge", "entry").get(pk=sheet.pk)
    if not found.conflict:
        raise WrongState(_("这一件没有回避。"))
    reason = reason.strip()
    if not reason or len(reason) > REASON_MOST:
        raise Incomplete(_("请写明为什么不用回避，最多 %(most)s 个字。") % {"most": REASON_MOST}, "reason")
    was, found.conflict, found.conflict_words = found.conflict, "", ""
    found.save(update_fields=["conflict", "conflict_words"])
    record(
        action="lift_conflict", subject=contest, village_id=contest.village_id, actor=by,
        judge=found.judge.name, entry=found.entry.number, kind=was, reason=reason,
    )  # fmt: skip
    return found


def own_sheets(user: User) -> QuerySet[Assignment]:
    """The account's own sheets in contests whose scores are not locked, those it was recused from too."""
    return Assignment.objects.filter(
        judge__account=user, judge__resigned_at=None, judge__contest__state=Contest.State.ANNOUNCED
    ).select_related("judge__contest", "entry__village")


def _own(sheet: Assignment, by: User) -> tuple[Assignment, Contest]:
    """The sheet under a lock, for its own judge, while judging is open. The contest's row is locked first, as the
    locking of the scores does: nothing is written behind it."""
    contest = Contest.objects.select_for_update(of=("self",)).get(pk=sheet.judge.contest_id)
    found = Assignment.objects.select_for_update(of=("self",)).select_related("judge", "entry").get(pk=sheet.pk)
    if by.pk is None or found.judge.account_id != by.pk:
        raise NotAllowed(_("这张评分表不是您的。"))
    require_open(contest, Stage.Key.EXPERT_REVIEW)
    if found.judge.resigned_at is not None:
        raise WrongState(_("您已经退出这次评审，不能再打分。"))
    return found, contest


def _to_score(sheet: Assignment, by: User) -> tuple[Assignment, Contest]:
    found, contest = _own(sheet, by)
    if found.conflict:
        raise WrongState(_("这一件您已经回避，不能打分。"))
    if not found.entry.is_on_show:
        raise WrongState(_("这一件已经退出评选，不用再打分。"))
    return found, contest


def read_mark(words: str, criterion: Criterion) -> Decimal:
    """A mark as it was typed, full-width digits too. Raises Incomplete for what is no half point within the bounds."""
    said = {"most": criterion.most.normalize(), "name": criterion.label}
    wrong = Incomplete(
        _("“%(name)s”请填 0 到 %(most)s 之间的分数，最小半分，例如 8 或者 8.5。")
        % {**said, "most": f"{criterion.most.normalize():f}"},
        criterion.key,
    )
    typed = str(words).strip().translate(str.maketrans("０１２３４５６７８９．。", "0123456789.."))
    if not typed or len(typed) > 6 or not set(typed) <= set("0123456789."):
        raise wrong
    try:
        mark = Decimal(typed)
    except InvalidOperation:
        raise wrong from None
    if mark % HALF or not 0 <= mark <= criterion.most:
        raise wrong
    return mark.quantize(Decimal("0.1"))


@transaction.atomic
def record_score(sheet: Assignment, marks: Mapping[str, str], *, by: User, revision: int | None = None) -> Assignment:
    """Keep the judge's marks by the criterion's key, one or more; the same once more changes nothing.

    `revision` is that of the page they were typed on: another window's newer marks are not written over.
    Raises NotAllowed, WrongState, Closed, Stale, Incomplete; nothing of it is kept then.
    """
    found, contest = _to_score(sheet, by)
    criteria = {one.key: one for one in contest.criteria.all()}
    if not marks.keys() <= criteria.keys():
        raise Incomplete(_("收到了这次评选没有的评分项，请刷新页面。"))
    read = {key: read_mark(words, criteria[key]) for key, words in marks.items()}
    held = {one.criterion.key: one for one in found.scores.select_related("criterion")}
    changed = {key: mark for key, mark in read.items() if key not in held or held[key].mark != mark}
    if not changed:
        return found
    if revision is not None and revision != found.revision:
        raise Stale
    for key, mark in changed.items():
        before = held[key].mark if key in held else None
        Score.objects.update_or_create(assignment=found, criterion=criteria[key], defaults={"mark": mark})
        ScoreChange.objects.create(assignment=found, criterion=criteria[key], before=before, after=mark, by=by)
    found.revision += 1
    found.save(update_fields=["revision"])
    return found


@transaction.atomic
def write_note(sheet: Assignment, note: str, *, by: User) -> Assignment:
    """Keep the judge's note on the entry. Raises as record_score."""
    found, _contest = _to_score(sheet, by)
    if len(note) > NOTE_MOST:
        raise Incomplete(_("评语最多 %(most)s 个字，请写短一点。") % {"most": NOTE_MOST}, "note")
    if found.note != note:
        found.note = note
        found.save(update_fields=["note"])
    return found


@transaction.atomic
def submit_sheet(sheet: Assignment, *, by: User) -> Assignment:
    """The judge is done with it; until the scores are locked marks may still be changed.

    Raises Incomplete, with the criterion's key, while a mark is missing; else as record_score.
    """
    found, contest = _to_score(sheet, by)
    given = set(found.scores.values_list("criterion_id", flat=True))
    missing = next((one for one in contest.criteria.all() if one.pk not in given), None)
    if missing is not None:
        raise Incomplete(_("“%(name)s”还没有打分。") % {"name": missing.label}, missing.key)
    if found.done_at is None:
        found.done_at = timezone.now()
        found.save(update_fields=["done_at"])
    return found


@transaction.atomic
def declare_conflict(sheet: Assignment, kind: str, words: str, *, by: User) -> Assignment:
    """The judge is recused from an entry: marks and note go, only the declaration stays.

    Raises NotAllowed, WrongState, Closed, Incomplete.
    """
    found, contest = _own(sheet, by)
    if kind not in Assignment.Conflict.values:
        raise Incomplete(_("请选是哪一种关系。"), "kind")
    words = words.strip()
    if len(words) > REASON_MOST:
        raise Incomplete(_("说明最多 %(most)s 个字。") % {"most": REASON_MOST}, "words")
    if kind == Assignment.Conflict.OTHER and not words:
        raise Incomplete(_("请写明是什么关系。"), "words")
    found.scores.all().delete()
    found.changes.all().delete()
    found.conflict, found.conflict_words, found.note, found.done_at = kind, words, "", None
    found.revision += 1
    found.save()
    record(
        action="declare_conflict", subject=contest, village_id=contest.village_id, actor=by,
        judge=found.judge.name, entry=found.entry.number, kind=kind,
    )  # fmt: skip
    return found


@transaction.atomic
def resign_judge(judge: Judge, reason: str, *, by: User, sheets_fall: bool = False) -> Judge:
    """A judge leaves, told by the organizer or the judge; unfinished sheets go. Finished ones stay, unless the
    organizer says that they fall, with the reason. Raises NotAllowed, WrongState, Incomplete without a reason."""
    own = judge.account_id is not None and judge.account_id == by.pk
    if sheets_fall or not own:
        contest = _running(judge.contest, by)
    else:
        contest = Contest.objects.select_for_update(of=("self",)).get(pk=judge.contest_id)
        if contest.state != Contest.State.ANNOUNCED:
            raise WrongState(_("分数已经锁定，不能再退出评审。"))
    judge = Judge.objects.select_for_update(of=("self",)).get(pk=judge.pk)
    if judge.resigned_at is not None:
        raise WrongState(_("这位评委已经退出了。"))
    reason = reason.strip()
    if not reason or len(reason) > REASON_MOST:
        raise Incomplete(_("请写明退出的原因，最多 %(most)s 个字。") % {"most": REASON_MOST}, "reason")
    judge.resigned_at, judge.resigned_reason, judge.sheets_fall = timezone.now(), reason, sheets_fall
    judge.save(update_fields=["resigned_at", "resigned_reason", "sheets_fall"])
    Assignment.objects.filter(judge=judge, done_at=None, conflict="").delete()
    record(
        action="resign_judge", subject=contest, village_id=contest.village_id, actor=by,
        judge=judge.name, reason=reason, sheets_fall=sheets_fall,
    )  # fmt: skip
    return judge


@dataclass(frozen=True)
class Progress:
    """How far a judge is: numbers of sheets, never marks."""

    judge: Judge
    done: int
    open: int
    recused: int


def progress(contest: Contest) -> list[Progress]:
    """By judge, in the order of their naming."""
    on_show = Q(assignments__entry__state__in=Entry.ON_SHOW)
    judges = contest.judges.annotate(
        done=Count("assignments", on_show & Q(assignments__conflict="", assignments__done_at__isnull=False)),
        unfinished=Count("assignments", on_show & Q(assignments__conflict="", assignments__done_at=None)),
        recused=Count("assignments", on_show & ~Q(assignments__conflict="")),
    )
    return [Progress(one, one.done, one.unfinished, one.recused) for one in judges.order_by("number")]
