"""What meetings promised."""

from __future__ import annotations

import datetime

from django.utils import timezone

from consultation import follow_ups
from consultation.follow_ups import Owner
from consultation.models import FollowUp, Meeting
from residents.models import Resident


def held(meeting: Meeting) -> Meeting:
    """The meeting is over and its results are published."""
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.RESULTS_PUBLISHED)
    meeting.refresh_from_db()
    return meeting


def promise(meeting: Meeting, person: Resident, *, days: int = 10, **fields: object) -> FollowUp:
    """Something the meeting promised, to be done within so many days."""
    defaults = {
        "title": "石拱桥头错车道完工",
        "owner": Owner(person.name, person),
        "due": timezone.localdate() + datetime.timedelta(days=days),
        "by": None,
    }
    return follow_ups.assign_follow_up(meeting, **defaults | fields)
