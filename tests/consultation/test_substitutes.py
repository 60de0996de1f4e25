import datetime

import pytest

from audit.models import AuditEntry
from consultation import attendance, live, substitutes, voting
from consultation.errors import Invalid, WrongState
from consultation.models import Meeting, RosterCorrection
from consultation.rosters import roster_digest
from residents.own_data import held_on
from tests.factories.acting import grant, proxy_hall
from tests.factories.consultation import INDIVIDUALS, close_vote, make_hall, open_vote
from tests.factories.residents import make_account, make_resident

pytestmark = pytest.mark.django_db


def home_of(hall, number):
    return hall.people[number].household


def partner(hall, number=5, **fields):
    return make_resident(hall.village, household=home_of(hall, number), **fields)


def name(hall, to, *, number=5, reason="在外地务工"):
    return substitutes.name_substitute(hall.meeting, hall.entries[number], to=to, reason=reason, by=hall.recorder)


def test_the_household_is_voted_for_by_whom_it_sends_and_the_roster_tells():
    hall = make_hall(present=5)
    other = partner(hall, name="李桂英", gender="f", born_on=datetime.date(1985, 4, 1))
    before, old = hall.meeting.roster.digest, hall.people[5]
    made = name(hall, other)
    entry = hall.entries[5]
    assert (entry.resident, entry.name, entry.gender, entry.birth_year) == (other, "李桂英", "f", 1985)
    assert (entry.pinyin, entry.initials, entry.household) == (other.pinyin, other.initials, home_of(hall, 5))
    assert (made.before, made.after, made.reason, made.made_by) == (old, other, "在外地务工", hall.recorder)
    hall.meeting.roster.refresh_from_db()
    assert hall.meeting.roster.digest != before
    assert hall.meeting.roster.digest == roster_digest(hall.entries)
    kept = AuditEntry.objects.get(action="name_substitute")
    assert (kept.detail["entry"], kept.detail["before"], kept.detail["after"]) == (6, old.name, "李桂英")
    attendance.check_in(hall.meeting, hall.entries[5:], method="recorder", by=None)
    assert open_vote(hall).definition["roster"] == hall.meeting.roster.digest


def test_the_digest_of_an_untouched_roster_is_that_of_its_lines():
    hall = make_hall(live=False)
    assert roster_digest(hall.entries) == hall.meeting.roster.digest


def test_changing_back_brings_the_first_digest_back():
    hall = make_hall(present=5)
    first, old = hall.meeting.roster.digest, hall.people[5]
    name(hall, partner(hall))
    name(hall, old, reason="又回来了")
    hall.meeting.roster.refresh_from_db()
    assert hall.meeting.roster.digest == first
    assert RosterCorrection.objects.count() == 2


def test_only_another_grown_up_of_the_same_home_may_come():
    hall = make_hall(present=4)
    today = hall.village.local_date(hall.meeting.noticed_at)
    minor = partner(hall, born_on=today.replace(year=today.year - 17))
    gone = partner(hall, until_on=today)
    for stranger in (minor, gone, make_resident(hall.village), hall.people[5], hall.people[4]):
        with pytest.raises(Invalid) as refusal:
            name(hall, stranger)
        assert refusal.value.field == "to"
    assert not RosterCorrection.objects.exists()


def test_nobody_votes_for_two_households():
    hall = make_hall(present=4)
    both = partner(hall)
    name(hall, both)
    both.household = home_of(hall, 4)
    both.save()
    with pytest.raises(Invalid, match="一个人只能代表一户"):
        name(hall, both, number=4)


@pytest.mark.parametrize("reason", ["", "  ", "字" * 121])
def test_the_reason_is_stated_and_short(reason):
    hall = make_hall(present=5)
    with pytest.raises(Invalid) as refusal:
        name(hall, partner(hall), reason=reason)
    assert refusal.value.field == "reason"


