"""What the doors of a meeting answer: the table of docs/errors.md, as a page and as JSON."""

import re
import sqlite3
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultation import attendance, meetings, minutes, practice, voting
from consultation.models import Attendance, Ballot, Mark, Meeting, Minutes
from residents.models import Appointment, Claim
from tests.factories.consultation import call, close_vote, make_hall, open_vote
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user

JSON = {"accept": "application/json"}


def signed_in(user, **options):
    client = Client(**options)
    client.force_login(user)
    return client


def ballot(entry=1, choice="for", key="schluessel"):
    return {"entry": entry, "choice": choice, "key": key}


def cast_url(motion):
    return motion.meeting.address("cast", motion.number)


def error_of(response):
    """The error of a JSON answer, once its whole shape has been looked at."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field", "retry", "request_id"}
    assert re.fullmatch("[0-9a-f]{12}", body["error"]["request_id"])
    assert response["Cache-Control"] == "no-store"
    return body["error"]


def refusal(response):
    return response.status_code, error_of(response)["code"]


@pytest.fixture
def hall(db):
    """Ten households; the first eight are there. Chair, recorder, scrutineer are the first three."""
    return make_hall(10, present=8)


@pytest.fixture
def voter(hall):
    return signed_in(hall.account(0))


# Casting


def test_an_accepted_ballot_is_told_to_a_script_and_leads_a_page_back(hall, voter):
    motion = open_vote(hall)
    told = voter.post(cast_url(motion), ballot(), headers=JSON)
    name = hall.people[0].name
    assert (told.status_code, told.json()) == (
        200,
        {
            "accepted": True,
            "motion": motion.pk,
            "entry": 1,
            "choice": "for",
            "message": f"已收到：{name}投了“赞成”。",
        },
    )
    again = voter.post(cast_url(motion), ballot())
    assert (again.status_code, again["Location"]) == (303, f"{motion.meeting.get_absolute_url()}#ballots")
    assert motion.ballots.count() == 1


def test_the_page_after_casting_shows_the_receipt_and_no_second_paper(hall, voter):
    motion = open_vote(hall)
    page = voter.get(motion.meeting.get_absolute_url()).text
    assert f'action="{cast_url(motion)}"' in page
    voter.post(cast_url(motion), ballot(choice="against"))
    page = voter.get(motion.meeting.get_absolute_url()).text
    assert f"{hall.people[0].name}投了“反对”，已经记下，不用再投。" in page
    assert page.count(f'action="{cast_url(motion)}"') == page.count("<template data-ballot-template>") == 1


def test_full_width_digits_are_digits(hall, voter):
    motion = open_vote(hall)
    assert voter.post(cast_url(motion), ballot(entry="１"), headers=JSON).status_code == 200
    assert motion.ballots.get().entry.number == 1


def test_a_closed_motion_takes_no_ballot(hall, voter):
    motion = open_vote(hall)
    voting.close_motion(motion, by=None)
    assert refusal(voter.post(cast_url(motion), ballot(), headers=JSON)) == (409, "poll_closed")
    page = voter.post(cast_url(motion), ballot())
    assert page.status_code == 409
    assert "这一项表决已经结束或者还没有开始，您的这一票没有计入。" in page.text
    assert not Mark.objects.exists()


def test_a_motion_not_yet_open_takes_no_ballot(hall, voter):
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", method="online", by=None)
    assert refusal(voter.post(cast_url(motion), ballot(), headers=JSON)) == (409, "poll_closed")


def test_a_second_vote_is_told_so(hall, voter):
    motion = open_vote(hall)
    voter.post(cast_url(motion), ballot())
    assert refusal(voter.post(cast_url(motion), ballot(choice="against", key="b"), headers=JSON)) == (
        409,
        "already_voted",
    )
    page = voter.post(cast_url(motion), ballot(choice="against", key="b"))
    assert (page.status_code, "已经投过票了" in page.text) == (409, True)
    assert motion.ballots.get().choice == "for"


def test_who_has_not_checked_in_is_told_what_to_do(hall):
    motion = open_vote(hall)
    absent = signed_in(hall.account(9))
    response = absent.post(cast_url(motion), ballot(entry=10), headers=JSON)
    assert refusal(response) == (403, "forbidden")
    assert error_of(response)["message"] == "您还没有签到。请到签到处签到，下一项表决就可以参加。"


def test_who_is_not_on_the_roster_is_told_so(hall):
    newcomer = signed_in(make_account(make_resident(hall.village)))
    motion = open_vote(hall)
    response = newcomer.post(cast_url(motion), ballot(entry=1), headers=JSON)
    assert refusal(response) == (403, "forbidden")
    assert "名册上没有您" in error_of(response)["message"]


def test_nobody_votes_for_a_line_that_is_not_theirs(hall, voter):
    motion = open_vote(hall)
    assert refusal(voter.post(cast_url(motion), ballot(entry=2), headers=JSON)) == (403, "forbidden")
    assert not Mark.objects.exists()


def test_family_help_votes_once_for_each_line(hall, voter):
    make_account(hall.people[1], user=hall.account(0), relation="helper")
    motion = open_vote(hall)
    for entry in (1, 2):
        assert voter.post(cast_url(motion), ballot(entry=entry), headers=JSON).status_code == 200
    assert sorted(motion.ballots.values_list("entry__number", flat=True)) == [1, 2]


@pytest.mark.parametrize("state", ["proposed", "refused", "ended"])
def test_a_claim_that_is_not_confirmed_is_no_right(hall, voter, state):
    motion = open_vote(hall)
    Claim.objects.filter(user=hall.account(0)).update(state=state)
    assert refusal(voter.post(cast_url(motion), ballot(), headers=JSON)) == (404, "not_found")


def test_a_disabled_account_is_signed_out(hall, voter):
    motion = open_vote(hall)
    user = hall.account(0)
    user.is_active = False
    user.save()
    assert refusal(voter.post(cast_url(motion), ballot(), headers=JSON)) == (401, "sign_in")


def test_to_another_village_the_motion_does_not_exist(hall):
    motion = open_vote(hall)
    other = make_hall()
    stranger = signed_in(other.chair)
    missing = motion.meeting.address("cast", 99)
    for url in (cast_url(motion), missing):
        assert refusal(stranger.post(url, ballot(), headers=JSON)) == (404, "not_found")
    hidden, unknown = (stranger.post(url, ballot()).text for url in (cast_url(motion), missing))
    assert without_id(hidden) == without_id(unknown)


def test_to_another_village_a_motion_does_not_exist_for_malformed_ballots_either(hall):
    motion = open_vote(hall)
    stranger = signed_in(make_hall().chair)
    assert refusal(stranger.post(cast_url(motion), {}, headers=JSON)) == (404, "not_found")


@pytest.mark.parametrize("huge", ["99999999999999999999999999", "9223372036854775808", "4294967296", "0"])
def test_a_number_beyond_any_database_is_just_unknown(hall, voter, huge):
    motion = open_vote(hall)
    url = cast_url(motion)
    for address in (
        url.replace("/motions/1/", f"/motions/{huge}/"),
        url.replace("/meetings/1/", f"/meetings/{huge}/"),
    ):
        assert refusal(voter.post(address, ballot(), headers=JSON)) == (404, "not_found")


def without_id(page):
    """The page without what differs by request: its number, and the token of its forms."""
    page = re.sub("请报这个编号：[0-9a-f]{12}", "", page)
    page = re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub('name="next" value="[^"]*"', "", page)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"choice": ""}, "choice"),
        ({"choice": "maybe"}, "choice"),
        ({"choice": "for\x00"}, "choice"),
        ({"entry": ""}, "entry"),
        ({"entry": "-1"}, "entry"),
        ({"entry": "1.0"}, "entry"),
        ({"entry": "1e3"}, "entry"),
        ({"entry": "+1"}, "entry"),
        ({"entry": "0x1"}, "entry"),
        ({"entry": "一"}, "entry"),
        ({"entry": "1\x00"}, "entry"),
        ({"entry": "9" * 40}, "entry"),
        ({"key": ""}, "key"),
        ({"key": "x" * 65}, "key"),
        ({"key": "a\x00b"}, "key"),
    ],
)
def test_what_is_no_ballot_is_refused_by_its_field_and_records_nothing(hall, voter, fields, field):
    motion = open_vote(hall)
    response = voter.post(cast_url(motion), ballot() | fields, headers=JSON)
    assert refusal(response) == (422, "invalid")
    assert error_of(response)["field"] == field
    assert not Mark.objects.exists()


@pytest.mark.parametrize("left_out", ["choice", "entry", "key"])
def test_a_ballot_without_a_field_is_refused(hall, voter, left_out):
    motion = open_vote(hall)
    fields = ballot()
    del fields[left_out]
    response = voter.post(cast_url(motion), fields, headers=JSON)
    assert (refusal(response), error_of(response)["field"]) == ((422, "invalid"), left_out)
    assert not Mark.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--x\r\nnonsense", "multipart/form-data"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=\xff"),
        ("&".join(f"f{n}=1" for n in range(501)).encode(), "application/x-www-form-urlencoded"),
        (b"choice=for&entry=1&key=a%00b", "application/x-www-form-urlencoded"),
        (b"choice=%ff&entry=1&key=a", "application/x-www-form-urlencoded"),
        (b"choice=for&entry=1&key=\xff", "application/x-www-form-urlencoded"),
        (b"choice=for&entry=1&key=%ED%A0%80", "application/x-www-form-urlencoded"),  # half a character
    ],
)
def test_a_malformed_body_is_a_bad_request(hall, voter, body, content_type):
    motion = open_vote(hall)
    response = voter.post(cast_url(motion), body, content_type=content_type, headers=JSON)
    assert refusal(response) == (400, "bad_request")
    assert not Mark.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"choice": "for", "entry": 1, "key": "a"}', "application/json"),
        (b'{"choice":', "application/json"),
        (b"\x00\xff\xfe", "application/octet-stream"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused_and_records_nothing(hall, voter, body, content_type):
    motion = open_vote(hall)
    response = voter.post(cast_url(motion), body, content_type=content_type, headers=JSON)
    assert refusal(response) == ((415, "bad_type") if body else (422, "invalid"))
    assert not Mark.objects.exists()


def test_a_body_of_more_than_two_and_a_half_megabytes_is_refused(hall, voter):
    motion = open_vote(hall)
    body = b"key=" + b"x" * 2_621_441
    response = voter.post(cast_url(motion), body, content_type="application/x-www-form-urlencoded", headers=JSON)
    assert refusal(response) == (413, "too_large")
    assert not Mark.objects.exists()


def test_too_often_is_told_when_to_come_back(hall, voter):
    motion = open_vote(hall)
    for _time in range(10):
        assert voter.post(cast_url(motion), ballot(), headers=JSON).status_code == 200
    response = voter.post(cast_url(motion), ballot(), headers=JSON)
    assert refusal(response) == (429, "slow_down")
    assert (response["Retry-After"], error_of(response)["retry"]) == ("60", True)
    page = voter.post(cast_url(motion), ballot())
    assert (page.status_code, page["Retry-After"]) == (429, "60")
    # A hall is one address (trap 11): the limit is the voter's own, and the neighbour votes on.
    neighbour = signed_in(hall.account(1))
    assert neighbour.post(cast_url(motion), ballot(entry=2), headers=JSON).status_code == 200


def test_the_recorder_writes_down_the_ballot_of_somebody_without_a_phone(hall):
    motion = open_vote(hall)
    url = motion.meeting.address("cast_for", motion.number)
    recorder = signed_in(hall.recorder)
    assert recorder.post(url, ballot(entry="３")).status_code == 303
    written = motion.ballots.get()
    assert (written.entry.number, written.channel, written.recorded_by) == (3, "recorder", hall.recorder)
    assert refusal(recorder.post(url, ballot(entry=3, key="b"), headers=JSON)) == (409, "already_voted")
    assert refusal(recorder.post(url, ballot(entry=99), headers=JSON)) == (403, "forbidden")
    assert refusal(recorder.post(url, {}, headers=JSON)) == (422, "invalid")


# Signed out


@pytest.mark.parametrize("door", ["console", "board", "hall", "search_roster"])
def test_a_page_leads_to_sign_in_and_back(hall, door):
    client = Client()
    url = hall.meeting.address(door)
    assert refusal(client.get(url, headers=JSON)) == (401, "sign_in")
    response = client.get(url + "?q=a")
    assert response.status_code == 302
    target = urlsplit(response["Location"])
    assert (target.path, parse_qs(target.query)) == (reverse("account_login"), {"next": [url + "?q=a"]})


def test_after_signing_in_somebody_is_where_they_wanted_to_be(hall):
    user = hall.chair
    user.set_password("晒谷坪上的月亮很圆")
    user.save()
    client = Client()
    console = hall.meeting.address("console")
    page = client.get(client.get(console)["Location"])
    assert page.status_code == 200
    response = client.post(
        reverse("account_login"), {"login": user.username, "password": "晒谷坪上的月亮很圆", "next": console}
    )
    assert (response.status_code, response["Location"]) == (302, console)
    assert client.get(console).status_code == 200


def test_a_ballot_from_a_session_that_is_over_leads_back_to_its_page(hall):
    motion = open_vote(hall)
    page = "http://testserver" + motion.meeting.get_absolute_url()
    client = Client()
    response = client.post(cast_url(motion), ballot(), headers={"referer": page})
    assert response.status_code == 302
    assert parse_qs(urlsplit(response["Location"]).query) == {"next": [page]}
    assert refusal(client.post(cast_url(motion), ballot(), headers=JSON)) == (401, "sign_in")
    assert not Mark.objects.exists()


@pytest.mark.django_db
def test_a_whole_hall_signs_in_from_one_address():
    """Trap 11 of the live path: limits per address, of our own or of a library, would shut a hall of 500 out."""
    users = [make_user(password=make_password("晒谷坪上的月亮很圆")) for _ in range(25)]
    for user in users:
        signing_in = {"login": user.username, "password": "晒谷坪上的月亮很圆"}
        assert Client().post(reverse("account_login"), signing_in).status_code == 302
    # Guessing is limited by account: the sixth wrong password is not even looked at.
    for _time in range(6):
        guess = Client().post(reverse("account_login"), {"login": users[0].username, "password": "猜的"})
        assert guess.status_code in (422, 429)
    right = {"login": users[0].username, "password": "晒谷坪上的月亮很圆"}
    assert Client().post(reverse("account_login"), right).status_code != 302
    right["login"] = users[1].username
    assert Client().post(reverse("account_login"), right).status_code == 302


# Wrong method


@pytest.mark.parametrize(
    ("door", "extra", "method", "allowed"),
    [
        ("cast", [1], "get", "POST"),
        ("cast", [1], "put", "POST"),
        ("cast", [1], "delete", "POST"),
        ("cast_for", [1], "get", "POST"),
        ("open_meeting", [], "get", "POST"),
        ("open_motion", [1], "get", "POST"),
        ("publish_minutes", [], "get", "POST"),
        ("meeting", [], "post", "GET"),
        ("board", [], "post", "GET"),
        ("console", [], "delete", "GET"),
        ("edit_minutes", [], "put", "GET, POST"),
    ],
)
def test_the_wrong_method_is_told_the_right_one(hall, door, extra, method, allowed):
    open_vote(hall)
    client = signed_in(hall.chair)
    response = getattr(client, method)(hall.meeting.address(door, *extra), headers=JSON)
    assert refusal(response) == (405, "wrong_method")
    assert response["Allow"] == allowed


# Who may do what (trust 3): `who` of the village may; to outsiders the doors do not exist.

CHAIR, COUNT, CHECK_IN = {"chair"}, {"chair", "recorder", "scrutineer"}, {"chair", "recorder"}
LEADS = {"chair", "committee", "admin"}
EVERYONE = {
    "chair", "recorder", "scrutineer", "resident", "committee", "admin", "supervisor", "overseer", "newcomer",
}  # fmt: skip

IN_SESSION = [
    ("get", "console", [], COUNT | LEADS),
    ("get", "search_roster", [], CHECK_IN),
    ("get", "sign_in_sheet", [], CHECK_IN),
    ("get", "board", [], EVERYONE),
    ("get", "hall", [], EVERYONE),
    ("post", "publish_notice", [], LEADS),
    ("post", "open_meeting", [], CHAIR),
    ("post", "confirm_quorum", [], CHAIR),
    ("post", "close_meeting", [], CHAIR),
    ("post", "adjourn", [], CHAIR),
    ("post", "cancel", [], LEADS),
    ("post", "go_to_item", [1], CHAIR),
    ("post", "check_in", [], CHECK_IN),
    ("post", "undo_check_in", [1], CHECK_IN),
    ("post", "check_out", [1], CHECK_IN),
    ("post", "hand_over", [], LEADS),
    ("post", "table_motion", [], CHAIR),
    ("post", "open_motion", [1], CHAIR),
    ("post", "close_motion", [1], CHAIR),
    ("post", "pause_motion", [1], CHAIR),
    ("post", "resume_motion", [1], CHAIR),
    ("get", "settle", [1], CHAIR | {"supervisor"}),
    ("post", "announce_result", [1], CHAIR),
    ("post", "withdraw_motion", [1], CHAIR),
    ("post", "practice_votes", [1], CHAIR),
    ("post", "enter_hands", [1], COUNT),
    ("post", "enter_papers", [1], COUNT),
    ("post", "enter_belenios", [1], COUNT),
    ("post", "belenios_voters", [1], CHAIR),
    ("get", "tally_form", [1], CHECK_IN),
    ("get", "papers", [1], CHECK_IN),
    ("get", "paper_ballots", [1], CHECK_IN),
    ("post", "issue_paper", [1], CHECK_IN),
    ("post", "spoil_paper", [1], CHECK_IN),
    ("post", "return_paper", [1], CHECK_IN),
    ("post", "cast_for", [1], CHECK_IN),
]
AFTERWARDS = [
    ("post", "draft_minutes", [], CHECK_IN),
    ("get", "edit_minutes", [], CHECK_IN),
    ("post", "edit_minutes", [], CHECK_IN),
    ("post", "check_minutes", [], {"supervisor"}),
    ("post", "return_minutes", [], {"supervisor"}),
    ("post", "sign_minutes", [], CHECK_IN),
    ("post", "signed_page", [], CHECK_IN),
    ("post", "add_to_minutes", [], CHECK_IN),
    ("post", "publish_minutes", [], CHECK_IN),
]


def people_of(hall):
    """An account of each kind that belongs to the village, and of each kind that does not."""
    appoint(hall.people[3], "committee_member")
    appoint(hall.people[4], "supervisory_chair")
    overseer, admin = make_user(), make_user()
    Appointment.objects.create(region=hall.village.region, user=overseer, role="township_reviewer", from_on=SINCE)
    Appointment.objects.create(village=hall.village, user=admin, role="village_admin", from_on=SINCE)
    inside = {
        "chair": hall.chair,
        "recorder": hall.recorder,
        "scrutineer": hall.scrutineer,
        "committee": hall.account(3),
        "supervisor": hall.account(4),
        "resident": hall.account(5),
        "newcomer": make_account(make_resident(hall.village)),
        "overseer": overseer,
        "admin": admin,
    }
    other = make_hall()
    appoint(other.people[0], "committee_chair")
    judge, elsewhere = make_user(), make_user()
    Appointment.objects.create(village=hall.village, user=judge, role="judge", from_on=SINCE)
    Appointment.objects.create(region=other.village.region, user=elsewhere, role="township_reviewer", from_on=SINCE)
    outside = {
        "stranger": make_user(),
        "other chair": other.chair,
        "judge": judge,
        "other overseer": elsewhere,
    }
    return inside, outside


def knock(user, method, url):
    """The answer's status; whatever it did is undone."""
    client = signed_in(user)
    with transaction.atomic():
        status = getattr(client, method)(url, headers=JSON).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "door", "extra", "who"), IN_SESSION + AFTERWARDS, ids=lambda value: value if type(value) is str else ""
)
def test_each_door_opens_to_its_offices_and_does_not_exist_outside_the_village(method, door, extra, who):
    hall = make_hall()
    if (method, door, extra, who) in AFTERWARDS:
        close_vote(hall)
        meetings.close_meeting(hall.meeting, by=None)
        minutes.draft_minutes(Meeting.objects.get(pk=hall.meeting.pk), by=None)
    else:
        open_vote(hall, method="hands_and_online")
    inside, outside = people_of(hall)
    url = hall.meeting.address(door, *extra)
    statuses = {name: knock(user, method, url) for name, user in inside.items()}
    assert {name for name, status in statuses.items() if status not in (401, 403, 404)} == who
    assert {status for name, status in statuses.items() if name not in who} <= {403}
    assert {name: knock(user, method, url) for name, user in outside.items()} == dict.fromkeys(outside, 404)
    assert refusal(getattr(Client(), method)(url, headers=JSON)) == (401, "sign_in")


