"""The judge's desk and the public result: what is sent is kept or said to be wrong, and nobody sees another's marks."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from contest import results
from contest.models import Score
from tests.factories.judging import all_give, close_all, give, make_jury, sheet_of
from tests.secrecy.crawl import masked

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, "residents.backends.AccountBackend")
    return client


def test_a_judge_fills_in_a_sheet_without_script_and_goes_on():
    contest, _organizer, (judge,) = make_jury(1, 2)
    client = signed_in(judge.account)
    assert client.get(reverse("contest:judging")).text.count("还没评完") == 2
    address = contest.address("judging_sheet", 1)
    sent = {"mark-legality": "8.3", "mark-effect": "20", "note": "好", "revision": "0"}
    wrong = client.post(address, sent)
    assert wrong.status_code == 422
    assert 'value="8.3"' in wrong.text
    assert not Score.objects.exists()
    response = client.post(address, sent | {"mark-legality": "8.5", "done": "1"})
    assert (response.status_code, response.url) == (302, contest.address("judging_sheet", 2))
    assert sheet_of(judge).note == "好"
    stale = client.post(address, sent | {"mark-legality": "9"})
    assert stale.status_code == 409
    gone = client.post(contest.address("judging_conflict", 2), {"kind": "kin", "words": ""})
    assert gone.status_code == 302
    assert client.post(contest.address("judging_conflict", 1), {}).status_code == 422


def test_a_sheet_of_somebody_else_is_not_there():
    contest, organizer, (judge, _other) = make_jury(2, 1)
    assert Client().get(contest.address("judging_sheet", 1)).status_code == 302
    for door in ("judging_sheet", "judging_conflict"):
        assert signed_in(organizer).get(contest.address(door, 1)).status_code == 404
        assert signed_in(judge.account).get(contest.address(door, 9)).status_code == 404


def test_other_judges_marks_change_nothing_a_judge_is_shown():
    contest, _organizer, (one, other) = make_jury(2, 2)
    give(one, 1, "8", "9")
    pages = [
        reverse("contest:judging"), contest.address("judging_sheet", 1), contest.address("judging_conflict", 1),
        contest.address("results"), contest.address("progress"), contest.address("results_file", "csv"),
    ]  # fmt: skip
    shown = []
    for marks in (("1", "2"), ("20", "30")):
        give(other, 1, *marks)
        give(other, 2, *marks[::-1] if marks[0] == "1" else marks)
        client = signed_in(one.account)
        shown.append([masked(client.get(page).text) for page in pages])
    assert shown[0] == shown[1]


def test_the_result_is_public_from_the_notice_on():
    contest, organizer, judges = make_jury(3, 2)
    all_give(judges, 2)
    close_all(contest)
    address, visitor = contest.address("results"), Client()
    assert visitor.get(address).status_code == 404
    results.lock_scores(contest, by=organizer)
    assert visitor.get(address).status_code == 404
    assert visitor.get(contest.address("results_file", "csv")).status_code == 404
    results.give_notice(contest, days=7, by=organizer)
    page = visitor.get(address)
    assert page.status_code == 200
    assert "正在公示" in page.text
    assert "3 位评委给" in page.text
    for kind in ("csv", "json", "xlsx"):
        assert visitor.get(contest.address("results_file", kind)).status_code == 200
    assert visitor.get(contest.address("results_file", "exe")).status_code == 404
    for version in ("9", "x", "²", "99999"):
        assert visitor.get(address, {"version": version}).status_code == 404
    assert "def compute" in visitor.get(reverse("contest:recompute")).text
