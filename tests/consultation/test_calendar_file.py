"""A meeting in the calendar of a phone."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from icalendar import Calendar

from consultation import meetings
from consultation.models import Meeting
from tests.factories.consultation import call, make_hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(4, live=False)


def read(meeting):
    answer = Client().get(meeting.address("calendar"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_it_says_what_when_and_where_in_the_villages_time(hall):
    calendar, event = read(hall.meeting)
    assert str(event["summary"]) == hall.meeting.title
    assert event.decoded("dtstart") == hall.meeting.starts_at.replace(microsecond=0)
    assert event.decoded("dtend") == hall.meeting.ends_at.replace(microsecond=0)
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert hall.meeting.place in str(event["location"])
    assert hall.meeting.get_absolute_url() in str(event["url"])
    for item in hall.meeting.agenda.all():
        assert item.title in str(event["description"])
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == datetime.timedelta(hours=-2)


def test_what_is_called_off_takes_the_place_of_what_the_phone_has(hall):
    _calendar, before = read(hall.meeting)
    meetings.cancel_meeting(hall.meeting, by=None, reason="下大雨")
    calendar, after = read(hall.meeting)
    assert (before["uid"], before["sequence"], str(before["status"])) == (after["uid"], 0, "CONFIRMED")
    assert (after["sequence"], str(after["status"]), str(calendar["method"])) == (1, "CANCELLED", "CANCEL")
    assert "下大雨" in str(after["description"])
    assert not after.walk("VALARM")


def test_two_meetings_are_two_entries(hall):
    other = meetings.publish_notice(call(hall.village, hall.people), by=None)
    assert read(hall.meeting)[1]["uid"] != read(other)[1]["uid"]


def test_words_that_mean_something_to_a_calendar_mean_nothing_in_a_title(hall):
    title = "商量；水,路\\电\nBEGIN:VALARM"
    Meeting.objects.filter(pk=hall.meeting.pk).update(title=title)
    hall.meeting.refresh_from_db()
    assert str(read(hall.meeting)[1]["summary"]) == title


def test_a_meeting_in_preparation_is_in_nobodys_calendar(hall):
    coming = call(hall.village, hall.people)
    assert Client().get(coming.address("calendar")).status_code == 404