def test_a_chair_who_handed_over_has_no_console_any_more(hall):
    client = signed_in(hall.chair)
    assert client.get(hall.meeting.address("console")).status_code == 200
    meetings.hand_over(hall.meeting, role="chair", to=hall.people[4], by=hall.chair)
    assert client.get(hall.meeting.address("console")).status_code == 403
    assert signed_in(hall.account(4)).get(hall.meeting.address("console")).status_code == 200


def test_a_chair_who_left_the_village_does_not_know_of_it_any_more(hall):
    client = signed_in(hall.chair)
    Claim.objects.filter(user=hall.chair).update(state="ended")
    assert client.get(hall.meeting.address("console")).status_code == 404


# What is hidden


PUBLIC = [("meeting", []), ("notice", []), ("guide", ["chair"])]


@pytest.mark.django_db
@pytest.mark.parametrize(("door", "extra"), PUBLIC)
def test_a_meeting_in_preparation_is_known_to_those_who_prepare_it_only(door, extra):
    hall = make_hall(live=False)
    prepared = call(hall.village, hall.people)
    stranger = signed_in(make_hall().chair)
    for client in (Client(), stranger):
        assert client.get(hall.meeting.address(door, *extra)).status_code == 200
        assert refusal(client.get(prepared.address(door, *extra), headers=JSON)) == (404, "not_found")
    # Not even the residents: nothing of it is announced yet, and it may still be called off.
    assert signed_in(hall.account(5)).get(prepared.address(door, *extra)).status_code == 404
    assert signed_in(hall.chair).get(prepared.address(door, *extra)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("door", "extra"), PUBLIC)
