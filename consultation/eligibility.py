"""Who may do what in a meeting: answers only, changes nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from residents.models import Claim, Resident, Role, User, Village
from residents.offices import is_verified_resident, oversees, person_of, roles_in

from .models import Meeting, Motion, Officer, Proxy, RosterEntry
from .models.presets import Proxies

CALLS_MEETINGS = frozenset({Role.PARTY_SECRETARY, Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER, Role.VILLAGE_ADMIN})
SUPERVISES = frozenset({Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER})
WATCHES = CALLS_MEETINGS | SUPERVISES | {Role.RESIDENT_TEAM, Role.SOCIAL_WORKER}


def may_call(user: User, village: Village, *, on: datetime.date | None = None) -> bool:
    """Prepare and announce meetings: the committee and the village's administrator."""
    return bool(roles_in(user, village, on=on or timezone.localdate()) & CALLS_MEETINGS)


def offices_in(user: User, meeting: Meeting) -> frozenset[str]:
    """The meeting's offices (chair, recorder, teller, scrutineer) that the account holds now."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = (
        Officer.objects.of(meeting.village)
        .serving()
        .filter(
            meeting=meeting,
            resident__claims__user=user,
            resident__claims__state=Claim.State.CONFIRMED,
            resident__claims__relation=Claim.Relation.SELF,
        )
    )
    return frozenset(held.values_list("role", flat=True))


def may_chair(user: User, meeting: Meeting) -> bool:
    """Open and close the meeting and its motions."""
    return Officer.Role.CHAIR in offices_in(user, meeting)


def may_check_in(user: User, meeting: Meeting) -> bool:
    return bool(offices_in(user, meeting) & {Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.TELLER})


def may_count(user: User, meeting: Meeting) -> bool:
    """Enter a sheet, as first or second person."""
    return bool(offices_in(user, meeting))


def may_settle(user: User, meeting: Meeting) -> bool:
    """Decide, as one of two, about a vote that went wrong: the meeting's chair and the supervisory committee."""
    return may_chair(user, meeting) or may_check_minutes(user, meeting)


def may_hand_over(user: User, meeting: Meeting) -> bool:
    """The chair hands over; when the chair is missing the committee names another."""
    return may_chair(user, meeting) or may_call(user, meeting.village)


def may_check_minutes(user: User, meeting: Meeting) -> bool:
    return bool(roles_in(user, meeting.village, on=timezone.localdate()) & SUPERVISES)


def may_read_arrivals(user: User, meeting: Meeting) -> bool:
    """Who came, by name: the meeting's officers, and the supervisory committee, which compares it with the minutes."""
    return bool(offices_in(user, meeting)) or (user.is_authenticated and may_check_minutes(user, meeting))


def may_read_names(user: User, meeting: Meeting) -> bool:
    """Village-only things: the roster's names, minutes in progress, named open votes."""
    return may_watch(user, meeting)


def may_watch(user: User, meeting: Meeting) -> bool:
    """Follow the meeting live: verified residents, officers of the village, its township overseer."""
    if not user.is_authenticated or not user.is_active:
        return False
    return (
        is_verified_resident(user, meeting.village)
        or bool(roles_in(user, meeting.village, on=timezone.localdate()) & WATCHES)
        or oversees(user, meeting.village, Role.TOWNSHIP_REVIEWER, on=timezone.localdate())
    )


def watchers(village: Village, user_ids: Iterable[int]) -> set[int]:
    """Which of these accounts may still watch, in one query; for sockets that are open already."""
    today = timezone.localdate()
    regions = [village.region, *village.region.ancestors()]
    term = Q(appointments__from_on__lte=today) & (
        Q(appointments__until_on__isnull=True) | Q(appointments__until_on__gt=today)
    )
    confirmed = Q(claims__village=village, claims__state=Claim.State.CONFIRMED)
    own_office = term & Q(appointments__village=village, appointments__role__in=WATCHES)
    overseer = term & Q(appointments__region__in=regions, appointments__role=Role.TOWNSHIP_REVIEWER)
    allowed = User.objects.filter(pk__in=list(user_ids), is_active=True).filter(confirmed | own_office | overseer)
    return set(allowed.values_list("pk", flat=True))


def own_entries(user: User, meeting: Meeting) -> QuerySet[RosterEntry]:
    """The roster lines that are the account's own and those of family members it helps, by number."""
    if not user.is_authenticated or not user.is_active:
        return RosterEntry.objects.none()
    return (
        RosterEntry.objects.of(meeting.village)
        .filter(roster__meeting=meeting, resident__claims__user=user, resident__claims__state=Claim.State.CONFIRMED)
        .order_by("number")
    )


def acting_entries(user: User, meeting: Meeting) -> QuerySet[RosterEntry]:
    """The roster lines the account may cast for: `own_entries`, and those whose grant its own person holds; by number.

    `held` says of each whether it is by a grant.
    """
    own = own_entries(user, meeting)
    if not user.is_authenticated or meeting.procedure.get("proxy", Proxies.NONE) == Proxies.NONE:
        return own.annotate(held=Value(False))
    grants = Proxy.objects.of(meeting.village).votable().filter(
        meeting=meeting,
        holder__resident__claims__user=user,
        holder__resident__claims__state=Claim.State.CONFIRMED,
        holder__resident__claims__relation=Claim.Relation.SELF,
    )  # fmt: skip
    return (
        RosterEntry.objects.of(meeting.village)
        .filter(Q(pk__in=own.values("pk")) | Q(pk__in=grants.values("grantor")), roster__meeting=meeting)
        .annotate(held=~Exists(own.filter(pk=OuterRef("pk"))))
        .order_by("number")
    )


def may_vote(motion: Motion, entry: RosterEntry) -> bool:
    """Whether the unit was there when the motion opened; the casting itself judges again under the lock."""
    return motion.opening is not None and entry.attendances.present_at(motion.opening).exists()


def officer_person(user: User, meeting: Meeting) -> Resident | None:
    """The resident the account is in this village, for acts that need two different people."""
    return person_of(user, meeting.village)
