import datetime
import secrets

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from consultation import attendance, kiosk, meetings, secret_ballots, voting
from consultation.bulletin_text import board_code, code_number, slip_key
from consultation.errors import (
    AlreadyVoted,
    CameLate,
    Invalid,
    MeetingError,
    MotionNotOpen,
    NotCheckedIn,
    NotEntitled,
    WrongState,
)
from consultation.kiosk import CallOver
from consultation.models import Ballot, Kiosk, Mark, Motion, Slip
from tests.factories.acting import grant, make_kiosk, proxy_hall
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def called(hall, number=0, **motion):
    """A motion under vote and a tablet with that person's paper on it."""
    put = open_vote(hall, **motion)
    tablet, token = make_kiosk(hall)
    return put, kiosk.call_up(tablet, hall.entries[number]), token


def fresh(tablet):
    return Kiosk.objects.select_related("entry", "motion", "meeting__village").get(pk=tablet.pk)


def screen(tablet):
    return kiosk.screen_of(fresh(tablet))


def cast(tablet, choice="for", *, call=None, secret=None):
    tablet = fresh(tablet)
    return kiosk.cast_at_kiosk(
        tablet, call=tablet.call if call is None else call, choice=choice, secret=secret or secrets.token_hex(16)
    )


# Joining a tablet


def test_a_tablet_is_joined_once_and_only_hashes_are_kept():
    hall = make_hall()
    row, token = kiosk.start_kiosk(hall.meeting, by=hall.recorder)
    assert kiosk.link_stands(hall.meeting, token)
    kept = kiosk.pair(hall.meeting, token)
    assert kiosk.kiosk_of(hall.meeting, kept) == row
    assert not kiosk.link_stands(hall.meeting, token)
    assert kiosk.pair(hall.meeting, token) is None
    row.refresh_from_db()
    stored = str(list(Kiosk.objects.filter(pk=row.pk).values()))
    assert token not in stored
    assert kept not in stored
    assert min(len(token), len(kept)) >= 32
    assert kiosk.kiosk_of(hall.meeting, token) is None
    assert kiosk.pair(hall.meeting, kept) is None


def test_a_link_is_of_its_meeting_and_lives_half_an_hour():
    hall, other = make_hall(), make_hall()
    row, token = kiosk.start_kiosk(hall.meeting, by=None)
    assert not kiosk.link_stands(other.meeting, token)
    assert kiosk.pair(other.meeting, token) is None
    Kiosk.objects.filter(pk=row.pk).update(started_at=timezone.now() - datetime.timedelta(minutes=30, seconds=5))
    assert kiosk.pair(hall.meeting, token) is None
    Kiosk.objects.filter(pk=row.pk).update(started_at=timezone.now() - datetime.timedelta(minutes=29))
    assert kiosk.pair(hall.meeting, token)


def test_tablets_are_of_a_live_meeting_and_twenty_at_most():
    early = make_hall(live=False)
    with pytest.raises(WrongState):
        kiosk.start_kiosk(early.meeting, by=None)
    hall = make_hall()
    tablets = [kiosk.start_kiosk(hall.meeting, by=None)[0] for _ in range(20)]
    assert [tablet.number for tablet in tablets] == list(range(1, 21))
    with pytest.raises(WrongState, match="最多同时用 20 台"):
        kiosk.start_kiosk(hall.meeting, by=None)
    kiosk.end_kiosk(tablets[0], by=None)
    assert kiosk.start_kiosk(hall.meeting, by=None)[0].number == 21


def test_the_log_has_the_tablets_beginning_and_end_and_nobody_who_voted():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    cast(tablet)
    kiosk.call_up(fresh(tablet), hall.entries[1])
    kiosk.take_back(tablet)
    kiosk.end_kiosk(tablet, by=hall.recorder)
    kiosk.end_kiosk(tablet, by=hall.recorder)
    actions = [entry.action for entry in AuditEntry.objects.filter(action__contains="kiosk").order_by("pk")]
    assert actions == ["start_kiosk", "end_kiosk"]
    after = AuditEntry.objects.filter(action="open_motion").latest("pk").pk
    assert not AuditEntry.objects.filter(pk__gt=after).exclude(action__contains="kiosk").exists()


