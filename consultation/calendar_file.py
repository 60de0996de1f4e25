"""A meeting as an entry for the calendar of somebody's phone (RFC 5545)."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from .models import Meeting

REMIND_BEFORE = datetime.timedelta(hours=2)
_OFF = (Meeting.State.CANCELLED, Meeting.State.ADJOURNED)


def calendar_of(meeting: Meeting, *, address: str) -> bytes:
    """One event in the village's own time zone, with a reminder; taken in again, it replaces what the phone has.

    `address` is the meeting's full address. What was called off or put off is so in the calendar, too.
    """
    zone = ZoneInfo(meeting.village.time_zone)
    off = meeting.state in _OFF
    event = Event()
    event.add("uid", f"{meeting.village.slug}-{meeting.number}@{urlsplit(address).hostname}")
    event.add("sequence", 1 if off else 0)
    event.add("dtstamp", (meeting.noticed_at or meeting.starts_at).astimezone(datetime.UTC))
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("summary", meeting.title)
    event.add("location", f"{meeting.village.name} {meeting.place}")
    event.add("url", address)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    lines = [meeting.state_reason] if off and meeting.state_reason else []
    lines += [f"{item.number}. {item.title}" for item in meeting.agenda.order_by("number")]
    event.add("description", "\n".join([*lines, address]))
    if not off:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _("快开会了：%(title)s") % {"title": meeting.title})
        alarm.add("trigger", -REMIND_BEFORE)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//village-portal//meetings//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    told: bytes = calendar.to_ical()
    return told
