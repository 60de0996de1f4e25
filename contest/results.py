"""From locked scores to a published result: lock, public notice, recomputation, publication."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from consultation.locks import database_now
from residents.models import User

from .ballot_locks import stop_voting
from .errors import Incomplete, NotAllowed, WrongState
from .locked import SCHEMA, award_of, digest, in_order, ranked, written
from .models import Assignment, Contest, CountedVotes, Entry, Objection, Ranking, Result, Stage
from .quarantine import require_none_held, weigh_again
from .ranking import RankingError
from .rights import may_run
from .stages import is_open, moment_words, stage
from .votes_counted import valid_votes
from .voting import part_from_voters

NOTICE_DAYS_FEWEST = 3
NOTICE_DAYS_MOST = 60


def require_runner(contest: Contest, by: User) -> None:
    """Raises NotAllowed for whoever does not run the contest."""
    if not may_run(by, contest):
        raise NotAllowed(_("结果由主办方办理，您没有这项权限。"))


def unfinished_sheets(contest: Contest) -> int:
    """Sheets of entries on show that their judges have not finished."""
    sheets = Assignment.objects.filter(judge__contest=contest, entry__state__in=Entry.ON_SHOW)
    return sheets.to_score().filter(done_at=None).count()


def in_the_way(contest: Contest, at: datetime.datetime) -> list[str]:
    """What keeps the scores from being locked at that moment, a sentence each; held ballots are looked for apart."""
    said = []
    vote = stage(contest, Stage.Key.PUBLIC_VOTE)
    if vote is not None and at < vote.closes_at:
        said.append(_("公众投票要到 %(when)s 才结束。") % {"when": moment_words(contest, vote.closes_at)})
    review = stage(contest, Stage.Key.EXPERT_REVIEW)
    left = unfinished_sheets(contest)
    if left and review is not None and at < review.closes_at:
        said.append(
            _("还有 %(count)s 张评分表没有评完，专家评审到 %(when)s 结束。")
            % {"count": left, "when": moment_words(contest, review.closes_at)}
        )
    return said


def lock_scores(contest: Contest, *, by: User, at: datetime.datetime | None = None) -> Ranking:
    """Freeze all marks and votes in one document and rank by it. Nothing changes them afterwards.

    The vote is over, judging too (or all sheets are done), held ballots are decided on. Sheets that nobody finished in
    time do not count. Raises NotAllowed, WrongState.
    """
    require_runner(contest, by)
    weigh_again(contest, always=True)
    with transaction.atomic():
        locked = stop_voting(contest)
        if locked.state != Contest.State.ANNOUNCED:
            raise WrongState(_("这次评选现在是“%(state)s”，不能锁定分数。") % {"state": locked.get_state_display()})
        for words in in_the_way(locked, at or database_now()):
            raise WrongState(words)
        require_none_held(locked)
        unfinished = unfinished_sheets(locked)
        made = make_ranking(locked, document_of(locked), by=by)
        part_from_voters(locked)
        locked.state = Contest.State.SCORE_LOCKED
        locked.save(update_fields=["state"])
        record(
            action="lock_scores", subject=locked, village_id=locked.village_id, actor=by,
            digest=made.digest, entries=made.results.count(), unfinished=unfinished,
        )  # fmt: skip
    return made


def document_of(contest: Contest) -> dict[str, Any]:
    """The document of locked.py from what stands in the database now."""
    sheets: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    finished = Assignment.objects.filter(judge__contest=contest).counting().select_related("judge")
    for sheet in finished.prefetch_related("scores__criterion"):
        marks = {one.criterion.key: f"{one.mark.normalize():f}" for one in sheet.scores.all()}
        sheets[sheet.entry_id].append({"judge": sheet.judge.key, "marks": marks})
    votes = valid_votes(contest)
    counts = _raw_and_removed(contest, votes)
    return in_order(
        {
            "schema": SCHEMA,
            "contest": {"slug": contest.slug, "title": contest.title},
            "formula": {
                "criteria": [
                    {"key": one.key, "label": one.label, "most": f"{one.most.normalize():f}"}
                    for one in contest.criteria.all()
                ],
                "expert_share": contest.expert_share,
                "public_method": contest.public_method,
                "expert_method": contest.expert_method,
                "tie_rule": contest.tie_rule,
            },
            "awards": [{"name": one.name, "count": one.count} for one in contest.awards.all()],
            "entries": [
                {
                    "key": one.key, "title": str(one), "village": one.village.name, "sheets": sheets[one.pk],
                    "raw": counts[one.pk][0], "removed": counts[one.pk][1], "votes": votes.get(one.pk, 0),
                }
                for one in contest.entries.on_show().select_related("village")
            ],
            "out": [],
        }
    )  # fmt: skip


def _raw_and_removed(contest: Contest, votes: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Of totals that were brought in as they came; of ballots cast here what was rejected is told for the contest
    alone, so that nobody learns for whom rejected ones were."""
    brought_in = CountedVotes.objects.filter(entry__contest=contest).values_list("entry_id", "raw", "removed")
    told: dict[int, tuple[int, int]] = {entry: (raw, removed) for entry, raw, removed in brought_in}
    return {one.pk: told.get(one.pk, (votes.get(one.pk, 0), 0)) for one in contest.entries.all()}


