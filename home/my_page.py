"""What an account has to do with the portal: its villages, for whom it acts, its offices, its meetings."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from consultation.eligibility import may_call
from consultation.follow_ups import owed_by, reported_to
from consultation.models import FollowUp, FollowUpReport, Meeting, Officer, Petition, Topic
from consultation.replies import Asked, asked_of
from residents.claim_requests import asked_by
from residents.models import Appointment, Claim, ClaimRequest, Role, User, Village
from residents.office_titles import role_title
from residents.rights import Act, may
from villagerules.models import Opinion, OpinionReport, RuleSuggestion
from villagerules.opinion_reads import ToLookAt, answered_to, decided_for, to_look_at
from villagerules.points_reads import to_do

from .models import RegionPage

# What still has to do with its officers: from the invitation to the signed minutes.
_UNFINISHED = (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE, Meeting.State.CLOSED)

OWED_MOST = 20
TOLD_MOST = 5
TOLD_FOR = datetime.timedelta(days=60)


@dataclass(frozen=True)
class Duty:
    """A meeting in which the account holds an office."""

    meeting: Meeting
    role: str

    @property
    def console_url(self) -> str:
        return self.meeting.address("console")


@dataclass(frozen=True)
class Place:
    """One village of the account: whom it acts for there, as what it serves, what it may do."""

    village: Village
    acting_for: Sequence[Claim]
    waiting: Sequence[Claim]
    offices: Sequence[str]
    calls: bool
    keeps_roll: bool
    reads_log: bool
    takes_ledger: bool
    brings_rules: bool  # drafts or publishes the village's rules
    to_call: Sequence[Petition]  # with enough signatures: for who calls the meeting, and who watches that it is called
    to_answer: int  # topics that wait for an answer this account may give
    opinions: Sequence[ToLookAt]  # what was said on rules and waits for this account to let it through
    keeps_events: bool  # the red-and-white council's register
    points_to_do: int  # lines of points to confirm, objections to decide on
    suggested: Sequence[RuleSuggestion]  # amendments that enough households second, for who answers


@dataclass(frozen=True)
class Owed:
    """Something a meeting promised that this account answers for, and whether it is late."""

    item: FollowUp
    overdue: bool


@dataclass(frozen=True)
class MyPage:
    places: Sequence[Place]
    asked: Sequence[ClaimRequest]
    wider_offices: Sequence[str]
    regions: Sequence[RegionPage]
    live: Sequence[Meeting]
    coming: Sequence[Meeting]
    duties: Sequence[Duty]
    practice: Sequence[Duty]
    owed: Sequence[Owed]  # what the account itself answers for
    asked_to_come: Sequence[Asked]  # meetings its people are called to, and what they have said
    not_called: Sequence[Petition]  # in the villages that this account oversees, past their last day
    told: Sequence[FollowUpReport]  # what became of meetings its people took part in
    answered: Sequence[Opinion]  # the account's own, on rules
    reports: Sequence[OpinionReport]  # what became of opinions it reported


def duties_of(user: User) -> list[Duty]:
    """The unfinished meetings the account leads, records, counts or scrutinises, live ones first."""
    officers = (
        Officer.objects.serving()
        .filter(
            meeting__state__in=_UNFINISHED,
            resident__claims__user=user,
            resident__claims__state=Claim.State.CONFIRMED,
            resident__claims__relation=Claim.Relation.SELF,
        )
        .select_related("meeting__village__page", "meeting__preset", "meeting__yard")
        .order_by("meeting__starts_at")
        .distinct()
    )
    duties = [Duty(officer.meeting, str(officer.get_role_display())) for officer in officers]
    return sorted(duties, key=lambda duty: not duty.meeting.is_live)


def my_page(user: User, *, now: datetime.datetime) -> MyPage:
    """All of it at that moment; practice meetings stand apart from real ones."""
    claims = (
        Claim.objects.filter(user=user, state__in=[Claim.State.CONFIRMED, Claim.State.PROPOSED])
        .filter(village__is_practice=False)
        .select_related("village__page", "village__region", "resident__household__group")
        .order_by("pk")
    )
    by_village: defaultdict[Village, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_village[claim.village].append(claim)
    offices: defaultdict[Village, list[str]] = defaultdict(list)
    wider: list[str] = []
    regions: set[int] = set()
    overseen: set[int] = set()
    for appointment in _appointments(user, timezone.localdate(now)):
        if appointment.village is None:
            wider.append(f"{appointment.region} {appointment.get_role_display()}")
            regions.add(appointment.region_id)
            if appointment.role == Role.TOWNSHIP_REVIEWER:
                overseen.add(appointment.region_id)
        elif not appointment.village.is_practice:
            offices[appointment.village].append(role_title(appointment.role, appointment.village))
    villages = list(dict.fromkeys([*by_village, *offices]))
    duties = duties_of(user)
    # A township's reviewer may follow the meetings of all its villages.
    here = Q(village__in=villages) | Q(village__region__in=overseen) | Q(village__region__parent__in=overseen)
    mine = Meeting.objects.real().announced().filter(here).select_related("village", "preset", "yard")
    return MyPage(
        places=[
            Place(
                village=village,
                acting_for=[c for c in by_village[village] if c.state == Claim.State.CONFIRMED],
                waiting=[c for c in by_village[village] if c.state == Claim.State.PROPOSED],
                offices=list(dict.fromkeys(offices[village])),
                calls=may_call(user, village),
                keeps_roll=may(user, Act.IMPORT_ROLL, village),
                reads_log=may(user, Act.READ_AUDIT, village),
                takes_ledger=may(user, Act.EXPORT, village) and may(user, Act.READ_VILLAGE_ONLY, village),
                brings_rules=may(user, Act.DRAFT_RULES, village) or may(user, Act.PUBLISH_RULES, village),
                to_call=_to_call(village) if _has_to_do_with_calling(user, village) else [],
                to_answer=Topic.objects.of(village).open().count() if may(user, Act.ANSWER_TOPIC, village) else 0,
                opinions=to_look_at(village) if may(user, Act.MODERATE_OPINIONS, village) else [],
                keeps_events=may(user, Act.KEEP_EVENTS, village),
                points_to_do=to_do(user, village),
                suggested=_suggested(village) if may(user, Act.DRAFT_RULES, village) else [],
            )
            for village in villages
        ],
        asked=asked_by(user),
        wider_offices=wider,
        regions=list(RegionPage.objects.live().filter(region__in=regions).order_by("path")) if regions else [],
        live=list(mine.live().order_by("-opened_at")),
        coming=list(mine.upcoming(now)[:10]),
        duties=[duty for duty in duties if not duty.meeting.village.is_practice],
        practice=[duty for duty in duties if duty.meeting.village.is_practice],
        owed=[
            Owed(one, one.is_overdue(one.village.local_date(now)))
            for one in owed_by(user).filter(village__is_practice=False)[:OWED_MOST]
        ],
        not_called=_not_called(overseen, timezone.localdate(now)),
        asked_to_come=asked_of(user, now=now),
        told=list(reported_to(user, since=now - TOLD_FOR)[:TOLD_MOST]),
        answered=list(answered_to(user, since=now - TOLD_FOR)[:TOLD_MOST]),
        reports=list(decided_for(user, since=now - TOLD_FOR)[:TOLD_MOST]),
    )


def _suggested(village: Village) -> list[RuleSuggestion]:
    waiting = RuleSuggestion.objects.of(village).to_answer().select_related("village", "rules")
    return list(waiting.order_by("answer_by", "number")[:OWED_MOST])


def _has_to_do_with_calling(user: User, village: Village) -> bool:
    return may(user, Act.CALL_MEETING, village) or may(user, Act.READ_SIGNATURES, village)


def _to_call(village: Village) -> list[Petition]:
    waiting = Petition.objects.of(village).waiting().select_related("village", "preset", "meeting")
    return list(waiting.order_by("call_by", "number")[:OWED_MOST])


def _not_called(overseen: Collection[int], on: datetime.date) -> list[Petition]:
    if not overseen:
        return []
    here = Q(village__region__in=overseen) | Q(village__region__parent__in=overseen)
    late = Petition.objects.overdue(on).filter(here, village__is_practice=False)
    return list(late.select_related("village", "preset", "meeting").order_by("call_by", "number")[:OWED_MOST])


def villages_served(user: User) -> list[Village]:
    """The real villages in which the account holds an office today."""
    held = (one.village for one in _appointments(user, timezone.localdate()))
    return list(dict.fromkeys(village for village in held if village is not None and not village.is_practice))


def _appointments(user: User, on: datetime.date) -> list[Appointment]:
    """The account's own offices and those of the resident it is."""
    own = Q(user=user) | Q(
        resident__claims__user=user,
        resident__claims__state=Claim.State.CONFIRMED,
        resident__claims__relation=Claim.Relation.SELF,
    )
    found = Appointment.objects.current(on).filter(own).select_related("village__page", "village__region", "region")
    return list(found.order_by("pk").distinct())