# Calling somebody up


def test_the_tablet_shows_whom_it_is_for_until_they_have_voted():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    now = screen(tablet)
    assert (now.state, now.name, now.holder, now.motion) == ("ballot", hall.people[0].name, "", motion)
    code = cast(tablet, "against")
    assert screen(tablet).state == "waiting"
    row = fresh(tablet)
    assert (row.entry, row.motion, row.call) == (None, None, "")
    ballot = Ballot.objects.get()
    assert (ballot.entry, ballot.choice, ballot.channel, ballot.recorded_by) == (
        hall.entries[0], "against", "kiosk", None,
    )  # fmt: skip
    assert code == board_code(ballot.key.encode())


def test_who_may_be_called_up():
    hall = make_hall(7, present=6)
    tablet, _token = make_kiosk(hall)
    with pytest.raises(MotionNotOpen):
        kiosk.call_up(tablet, hall.entries[0])
    motion = open_vote(hall)
    with pytest.raises(NotCheckedIn):
        kiosk.call_up(tablet, hall.entries[6])
    attendance.check_in(hall.meeting, hall.entries[6:], method="recorder", by=None)
    with pytest.raises(CameLate):
        kiosk.call_up(tablet, hall.entries[6])
    voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="k")
    with pytest.raises(AlreadyVoted):
        kiosk.call_up(tablet, hall.entries[0])
    Mark.objects.create(village=hall.village, motion=motion, entry=hall.entries[1], paper=True)
    with pytest.raises(AlreadyVoted, match="纸票"):
        kiosk.call_up(tablet, hall.entries[1])
    other = make_hall()
    with pytest.raises(Invalid):
        kiosk.call_up(tablet, other.entries[0])
    assert kiosk.call_up(tablet, hall.entries[2]).entry == hall.entries[2]


def test_one_person_on_one_tablet_and_one_tablet_for_one_person():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    second, _other = make_kiosk(hall)
    with pytest.raises(WrongState, match="另一台平板"):
        kiosk.call_up(second, hall.entries[0])
    with pytest.raises(WrongState, match="还在这台平板上"):
        kiosk.call_up(tablet, hall.entries[1])
    kiosk.take_back(tablet)
    assert kiosk.call_up(second, hall.entries[0])


def test_of_two_recorders_who_call_one_person_at_once_one_is_told(monkeypatch):
    """Neither saw the other's call when it looked; the database holds the second back."""
    hall = make_hall()
    _motion, _tablet, _token = called(hall)
    other, _token = make_kiosk(hall)
    monkeypatch.setattr(kiosk, "_require_due", lambda *args: None)
    with pytest.raises(WrongState, match="另一台平板"):
        kiosk.call_up(other, hall.entries[0])
    assert screen(other).state == "waiting"


def test_a_paper_for_a_motion_that_is_gone_is_over():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    motion.delete()
    assert screen(tablet).state == "waiting"
    with pytest.raises(CallOver):
        cast(tablet)


def test_a_tablet_whose_vote_is_paused_is_not_free():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    voting.pause_motion(motion, by=None)
    with pytest.raises(WrongState, match="还在这台平板上"):
        kiosk.call_up(fresh(tablet), hall.entries[1])


def test_who_was_called_for_a_vote_that_was_stopped_is_called_again_on_any_tablet():
    hall = make_hall()
    motion, left_over, _token = called(hall)
    Motion.objects.filter(pk=motion.pk).update(state="annulled")
    open_vote(hall, text="另一项")
    other, _token = make_kiosk(hall)
    assert kiosk.call_up(other, hall.entries[0]).entry == hall.entries[0]
    assert (fresh(left_over).entry, fresh(left_over).call) == (None, "")


