"""Bulletins for everybody: who may read them, what stands on them, and that a number never leaves the page."""

import hashlib
import json
import subprocess
import sys

import pytest
from django.test import Client

from consultation import checker, meetings, minutes, paper, secret_ballots, settling, sheets, voting
from consultation.bulletin_reads import open_bulletin
from consultation.bulletin_text import board_code, code_number, slip_key
from consultation.bulletins import bulletin_of
from consultation.models import Bulletin, Motion
from residents import two_people
from tests.factories.consultation import close_vote, make_hall, open_vote
from tests.factories.residents import appoint, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(6)


def place_of(hall, rest=""):
    return f"/v/{hall.village.slug}/bulletins/{rest}"


def text_of(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def test_a_decided_motion_has_its_bulletin_on_the_villages_page(hall, client):
    motion = close_vote(hall, votes=(4, 1, 1))
    standing = bulletin_of(motion)
    page = text_of(client.get(place_of(hall, "1/")))
    assert motion.text in page
    assert standing.root in page.replace(" ", "")
    for code in json.loads(standing.body)["codes"]:
        assert code_number(code) in page
    listed = text_of(client.get(place_of(hall)))
    assert motion.text in listed
    assert place_of(hall, "1/") in listed


def test_the_downloads_are_the_bulletins_letter_by_letter_and_pass_the_offered_script(hall, client, tmp_path):
    for text in ("修路", "修桥"):
        close_vote(hall, text=text)
    bodies = list(Bulletin.objects.of(hall.village).order_by("number").values_list("body", flat=True))
    assert [text_of(client.get(place_of(hall, f"{number}/bulletin.json"))) for number in (1, 2)] == bodies
    chain = text_of(client.get(place_of(hall, "bulletins.jsonl")))
    assert chain == "".join(f"{body}\n" for body in bodies)
    offered = client.get("/check-bulletin/check_bulletin.py")
    assert offered.headers["Content-Type"].startswith("text/x-python")
    assert hashlib.sha256(offered.content).hexdigest() == checker.script_hash()
    assert checker.script_hash() in text_of(client.get(place_of(hall, "1/")))
    (tmp_path / "check.py").write_bytes(offered.content)
    (tmp_path / "bulletins.jsonl").write_text(chain, newline="")
    run = subprocess.run([sys.executable, tmp_path / "check.py", tmp_path / "bulletins.jsonl"], capture_output=True)
    assert run.returncode == 0, run.stdout.decode()


def test_nothing_is_asked_of_the_server_to_find_a_number(hall, client):
    close_vote(hall)
    page = text_of(client.get(place_of(hall, "1/")))
    field = page[page.index('id="my-number"') - 40 :][:200]
    assert "name=" not in field  # a field without a name is sent by nothing
    assert "<form" not in page[page.index("data-find ") : page.index("data-find-away")]
    check = text_of(client.get("/check-bulletin/"))
    assert "<form" not in check[check.index("data-check ") : check.index("data-check-lines")]


def test_bulletins_of_practice_are_hidden_from_strangers(hall, client):
    close_vote(hall)
    hall.village.is_practice = True
    hall.village.save()
    insider = Client()
    insider.force_login(hall.account(4))
    for rest in ("", "bulletins.jsonl", "1/", "1/bulletin.json", "1/numbers/", "1/qr.svg"):
        assert client.get(place_of(hall, rest)).status_code == 404
        assert insider.get(place_of(hall, rest)).status_code == 200


def test_a_bulletin_is_read_once_its_result_is_announced(hall, client):
    close_vote(hall, text="修路")
    second = close_vote(hall, text="修桥")
    close_vote(hall, text="修祠堂")
    Motion.objects.filter(pk=second.pk).update(state="sealed")
    assert client.get(place_of(hall, "2/")).status_code == 404
    assert "修桥" not in text_of(client.get(place_of(hall)))
    assert text_of(client.get(place_of(hall, "bulletins.jsonl"))).count("\n") == 1


def test_a_bulletin_of_another_village_is_not_found_here(hall, client):
    close_vote(hall)
    other = make_village()
    assert client.get(f"/v/{other.slug}/bulletins/1/").status_code == 404
    assert client.get(f"/v/{other.slug}/bulletins/").status_code == 200
    assert client.get("/v/no-such-place/bulletins/").status_code == 404


@pytest.mark.parametrize("rest", ["", "1/", "1/bulletin.json", "9/", "bulletins.jsonl"])
def test_other_methods_are_refused(hall, client, rest):
    close_vote(hall)
    assert client.post(place_of(hall, rest)).status_code == (404 if rest == "9/" else 405)


@pytest.mark.parametrize("page", ["abc", "-1", "99"])
def test_a_page_number_that_is_none_shows_a_page(hall, client, page):
    close_vote(hall)
    assert client.get(place_of(hall), {"page": page}).status_code == 200


def test_the_wall_shows_every_number_in_order_with_root_and_result(hall, client):
    motion = close_vote(hall, votes=(4, 1, 1))
    page = text_of(client.get(place_of(hall, "1/numbers/")))
    standing = bulletin_of(motion)
    numbers = sorted(code_number(code) for code in json.loads(standing.body)["codes"])
    at = [page.index(number) for number in numbers]
    assert len(numbers) == 6
    assert at == sorted(at)
    assert standing.root in page.replace(" ", "")
    assert "通过" in page


def test_the_root_stands_beside_the_result_in_the_hall_at_the_meeting_and_in_the_minutes(hall, client):
    motion = close_vote(hall)
    root = bulletin_of(motion).root
    short = " ".join(root[at : at + 4] for at in range(0, 16, 4))
    client.force_login(hall.chair)
    for door in ("hall", "meeting"):
        page = text_of(client.get(hall.meeting.address(door)))
        assert short in page
        assert place_of(hall, "1/") in page
    assert place_of(hall, "1/qr.svg") in text_of(client.get(hall.meeting.address("hall")))
    picture = client.get(place_of(hall, "1/qr.svg"))
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg xmlns=")
    hall.meeting = meetings.close_meeting(hall.meeting, by=None)
    draft = minutes.draft_minutes(hall.meeting, by=None)
    assert draft.facts["motions"][0]["bulletin"] == {"number": 1, "root": root}
    page = text_of(client.get(hall.meeting.address("minutes")))
    assert root in page.replace(" ", "")
    assert place_of(hall, "1/") in page


def test_a_running_motion_has_none(hall, client):
    open_vote(hall)
    client.force_login(hall.chair)
    assert "decision-bulletin" not in text_of(client.get(hall.meeting.address("hall")))
    assert client.get(place_of(hall, "1/")).status_code == 404


def test_lists_ask_as_much_for_three_as_for_one(hall, client, django_assert_max_num_queries):
    close_vote(hall)
    client.get(place_of(hall))
    with django_assert_max_num_queries(12) as one:
        client.get(place_of(hall))
    for text in ("修路", "修桥"):
        close_vote(hall, text=text)
    with django_assert_max_num_queries(len(one)):
        client.get(place_of(hall))


def test_the_page_to_take_away_needs_nothing_else(client):
    page = client.get("/check-bulletin/check-bulletin.html")
    assert "attachment" in page.headers["Content-Disposition"]
    text = page.content.decode()
    assert "src=" not in text
    assert "import {" not in text
    assert "export " not in text


def read(motion, hall, method, **numbers):
    typed = {"for": 0, "against": 0, "abstain": 0} | numbers
    for person in hall.people[1:3]:
        sheets.enter_reading(motion, method=method, reader=person, numbers=typed, by=None)
    voting.announce_result(motion, by=None)


def closed_vote(hall, method, *, phones=0, papers=0, secret=False):
    """A motion being counted: the first on the roster hold papers, the last voted by phone."""
    motion = open_vote(hall, method=method, secret=secret, text=f"{method} {phones} {papers}")
    for entry in hall.entries[:papers]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    for number, entry in enumerate(hall.entries[len(hall.entries) - phones :]):
        choice = ("for", "for", "against")[number % 3]
        if secret:
            own = number.to_bytes(16, "big")
            secret_ballots.cast_secret(
                motion=motion, entry=entry, choice=choice, slip=slip_key(own), board=board_code(own)
            )
        else:
            voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{number}")
    return voting.close_motion(motion, by=None)


def test_whatever_is_sealed_passes_the_script(client):
    """Every way of voting and a correction, one after the other in one village, as the chain that is downloaded."""
    hall = make_hall(14)
    closed_vote(hall, "online")
    closed_vote(hall, "online", phones=9, secret=True)
    mixed = closed_vote(hall, "paper_and_online", phones=8, papers=4, secret=True)
    read(mixed, hall, "paper", **{"for": 2, "blank": 1, "not_returned": 1})
    read(closed_vote(hall, "paper_and_online", phones=3, papers=5), hall, "paper", **{"for": 4, "invalid": 1})
    hands = closed_vote(hall, "hands_and_online", phones=4)
    read(hands, hall, "hands", **{"for": 6, "against": 2})
    read(closed_vote(hall, "belenios"), hall, "belenios", **{"for": 5, "against": 5})
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    hands.refresh_from_db()
    proposal = settling.propose_correction(
        hands, hands.sheets.get(), numbers={"for_count": 5}, reason="多数了一只手", by=hall.account(3)
    )
    two_people.decide(proposal, by=hall.account(4), accept=True)
    chain = text_of(client.get(place_of(hall, "bulletins.jsonl")))
    assert chain.count("\n") == 7
    lines = list(checker._script().report(chain.encode(), True))
    assert [line for line in lines if not line[0]] == []
    folded = json.loads(chain.split("\n")[2])
    assert folded["sheets"][0]["counts"] is None
    page = text_of(client.get(place_of(hall, "3/")))
    assert "放在一起数" in page
    (outside,) = open_bulletin(Bulletin.objects.get(number=6)).told_sheets  # as paper and print say it
    assert "收回 10 张，其中空白 0 张，废票 0 张。" in outside
    old, new = (text_of(client.get(place_of(hall, f"{number}/"))) for number in (5, 7))
    assert "这张已经更正" in old
    assert "多数了一只手" in new
    meeting_page = Client()
    meeting_page.force_login(hall.chair)
    page = text_of(meeting_page.get(hall.meeting.get_absolute_url()))
    assert place_of(hall, "7/") in page
    assert place_of(hall, "5/") not in page


def test_a_count_by_hands_alone_lists_no_numbers(hall, client):
    motion = open_vote(hall, method=Motion.Method.HANDS)
    voting.close_motion(motion, by=None)
    read(motion, hall, "hands", **{"for": 4, "against": 1})
    page = text_of(client.get(place_of(hall, "1/")))
    assert "没有票号" in page
    assert hall.people[1].name in page
    assert hall.people[2].name in page