def test_not_once_the_line_has_checked_in_and_not_while_a_motion_is_running():
    hall = make_hall(present=5)
    other, early = partner(hall), partner(hall, 0)
    with pytest.raises(WrongState):
        name(hall, early, number=0)
    motion = open_vote(hall)
    with pytest.raises(WrongState, match="正在表决"):
        name(hall, other)
    motion.state = "published"
    motion.save()
    name(hall, other)
    # Who left again was there: what was voted meanwhile was voted by that one.
    attendance.check_in(hall.meeting, hall.entries[5:], method="recorder", by=None)
    attendance.check_out(hall.meeting, hall.entries[5], by=None)
    with pytest.raises(WrongState, match="已经签到"):
        name(hall, hall.people[5])


def test_a_check_in_that_was_a_mistake_does_not_stand_in_the_way():
    hall = make_hall(present=6)
    attendance.undo_check_in(hall.meeting, hall.entries[5], by=None, reason="签错人")
    assert name(hall, partner(hall)).entry.number == 6


def test_before_the_meeting_begins_but_not_before_the_notice_nor_after_the_end():
    hall = make_hall(live=False)
    assert name(hall, partner(hall))
    over = make_hall(present=5)
    other = partner(over)
    over.meeting.state = "closed"
    over.meeting.save()
    with pytest.raises(WrongState):
        name(over, other)


def test_where_each_votes_alone_nobody_is_sent_instead():
    hall = make_hall(present=5, preset=INDIVIDUALS)
    with pytest.raises(Invalid, match="按户"):
        name(hall, partner(hall))


def test_a_line_of_another_meeting_is_not_changed_here():
    hall, other = make_hall(present=5), make_hall(present=5)
    with pytest.raises(Exception, match=r"does not exist|按户"):
        substitutes.name_substitute(hall.meeting, other.entries[5], to=partner(other), reason="在外", by=None)


def test_grants_hang_on_the_person_and_end_first():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[4])
    for number in (4, 5):
        with pytest.raises(WrongState, match="委托"):
            name(hall, partner(hall, number), number=number)


def test_both_are_told_of_the_change():
    hall = make_hall(present=5)
    other = partner(hall)
    name(hall, other)
    for user, told in ((hall.account(5), True), (make_account(other), True), (hall.account(4), False)):
        assert any(part.code == "substitutes" for part in held_on(user)) is told


# Doors


def door(hall, client, number=6, **data):
    path = hall.meeting.address("substitute", number)
    return client.post(path, data) if data else client.get(path)


def test_the_recorder_finds_the_household_and_changes_it(client):
    hall = make_hall(present=5)
    other = partner(hall, name="周小妹")
    client.force_login(hall.recorder)
    found = client.get(hall.meeting.address("substitutes"), {"q": "6"}).content.decode()
    assert hall.meeting.address("substitute", 6) in found
    assert "周小妹" in door(hall, client).content.decode()
    other.refresh_from_db()
    answer = door(hall, client, to=other.ref, reason="在外地务工")
    assert (answer.status_code, answer["Location"]) == (303, hall.meeting.address("substitutes"))
    assert hall.entries[5].name == "周小妹"
    assert "在外地务工" in client.get(hall.meeting.address("substitutes")).content.decode()


def test_what_was_typed_is_kept_beside_the_refusal(client):
    hall = make_hall(present=5)
    other = partner(hall)
    other.refresh_from_db()
    client.force_login(hall.recorder)
    page = door(hall, client, to="somebody", reason="在外地务工")
    assert page.status_code == 422
    assert "在外地务工" in page.content.decode()
    assert door(hall, client, to=other.ref, reason="").status_code == 422
    open_vote(hall)
    page = door(hall, client, to=other.ref, reason="在外地务工")
    assert (page.status_code, "正在表决" in page.content.decode()) == (422, True)


