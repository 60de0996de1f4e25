"""Bulletins for everybody: who may read them, what stands on them, and that a number never leaves the page."""

import hashlib
import json
import subprocess
import sys

import pytest
from django.test import Client

from consultation import checker, meetings, minutes, voting
from consultation.bulletin_text import code_number
from consultation.bulletins import bulletin_of
from consultation.models import Bulletin, Motion
from tests.factories.consultation import close_vote, make_hall, open_vote
from tests.factories.residents import make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(6)


def place(hall, rest=""):
    return f"/v/{hall.village.slug}/bulletins/{rest}"


def text_of(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def test_a_decided_motion_has_its_bulletin_on_the_villages_page(hall, client):
    motion = close_vote(hall, votes=(4, 1, 1))
    standing = bulletin_of(motion)
    page = text_of(client.get(place(hall, "1/")))
    assert motion.text in page
    assert standing.root in page.replace(" ", "")
    for code in json.loads(standing.body)["codes"]:
        assert code_number(code) in page
    listed = text_of(client.get(place(hall)))
    assert motion.text in listed
    assert place(hall, "1/") in listed


def test_the_downloads_are_the_bulletins_letter_by_letter_and_pass_the_offered_script(hall, client, tmp_path):
    for text in ("修路", "修桥"):
        close_vote(hall, text=text)
    bodies = list(Bulletin.objects.of(hall.village).order_by("number").values_list("body", flat=True))
    assert [text_of(client.get(place(hall, f"{number}/bulletin.json"))) for number in (1, 2)] == bodies
    chain = text_of(client.get(place(hall, "bulletins.jsonl")))
    assert chain == "".join(f"{body}\n" for body in bodies)
    offered = client.get("/check-bulletin/check_bulletin.py")
    assert offered.headers["Content-Type"].startswith("text/x-python")
    assert hashlib.sha256(offered.content).hexdigest() == checker.script_hash()
    assert checker.script_hash() in text_of(client.get(place(hall, "1/")))
    (tmp_path / "check.py").write_bytes(offered.content)
    (tmp_path / "bulletins.jsonl").write_text(chain, newline="")
    run = subprocess.run([sys.executable, tmp_path / "check.py", tmp_path / "bulletins.jsonl"], capture_output=True)
    assert run.returncode == 0, run.stdout.decode()


def test_nothing_is_asked_of_the_server_to_find_a_number(hall, client):
    close_vote(hall)
    page = text_of(client.get(place(hall, "1/")))
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
        assert client.get(place(hall, rest)).status_code == 404
        assert insider.get(place(hall, rest)).status_code == 200


def test_a_bulletin_is_read_once_its_result_is_announced(hall, client):
    close_vote(hall, text="修路")
    second = close_vote(hall, text="修桥")
    close_vote(hall, text="修祠堂")
    Motion.objects.filter(pk=second.pk).update(state="sealed")
    assert client.get(place(hall, "2/")).status_code == 404
    assert "修桥" not in text_of(client.get(place(hall)))
    assert text_of(client.get(place(hall, "bulletins.jsonl"))).count("\n") == 1


def test_a_bulletin_of_another_village_is_not_found_here(hall, client):
    close_vote(hall)
    other = make_village()
    assert client.get(f"/v/{other.slug}/bulletins/1/").status_code == 404
    assert client.get(f"/v/{other.slug}/bulletins/").status_code == 200
    assert client.get("/v/no-such-place/bulletins/").status_code == 404


@pytest.mark.parametrize("rest", ["", "1/", "1/bulletin.json", "9/", "bulletins.jsonl"])
def test_other_methods_are_refused(hall, client, rest):
    close_vote(hall)
    assert client.post(place(hall, rest)).status_code == (404 if rest == "9/" else 405)


@pytest.mark.parametrize("page", ["abc", "-1", "99"])
def test_a_page_number_that_is_none_shows_a_page(hall, client, page):
    close_vote(hall)
    assert client.get(place(hall), {"page": page}).status_code == 200


def test_the_wall_shows_every_number_in_order_with_root_and_result(hall, client):
    motion = close_vote(hall, votes=(4, 1, 1))
    page = text_of(client.get(place(hall, "1/numbers/")))
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
        assert place(hall, "1/") in page
    assert place(hall, "1/qr.svg") in text_of(client.get(hall.meeting.address("hall")))
    picture = client.get(place(hall, "1/qr.svg"))
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg xmlns=")
    hall.meeting = meetings.close_meeting(hall.meeting, by=None)
    draft = minutes.draft_minutes(hall.meeting, by=None)
    assert draft.facts["motions"][0]["bulletin"] == {"number": 1, "root": root}
    page = text_of(client.get(hall.meeting.address("minutes")))
    assert root in page.replace(" ", "")
    assert place(hall, "1/") in page


def test_a_running_motion_has_none(hall, client):
    open_vote(hall)
    client.force_login(hall.chair)
    assert "decision-bulletin" not in text_of(client.get(hall.meeting.address("hall")))
    assert client.get(place(hall, "1/")).status_code == 404


def test_lists_ask_as_much_for_three_as_for_one(hall, client, django_assert_max_num_queries):
    close_vote(hall)
    client.get(place(hall))
    with django_assert_max_num_queries(12) as one:
        client.get(place(hall))
    for text in ("修路", "修桥"):
        close_vote(hall, text=text)
    with django_assert_max_num_queries(len(one)):
        client.get(place(hall))


def test_the_page_to_take_away_needs_nothing_else(client):
    page = client.get("/check-bulletin/check-bulletin.html")
    assert "attachment" in page.headers["Content-Disposition"]
    text = page.content.decode()
    assert "src=" not in text
    assert "import {" not in text
    assert "export " not in text


def test_a_count_by_hands_alone_lists_no_numbers(hall, client):
    motion = open_vote(hall, method=Motion.Method.HANDS)
    voting.close_motion(motion, by=None)
    for person in hall.people[1:3]:
        enter(motion, person)
    voting.announce_result(motion, by=None)
    page = text_of(client.get(place(hall, "1/")))
    assert "没有票号" in page
    assert hall.people[1].name in page
    assert hall.people[2].name in page


def enter(motion, person):
    from consultation.sheets import enter_hands

    enter_hands(motion, reader=person, counts={"for": 4, "against": 1, "abstain": 0}, by=None)