def make_ranking(contest: Contest, document: dict[str, Any], *, by: User | None, reason: str = "") -> Ranking:
    """Store a document as the contest's next version, with the ranking that follows from it. Raises WrongState, with
    what is wrong, where no ranking follows."""
    try:
        standings = ranked(document)
    except RankingError as error:
        raise WrongState(_fault_in_words(document, error)) from error
    if not standings:
        raise WrongState(_("没有入围的申报，排不出名次。"))
    made = Ranking.objects.create(
        contest=contest, version=contest.rankings.count() + 1, document=document, digest=digest(document),
        reason=reason, made_by=by,
    )  # fmt: skip
    entries = {one.key: one for one in contest.entries.all()}
    awards = {one.name: one for one in contest.awards.all()}
    Result.objects.bulk_create(
        [
            Result(
                ranking=made, entry=entries[one.key], place=one.rank, final=written(one.final),
                expert=written(one.expert), public=written(one.public), award=awards.get(award_of(document, one.rank)),
            )
            for one in standings
        ],
        batch_size=500,
    )  # fmt: skip
    return made


def _fault_in_words(document: Mapping[str, Any], error: RankingError) -> str:
    titles = {one["key"]: one["title"] for one in document["entries"]}
    title = titles.get(error.entry, error.entry)
    if error.fault == "no judge scored it":
        return _("《%(title)s》还没有一位评委评完，排不出名次。请先请评委评完，或者把它退出评选。") % {"title": title}
    if error.fault == "no criteria":
        return _("专家分要计入总分，却没有评分项。请先写好评分项。")
    return _("《%(title)s》的分数或者票数不齐，排不出名次。请核对评分表。") % {"title": title}


def newest(contest: Contest) -> Ranking | None:
    """The ranking that holds now."""
    return contest.rankings.order_by("-version").first()


def is_reproducible(ranking: Ranking) -> bool:
    """Whether the stored document still gives the stored digest and, place for place, the stored results."""
    stored = {
        one.entry.key: (one.place, one.final, one.expert, one.public, one.award.name if one.award else "")
        for one in ranking.results.select_related("entry", "award")
    }
    again = {
        one.key: (
            one.rank, written(one.final), written(one.expert), written(one.public),
            award_of(ranking.document, one.rank),
        )
        for one in ranked(ranking.document)
    }  # fmt: skip
    return digest(ranking.document) == ranking.digest and stored == again


@transaction.atomic
def give_notice(contest: Contest, *, days: int, by: User) -> Stage:
    """Show the ranking to everybody for so many days, counted from now, and take objections. Raises NotAllowed,
    WrongState, Incomplete for too few or too many days."""
    require_runner(contest, by)
    contest = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
    if contest.state != Contest.State.SCORE_LOCKED:
        raise WrongState(_("先锁定分数，才能公示；已经公示的不用再公示。"))
    if not NOTICE_DAYS_FEWEST <= days <= NOTICE_DAYS_MOST:
        raise Incomplete(
            _("公示 %(few)s 到 %(most)s 天。") % {"few": NOTICE_DAYS_FEWEST, "most": NOTICE_DAYS_MOST}, "days"
        )
    now = database_now()
    dates = {"opens_at": now, "closes_at": now + datetime.timedelta(days=days)}
    last = contest.stages.order_by("-position").first()
    made, _created = Stage.objects.update_or_create(
        contest=contest, key=Stage.Key.PUBLIC_NOTICE, defaults=dates,
        create_defaults=dates
        | {"label": Stage.Key.PUBLIC_NOTICE.label, "position": (last.position if last else 0) + 1},
    )  # fmt: skip
    contest.state = Contest.State.PUBLIC_NOTICE
    contest.save(update_fields=["state"])
    record(
        action="give_contest_notice", subject=contest, village_id=contest.village_id, actor=by,
        until=made.closes_at.isoformat(),
    )  # fmt: skip
    return made


@transaction.atomic
def publish_results(contest: Contest, *, by: User, at: datetime.datetime | None = None) -> Ranking:
    """Make the newest ranking the result: who has an award is awarded. The notice is over and every objection decided.

    Raises NotAllowed, WrongState.
    """
    require_runner(contest, by)
    contest = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
    if contest.state != Contest.State.PUBLIC_NOTICE:
        raise WrongState(_("这次评选现在是“%(state)s”，不能公布结果。") % {"state": contest.get_state_display()})
    notice = stage(contest, Stage.Key.PUBLIC_NOTICE)
    if notice is not None and is_open(contest, Stage.Key.PUBLIC_NOTICE, at or database_now()):
        raise WrongState(_("公示到 %(when)s 结束，之后才能公布。") % {"when": moment_words(contest, notice.closes_at)})
    waiting = contest.objections.filter(state=Objection.State.OPEN).count()
    if waiting:
        raise WrongState(_("还有 %(count)s 件异议没有答复，答复以后才能公布。") % {"count": waiting})
    ranking = newest(contest)
    if ranking is None:
        raise WrongState(_("还没有排名，不能公布。"))
    results = list(ranking.results.select_related("entry", "award"))
    gone = next((one.entry for one in results if one.entry.state != Entry.State.SHORTLISTED), None)
    if gone is not None:
        raise WrongState(_("《%(title)s》已经退出评选，名次要先重算。请在异议里办理。") % {"title": gone})
    won = [one.entry_id for one in results if one.award is not None]
    ranked_entries = Entry.objects.filter(contest=contest, state=Entry.State.SHORTLISTED)
    ranked_entries.filter(pk__in=won).update(state=Entry.State.AWARDED)
    ranked_entries.filter(pk__in=[one.entry_id for one in results]).update(state=Entry.State.NOT_AWARDED)
    contest.state = Contest.State.PUBLISHED
    contest.save(update_fields=["state"])
    record(
        action="publish_contest", subject=contest, village_id=contest.village_id, actor=by,
        version=ranking.version, digest=ranking.digest, awarded=len(won),
    )  # fmt: skip
    return ranking
