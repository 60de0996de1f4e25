"""Who may vote in a contest, for whom, and by what a voter is known."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from residents.models import Claim, Region, Resident, User, Village

from .marks import mark
from .models import Contest


@dataclass(frozen=True)
class Voter:
    """Somebody who has one ballot: an account with its number, or somebody on a roll for whom an account acts.

    `marks` are what a voter is known by, sorted; any of them in use means that this voter has voted.
    """

    user: User
    resident: Resident | None
    marks: tuple[str, ...]
    on_roll: bool

    @property
    def key(self) -> int:
        """What a form names the voter by: the resident's key, 0 for the account itself."""
        return self.resident.pk if self.resident is not None else 0

    def age_under(self, now: datetime.datetime) -> int | None:
        """The smallest of 10, 60, 1440, 10080 minutes that the account is younger than; None for older ones."""
        minutes = (now - self.user.date_joined).total_seconds() / 60
        return next((bound for bound in (10, 60, 1440, 10_080) if minutes < bound), None)


def voters_for(user: User | AnonymousUser, contest: Contest) -> list[Voter]:
    """For whom the account may vote: one for a contest of all verified phones; in one of the residents of a place the
    people there for whom it acts, itself first. Empty for those who may not vote."""
    if not user.is_authenticated or not user.is_active:
        return []
    claims = list(
        Claim.objects.filter(user=user).confirmed().select_related("resident", "village")
        .filter(village__is_practice=contest.village is not None and contest.village.is_practice).order_by("pk")
    )  # fmt: skip
    own = [one.resident for one in claims if one.relation == Claim.Relation.SELF]
    if contest.voters == Contest.Voters.VERIFIED_PHONES:
        if not user.phone_hash or user.phone_verified_at is None:
            return []
        # Whoever comes by two accounts with one number, as one person, or with a new number, is one voter.
        known_by = [("account", str(user.pk)), ("phone", user.phone_hash), *_of_people(own)]
        return [Voter(user, None, _marks(contest, known_by), bool(claims))]
    here = {village.pk for village in villages_of(contest).filter(pk__in=[one.village_id for one in claims])}
    found: list[Voter] = []
    for claim in sorted(claims, key=lambda one: (one.relation != Claim.Relation.SELF, one.pk)):
        if claim.village_id not in here or claim.resident.until_on is not None:
            continue
        people = own if claim.relation == Claim.Relation.SELF else [claim.resident]
        if not any(one.resident in own and claim.resident in own for one in found if one.resident is not None):
            found.append(Voter(user, claim.resident, _marks(contest, _of_people(people)), True))
    return found


def villages_of(contest: Contest) -> QuerySet[Village]:
    """The villages of the place that runs the contest."""
    if contest.village_id is not None:
        return Village.objects.filter(pk=contest.village_id)
    above = Q(region=contest.region_id)
    path = "region"
    for _level in Region.Level.values[1:]:
        path = f"{path}__parent"
        above |= Q(**{path: contest.region_id})
    return Village.objects.filter(above)


def _of_people(people: list[Resident]) -> list[tuple[str, str]]:
    """Somebody on two rolls is one person where both know the identity number, of which only a hash is kept."""
    lines = [("resident", str(one.pk)) for one in people]
    return lines + [("identity", one.identity_hash) for one in people if one.identity_hash]


def _marks(contest: Contest, known_by: list[tuple[str, str]]) -> tuple[str, ...]:
    # Sorted, so that two ballots of one voter at once wait for each other in one order.
    return tuple(sorted({mark(contest.pk, kind, value) for kind, value in known_by}))
