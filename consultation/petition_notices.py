"""Telling by SMS what a petition has come to: that enough have signed, and later that no meeting was called in time.

As with reminders: only accounts that asked for messages, a row first, in the morning, each once. Their pages tell it at
once, with or without a message.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from residents.models import Appointment, Claim, Role, User
from residents.sms import send_petition_notice
from residents.sms.configuration import tells_petitions

from .models import Petition, PetitionNotice
from .reminders import LONGEST, TRIES, send_each

About = PetitionNotice.About
IN_VILLAGE = (
    Role.COMMITTEE_CHAIR,
    Role.COMMITTEE_MEMBER,
    Role.PARTY_SECRETARY,
    Role.SUPERVISORY_CHAIR,
    Role.SUPERVISORY_MEMBER,
)


def _to_tell(petition: Petition, *, about: str, on: datetime.date) -> QuerySet[User]:
    """The committee and its supervisors; once it is late the township too. Only who asked for messages."""
    place = Q(village=petition.village_id, role__in=IN_VILLAGE)
    if about == About.OVERDUE:
        above = [petition.village.region, *petition.village.region.ancestors()]
        place |= Q(region__in=above, role=Role.TOWNSHIP_REVIEWER)
    held = Appointment.objects.current(on).filter(place)
    themselves = Claim.objects.confirmed().filter(
        relation=Claim.Relation.SELF, resident__in=held.exclude(resident=None).values("resident")
    )
    own = Q(pk__in=held.exclude(user=None).values("user")) | Q(pk__in=themselves.values("user"))
    asked = User.objects.filter(own, is_active=True, reminders_asked_at__isnull=False, phone_verified_at__isnull=False)
    return asked.exclude(phone_hash="")


@transaction.atomic
def queue_petition_notices(*, at: datetime.datetime | None = None) -> int:
    """Make the rows for petitions that wait for their meeting, and forget those of the others; how many are new."""
    now = at or timezone.now()
    waiting = Petition.objects.waiting().filter(village__is_practice=False)
    PetitionNotice.objects.exclude(petition__in=waiting).delete()
    if not tells_petitions():
        return 0
    count = 0
    for petition in waiting.select_related("village__region", "meeting"):
        today = petition.village.local_date(now)
        about = About.OVERDUE if petition.is_overdue(today) else About.REACHED
        told = PetitionNotice.objects.of(petition.village).filter(petition=petition, about=about).values("user")
        new = list(_to_tell(petition, about=about, on=today).exclude(pk__in=told))
        PetitionNotice.objects.bulk_create(
            (
                PetitionNotice(village_id=petition.village_id, petition=petition, about=about, user=one)
                for one in new
            ),
            ignore_conflicts=True,
        )  # fmt: skip
        count += len(new)
    return count


def send_petition_notices(*, at: datetime.datetime | None = None) -> int:
    """Send what is queued about petitions that still wait; how many went out."""
    now = at or timezone.now()
    waiting = (
        PetitionNotice.objects.filter(sent_at=None, tries__lt=TRIES, petition__in=Petition.objects.waiting())
        .filter(user__is_active=True, user__reminders_asked_at__isnull=False)
        .select_related("petition__village", "petition__preset", "user")
        .order_by("pk")
    )
    if not tells_petitions():
        return 0
    return send_each(waiting, lambda phone, line: send_petition_notice(phone, words_of(line)), at=now)


def words_of(line: PetitionNotice) -> dict[str, str]:
    """By number: a resident's own words stay within the village."""
    petition = line.petition
    told = {
        "village": petition.village.name,
        "number": str(petition.number),
        "body": petition.preset.body_name,
        "state": str(line.get_about_display()),
        "day": petition.call_by.isoformat() if petition.call_by else "-",
    }
    return {name: words[:LONGEST] for name, words in told.items()}
