"""The door of a secret vote: for scripts, for phones without them, and for what goes wrong."""

import re
import secrets

import pytest

from consultation import voting
from consultation.bulletin_text import board_code, code_number, slip_key
from consultation.models import Mark, Slip
from residents import two_people
from tests.consultation.test_secret_ballots import officers, secret_vote

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def papers(entry, choice="for", own=None, **more):
    own = own or secrets.token_bytes(16)
    return {"entry": entry.number, "choice": choice, "slip": slip_key(own), "board": board_code(own)} | more


def test_a_script_gets_its_number_and_the_same_again(client):
    hall, motion = secret_vote()
    client.force_login(hall.account(0))
    sent = papers(hall.entries[0])
    address = hall.meeting.address("cast", motion.number)
    first = client.post(address, sent, headers=JSON)
    assert first.json()["accepted"]
    assert first.json()["code"] == code_number(sent["board"])
    assert "for" not in first.content.decode()
    assert first["Cache-Control"] == "no-store"
    assert client.post(address, sent, headers=JSON).json() == first.json()
    other = client.post(address, papers(hall.entries[0]), headers=JSON)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "already_voted")
    assert Slip.objects.count() == 1


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))


def test_without_a_script_it_is_read_once_more_and_the_number_is_shown_once(client):
    hall, motion = secret_vote()
    client.force_login(hall.account(0))
    address = hall.meeting.address("cast", motion.number)
    page = client.get(hall.meeting.get_absolute_url())
    own = re.search(r'name="secret" value="([0-9a-f]{32})"', page.content.decode())[1]
    review = client.post(address, {"entry": hall.entries[0].number, "choice": "against", "secret": own})
    assert review.status_code == 200
    assert "反对" in review.content.decode()
    assert not Mark.objects.exists()
    said = client.post(address, hidden(review))
    number = code_number(board_code(bytes.fromhex(own)))
    assert number in said.content.decode()
    assert "反对" not in said.content.decode()
    assert said["Cache-Control"] == "no-store"
    assert Mark.objects.count() == 1
    later = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert number not in later
    assert "投过票了" in later


def test_a_vote_that_may_be_changed_is_changed_on_the_page_that_has_its_secret(client):
    hall, motion = secret_vote(changeable=True)
    client.force_login(hall.account(0))
    address = hall.meeting.address("cast", motion.number)
    own = secrets.token_hex(16)
    said = client.post(address, {"entry": 1, "choice": "for", "secret": own, "sure": "1"})
    form = said.content.decode().split("<details", 1)[1]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)) | {"choice": "against"}
    client.post(address, fields)
    voting.close_motion(motion, by=None)
    assert motion.decisions.get().counts == {"for": 0, "against": 1, "abstain": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"choice": "maybe"},
        {"choice": ""},
        {"slip": ""},
        {"slip": "x" * 64},
        {"board": "0" * 63},
        {"turn": "1001"},
        {"turn": "-1"},
        {"slip": "0" * 5000},
    ],
)
def test_what_is_no_ballot_is_refused_and_nothing_is_kept(client, wrong):
    hall, motion = secret_vote()
    client.force_login(hall.account(0))
    answer = client.post(hall.meeting.address("cast", motion.number), papers(hall.entries[0]) | wrong, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert not Mark.objects.exists()


def test_the_booth_says_what_it_cannot_promise(client):
    hall, _motion = secret_vote()
    client.force_login(hall.account(0))
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert "Belenios" in page
    assert "做不到的" in page


def test_without_its_key_the_vote_stops_and_says_when_to_come_back(client):
    from consultation.key_store import get_key_store

    hall, motion = secret_vote()
    get_key_store().destroy(motion.key_ref)
    client.force_login(hall.account(0))
    answer = client.post(hall.meeting.address("cast", motion.number), papers(hall.entries[0]), headers=JSON)
    assert answer.status_code == 503
    assert answer.json()["error"]["retry"]
    assert answer["Retry-After"]


def test_two_officers_void_an_open_vote_on_its_page(client):
    hall, motion = secret_vote()
    first, second = officers(hall)
    client.force_login(first)
    page = hall.meeting.address("settle", motion.number)
    assert client.post(page, {"decision": "annul", "reason": ""}).status_code == 422
    assert client.post(page, {"decision": "count", "reason": "看看"}).status_code == 422
    assert client.post(page, {"decision": "annul", "reason": "念错了题目"}).status_code == 303
    proposal = motion.village.proposals.get()
    own = client.post(hall.meeting.address("decide_settling", motion.number, proposal.number), {"answer": "confirm"})
    assert own.status_code == 409
    client.force_login(second)
    assert "念错了题目" in client.get(page).content.decode()
    client.post(hall.meeting.address("decide_settling", motion.number, proposal.number), {"answer": "confirm"})
    motion.refresh_from_db()
    assert motion.state == "annulled"


def test_a_count_by_people_is_corrected_by_two_and_the_first_result_stays(client):
    from consultation import sheets
    from tests.factories.consultation import make_hall, open_vote

    hall = make_hall(5)
    first, second = officers(hall)
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for place in (0, 1):
        sheets.enter_hands(motion, reader=hall.people[place], counts={"for": 4, "against": 1, "abstain": 0}, by=None)
    voting.announce_result(motion, by=None)
    client.force_login(first)
    address = hall.meeting.address("correct_sheet", motion.number, 1)
    wrong = {"for_count": 2, "against_count": 3, "abstain_count": 0, "reason": ""}
    assert client.post(address, wrong).status_code == 422
    assert client.post(address, wrong | {"reason": "念反了"}).status_code == 303
    two_people.decide(motion.village.proposals.get(), by=second, accept=True)
    one, two = motion.decisions.order_by("version")
    assert (one.outcome, two.outcome) == ("carried", "lost")
    assert two.reason == "念反了"
    assert motion.bulletins.count() == 2
    shown = client.get(hall.meeting.address("meeting")).content.decode()
    assert "更正过（第 2 版）</strong>：念反了" in shown