def test_a_practice_meeting_is_known_to_those_in_it_only(door, extra):
    village = make_hall(live=False).village
    user, stranger = make_user(), make_user()
    meeting = practice.start_practice(user=user, like=village, households_count=3)
    url = meeting.address(door, *extra)
    for client in (Client(), signed_in(stranger)):
        assert refusal(client.get(url, headers=JSON)) == (404, "not_found")
    assert signed_in(user).get(url).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/v/{slug}/meetings/99/",
        "/v/{slug}/meetings/99999999999999999999999999/",
        "/v/{slug}/meetings/0/",
        "/v/nirgendwo/meetings/1/",
        "/v/{slug}/meetings/1/motions/1/",
        "/v/{slug}/meetings/-1/",
        "/v/{slug}/meetings/１/",
        "/v/{other}/meetings/2/",  # this village's number behind another village's name
        "/v/{slug}/meetings/3/",  # still in preparation
    ],
)
def test_hidden_and_unknown_look_the_same(path):
    hall, other = make_hall(live=False), make_hall(live=False)
    meetings.publish_notice(call(hall.village, hall.people), by=None)
    call(hall.village, hall.people)
    client = Client()
    names = {"slug": hall.village.slug, "other": other.village.slug}
    assert client.get("/v/{slug}/meetings/2/".format(**names)).status_code == 200
    response = client.get(path.format(**names))
    assert response.status_code == 404
    assert without_id(response.text) == without_id(client.get("/v/nirgendwo/meetings/7/").text)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "door"), [("post", "meeting"), ("get", "console"), ("get", "board")])
