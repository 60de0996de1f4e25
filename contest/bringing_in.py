"""Bring a whole past contest in from its file: everything or nothing, and only if its ranking comes out as stated."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Region, Village
from villagerules.canonical import canonical_text, text_hash
from villagerules.models import RuleVersion, VillageRules

from . import content, publishing
from .models import (
    Assignment,
    Contest,
    CountedVotes,
    Entry,
    EntryCheck,
    Judge,
    Objection,
    Result,
    Score,
    Stage,
)  # fmt: skip
from .past_file import Fault, faults_in
from .ranking import shown
from .results import document_of, make_ranking

# From these states on there is a ranking.
_RANKED = (Contest.State.SCORE_LOCKED, Contest.State.PUBLIC_NOTICE, Contest.State.PUBLISHED, Contest.State.ARCHIVED)


class CannotBringIn(Exception):
    """The file is refused as a whole; `faults` are all that is wrong with it, each with its place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@transaction.atomic
def bring_in(document: Mapping[str, Any], *, region: Region | None = None) -> tuple[Contest, bool]:
    """The contest of the file, and whether it was brought in just now: one that is there already stays as it is.

    `region` runs it; without one, the smallest region in which all its villages lie. Raises CannotBringIn.
    """
    faults = faults_in(document)
    if faults:
        raise CannotBringIn(faults)
    told = document["contest"]
    known = Contest.objects.filter(slug=told["slug"]).first()
    if known is not None:
        return known, False
    villages, versions = _places(document)
    host = region or common_region(list(villages.values()))
    if host is None:
        raise CannotBringIn([Fault("entries", _("这些村不在同一个地方，请用 --region 写明由哪里主办。"))])
    contest = _contest(told, host)
    judges = _judges(contest, told)
    entries = {}
    for number, row in enumerate(document.get("entries") or [], start=1):
        entries[row["id"]] = _entry(contest, row, number, villages[row["village"]], versions.get(row["id"]), judges)
    for number, row in enumerate(document.get("objections") or [], start=1):
        _objection(contest, row, number, entries)
    if contest.state in _RANKED:
        _check_results(contest, document)
    publishing.show_page(contest)
    record(action="bring_in_contest", subject=contest, village_id=None, contest=contest.slug, entries=len(entries))
    return contest, True


def common_region(villages: Sequence[Village]) -> Region | None:
    """The smallest region in which all of them lie; None where there is none."""
    paths = [[*one.region.ancestors(), one.region] for one in villages]  # from the province down
    shared = None
    for level in zip(*paths, strict=False):
        if len({one.pk for one in level}) != 1:
            break
        shared = level[0]
    return shared


def _places(document: Mapping[str, Any]) -> tuple[dict[str, Village], dict[str, RuleVersion]]:
    """Villages by slug, and by entry the version of its rules that was in force. Raises CannotBringIn."""
    rows = document.get("entries") or []
    wanted = {row["village"] for row in rows}
    villages = {one.slug: one for one in Village.objects.filter(slug__in=wanted).select_related("region")}
    faults, versions = [], {}
    day = _first_day(document["contest"])
    for number, row in enumerate(rows, start=1):
        where = f"entries[{number}]（{row['id']}）"  # untranslated: a place in the file
        village = villages.get(row["village"])
        if village is None:
            faults.append(Fault(f"{where}.village", _("这里没有“%(slug)s”这个村（社区）。") % {"slug": row["village"]}))
        elif row.get("rules"):
            rules = VillageRules.objects.of(village).filter(slug=row["rules"]).first()
            version = _version(rules, day) if rules is not None else None
            if version is None:
                faults.append(
                    Fault(f"{where}.rules", _("这个村没有公布过“%(slug)s”这份村规。") % {"slug": row["rules"]})
                )
            else:
                versions[row["id"]] = version
    if faults:
        raise CannotBringIn(faults)
    return villages, versions


