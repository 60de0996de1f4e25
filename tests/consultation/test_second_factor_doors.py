"""A meeting's officers show a second factor at the console, and again before minutes are checked, signed, published."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from consultation import meetings, minutes
from consultation.models import Meeting, Minutes, Motion
from residents.models import Role, User
from residents.phone_accounts import attach_phone
from tests.factories.consultation import Hall, close_vote, make_hall, open_vote
from tests.factories.residents import appoint, make_account, make_resident, make_user
from tests.sessions import show, sign_in

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60, 3600
SET_UP, BY_SMS = "me:second_factor", "me:second_factor_sms"


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def hall() -> Hall:
    hall = make_hall(6, present=5)
    attach_phone(hall.chair, "15400000101")
    return hall


@pytest.fixture
def chair(hall: Hall) -> User:
    return User.objects.get(pk=hall.chair.pk)


def console(hall: Hall) -> str:
    return hall.meeting.address("console")


def test_the_console_asks_when_it_is_opened(hall: Hall, chair: User, client: Client) -> None:
    sign_in(client, chair, "code")

    response = client.get(console(hall))

    assert response.status_code == 302
    assert response.url.startswith(reverse(BY_SMS) + "?next=")


def test_a_code_by_sms_opens_it_for_four_hours(
    hall: Hall, chair: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    motion = open_vote(hall)
    sign_in(client, chair, "sms")
    assert client.get(console(hall)).status_code == 200
    import residents.step_up as step_up

    now = step_up.time.time()
    monkeypatch.setattr(step_up.time, "time", lambda: now + 4 * HOUR - MINUTE)
    response = client.post(hall.meeting.address("close_motion", motion.number))
    assert response.status_code == 303
    motion.refresh_from_db()
    assert motion.state != Motion.State.OPEN

    monkeypatch.setattr(step_up.time, "time", lambda: now + 4 * HOUR + MINUTE)
    assert client.get(console(hall)).status_code == 302


def test_no_button_of_the_console_goes_round_it(hall: Hall, chair: User, client: Client) -> None:
    motion = open_vote(hall)
    sign_in(client, chair, "code")
    pressed = {
        "close_motion": [motion.number], "open_motion": [motion.number], "announce_result": [motion.number],
        "withdraw_motion": [motion.number], "table_runoff": [motion.number],
        "enter_hands": [motion.number], "close_meeting": [], "adjourn": [],
        "cancel": [], "hand_over": [], "table_motion": [], "check_in": [], "confirm_quorum": [], "open_meeting": [],
        "publish_notice": [], "undo_check_in": [1], "check_out": [1], "go_to_item": [1], "cast_for": [motion.number],
        "enter_papers": [motion.number], "enter_belenios": [motion.number], "belenios_voters": [motion.number],
        "issue_paper": [motion.number], "spoil_paper": [motion.number], "return_paper": [motion.number],
    }  # fmt: skip
    for name, numbers in pressed.items():
        response = client.post(hall.meeting.address(name, *numbers), {})
        assert response.status_code == 403, name
        assert "再确认一次是您本人" in response.text, name
    for name in ("search_roster", "sign_in_sheet"):
        assert client.get(hall.meeting.address(name)).status_code == 302, name
    for name in ("papers", "paper_ballots", "tally_form"):
        assert client.get(hall.meeting.address(name, motion.number)).status_code == 302, name
    motion.refresh_from_db()
    assert motion.state == Motion.State.OPEN
    assert Meeting.objects.get().state == Meeting.State.LIVE


def test_what_was_pressed_goes_on_after_the_code(
    hall: Hall, chair: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from residents.sms import console as gateway

    outbox: list[str] = []
    monkeypatch.setattr(gateway, "send", lambda phone, code: outbox.append(code))
    motion = open_vote(hall)
    sign_in(client, chair, "code")
    page = client.post(hall.meeting.address("close_motion", motion.number)).text
    assert reverse(BY_SMS) in page
    client.post(reverse(BY_SMS), {"action": "send"})

    response = client.post(reverse(BY_SMS), {"code": outbox[0]})

    assert response.url.startswith(console(hall))
    motion.refresh_from_db()
    assert motion.state != Motion.State.OPEN


def test_scripts_are_told_and_htmx_is_led_there(hall: Hall, chair: User, client: Client) -> None:
    sign_in(client, chair, "code")
    response = client.post(hall.meeting.address("check_in"), {"entry": 6}, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "step_up")

    response = client.post(hall.meeting.address("check_in"), {"entry": 6}, headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith(reverse(BY_SMS))


def test_voters_are_never_asked(hall: Hall, client: Client) -> None:
    motion = open_vote(hall)
    sign_in(client, hall.account(3), "code", ago=20 * HOUR)

    assert client.get(hall.meeting.get_absolute_url()).status_code == 200
    response = client.post(hall.meeting.address("cast", motion.number), {"entry": 4, "choice": "for", "key": "k" * 16})
    assert response.status_code == 303


def test_a_scrutineer_needs_more_than_sms(hall: Hall, client: Client) -> None:
    attach_phone(hall.scrutineer, "15400000102")
    user = User.objects.get(pk=hall.scrutineer.pk)
    sign_in(client, user, "sms")
    assert client.get(console(hall)).url.startswith(reverse(SET_UP))

    show(client, user, "mfa")
    assert client.get(console(hall)).status_code == 200


def test_practice_asks_for_nothing(hall: Hall, client: Client) -> None:
    person = make_resident(hall.village)
    appoint(person, Role.COMMITTEE_CHAIR)
    user = make_account(person)
    sign_in(client, user, "code", ago=HOUR)

    response = client.post(reverse("consultation:practice", args=[hall.village.slug]))

    assert response.status_code == 302
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize(("role", "asked"), [(Role.COMMITTEE_CHAIR, True), (Role.COMMITTEE_MEMBER, False)])
def test_calling_a_meeting_asks_those_whose_office_needs_it(hall: Hall, client: Client, role: str, asked: bool) -> None:
    person = make_resident(hall.village)
    appoint(person, role)
    user = make_account(person)
    sign_in(client, user, "code")
    call = reverse("consultation:call", args=[hall.village.slug])

    assert (client.get(call).status_code == 302) == asked
    show(client, user, "mfa")
    assert client.get(call).status_code == 200


def _drafted(hall: Hall) -> Minutes:
    close_vote(hall)
    meetings.close_meeting(Meeting.objects.get(), by=None)
    return minutes.draft_minutes(Meeting.objects.get(), by=hall.recorder)


def test_minutes_ask_again_after_ten_minutes(hall: Hall, client: Client) -> None:
    _drafted(hall)
    supervisor = make_resident(hall.village)
    appoint(supervisor, Role.SUPERVISORY_CHAIR)
    checker = make_account(supervisor)
    steps = [
        (checker, "check_minutes", "mfa", Minutes.State.CHECKED),
        (hall.chair, "sign_minutes", "sms", Minutes.State.CHECKED),
        (hall.recorder, "sign_minutes", "sms", Minutes.State.SIGNED),
        (hall.recorder, "publish_minutes", "sms", Minutes.State.PUBLISHED),
    ]
    for user, name, method, after in steps:
        browser = sign_in(Client(), user, method, ago=11 * MINUTE)
        before = Minutes.objects.get().state
        response = browser.post(hall.meeting.address(name))
        assert response.status_code == 403, name
        assert Minutes.objects.get().state == before

        show(browser, user, method)
        assert browser.post(hall.meeting.address(name)).status_code == 303, name
        assert Minutes.objects.get().state == after


def test_a_supervisor_does_not_check_minutes_by_sms(hall: Hall, client: Client) -> None:
    _drafted(hall)
    supervisor = make_resident(hall.village)
    appoint(supervisor, Role.SUPERVISORY_CHAIR)
    user = make_account(supervisor)
    sign_in(client, user, "sms")

    assert client.post(hall.meeting.address("check_minutes")).status_code == 403


def test_a_stranger_learns_nothing_by_it(hall: Hall, client: Client) -> None:
    sign_in(client, make_user(), "code")

    assert client.get(console(hall)).status_code == 404
    assert client.post(hall.meeting.address("close_meeting")).status_code == 404