def test_a_tablet_taken_back_keeps_nobody():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    kiosk.end_kiosk(tablet, by=None)
    row = fresh(tablet)
    assert (row.entry, row.motion, row.call) == (None, None, "")
    now = screen(tablet)
    assert (now.state, now.name, now.holder, now.motion, now.call) == ("over", "", "", None, "")


def test_no_tablet_where_hands_or_papers_vote_alone():
    hall = make_hall()
    tablet, _token = make_kiosk(hall)
    open_vote(hall, method="hands")
    with pytest.raises(NotEntitled):
        kiosk.call_up(tablet, hall.entries[0])


def test_a_tablet_that_is_not_joined_or_is_ended_gets_nobody():
    hall = make_hall()
    open_vote(hall)
    row, _token = kiosk.start_kiosk(hall.meeting, by=None)
    ended, _other = make_kiosk(hall)
    kiosk.end_kiosk(ended, by=None)
    for tablet in (row, ended):
        with pytest.raises(WrongState):
            kiosk.call_up(tablet, hall.entries[0])


def test_the_holder_of_a_grant_votes_for_the_grantor_and_the_screen_says_so():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    _motion, tablet, _token = called(hall, 5)
    assert (screen(tablet).name, screen(tablet).holder) == (hall.people[5].name, hall.people[0].name)
    cast(tablet)
    assert Ballot.objects.get().entry == hall.entries[5]


def test_the_database_holds_one_voter_to_one_tablet_and_numbers_apart():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    second, _other = make_kiosk(hall)
    for change in ({"entry": hall.entries[0]}, {"number": tablet.number}, {"token_hash": fresh(tablet).token_hash}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Kiosk.objects.filter(pk=second.pk).update(**change)


# Casting


def test_a_repeated_press_is_the_same_success():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    call, secret = fresh(tablet).call, secrets.token_hex(16)
    first = cast(tablet, call=call, secret=secret)
    assert cast(tablet, "against", call=call, secret=secret) == first
    assert Ballot.objects.get().choice == "for"


@pytest.mark.parametrize("call", ["", "0" * 32])
def test_a_paper_of_an_earlier_call_is_not_cast_for_the_next(call):
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    with pytest.raises(CallOver):
        cast(tablet, call=call)
    stale = fresh(tablet).call
    kiosk.take_back(tablet)
    kiosk.call_up(fresh(tablet), hall.entries[1])
    with pytest.raises(CallOver):
        cast(tablet, call=stale)
    assert not Mark.objects.exists()
    assert screen(tablet).name == hall.people[1].name


@pytest.mark.parametrize("secret", ["", "xyz", "0" * 31, "0" * 33, "Z" * 32, "A" * 32])
def test_what_is_no_secret_is_refused(secret):
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    with pytest.raises(Invalid) as refused:
        kiosk.cast_at_kiosk(fresh(tablet), call=tablet.call, choice="for", secret=secret)
    assert refused.value.field == "secret"


def test_who_voted_by_phone_meanwhile_frees_the_tablet():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="phone")
    with pytest.raises(AlreadyVoted):
        cast(tablet)
    assert screen(tablet).state == "waiting"


def test_a_choice_that_is_none_leaves_the_paper_where_it_is():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    with pytest.raises(Invalid):
        cast(tablet, "maybe")
    assert screen(tablet).state == "ballot"
    assert not Mark.objects.exists()


def test_the_tablet_dies_with_the_motion():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    call = fresh(tablet).call
    voting.close_motion(motion, by=None)
    row = fresh(tablet)
    assert (row.entry, row.call) == (None, "")
    with pytest.raises(MeetingError):
        cast(tablet, call=call)
    assert kiosk.screen_of(row).state == "waiting"


