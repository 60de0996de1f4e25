"""Reminding people of tomorrow's meeting by SMS: only accounts that asked for it, each once.

At night the rows are made, in the morning they are sent; a row is deleted a while after its meeting.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.models import Claim, User
from residents.phone_accounts import phone_of
from residents.sms import SmsNotSent, send_reminder
from residents.sms.configuration import reminds
from ui.limits import too_often

from .models import Meeting, PetitionNotice, Reminder

TRIES = 2
A_DAY = 24 * 3600
KEPT = datetime.timedelta(days=30)
# Gateways refuse longer values in a template.
LONGEST = 20

_Row = TypeVar("_Row", Reminder, PetitionNotice)


def _tomorrow(now: datetime.datetime) -> list[Meeting]:
    """The meetings that are to be held on the next day by their village's own clock."""
    soon = Meeting.objects.real().filter(
        state=Meeting.State.NOTICED, starts_at__gt=now, starts_at__lt=now + datetime.timedelta(days=2)
    )
    return [
        one
        for one in soon.select_related("village")
        if one.village.local_date(one.starts_at) - one.village.local_date(now) == datetime.timedelta(days=1)
    ]


def _to_remind(meeting: Meeting) -> QuerySet[User]:
    """Accounts that asked to be reminded and act for somebody on the roster."""
    acts = (
        Claim.objects.of(meeting.village)
        .confirmed()
        .filter(user=OuterRef("pk"), resident__roster_entries__roster__meeting=meeting)
    )
    return User.objects.filter(
        Exists(acts), is_active=True, reminders_asked_at__isnull=False, phone_verified_at__isnull=False
    ).exclude(phone_hash="")


@transaction.atomic
def queue_reminders(*, at: datetime.datetime | None = None) -> int:
    """Make the rows for tomorrow's meetings, and forget those of meetings long over; how many are new."""
    now = at or timezone.now()
    Reminder.objects.filter(meeting__ends_at__lt=now - KEPT).delete()
    if not reminds():
        return 0
    count = 0
    for meeting in _tomorrow(now):
        known = set(Reminder.objects.of(meeting.village).filter(meeting=meeting).values_list("user", flat=True))
        new = [one for one in _to_remind(meeting) if one.pk not in known]
        Reminder.objects.bulk_create(
            (Reminder(village_id=meeting.village_id, meeting=meeting, user=one) for one in new), ignore_conflicts=True
        )
        count += len(new)
    return count


def send_reminders(*, at: datetime.datetime | None = None) -> int:
    """Send what is queued for meetings still to come that were not called off, to accounts that still want it.

    Each row is taken before it is sent: a process that dies in between sends nothing twice. How many went out.
    """
    now = at or timezone.now()
    waiting = (
        Reminder.objects.filter(
            sent_at=None, tries__lt=TRIES, meeting__state=Meeting.State.NOTICED, meeting__starts_at__gt=now
        )
        .filter(user__is_active=True, user__reminders_asked_at__isnull=False)
        .select_related("meeting__village", "user")
        .order_by("pk")
    )
    if not reminds():
        return 0
    return send_each(waiting, lambda phone, line: send_reminder(phone, words_of(line.meeting)), at=now)


def send_each(waiting: Iterable[_Row], send: Callable[[str, _Row], None], *, at: datetime.datetime) -> int:
    """Hand these rows over, each taken before it is sent; how many went out. Above the day's cap they wait."""
    count = 0
    for line in waiting:
        phone, rows = phone_of(line.user), type(line).objects.filter(pk=line.pk)
        if not phone or not rows.filter(sent_at=None, tries=line.tries).update(tries=F("tries") + 1, sent_at=at):
            continue
        if too_often("sms:reminders", limit=settings.SMS_REMINDERS_DAILY_CAP, seconds=A_DAY):
            rows.update(sent_at=None)
            break
        try:
            send(phone, line)
        except SmsNotSent:
            rows.update(sent_at=None)
        else:
            count += 1
    return count


def words_of(meeting: Meeting) -> dict[str, str]:
    """What a reminder tells: nothing of the person, nothing of what is to be decided but the meeting's name."""
    start = meeting.starts_at.astimezone(ZoneInfo(meeting.village.time_zone))
    said = _("%(month)s月%(day)s日%(clock)s") % {
        "month": start.month, "day": start.day, "clock": start.strftime("%H:%M"),
    }  # fmt: skip
    told = {"village": meeting.village.name, "time": said, "place": meeting.place, "title": meeting.title}
    return {name: words[:LONGEST] for name, words in told.items()}
