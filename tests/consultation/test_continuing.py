"""A meeting that was put off goes on in a new one."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation import amendments, continuing, meetings, recovery, secret_ballots, settling, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.errors import Invalid
from consultation.models import Meeting
from residents import two_people
from tests.factories.consultation import call, close_vote, make_hall
from tests.factories.residents import appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    """Too few came for the second question."""
    hall = make_hall(6, present=5)
    close_vote(hall, text="修路灯")
    voting.table_motion(meeting=hall.meeting, text="清山塘", reserved_for="villagers_assembly", by=None)
    hall.meeting = meetings.adjourn_meeting(hall.meeting, by=None, reason="人走了一半")
    return hall


@pytest.fixture
def chair(hall):
    appoint(hall.people[0], "committee_chair")
    client = Client()
    client.force_login(hall.account(0), backend="residents.backends.AccountBackend")
    return client


def cast_secret(motion, entry):
    secret = bytes([entry.number]) * 16
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice="for", slip=slip_key(secret), board=board_code(secret)
    )


def address(hall):
    return reverse("consultation:call", args=[hall.village.slug])


def typed(first):
    day = timezone.localdate() + datetime.timedelta(days=20)
    kept = {name: value for name, value in first.items() if value not in (None, [])}
    return kept | {"held_on": day.isoformat(), "method": "hands_and_online"}


def test_it_begins_with_what_was_left_over_and_both_lead_to_each_other(hall, chair):
    page = chair.get(hall.meeting.get_absolute_url()).content.decode()
    assert f"{address(hall)}?continue={hall.meeting.number}" in page
    form = chair.get(f"{address(hall)}?continue={hall.meeting.number}").context["form"]
    assert form.initial["motions"] == "清山塘"  # what was decided stays decided
    chair.post(address(hall), typed(form.initial) | {"continues": hall.meeting.number})
    following = Meeting.objects.get(continues=hall.meeting)
    # Whose decision it is by law is not forgotten on the way.
    assert list(following.motions.values_list("text", "reserved_for")) == [("清山塘", "villagers_assembly")]
    assert following.get_absolute_url() in chair.get(hall.meeting.get_absolute_url()).content.decode()
    assert hall.meeting.get_absolute_url() in chair.get(following.get_absolute_url()).content.decode()


def test_votes_between_options_go_on_with_their_options(hall, chair):
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    voting.table_motion(
        meeting=meeting, text="修哪一处", kind="multi_choice", options=["东头", "西头", "塘边"], most=2,
        method="online", secret=True, by=None,
    )  # fmt: skip
    meetings.adjourn_meeting(meeting, by=None, reason="人走了一半")
    page = chair.get(f"{address(hall)}?continue={meeting.number}")
    assert "选方案的也带过去：修哪一处" in page.content.decode()
    chair.post(address(hall), typed(page.context["form"].initial) | {"continues": meeting.number})
    again = Meeting.objects.get(continues=meeting).motions.get(kind="multi_choice")
    assert ([option["text"] for option in again.options], again.most, again.secret) == (
        ["东头", "西头", "塘边"],
        2,
        True,
    )


def test_what_was_left_is_voted_as_it_would_have_been_with_its_amendments(hall, chair):
    """In secret where it was to be so; in the words that were carried, though the chair had not confirmed them."""
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    motion = voting.table_motion(
        meeting=meeting, text="谁当保洁员", method="online", secret=True, changeable=True, by=None
    )
    amendment = amendments.table_amendment(motion, new_text="谁当保洁员，一年一定", by=None)
    amendments.table_amendment(motion, new_text="谁当保洁员，两年一定", by=None)
    amendment = voting.open_motion(amendment, by=None)
    for entry in hall.entries[:5]:
        cast_secret(amendment, entry)
    voting.close_motion(amendment, by=None)
    meetings.adjourn_meeting(meeting, by=None, reason="人走了一半")
    form = chair.get(f"{address(hall)}?continue={meeting.number}").context["form"]
    assert form.initial["motions"] == "清山塘\n谁当保洁员，一年一定"
    chair.post(address(hall), typed(form.initial) | {"continues": meeting.number})
    following = Meeting.objects.get(continues=meeting)
    again = following.motions.get(text="谁当保洁员，一年一定")
    assert (again.method, again.secret, again.changeable) == ("online", True, True)
    assert list(again.amendments.values_list("new_text", flat=True)) == ["谁当保洁员，两年一定"]


def test_a_meeting_goes_on_only_once_its_amendments_are_counted(hall, chair):
    """Else the motion would go on in its old words, and the new ones reach nobody."""
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    motion = voting.table_motion(meeting=meeting, text="清塘", method="online", by=None)
    amendment = voting.open_motion(amendments.table_amendment(motion, new_text="清塘，修坝", by=None), by=None)
    for entry in hall.entries[:5]:
        voting.cast_ballot(motion=amendment, entry=entry, choice="for", key=f"{entry.pk}")
    recovery.interrupt_running(backed_up_at=timezone.now())
    meetings.adjourn_meeting(meeting, by=None, reason="停电")
    form = chair.get(f"{address(hall)}?continue={meeting.number}").context["form"]
    answer = chair.post(address(hall), typed(form.initial) | {"continues": meeting.number})
    assert answer.status_code == 422
    assert f"修正案（第 {amendment.number} 项）投了票还没有结果" in answer.content.decode()
    assert not Meeting.objects.filter(continues=meeting).exists()
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    amendment.refresh_from_db()
    proposal = settling.propose_settling(amendment, decision="count", reason="电来了", by=hall.account(3))
    with transaction.atomic():
        two_people.decide(proposal, by=hall.account(4), accept=True)
    form = chair.get(f"{address(hall)}?continue={meeting.number}").context["form"]
    chair.post(address(hall), typed(form.initial) | {"continues": meeting.number})
    assert Meeting.objects.get(continues=meeting).motions.filter(text="清塘，修坝").exists()


def test_amended_words_that_a_correction_took_back_are_not_carried_on(hall):
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    motion = meeting.motions.get(text="清山塘")
    amendment = amendments.table_amendment(motion, new_text="清山塘，修塘坝", by=None)
    amendment = voting.open_motion(amendment, by=None)
    for entry in hall.entries[:5]:
        voting.cast_ballot(motion=amendment, entry=entry, choice="for", key="k")
    voting.close_motion(amendment, by=None)
    for reader in hall.people[:2]:
        sheets.enter_hands(amendment, reader=reader, counts={}, by=None)
    voting.announce_result(amendment, by=None)
    amendments.settle_words(amendment, by=None)
    assert continuing.left_over(meeting) == ["清山塘，修塘坝"]
    amendment.decisions.update(outcome="lost")
    assert continuing.left_over(meeting) == ["清山塘"]


def test_the_next_part_in_preparation_is_known_to_those_who_prepare_it(hall):
    following = call(hall.village, hall.people, continues=hall.meeting)
    visitor = Client().get(hall.meeting.get_absolute_url()).content.decode()
    assert following.get_absolute_url() not in visitor
    meetings.publish_notice(following, by=None)
    assert following.get_absolute_url() in Client().get(hall.meeting.get_absolute_url()).content.decode()
    assert "人走了一半" in Client().get(following.address("notice")).content.decode()


def test_a_meeting_goes_on_once(hall, chair):
    following = call(hall.village, hall.people, continues=hall.meeting)
    with pytest.raises(Invalid):
        call(hall.village, hall.people, continues=hall.meeting)
    sent = typed(chair.get(f"{address(hall)}?like={hall.meeting.number}").context["form"].initial)
    told = chair.post(address(hall), sent | {"continues": hall.meeting.number})
    assert told.status_code == 422
    assert "已经安排好了" in told.content.decode()
    meetings.cancel_meeting(following, by=None, reason="又下雨")
    assert call(hall.village, hall.people, continues=hall.meeting).continues == hall.meeting


def test_only_what_was_put_off_in_this_village_goes_on(hall):
    other = make_hall(3)
    for wrong in (other.meeting, call(hall.village, hall.people)):
        with pytest.raises(Invalid):
            call(hall.village, hall.people, continues=wrong)


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "-1"])
def test_what_is_no_such_number_is_no_meeting(hall, number):
    assert continuing.to_continue(hall.village, number) is None


def test_the_form_plans_votes_between_options_and_what_is_not_voted(hall, chair):
    first = typed(chair.get(f"{address(hall)}?like={hall.meeting.number}").context["form"].initial)
    planned = {
        "title": "村民会议", "agenda": "通报水费\n表决", "motions": "", "unvoted": "通报水费",
        "planned-1-text": "先修哪一段", "planned-1-kind": "multi_choice", "planned-1-options": "村口\n桥头\n后山",
        "planned-1-most": "2", "planned-1-method": "online", "planned-1-secret": "on",
    }  # fmt: skip
    before = Meeting.objects.count()
    refused = chair.post(address(hall), first | planned | {"planned-1-options": "村口"})
    assert (refused.status_code, Meeting.objects.count()) == (422, before)
    assert "方案要有 2 到 50 个" in refused.content.decode()
    refused = chair.post(address(hall), first | planned | {"planned-2-options": "甲\n乙"})
    assert (refused.status_code, Meeting.objects.count()) == (422, before)
    answer = chair.post(address(hall), first | planned)
    assert answer.status_code == 302, answer.context["form"].errors
    meeting = Meeting.objects.order_by("number").last()
    choice, unvoted = meeting.motions.order_by("number")
    assert (choice.kind, choice.most, choice.secret, choice.form.keys) == ("multi_choice", 2, True, ("A", "B", "C"))
    assert (unvoted.text, unvoted.method, unvoted.agenda_item.number) == ("通报水费", "none", 1)