def test_a_pause_holds_the_paper_and_the_end_of_the_meeting_ends_the_tablet():
    hall = make_hall()
    motion, tablet, _token = called(hall)
    voting.pause_motion(motion, by=None)
    assert screen(tablet).state == "paused"
    with pytest.raises(MotionNotOpen):
        cast(tablet)
    voting.resume_motion(motion, by=None)
    assert screen(tablet).state == "ballot"
    voting.close_motion(motion, by=None)
    meetings.close_meeting(hall.meeting, by=None)
    assert screen(tablet).state == "over"
    assert fresh(tablet).ended_at is not None


def test_a_tablet_taken_away_in_the_middle_casts_nothing():
    hall = make_hall()
    _motion, tablet, _token = called(hall)
    call = fresh(tablet).call
    stale = fresh(tablet)
    kiosk.end_kiosk(tablet, by=None)
    for row in (stale, fresh(tablet)):
        with pytest.raises(CallOver):
            kiosk.cast_at_kiosk(row, call=call, choice="for", secret=secrets.token_hex(16))
    assert not Mark.objects.exists()


def test_a_secret_ballot_lies_in_the_box_and_nothing_joins_it_to_the_voter():
    hall = make_hall(12)
    motion, tablet, _token = called(hall, secret=True)
    secret = secrets.token_hex(16)
    code = cast(tablet, secret=secret)
    assert code == board_code(bytes.fromhex(secret))
    assert Slip.objects.get().key == slip_key(bytes.fromhex(secret))
    assert Mark.objects.get().entry == hall.entries[0]
    assert not Ballot.objects.exists()
    assert not Kiosk.objects.exclude(entry=None).exists()
    assert cast(tablet, call=fresh(tablet).done, secret=secret) == code
    voting.close_motion(motion, by=None)
    assert motion.counted.get().choice == "for"


def test_a_key_that_can_not_be_read_leaves_the_paper_on_the_tablet(monkeypatch):
    hall = make_hall(12)
    _motion, tablet, _token = called(hall, secret=True)

    def missing(_ref):
        raise secret_ballots.KeyMissing

    monkeypatch.setattr(secret_ballots, "read_key", missing)
    with pytest.raises(secret_ballots.KeyMissing):
        cast(tablet)
    assert screen(tablet).state == "ballot"
    assert not Mark.objects.exists()


# The tablet's own pages


@pytest.fixture
def tablet_client():
    return Client()


def joined(client, hall, by=None):
    row, token = kiosk.start_kiosk(hall.meeting, by=by)
    answer = client.post(hall.meeting.address("kiosk_link", token))
    return row, token, answer


def home(hall):
    return hall.meeting.address("kiosk")


