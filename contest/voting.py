"""The public's vote: each voter one ballot, changed until the stage closes where the contest allows it.

A ballot names between `picks_min` and `picks_max` entries, each once, all on show at that moment (fewer where fewer are
on show). An entry that goes out afterwards stays on the ballots and does not count; a ballot with fewer entries left
than `picks_min` stays valid for those it has, because nobody loses a vote by what others do. Its voter is told and may
pick anew while the vote is open.
"""

from __future__ import annotations

import datetime
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from consultation.locks import casting_turn, database_now

from .ballot_locks import share_voting, stop_voting
from .errors import ContestRefused, Incomplete, NotAllowed, WrongState
from .marks import mark, place_marks
from .models import Contest, ContestPick, ContestVote, Entry, Stage, VoterKey
from .models.votes import MARK_LENGTH
from .quick_look import looks_odd
from .stages import require_open
from .vote_tasks import plan_weighing
from .voters import Voter, voters_for

KEYS_KEPT = 50
ROWS = 500  # of one statement


class AlreadyVoted(ContestRefused):
    def __init__(self, message: str = "") -> None:
        super().__init__("already_voted", message or _("您已经投过票了。要改选，请打开投票页面，在原来的选择上改。"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a ballot came from: the random name in the browser's cookie, the internet address. Only marks are kept."""

    device: str = ""
    address: str = ""


def own_vote(contest: Contest, voter: Voter) -> ContestVote | None:
    """The voter's own ballot, for this voter's eyes only; None once the scores are locked."""
    known = VoterKey.objects.filter(contest=contest, mark__in=voter.marks).exclude(vote=None)
    found = known.select_related("vote").order_by("vote_id").first()
    return found.vote if found is not None else None


def has_voted(contest: Contest, voter: Voter) -> bool:
    """Whether a ballot was cast; holds for ever, what is on it does not."""
    return VoterKey.objects.filter(contest=contest, mark__in=voter.marks).exists()


def picks_that_count(vote: ContestVote) -> tuple[list[Entry], list[Entry]]:
    """The entries on the ballot that are still on show, and those that have gone out since."""
    entries = list(Entry.objects.filter(pk__in=vote.picks.values("entry")).select_related("village").order_by("number"))
    return [one for one in entries if one.is_on_show], [one for one in entries if not one.is_on_show]


def least_picks(contest: Contest, on_show: int) -> int:
    """How many a ballot must name: `picks_min`, or all where fewer are on show."""
    return min(contest.picks_min, max(1, on_show))


def cast_vote(*, contest: Contest, voter: Voter, picks: Sequence[int], key: str, seen: Seen) -> ContestVote:
    """A voter's first ballot: `picks` are entries' numbers, `key` the request's own random word (a repetition with the
    same one is answered as the first time, even after closing).

    Raises WrongState and Closed outside of the public vote, Incomplete for picks that do not do, AlreadyVoted,
    NotAllowed when the account may not vote for this voter any more.
    """
    try:
        with casting_turn(), transaction.atomic():
            share_voting(contest.pk)
            fresh = Contest.objects.get(pk=contest.pk)
            # Read once: between two looks another request of the same voter may be done.
            known = VoterKey.objects.filter(contest=fresh, mark__in=voter.marks).select_related("vote")
            before = list(known.order_by("vote_id"))
            for one in before:
                if one.vote is not None and _is_repeated(one.vote, key):
                    return one.vote
            now = _require_turn(fresh, voter)
            if before:
                raise AlreadyVoted
            entries = require_picks(fresh, picks)
            address, network = place_marks(fresh.pk, seen.address)
            vote = ContestVote(
                contest=fresh, cast_at=now, key=key, device=mark(fresh.pk, "device", seen.device), address=address,
                network=network, age_under=voter.age_under(now), on_roll=voter.on_roll,
            )  # fmt: skip
            looks_odd(vote, [entry.pk for entry in entries])
            vote.save()
            VoterKey.objects.bulk_create([VoterKey(contest=fresh, mark=one, vote=vote) for one in voter.marks])
            ContestPick.objects.bulk_create([ContestPick(vote=vote, entry=one) for one in entries])
            transaction.on_commit(partial(plan_weighing, fresh.pk))
            return vote
    except IntegrityError:
        # The same voter's other request was first.
        first = own_vote(contest, voter)
        if first is not None and _is_repeated(first, key):
            return first
        raise AlreadyVoted from None


def change_vote(*, contest: Contest, voter: Voter, picks: Sequence[int], key: str) -> ContestVote:
    """Other picks on the ballot that is there. A ballot that officers released is looked at anew with its new picks;
    a held one stays held.

    Raises as `cast_vote` does, and WrongState where ballots may not be changed or there is none.
    """
    with casting_turn(), transaction.atomic():
        share_voting(contest.pk)
        fresh = Contest.objects.get(pk=contest.pk)
        before = own_vote(fresh, voter)
        if before is None:
            raise WrongState(_("您还没有投过票，请先投票。"))
        vote = ContestVote.objects.select_for_update().get(pk=before.pk)
        if _is_repeated(vote, key):
            return vote
        now = _require_turn(fresh, voter)
        if not fresh.may_change:
            raise AlreadyVoted(_("这次评选投了就不能改。"))
        entries = require_picks(fresh, picks)
        same = set(vote.picks.values_list("entry_id", flat=True)) == {one.pk for one in entries}
        if not same:
            vote.picks.all().delete()
            ContestPick.objects.bulk_create([ContestPick(vote=vote, entry=one) for one in entries])
            if vote.state == ContestVote.State.COUNTED:
                vote.decision = None
        vote.spent_keys = [*vote.spent_keys, vote.key][-KEYS_KEPT:]
        vote.key, vote.changed_at = key, now
        # Not its state, which is weighed at the same time.
        transaction.on_commit(partial(plan_weighing, fresh.pk))
        vote.save(update_fields=["spent_keys", "key", "changed_at", "decision"])
        return vote


@transaction.atomic
def part_from_voters(contest: Contest) -> int:
    """With the locking of the scores, in its transaction: from now on nothing leads from a voter, a telephone or an
    address to a ballot. What is left tells only that somebody voted, and which ballots came from one place.

    Returns how many ballots there are. Safe to repeat.
    """
    contest = stop_voting(contest)
    VoterKey.objects.filter(contest=contest).exclude(vote=None).update(vote=None)
    votes = list(ContestVote.objects.filter(contest=contest))
    # Whoever knows the key could still try all addresses there are against a mark: other marks, by chance.
    others: defaultdict[str, str] = defaultdict(lambda: secrets.token_hex(MARK_LENGTH // 2), {"": ""})
    for vote in votes:
        vote.device, vote.address, vote.network = others[vote.device], others[vote.address], others[vote.network]
        vote.key, vote.spent_keys, vote.cluster = "", [], ""
    fields = ["device", "address", "network", "key", "spent_keys", "cluster"]
    # As fast as writing them anew, which a bulk update is not.
    ContestVote.objects.bulk_create(
        votes, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=ROWS
    )
    return len(votes)


def _is_repeated(vote: ContestVote, key: str) -> bool:
    return bool(key) and (key == vote.key or key in vote.spent_keys)


def _require_turn(contest: Contest, voter: Voter) -> datetime.datetime:
    """The moment by the database's clock, if this voter may vote at it."""
    now = database_now()
    require_open(contest, Stage.Key.PUBLIC_VOTE, at=now)
    if not any(one.marks == voter.marks for one in voters_for(voter.user, contest)):
        raise NotAllowed(_("这个账号不能参加这次投票。"))
    return now


def require_picks(contest: Contest, picks: Sequence[int]) -> list[Entry]:
    """The entries behind the numbers, as many as a ballot must and may name. Raises Incomplete."""
    if len(set(picks)) != len(picks):
        raise Incomplete(_("同一件只能选一次。"), "picks")
    on_show = {one.number: one for one in contest.entries.on_show()}
    gone = [number for number in picks if number not in on_show]
    if gone:
        raise Incomplete(
            _("第 %(number)s 号现在不在评选里，可能已经退出。请改选别的。") % {"number": "、".join(map(str, gone))},
            "picks",
        )
    least = least_picks(contest, len(on_show))
    if len(picks) < least:
        raise Incomplete(
            _("至少要选 %(least)s 件，您选了 %(count)s 件。请再选几件。") % {"least": least, "count": len(picks)},
            "picks",
        )
    if len(picks) > contest.picks_max:
        raise Incomplete(
            _("最多选 %(most)s 件，您选了 %(count)s 件。请去掉几件。")
            % {"most": contest.picks_max, "count": len(picks)},
            "picks",
        )
    return [on_show[number] for number in picks]
