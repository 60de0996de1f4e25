"""Who reads the notice and who says that they come."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultation import attendance, meetings, replies
from consultation.errors import Invalid, NotEntitled, WrongState
from consultation.models import Meeting, Reply
from residents.own_data import held_on
from tests.factories.consultation import call, make_hall
from tests.factories.residents import appoint, make_account, make_resident, make_village

pytestmark = pytest.mark.django_db
Answer = replies.Answer


@pytest.fixture
def hall():
    return make_hall(6, live=False)


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def entry_of(hall, number):
    return hall.meeting.roster.entries.get(resident=hall.people[number])


def say(hall, number, answer, user=None):
    return replies.reply(hall.meeting, entry_of(hall, number), answer, by=user or hall.account(number))


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


# the rule


def test_a_unit_has_one_answer_and_may_change_it(hall):
    say(hall, 0, "comes")
    say(hall, 0, "cannot")
    say(hall, 1, "family")
    told = replies.expected(hall.meeting)
    assert told.answers == {"comes": 0, "by_phone": 0, "family": 1, "cannot": 1}
    assert (told.entitled, told.read, told.coming, told.required, told.missing) == (6, 2, 1, 4, 3)


def test_whoever_helps_answers_too_and_nobody_else_does(hall):
    helper = make_account(hall.people[2], relation="child")
    say(hall, 2, "comes", helper)
    assert Reply.objects.get().entered_by == helper
    stranger = make_account(make_resident(make_village()))
    for user in (hall.account(3), stranger):
        with pytest.raises(NotEntitled):
            say(hall, 2, "cannot", user)
    assert Reply.objects.get().answer == "comes"


def test_nothing_is_answered_before_the_notice_or_once_the_meeting_has_begun(hall):
    for state in (Meeting.State.PREPARING, Meeting.State.LIVE, Meeting.State.CLOSED, Meeting.State.CANCELLED):
        Meeting.objects.filter(pk=hall.meeting.pk).update(state=state)
        with pytest.raises(WrongState):
            say(hall, 0, "comes")
    assert not Reply.objects.exists()


def test_by_phone_only_where_the_meeting_allows_it_and_family_only_for_a_household(hall):
    for wrong in ("by_phone", "", "perhaps"):
        with pytest.raises(Invalid):
            say(hall, 0, wrong)
    Meeting.objects.filter(pk=hall.meeting.pk).update(remote_allowed=True)
    hall.meeting.refresh_from_db()
    assert say(hall, 0, "by_phone").answer == "by_phone"
    heads = make_hall(3, live=False, preset="villagers_assembly_individual")
    with pytest.raises(Invalid):
        say(heads, 0, "family")


def test_saying_so_is_not_being_there(hall):
    for number in range(6):
        say(hall, number, "comes")
    meeting = meetings.open_meeting(hall.meeting, by=None)
    assert attendance.present_count(meeting) == 0


# reading


def test_the_first_reading_is_noted_once_for_each_unit(hall):
    user = hall.account(0)
    make_account(hall.people[1], user=user, relation="parent")
    client = client_of(user)
    client.get(hall.meeting.address("meeting"))
    first = dict(Reply.objects.values_list("entry", "read_at"))
    assert set(first) == {entry_of(hall, 0).pk, entry_of(hall, 1).pk}
    client.get(hall.meeting.address("meeting"))
    assert dict(Reply.objects.values_list("entry", "read_at")) == first
    assert replies.expected(hall.meeting).read == 2


def test_visitors_neighbours_villages_and_later_readers_are_not_noted(hall):
    Client().get(hall.meeting.address("meeting"))
    client_of(make_account(make_resident(make_village()))).get(hall.meeting.address("meeting"))
    meetings.open_meeting(hall.meeting, by=None)
    client_of(hall.account(0)).get(hall.meeting.address("meeting"))
    assert not Reply.objects.exists()


# the pages


def test_people_answer_on_the_meetings_page(hall):
    client = client_of(hall.account(0))
    page = text_of(client.get(hall.meeting.address("meeting")))
    assert "您来不来" in page
    assert "用手机参加" not in page
    entry = entry_of(hall, 0)
    answer = client.post(hall.meeting.address("reply"), {"entry": entry.number, "answer": "comes"})
    assert answer.status_code == 303
    page = text_of(client.get(hall.meeting.address("meeting")))
    assert "已有 1 户代表说会来" in page
    assert "aria-pressed" in page
    assert "您来不来" not in text_of(Client().get(hall.meeting.address("meeting")))


@pytest.mark.parametrize("sent", [{"entry": "x"}, {}, {"entry": "9" * 30}, {"entry": "2", "answer": "comes"}])
def test_what_is_not_ones_own_is_refused(hall, sent):
    client = client_of(hall.account(0))
    answer = client.post(hall.meeting.address("reply"), sent, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert not Reply.objects.exclude(answer="").exists()


def test_those_who_prepare_it_see_who_comes_and_where_to_knock(hall):
    say(hall, 1, "comes")
    say(hall, 2, "cannot")
    replies.note_read(hall.meeting, [entry_of(hall, 3)])
    appoint(hall.people[5], "committee_member")
    for user in (hall.account(0), hall.account(5)):
        page = text_of(client_of(user).get(hall.meeting.address("replies")))
        assert "还差 3" in page
        assert page.index(hall.people[1].name) < page.index("我会来") < page.index("来不了")
    doors = text_of(client_of(hall.account(0)).get(hall.meeting.address("replies"), {"print": ""}))
    assert hall.people[3].name in doors
    assert hall.people[4].name in doors
    assert f"<td>{hall.people[1].name}</td>" not in doors
    assert f"<td>{hall.people[2].name}</td>" not in doors


def test_neighbours_do_not_read_who_comes(hall):
    assert client_of(hall.account(4)).get(hall.meeting.address("replies")).status_code == 403
    stranger = client_of(make_account(make_resident(make_village())))
    assert stranger.get(hall.meeting.address("replies")).status_code == 404


def test_before_the_notice_there_is_no_list(hall):
    coming = call(hall.village, hall.people)
    answer = client_of(hall.account(0)).get(coming.address("replies"))
    assert (answer.status_code, answer.url) == (303, coming.address("console"))


def test_a_larger_roll_asks_no_more_of_the_database():
    def asked(households):
        hall = make_hall(households, live=False)
        say(hall, 0, "comes")
        client = client_of(hall.account(0))
        client.get(hall.meeting.address("replies"))
        with CaptureQueriesContext(connection) as queries:
            client.get(hall.meeting.address("replies"))
        return len(queries)

    assert asked(3) == asked(30)


def test_people_are_told_what_is_kept_of_them(hall):
    say(hall, 0, "comes")
    assert "我会来" in str(held_on(hall.account(0)))


# one's own page


def test_ones_own_page_tells_to_what_one_is_called(hall):
    user = hall.account(0)
    make_account(hall.people[1], relation="helper", user=user)
    say(hall, 0, "comes")
    (asked,) = replies.asked_of(user, now=timezone.now())
    assert asked.meeting == hall.meeting
    assert list(asked.units) == [(hall.people[0].name, "我会来"), (hall.people[1].name, "")]
    assert asked.waiting
    say(hall, 1, "family", user)
    (asked,) = replies.asked_of(user, now=timezone.now())
    assert not asked.waiting
    page = text_of(client_of(user).get("/me/"))
    assert f"{hall.people[0].name}：我会来" in page
    assert f'{hall.meeting.get_absolute_url()}#reply"' in page
    call(hall.village, hall.people)  # in preparation: nobody is called yet
    assert len(replies.asked_of(user, now=timezone.now())) == 1
    assert replies.asked_of(hall.account(2), now=hall.meeting.ends_at + datetime.timedelta(minutes=1)) == []
    meetings.open_meeting(hall.meeting, by=None)
    assert replies.asked_of(user, now=timezone.now()) == []


def test_who_is_called_is_found_in_one_query(hall):
    for _more in range(3):
        meetings.publish_notice(call(hall.village, hall.people), by=None)
    with CaptureQueriesContext(connection) as queries:
        assert len(replies.asked_of(hall.account(0), now=timezone.now())) == 4
    assert len([one for one in queries if "SELECT" in one["sql"]]) <= 3  # the account itself is made by the first call