def test_a_meeting_in_preparation_is_not_given_away_by_other_answers(method, door):
    hall = make_hall(live=False)
    prepared = call(hall.village, hall.people)
    statuses = []
    for number in (prepared.number, 99):
        url = prepared.address(door).replace(f"/{prepared.number}/", f"/{number}/")
        statuses.append(getattr(Client(), method)(url, headers=JSON).status_code)
    assert statuses == [404, 404]


@pytest.mark.django_db
def test_another_villages_chair_does_nothing_here_with_the_numbers_of_both():
    """Both villages have a meeting 1 with a motion 1 and a line 1: nothing but the name tells them apart."""
    hall, other = make_hall(), make_hall()
    here, there = open_vote(hall), open_vote(other)
    client = signed_in(hall.chair)
    assert client.post(cast_url(here), ballot(), headers=JSON).status_code == 200
    assert refusal(client.post(cast_url(there), ballot(), headers=JSON)) == (404, "not_found")
    assert refusal(client.post(other.meeting.address("close_motion", 1), headers=JSON)) == (404, "not_found")
    assert list(Ballot.objects.values_list("motion_id", flat=True)) == [here.pk]
    there.refresh_from_db()
    assert there.state == "open"


def test_visitors_see_results_once_they_are_published_and_no_names(hall):
    voter_name = hall.people[6].name
    motion = open_vote(hall)
    for entry in hall.entries[:8]:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")
    voting.close_motion(motion, by=None)
    url = hall.meeting.get_absolute_url()
    assert "赞成 8，超过" not in Client().get(url).text
    assert "赞成 8，超过" in signed_in(hall.account(6)).get(url).text
    meetings.close_meeting(hall.meeting, by=None)
    meetings.publish_results(hall.meeting, by=None)
    page = Client().get(url).text
    assert "赞成 8，超过" in page
    assert voter_name not in page


