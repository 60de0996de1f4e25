"""Reminders of tomorrow's meeting by SMS: to whom, once, and not when it was called off or nobody asked."""

from __future__ import annotations

import datetime
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from consultation import background, meetings, reminders
from consultation.models import Meeting, Reminder
from residents.models import User
from residents.own_phone import ask_for_reminders
from residents.phone_accounts import attach_phone, phone_shown
from residents.sms import SmsNotSent
from residents.sms.sending import filled
from tests.factories.consultation import make_hall
from tests.factories.residents import make_account, make_resident, make_village
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What went to the gateway, by number."""
    cache.clear()
    told = []
    monkeypatch.setattr(reminders, "send_reminder", lambda phone, words: told.append((phone, words)))
    return told


@pytest.fixture
def hall():
    """To be held tomorrow at 19:00 by the village's clock."""
    hall = make_hall(6, live=False)
    start = timezone.localtime().replace(hour=19, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
    move(hall, start)
    return hall


def move(hall, start):
    Meeting.objects.filter(pk=hall.meeting.pk).update(starts_at=start, ends_at=start + datetime.timedelta(hours=2))
    hall.meeting.refresh_from_db()


def asks(hall, number, phone=None):
    user = hall.account(number)
    attach_phone(user, phone or f"1540000010{number}")
    phone_shown(user)
    ask_for_reminders(user, wanted=True)
    return user


def numbers(sent):
    return [phone for phone, _words in sent]


def test_only_who_asked_is_reminded_and_once(hall, sent):
    asks(hall, 0)
    silent = hall.account(1)
    attach_phone(silent, "15400000199")
    phone_shown(silent)
    assert reminders.queue_reminders() == 1
    assert reminders.queue_reminders() == 0
    assert reminders.send_reminders() == 1
    assert reminders.send_reminders() == 0
    assert numbers(sent) == ["15400000100"]


def test_it_tells_where_and_when_and_no_more(hall, sent):
    asks(hall, 0)
    Meeting.objects.filter(pk=hall.meeting.pk).update(title="村" * 60)
    reminders.queue_reminders()
    with translation.override("zh-hans"):
        reminders.send_reminders()
    start = timezone.localtime(hall.meeting.starts_at)
    assert sent[0][1] == {
        "village": hall.village.name, "time": f"{start.month}月{start.day}日19:00", "place": "晒谷坪",
        "title": "村" * 20,
    }  # fmt: skip


def test_a_helper_is_reminded_once_for_all_it_helps(hall, sent):
    helper = asks(hall, 0)
    make_account(hall.people[1], relation="helper", user=helper)
    assert reminders.queue_reminders() == 1
    reminders.send_reminders()
    assert len(sent) == 1


def test_who_is_not_on_the_roster_is_not_reminded(hall, sent):
    user = make_account(make_resident(make_village()))
    attach_phone(user, "15400000150")
    phone_shown(user)
    ask_for_reminders(user, wanted=True)
    assert reminders.queue_reminders() == 0


@pytest.mark.parametrize("days", [0, 2])
def test_only_of_what_is_tomorrow(hall, days):
    asks(hall, 0)
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    move(hall, noon + datetime.timedelta(days=days, hours=7))
    assert reminders.queue_reminders(at=noon) == 0


def test_tomorrow_is_by_the_villages_clock(hall):
    asks(hall, 0)
    late = timezone.localtime().replace(hour=23, minute=50, second=0, microsecond=0)
    move(hall, late + datetime.timedelta(minutes=20))
    assert reminders.queue_reminders(at=late) == 1


def test_called_off_or_no_longer_wanted_nothing_goes_out(hall, sent):
    asks(hall, 0)
    two = asks(hall, 1)
    assert reminders.queue_reminders() == 2
    ask_for_reminders(two, wanted=False)
    assert reminders.send_reminders() == 1
    asks(hall, 1)
    meetings.cancel_meeting(hall.meeting, by=None, reason="下雨")
    assert reminders.send_reminders() == 0
    assert numbers(sent) == ["15400000100"]


def test_what_the_gateway_did_not_take_is_tried_once_more(hall, monkeypatch):
    asks(hall, 0)
    tries = []

    def refuse(phone, words):
        tries.append(phone)
        raise SmsNotSent("busy")

    monkeypatch.setattr(reminders, "send_reminder", refuse)
    reminders.queue_reminders()
    assert [reminders.send_reminders() for _time in range(3)] == [0, 0, 0]
    assert len(tries) == 2
    assert Reminder.objects.get().sent_at is None


def test_the_day_has_a_cap_of_its_own(hall, sent, settings):
    settings.SMS_REMINDERS_DAILY_CAP = 1
    asks(hall, 0)
    asks(hall, 1)
    reminders.queue_reminders()
    assert reminders.send_reminders() == 1
    assert len(sent) == 1
    assert Reminder.objects.filter(sent_at=None).count() == 1


def test_a_site_without_a_template_sends_and_asks_nothing(hall, sent, settings):
    user = asks(hall, 0)
    settings.SMS_GATEWAY = "aliyun"
    assert reminders.queue_reminders() == 0
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    answer = client.post(reverse("me:reminders"), {"wanted": "yes"})
    assert answer.status_code in (302, 303, 409)
    settings.SMS_ALIYUN_REMINDER_TEMPLATE = "SMS_77"
    assert reminders.queue_reminders() == 1


def test_rows_are_forgotten_a_month_after_the_meeting(hall):
    asks(hall, 0)
    reminders.queue_reminders()
    later = hall.meeting.ends_at + datetime.timedelta(days=31)
    reminders.queue_reminders(at=hall.meeting.ends_at + datetime.timedelta(days=29))
    assert Reminder.objects.count() == 1
    reminders.queue_reminders(at=later)
    assert not Reminder.objects.exists()


def test_at_night_they_are_queued_for_the_morning(hall, settings, sent):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    asks(hall, 0)
    background.remind_daily.func()
    planned = DBTaskResult.objects.filter(task_path=background.send_queued.module_path)
    assert [timezone.localtime(one.run_after).hour for one in planned.order_by("run_after")] == [9, 11]
    assert DBTaskResult.objects.filter(task_path=background.remind_daily.module_path).exists()
    assert not sent


def test_by_hand(hall, sent):
    asks(hall, 0)
    out = StringIO()
    call_command("remind", "--queue-only", stdout=out)
    assert not sent
    call_command("remind", stdout=out)
    assert len(sent) == 1


def test_somebody_switches_it_on_and_off(hall):
    user = hall.account(0)
    attach_phone(user, "15400000100")
    phone_shown(user)
    client = Client()
    sign_in(client, user, "code")
    assert "同意，发短信提醒我" in client.get(reverse("me:phone")).text
    client.post(reverse("me:reminders"), {"wanted": "yes"})
    assert "不要再发" in client.get(reverse("me:phone")).text
    first = User.objects.get(pk=user.pk).reminders_asked_at
    assert first is not None
    client.post(reverse("me:reminders"), {"wanted": "yes"})
    assert User.objects.get(pk=user.pk).reminders_asked_at == first
    client.post(reverse("me:reminders"))
    assert User.objects.get(pk=user.pk).reminders_asked_at is None


def test_what_is_told_is_filled_in_once():
    told = {"village": "{place}村", "place": "祠堂"}
    assert filled("{village} {place} {unknown}", told) == "{place}村 祠堂 {unknown}"