def test_the_household_itself_names_one_until_the_meeting_begins(client):
    hall = make_hall(live=False)
    other = partner(hall)
    other.refresh_from_db()
    client.force_login(hall.account(5))
    assert hall.meeting.address("substitute", 6) in client.get(hall.meeting.get_absolute_url()).content.decode()
    # Not for another household.
    refused = door(hall, client, 5, to=other.ref, reason="在外地务工")
    assert (refused.status_code, refused["Location"]) == (303, hall.meeting.get_absolute_url())
    assert door(hall, client, to=other.ref, reason="在外地务工").status_code == 303
    assert hall.entries[5].resident == other
    # From then on the line is that person's.
    door(hall, client, to=hall.people[5].ref, reason="又回来了")
    assert hall.entries[5].resident == other


def test_once_it_has_begun_only_the_recorder_changes(client):
    hall = make_hall(present=5)
    other = partner(hall)
    other.refresh_from_db()
    client.force_login(hall.account(5))
    door(hall, client, to=other.ref, reason="在外地务工")
    assert hall.entries[5].resident == hall.people[5]
    helper = make_account(other)
    client.force_login(helper)
    door(hall, client, to=other.ref, reason="在外地务工")
    assert not RosterCorrection.objects.exists()


def test_numbers_that_are_nobodys_are_refused_kindly(client):
    hall = make_hall(present=5, preset=INDIVIDUALS)
    client.force_login(hall.recorder)
    for path in (hall.meeting.address("substitutes"), hall.meeting.address("substitute", 99)):
        assert client.get(path).status_code == 303
    assert door(hall, client, 6).status_code == 303


def test_after_closing_the_console_offers_it_no_more(client):
    hall = make_hall(present=6)
    client.force_login(hall.recorder)
    assert hall.meeting.address("substitutes") in client.get(hall.meeting.address("console")).content.decode()
    close_vote(hall)
    hall.meeting.refresh_from_db()
    hall.meeting.state = "closed"
    hall.meeting.save()
    assert hall.meeting.address("substitutes") not in client.get(hall.meeting.address("console")).content.decode()


def test_while_a_vote_runs_nobody_is_led_to_what_would_be_refused(client):
    hall = make_hall(10, present=8)
    partner(hall, 8)
    client.force_login(hall.recorder)
    console, rows = hall.meeting.address("console"), hall.meeting.address("search_roster")
    lists, home = hall.meeting.address("substitutes"), hall.meeting.address("substitute", 9)

    def led_there():
        return [home in client.get(path, {"q": "9"}).text for path in (console, rows, lists)]

    assert led_there() == [True, True, True]
    assert '<form class="stack"' in client.get(home).text
    motion = open_vote(hall)
    assert led_there() == [False, False, False]
    assert "这一项表决结束以后才能换" in client.get(console).text
    for path in (lists, home):
        page = client.get(path).text
        assert "等这一项结束就可以换" in page
        assert '<form class="stack"' not in page
    voting.close_motion(motion, by=None)
    assert led_there() == [True, True, True]


def test_a_household_may_change_from_the_notice_to_the_end_and_not_during_a_vote():
    hall = make_hall(present=5)
    told = {}
    for state in Meeting.State:
        hall.meeting.state = state
        told[state] = substitutes.may_still_change(hall.meeting)
    assert {state for state, may in told.items() if may} == {"noticed", "live"}
    hall.meeting.state = "live"
    open_vote(hall)
    assert not substitutes.may_still_change(hall.meeting)


def test_a_reason_of_a_few_words_and_the_screens_show_who_comes(monkeypatch):
    heard = []
    monkeypatch.setattr(live, "announce", heard.append)
    hall = make_hall(present=5)
    heard.clear()
    assert name(hall, partner(hall), reason="在" * 120).reason == "在" * 120
    assert heard == [hall.meeting.pk]
    with pytest.raises(Invalid, match="120"):
        name(hall, hall.people[5], reason="在" * 121)