def _first_day(contest: Mapping[str, Any]) -> datetime.date:
    sent = [one for one in contest["stages"] if one["key"] == Stage.Key.SUBMISSION] or contest["stages"]
    day = sent[0].get("closes") or sent[0]["date"]
    return day.date() if isinstance(day, datetime.datetime) else day


def _version(rules: VillageRules, day: datetime.date) -> RuleVersion | None:
    """In force that day, else the newest that was published."""
    versions = RuleVersion.objects.filter(rules=rules)
    return (
        versions.in_force(day).order_by("-number").first()
        or versions.filter(state=RuleVersion.State.PUBLISHED).order_by("-number").first()
    )


def _contest(told: Mapping[str, Any], host: Region) -> Contest:
    contest = Contest(**content.settings_in(told), slug=told["slug"], title=told["title"], region=host)
    contest.state = told["status"]
    _checked("contest", contest)
    for name, rows in (
        ("criteria", content.criteria_in(told, contest)),
        ("awards", content.awards_in(told, contest)),
        ("stages", content.stages_in(told, contest)),
    ):
        for number, one in enumerate(rows, start=1):
            _checked(f"contest.{name}[{number}]", one)
    return contest


def _checked(where: str, row: models.Model) -> None:
    """Save it. Raises CannotBringIn with what its model says against it."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotBringIn([Fault(f"{where}.{name}", said[0]) for name, said in error.message_dict.items()]) from error
    row.save()


def _judges(contest: Contest, told: Mapping[str, Any]) -> dict[str, Judge]:
    return {
        name: Judge.objects.create(contest=contest, number=number, name=name)
        for number, name in enumerate(told.get("judges") or [], start=1)
    }


def _noon(contest: Contest, day: datetime.date) -> datetime.datetime:
    """A day of the file as a moment."""
    if isinstance(day, datetime.datetime):
        return day if day.tzinfo else day.replace(tzinfo=zoneinfo.ZoneInfo(contest.time_zone))
    return datetime.datetime.combine(day, datetime.time(12), zoneinfo.ZoneInfo(contest.time_zone))


def _sent_in(contest: Contest, row: Mapping[str, Any]) -> datetime.datetime | None:
    """The file does not say: at the latest before it was first looked at, and before submission closed."""
    if row["status"] == Entry.State.DRAFT:
        return None
    submission = contest.stages.filter(key=Stage.Key.SUBMISSION).first()
    last = submission.closes_at - datetime.timedelta(seconds=1) if submission is not None else None
    looked = min((_noon(contest, one["date"]) for one in row.get("review") or []), default=None)
    return min((one for one in (last, looked) if one is not None), default=contest.stages.earliest("opens_at").opens_at)


def _entry(
    contest: Contest,
    row: Mapping[str, Any],
    number: int,
    village: Village,
    version: RuleVersion | None,
    judges: Mapping[str, Judge],
) -> Entry:
    sent = _sent_in(contest, row)
    entry = Entry(
        contest=contest, village=village, number=number, key=row["id"], state=row["status"],
        title=row.get("title") or "", line=row.get("line") or "", story=row.get("statement") or "", version=version,
        submitted_at=sent,
    )  # fmt: skip
    if version is not None and sent is not None:
        entry.frozen_title, entry.frozen_text = version.rules.title, canonical_text(version)
        entry.frozen_hash = text_hash(version)
    reviews = row.get("review") or []
    if row["status"] in Entry.OUT or row["status"] == Entry.State.RETURNED:
        entry.reason = str(reviews[-1].get("note") or "") if reviews else ""
        entry.out_at = _noon(contest, reviews[-1]["date"]) if reviews and row["status"] in Entry.OUT else None
    _checked(f"entries[{number}]（{row['id']}）", entry)  # untranslated: a place in the file
    for one in reviews:
        level = Stage.CHECKS[Stage.Key(one["stage"])]
        above = [village.region, *village.region.ancestors()]
        passed = one["result"] in (EntryCheck.Result.PASSED, EntryCheck.Result.RECOMMENDED)
        EntryCheck.objects.create(
            village=village, entry=entry, stage=one["stage"], result=one["result"], note=one.get("note") or "",
            region=next((place for place in above if place.level == level), None), at=_noon(contest, one["date"]),
            in_order=contest.stages.get(key=one["stage"]).checks if passed else [],
        )  # fmt: skip
    _sheets(contest, entry, row, judges)
    votes = row.get("votes")
    if votes is not None:
        raw, removed, valid = (
            (votes, 0, votes) if isinstance(votes, int) else (votes["raw"], votes["removed"], votes["valid"])
        )
        CountedVotes.objects.create(village=village, entry=entry, raw=raw, removed=removed, valid=valid)
    return entry


def _sheets(contest: Contest, entry: Entry, row: Mapping[str, Any], judges: Mapping[str, Judge]) -> None:
    """A judge who gave an entry nothing has no sheet for it."""
    review = contest.stages.filter(key=Stage.Key.EXPERT_REVIEW).first()
    done = (review or contest.stages.latest("closes_at")).closes_at - datetime.timedelta(seconds=1)
    criteria = list(contest.criteria.all())
    for told in row.get("scores") or []:
        sheet = Assignment.objects.create(
            judge=judges[told["judge"]], entry=entry, done_at=done, note=told.get("note") or ""
        )
        Score.objects.bulk_create(
            Score(assignment=sheet, criterion=one, mark=Decimal(str(told[one.key]))) for one in criteria
        )


def _objection(contest: Contest, row: Mapping[str, Any], number: int, entries: Mapping[str, Entry]) -> None:
    closed = row["status"] == "closed"
    at = _noon(contest, row["raised_on"])
    decided = _noon(contest, row["answered_on"]) if row.get("answered_on") else at
    outcome = row.get("outcome") or Objection.State.DISMISSED
    Objection.objects.create(
        contest=contest, number=number, entry=entries.get(row.get("entry") or ""), real_name=row["by"],
        text=row["content"], at=at, state=outcome if closed else Objection.State.OPEN,
        public_words=row["content"] if closed else "", answer=row["handling"] if closed else "",
        decided_at=decided if closed else None,
    )  # fmt: skip


def _check_results(contest: Contest, document: Mapping[str, Any]) -> None:
    """Rank it by its own marks and votes, and hold that against what the file states. Raises CannotBringIn."""
    ranking = make_ranking(contest, document_of(contest), by=None)
    found = {one.entry.key: one for one in Result.objects.filter(ranking=ranking).select_related("entry", "award")}
    faults = []
    for number, row in enumerate(document["entries"], start=1):
        stated, result = row.get("result"), found.get(row["id"])
        where = f"entries[{number}]（{row['id']}）.result"  # untranslated: a place in the file
        if not stated:
            continue
        if result is None:
            faults.append(Fault(where, _("这一件没有参加排名，却写了结果。")))
            continue
        computed = {
            "expert_score": Decimal(shown(Fraction(result.expert))),
            "public_score": Decimal(shown(Fraction(result.public))),
            "final_score": Decimal(shown(Fraction(result.final))), "rank": result.place,
            "award": result.award.name if result.award is not None else None,
        }  # fmt: skip
        for name, value in computed.items():
            if name in stated and not _same(stated[name], value):
                faults.append(
                    Fault(
                        f"{where}.{name}",
                        _("文件里写的是 %(stated)s，按分数和票数算出来是 %(computed)s。")
                        % {"stated": stated[name], "computed": value},
                    )
                )
    if faults:
        raise CannotBringIn(faults)


def _same(stated: Any, computed: Any) -> bool:
    if isinstance(computed, Decimal):
        return isinstance(stated, int | float) and Decimal(str(stated)) == computed
    return (stated or None) == computed