def test_a_live_board_is_not_shown_to_visitors(hall):
    open_vote(hall, counts_shown=True)
    page = Client().get(hall.meeting.get_absolute_url()).text
    assert "data-board" not in page
    assert "data-token" not in page


def test_the_counts_of_a_running_vote_stay_hidden_and_its_turnout_is_shown(hall, voter):
    motion = open_vote(hall)
    for entry in hall.entries[:5]:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")
    board = voter.get(hall.meeting.address("board"), headers=JSON)
    assert board["Cache-Control"] == "no-store"
    answer = board.json()
    assert answer.pop("version") > 0
    assert answer == {
        "type": "tally",
        "motion": motion.pk,
        "cast": 5,
        "entitled": 10,
        "present": 8,
        "required": 7,
        "counts": None,
    }
    fragment = voter.get(hall.meeting.address("board"))
    assert fragment["X-Board-Motion"] == str(motion.pk)
    assert int(fragment["X-Board-Version"]) > 0
    assert '<strong class="turnout-number" data-live="cast">5</strong>' in fragment.text
    voting.close_motion(motion, by=None)
    assert voter.get(hall.meeting.address("board"), headers=JSON).json()["counts"] == {
        "for": 5,
        "against": 0,
        "abstain": 0,
    }


# The console's forms