def test_a_browser_where_nobody_is_signed_in_becomes_the_tablet(tablet_client):
    hall = make_hall()
    row, token = kiosk.start_kiosk(hall.meeting, by=None)
    path = hall.meeting.address("kiosk_link", token)
    assert "接上这次会议" in tablet_client.get(path).content.decode()
    assert tablet_client.get(path).status_code == 200  # looking spends nothing
    answer = tablet_client.post(path)
    assert (answer.status_code, answer["Location"]) == (303, home(hall))
    cookie = answer.cookies["kiosk"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", home(hall))
    assert "sessionid" not in answer.cookies
    page = tablet_client.get(home(hall))
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store, private")
    assert "请等工作人员叫人" in page.content.decode()
    assert tablet_client.post(path).status_code == tablet_client.get(path).status_code == 404
    assert fresh(row).paired


def test_where_somebody_is_signed_in_they_sign_out_first(client):
    hall = make_hall()
    row, token = kiosk.start_kiosk(hall.meeting, by=None)
    client.force_login(hall.recorder)
    path = hall.meeting.address("kiosk_link", token)
    assert "请先退出" in client.get(path).content.decode()
    assert client.post(path).status_code == 409
    assert not fresh(row).paired
    client.post("/accounts/logout/")
    assert client.post(path).status_code == 303


def test_the_buttons_of_the_tablet_need_their_token(tablet_client):
    hall = make_hall()
    _motion = open_vote(hall)
    row, _token, _answer = joined(tablet_client, hall)
    kiosk.call_up(fresh(row), hall.entries[0])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = tablet_client.cookies
    data = {"call": fresh(row).call, "choice": "for", "step": "cast", "secret": "0" * 32}
    assert strict.post(home(hall), data).status_code == 403
    assert not Mark.objects.exists()


def test_without_the_cookie_there_is_nothing(client):
    hall = make_hall()
    there, nowhere = client.get(home(hall)), client.get("/v/nowhere/meetings/7/kiosk/")
    assert there.status_code == nowhere.status_code == 404
    client.cookies["kiosk"] = "somebody"
    assert client.get(home(hall)).status_code == client.post(home(hall)).status_code == 404
    assert client.get(hall.meeting.address("kiosk_link", "x")).status_code == 404
    assert client.delete(home(hall)).status_code == 405


def test_a_cookie_is_of_one_meeting_only(tablet_client):
    hall, other = make_hall(), make_hall()
    joined(tablet_client, hall)
    tablet_client.cookies["kiosk"]["path"] = "/"
    assert tablet_client.get(home(other)).status_code == 404


def test_from_the_call_to_the_receipt_without_script(tablet_client):
    hall = make_hall()
    motion = open_vote(hall)
    row, _token, _answer = joined(tablet_client, hall)
    kiosk.call_up(fresh(row), hall.entries[0])
    paper = tablet_client.get(home(hall)).content.decode()
    assert hall.people[0].name in paper
    assert motion.text in paper
    call = fresh(row).call
    empty = tablet_client.post(home(hall), {"call": call, "step": "review"})
    assert (empty.status_code, "请先选" in empty.content.decode()) == (422, True)
    review = tablet_client.post(home(hall), {"call": call, "step": "review", "choice": "abstain"})
    assert "kiosk-chosen--abstain" in review.content.decode()
    assert not Mark.objects.exists()
    secret = review.content.decode().split('name="secret" value="')[1][:32]
    data = {"call": call, "step": "cast", "choice": "abstain", "secret": secret}
    done = tablet_client.post(home(hall), data)
    ballot = Ballot.objects.get()
    assert ballot.choice == "abstain"
    said = done.content.decode()
    assert code_number(board_code(ballot.key.encode())) in said
    assert hall.people[0].name not in said
    assert "弃权" not in said
    assert done["Cache-Control"] == "no-store, private"
    # Back and again: the same receipt, never a second ballot; then the screen waits.
    assert tablet_client.post(home(hall), data).content.decode().count("kiosk-code") == 1
    assert "请等工作人员叫人" in tablet_client.get(home(hall)).content.decode()
    assert Ballot.objects.count() == 1


def test_a_paper_left_over_is_told_so(tablet_client):
    hall = make_hall()
    open_vote(hall)
    row, _token, _answer = joined(tablet_client, hall)
    kiosk.call_up(fresh(row), hall.entries[0])
    data = {"call": fresh(row).call, "step": "cast", "choice": "for", "secret": "0" * 32}
    kiosk.take_back(row)
    answer = tablet_client.post(home(hall), data)
    assert (answer.status_code, "这一次已经结束了" in answer.content.decode()) == (409, True)
    assert not Mark.objects.exists()


def test_scripts_ask_in_a_few_bytes_what_is_shown(tablet_client):
    hall = make_hall()
    open_vote(hall)
    row, _token, _answer = joined(tablet_client, hall)

    def shown():
        return tablet_client.get(home(hall), headers={"accept": "application/json"}).json()["screen"]

    waiting = shown()
    kiosk.call_up(fresh(row), hall.entries[0])
    first = shown()
    kiosk.take_back(row)
    kiosk.call_up(fresh(row), hall.entries[1])
    assert len({waiting, first, shown()}) == 3
    assert f'data-screen="{shown()}"' in tablet_client.get(home(hall)).content.decode()


def test_an_ended_tablet_says_so_and_forgets_its_cookie(tablet_client):
    hall = make_hall()
    row, _token, _answer = joined(tablet_client, hall)
    kiosk.end_kiosk(row, by=None)
    answer = tablet_client.get(home(hall))
    assert "已经停用" in answer.content.decode()
    assert answer.cookies["kiosk"].value == ""
    assert tablet_client.post(home(hall)).status_code == 404


def test_presses_and_links_are_counted(tablet_client):
    hall = make_hall()
    row, _token, _answer = joined(tablet_client, hall)
    for _ in range(30):
        tablet_client.post(home(hall))
    assert tablet_client.post(home(hall)).status_code == 429
    for _ in range(60):
        tablet_client.get(hall.meeting.address("kiosk_link", "guess"))
    assert tablet_client.get(hall.meeting.address("kiosk_link", "guess")).status_code == 429
    assert row.number == 1


# The recorder's side


def press(client, hall, door, *extra, **data):
    return client.post(hall.meeting.address(door, *extra), data)


def test_the_recorder_starts_calls_takes_back_and_ends(client, tablet_client):
    hall = make_hall()
    client.force_login(hall.recorder)
    assert "开一台平板" in client.get(hall.meeting.address("console")).content.decode()
    shown = press(client, hall, "kiosk_start")
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    link = shown.content.decode().split('class="kiosk-address">')[1].split("<")[0]
    token = link.rstrip("/").rpartition("/")[2]
    assert "还没有接上" in client.get(hall.meeting.address("kiosk_states")).content.decode()
    assert tablet_client.post(hall.meeting.address("kiosk_link", token)).status_code == 303
    open_vote(hall)
    assert "叫到平板上" in client.get(hall.meeting.address("console")).content.decode()
    assert press(client, hall, "kiosk_call", who=hall.people[3].name, kiosk="1").status_code == 303
    assert f"{hall.people[3].name}正在投票" in client.get(hall.meeting.address("kiosk_states")).content.decode()
    assert hall.people[3].name in tablet_client.get(home(hall)).content.decode()
    press(client, hall, "kiosk_take_back", 1)
    assert "请等工作人员叫人" in tablet_client.get(home(hall)).content.decode()
    press(client, hall, "kiosk_end", 1)
    assert "已经停用" in tablet_client.get(home(hall)).content.decode()


def test_what_was_typed_stays_beside_a_refused_call(client):
    hall = make_hall(7, present=6)
    row, _token = make_kiosk(hall)
    client.force_login(hall.recorder)
    for who, said in (("", "这一项要填"), ("没有这个人", "名册上没有找到"), ("7", "没有正在进行的表决")):
        answer = press(client, hall, "kiosk_call", who=who, kiosk="1")
        assert (answer.status_code, said in answer.content.decode()) == (422, True), who
    open_vote(hall)
    answer = press(client, hall, "kiosk_call", who="7", kiosk="1")
    assert "还没有签到" in answer.content.decode()
    assert 'value="7"' in answer.content.decode()
    assert press(client, hall, "kiosk_call", who="7", kiosk="9").status_code == 422
    assert press(client, hall, "kiosk_end", 9).status_code == 303
    assert fresh(row).entry is None


def test_calling_without_any_tablet_is_answered(client):
    hall = make_hall()
    client.force_login(hall.recorder)
    assert press(client, hall, "kiosk_call", who="1", kiosk="1").status_code == 303


def test_residents_neither_start_nor_see_tablets(client):
    hall = make_hall()
    client.force_login(hall.account(4))
    for door in ("kiosk_start", "kiosk_call"):
        assert press(client, hall, door).status_code == 403
    assert client.get(hall.meeting.address("kiosk_states")).status_code == 403
    assert not Kiosk.objects.exists()