def test_a_refused_form_keeps_what_was_typed(hall):
    client = signed_in(hall.chair)
    words = "修一条到" + "很" * 600 + "远的路"
    response = client.post(hall.meeting.address("table_motion"), {"text": words, "method": "online"})
    assert (response.status_code, words in response.text) == (422, True)
    assert not hall.meeting.motions.exists()


@pytest.mark.parametrize("text", ["路\x00灯", "路\x07灯", "路\x85灯", "修路\u202e不同意"])
def test_text_with_what_nobody_can_see_is_refused(hall, text):
    response = signed_in(hall.chair).post(hall.meeting.address("table_motion"), {"text": text, "method": "online"})
    assert response.status_code == 422
    assert not hall.meeting.motions.exists()


def test_counts_of_hands_are_taken_in_full_width_and_refused_as_anything_else(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    url = hall.meeting.address("enter_hands", motion.number)
    scrutineer = signed_in(hall.scrutineer)
    for wrong in ("-1", "三", "1.5", "", "9", "1e1", "99999999999"):
        response = scrutineer.post(url, {"for": "2", "against": wrong, "abstain": "0"})
        assert response.status_code == 422, wrong
        assert 'value="2"' in response.text
    assert not motion.sheets.exists()
    assert scrutineer.post(url, {"for": "５", "against": " ２ ", "abstain": "０"}).status_code == 303
    assert motion.sheets.get().readings.get().counts == {"for": 5, "against": 2, "abstain": 0}


def test_hands_beyond_those_present_are_refused_beside_what_was_typed(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    url = hall.meeting.address("enter_hands", motion.number)
    response = signed_in(hall.scrutineer).post(url, {"for": "8", "against": "1", "abstain": "0"})
    assert response.status_code == 422
    assert "会场里只有 8 人可以举手" in response.text


def test_the_second_typing_does_not_show_the_first(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    url = hall.meeting.address("enter_hands", motion.number)
    signed_in(hall.recorder).post(url, {"for": "6", "against": "1", "abstain": "1"})
    second = signed_in(hall.scrutineer)
    page = second.get(hall.meeting.address("console")).text
    assert 'value="6"' not in page
    assert "第二个人录入举手人数" in page
    assert second.post(url, {"for": "6", "against": "1", "abstain": "1"}).status_code == 303
    assert motion.sheets.get().state == "confirmed"


def test_one_person_pressing_twice_is_told_to_fetch_another(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    client = signed_in(hall.recorder)
    for expected in (303, 409):
        response = client.post(
            hall.meeting.address("enter_hands", motion.number), {"for": "6", "against": "1", "abstain": "1"}
        )
        assert response.status_code == expected
    assert "请另一位工作人员" in response.text


def test_an_act_in_the_wrong_state_is_a_sentence_on_the_console(hall):
    client = signed_in(hall.chair)
    url = hall.meeting.address("open_meeting")
    assert refusal(client.post(url, headers=JSON)) == (409, "wrong_state")
    page = client.post(url, follow=True)
    assert page.status_code == 200
    assert "会议现在是“正在开会”，不能这样做。" in page.text


def test_people_are_checked_in_one_by_one_several_at_once_and_by_group(hall):
    client = signed_in(hall.recorder)
    url = hall.meeting.address("check_in")
    attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason="")
    assert client.post(url, {"entry": "1"}).status_code == 303
    assert client.post(url, {"entry": ["9", "１０"]}).status_code == 303
    assert attendance.present_count(hall.meeting) == 10
    assert client.post(url, {"group": "1"}).status_code == 303
    for nobody in ({}, {"entry": "99"}, {"entry": "x"}, {"entry": "9" * 30}, {"group": "99"}, {"group": "x"}):
        assert refusal(client.post(url, nobody, headers=JSON)) == (422, "invalid")
    assert Attendance.objects.present().count() == 10


def test_a_code_is_good_for_its_own_meeting_only(hall):
    other = make_hall()
    recorder = signed_in(hall.recorder)
    page = signed_in(hall.account(9)).get(hall.meeting.address("my_code", 10))
    code = re.search(r"/arrive/([^/]+)/", page.context["code_url"])[1]
    assert hall.people[9].name in recorder.get(hall.meeting.address("arrive", code)).text
    console = hall.meeting.address("console")
    assert recorder.post(hall.meeting.address("arrive", code))["Location"] == console
    assert attendance.present_count(hall.meeting) == 9
    foreign = signed_in(other.account(5)).get(other.meeting.address("my_code", 6)).context
    # Their code is only made while they are not there.
    assert foreign is None
    for forged in (code[:-1] + ("A" if code[-1] != "A" else "B"), "x", "签到", code.replace(":", "%00")):
        assert recorder.get(hall.meeting.address("arrive", forged))["Location"] == console
    assert signed_in(other.recorder).get(other.meeting.address("arrive", code)).status_code == 303
    assert attendance.present_count(other.meeting) == 6


@pytest.mark.parametrize(
    "words", ["", "村民", "cm", "1", "９", "%", "_", "'", "x" * 500, "签\u202e到", "99999999999999"]
)
def test_the_search_of_the_roster_takes_whatever_people_type(hall, words):
    client = signed_in(hall.recorder)
    assert client.get(hall.meeting.address("search_roster"), {"q": words}).status_code == 200


# PostgreSQL takes no NUL: what is not refused before it gets there would be a 500.


@pytest.mark.parametrize("address", ["/v/a%00b/meetings/1/", "/v/a%00b/", "{roster}?q=%00", "{console}?q=a%00b"])
def test_an_address_with_nul_is_a_bad_request(hall, address):
    client = signed_in(hall.recorder, raise_request_exception=False)
    names = {"roster": hall.meeting.address("search_roster"), "console": hall.meeting.address("console")}
    assert refusal(client.get(address.format(**names), headers=JSON)) == (400, "bad_request")


def test_a_reason_with_nul_is_refused_and_nothing_is_undone(hall):
    client = signed_in(hall.recorder, raise_request_exception=False)
    url = hall.meeting.address("undo_check_in", 1)
    assert refusal(client.post(url, {"reason": "签\x00错"}, headers=JSON)) == (422, "invalid")
    assert attendance.present_count(hall.meeting) == 8


def test_a_search_with_nul_after_a_check_in_is_no_error_of_ours(hall):
    client = signed_in(hall.recorder, raise_request_exception=False)
    response = client.post(
        hall.meeting.address("check_in"), {"entry": "9", "q": "\x00"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert attendance.present_count(hall.meeting) == 9


# Minutes


def drafted(hall):
    meetings.close_meeting(hall.meeting, by=None)
    return minutes.draft_minutes(Meeting.objects.get(pk=hall.meeting.pk), by=None)


def test_minutes_are_saved_by_the_one_who_saw_the_newest(hall):
    draft = drafted(hall)
    client = signed_in(hall.recorder)
    url = hall.meeting.address("edit_minutes")
    assert client.post(url, {"revision": "1", "proceedings": "我写的经过", "opinion": ""}).status_code == 303
    draft.refresh_from_db()
    assert (draft.proceedings, draft.revision) == ("我写的经过", 2)


def test_minutes_edited_meanwhile_keep_what_was_typed_beside_what_the_other_wrote(hall):
    draft = drafted(hall)
    minutes.edit_minutes(draft, revision=1, proceedings="别人写的经过", opinion="", by=None)
    client = signed_in(hall.recorder)
    url = hall.meeting.address("edit_minutes")
    response = client.post(url, {"revision": "1", "proceedings": "我写的经过", "opinion": "我的意见"})
    assert response.status_code == 409
    assert "别人写的经过" in response.text
    form = response.context["form"]
    assert (form["proceedings"].value(), form["opinion"].value()) == ("我写的经过", "我的意见")
    # Saving once more, with both texts seen, is the newer revision.
    again = {name: form[name].value() for name in ("revision", "proceedings", "opinion")}
    assert client.post(url, again).status_code == 303
    assert Minutes.objects.get().proceedings == "我写的经过"


def test_minutes_edited_meanwhile_are_not_overwritten(hall):
    draft = drafted(hall)
    minutes.edit_minutes(draft, revision=1, proceedings="别人写的经过", opinion="", by=None)
    client = signed_in(hall.recorder)
    response = client.post(
        hall.meeting.address("edit_minutes"), {"revision": "1", "proceedings": "我写的经过", "opinion": ""}
    )
    assert response.status_code == 409
    assert "我写的经过" in response.text
    assert "别人写的经过" in response.text
    assert Minutes.objects.get().proceedings == "别人写的经过"


def test_a_meeting_in_preparation_asks_two_reasons_by_labels_of_their_own(hall):
    prepared = call(hall.village, hall.people)
    client = signed_in(hall.chair)
    page = client.get(prepared.address("console")).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    # Refused without a reason: the page opens where the reason is missing.
    asked = client.post(prepared.address("cancel"), {"reason": " "})
    assert (asked.status_code, "<details open><summary>取消会议" in asked.text) == (422, True)


def test_who_reads_of_a_meeting_called_at_once_reads_why(hall):
    Meeting.objects.filter(pk=hall.meeting.pk).update(urgent_reason="山洪预警")
    assert "因特殊情况立即召开：山洪预警" in Client().get(hall.meeting.address("meeting")).text


def test_a_cancelled_meeting_has_no_minutes(hall):
    prepared = call(hall.village, hall.people)
    meetings.cancel_meeting(prepared, by=None, reason="下大雨")
    client = signed_in(hall.recorder)
    assert refusal(client.post(prepared.address("draft_minutes"), headers=JSON)) == (409, "wrong_state")
    assert refusal(client.get(prepared.address("minutes"), headers=JSON)) == (404, "not_found")


# Faults


def test_a_form_kept_too_long_is_answered_in_plain_chinese(hall):
    motion = open_vote(hall)
    strict = signed_in(hall.account(0), enforce_csrf_checks=True)
    page = strict.post(cast_url(motion), ballot())
    assert page.status_code == 403
    assert "页面放得太久了，为了安全没有提交。请返回上一页刷新后再试一次。" in page.text
    assert "CSRF" not in page.text
    assert refusal(strict.post(cast_url(motion), ballot(), headers=JSON)) == (403, "forbidden")
    assert not Mark.objects.exists()


@pytest.fixture
def database_away(committed_db):
    """A hall with an open motion whose database cannot be reached while the fixture's switch is on."""
    hall = make_hall()
    motion = open_vote(hall)
    client = signed_in(hall.account(0), raise_request_exception=False)
    described = connections["default"].settings_dict
    right = {"NAME": described["NAME"], "HOST": described["HOST"]}

    def away(gone):
        connections["default"].close()
        described.update(
            {"NAME": "/nowhere/at/all.sqlite3" if connection.vendor == "sqlite" else right["NAME"], "HOST": "/nowhere"}
            if gone
            else right
        )

    yield client, motion, away
    away(gone=False)


def test_with_the_database_away_nothing_is_acknowledged_and_everybody_is_told_to_try_again(database_away):
    client, motion, away = database_away
    url, page = cast_url(motion), motion.meeting.get_absolute_url()
    away(gone=True)
    response = client.post(url, ballot(), headers=JSON)
    assert refusal(response) == (503, "try_again")
    assert (response["Retry-After"], error_of(response)["retry"]) == ("5", True)
    for request in (lambda: client.get(page), lambda: client.post(url, ballot())):
        response = request()
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert "系统正忙，刚才的操作没有保存。请过几秒再试一次。" in response.text
    assert client.get("/healthz/").status_code == 503
    away(gone=False)
    assert not Mark.objects.exists()
    assert client.post(url, ballot(), headers=JSON).status_code == 200
    assert Mark.objects.count() == 1


@pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite's one writer")
def test_a_database_that_is_locked_too_long_is_busy_and_not_broken(committed_db):
    hall = make_hall()
    motion = open_vote(hall)
    client = signed_in(hall.account(0), raise_request_exception=False)
    client.get(hall.meeting.get_absolute_url())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(connections["default"].settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert refusal(client.post(cast_url(motion), ballot(), headers=JSON)) == (503, "try_again")
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert not Mark.objects.exists()
    assert client.post(cast_url(motion), ballot(), headers=JSON).status_code == 200


@pytest.mark.postgres
def test_a_connection_cut_in_mid_request_is_busy_and_the_next_request_is_served(committed_db):
    hall = make_hall()
    motion = open_vote(hall)
    client = signed_in(hall.account(0), raise_request_exception=False)
    url = cast_url(motion)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    # The test client does not look at connections between requests, as a server does; so the cut is met here.
    assert refusal(client.post(url, ballot(), headers=JSON)) == (503, "try_again")
    connections["default"].close_if_unusable_or_obsolete()
    assert not Mark.objects.exists()
    assert client.post(url, ballot(), headers=JSON).status_code == 200


# As many queries for a hall of three as for a hall of thirty


def queries(client, url):
    client.get(url)  # whatever is asked once per process has been asked
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["meeting", "console", "board", "hall", "minutes", "sign_in_sheet"])
def test_a_larger_roll_asks_no_more_of_the_database(door):
    counts = []
    for number in (3, 30):
        hall = make_hall(number)
        if door == "minutes":
            close_vote(hall, votes=(number, 0, 0))
            drafted(hall)
        else:
            close_vote(hall)
            open_vote(hall, method="hands_and_online", text="第二项")
        counts.append(queries(signed_in(hall.chair), hall.meeting.address(door)))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_search_asks_as_much_for_one_found_as_for_thirty():
    hall = make_hall(30)
    client = signed_in(hall.recorder)
    url = hall.meeting.address("search_roster")
    name = hall.people[0].name
    assert queries(client, f"{url}?q={name}") == queries(client, f"{url}?q=村民")


# The paper with session and account; within the test's own transaction then the long way: right, mark and ballot
# between two of a savepoint, PostgreSQL's lock. On their own they are fewer (test_quick_ballots.py).
CAST_QUERIES = 6


@pytest.mark.django_db
def test_a_ballot_costs_a_fixed_number_of_queries():
    counts = []
    for number in (3, 30):
        hall = make_hall(number)
        motion = open_vote(hall)
        for entry in hall.entries[1:]:
            voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")
        client, url = signed_in(hall.account(0)), cast_url(motion)
        with CaptureQueriesContext(connection) as captured:
            assert client.post(url, ballot(), headers=JSON).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= CAST_QUERIES


def test_who_waits_to_be_signed_in_is_told_by_a_page_of_their_own(hall):
    """The shared board tells only how many are there; whether one is among them is asked for apart."""
    waits, other = signed_in(hall.account(8)), signed_in(hall.account(9))
    voting.table_motion(meeting=hall.meeting, text="修路", method="online", by=None)

    def told(client):
        answer = client.get(hall.meeting.address("own_papers"))
        assert answer["Cache-Control"] == "no-store"
        return ["data-away" in answer.content.decode(), "已签到" in answer.content.decode()]

    assert told(waits) == told(other) == [True, False]
    assert "data-own-path" in waits.get(hall.meeting.get_absolute_url()).content.decode()
    attendance.check_in(hall.meeting, [hall.entries[8]], method="recorder", by=None)
    assert told(waits) == [False, True]
    assert told(other) == [True, False]
    voting.open_motion(hall.meeting.motions.get(), by=None)
    answer = waits.get(hall.meeting.address("own_papers")).content.decode()
    assert ("修路" in answer, "data-ballot-name" in answer) == (True, True)
    assert hall.people[9].name not in answer
