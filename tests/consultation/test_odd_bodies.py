"""Whatever is sent to the ballots' doors gets one of the answers of docs/errors.md, and touches nobody's ballot."""

from __future__ import annotations

import gc
import json
import random
from typing import Any

import psutil
import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from consultation import kiosk, voting
from consultation.models import Ballot, Mark, Motion, Proxy
from consultation.views.kiosk import COOKIE
from residents.models import Proposal
from tests.factories.acting import make_kiosk, proxy_hall
from tests.factories.consultation import open_vote
from tests.factories.residents import make_user
from ui.answers import STATUS

from .odd_bodies import FORM, JSON, LARGEST, odd_body

pytestmark = pytest.mark.django_db

SEED = 20261126
SOUND = {200, 301, 302, 303}
REFUSED = {status for code, status in STATUS.items() if code != "try_again"}
SECRET = {"entry": "6", "choice": "for", "secret": "0f" * 16, "turn": "1", "sure": "1"}
OPEN = {"entry": "6", "choice": "for", "key": "k"}


class Doors:
    """Two meetings of one village's people, one voting by name, one in secret; three have voted in each."""

    def __init__(self) -> None:
        self.halls = [proxy_hall(9, present=8), proxy_hall(9, present=8)]
        self.motions = [open_vote(self.halls[0], method="paper_and_online"), open_vote(self.halls[1], secret=True)]
        for entry in self.halls[0].entries[:3]:
            voting.cast_ballot(motion=self.motions[0], entry=entry, choice="against", key=f"theirs {entry.pk}")
        counted = voting.table_motion(meeting=self.halls[0].meeting, text="举手", method="hands", by=None)
        self.counted = Motion.objects.get(pk=counted.pk)
        row, token = make_kiosk(self.halls[0])
        kiosk.call_up(row, self.halls[0].entries[4])
        self.tablet = Client()
        self.tablet.cookies[COOKIE] = token
        self.by = {
            name: (self.signed_in(0, account), self.signed_in(1, account))
            for name, account in (("chair", 0), ("recorder", 1), ("voter", 5))
        }
        self.strict = Client(enforce_csrf_checks=True)
        self.strict.force_login(self.halls[0].account(5))
        call = kiosk._fresh(row).call
        first, second = self.halls[0].meeting, self.halls[1].meeting
        number = self.motions[0].number
        counts = {"for": "0", "against": "0", "abstain": "0", "blank": "0", "invalid": "0", "not_returned": "0"}
        voter, secretly = self.by["voter"]
        recorder, chair = self.by["recorder"][0], self.by["chair"][0]
        at = first.address
        # Door, who knocks, a form that would do.
        self.all: list[tuple[str, Client, dict[str, str]]] = [
            (at("cast", number), voter, OPEN),
            (second.address("cast", self.motions[1].number), secretly, SECRET),
            (second.address("cast", self.motions[1].number), secretly, SECRET | {"slip": "a" * 64, "board": "b" * 64}),
            (at("cast_for", number), recorder, OPEN | {"entry": "7"}),
            (at("papers", number) + "issue/", recorder, {"entry": "8"}),
            (at("papers", number) + "spoil/", recorder, {"entry": "8"}),
            (at("papers", number) + "unused/", recorder, {"entry": "8"}),
            (at("enter_hands", self.counted.number), recorder, counts),
            (at("enter_papers", number), recorder, counts),
            (at("kiosk"), self.tablet, {"call": call, "choice": "for", "secret": "0f" * 16, "step": "cast"}),
            (at("kiosk_call"), recorder, {"entry": "5", "kiosk": "1"}),
            (at("proxies"), voter, {"grantor": "6", "holder": "村民", "entry": "6"}),
            (at("check_in"), recorder, {"entry": "9", "group": ""}),
            (at("settle", number), chair, {"decision": "annul", "reason": "念错了"}),
            (at("settle", number) + "1/", chair, {"answer": "confirm"}),
            (at("table_motion"), chair, {"text": "路灯", "method": "online", "secret": "on"}),
        ]

    def signed_in(self, hall: int, account: int) -> Client:
        client = Client()
        client.force_login(self.halls[hall].account(account))
        return client

    @property
    def theirs(self) -> list[tuple[int, str, str]]:
        entries = [entry.pk for entry in self.halls[0].entries[:3]]
        kept = Ballot.objects.filter(motion=self.motions[0], entry__in=entries).order_by("entry")
        return list(kept.values_list("entry_id", "choice", "key"))


def knock(doors: Doors, dice: random.Random) -> None:
    address, client, good = dice.choice(doors.all)
    body = odd_body(dice, good)
    headers = {"accept": "application/json"} if dice.random() < 0.8 else {}
    if dice.random() < 0.03:
        answer = doors.strict.post(doors.all[0][0], body.data, content_type=body.content_type, headers=headers)
        assert answer.status_code in (400, 403, 413), (body, answer.status_code)
        return
    # Taken back at once, so that the thousandth form meets the same meeting as the first.
    with transaction.atomic():
        before = doors.theirs
        answer = client.post(address, body.data, content_type=body.content_type, headers=headers)
        judge(answer, address, body)
        assert doors.theirs == before
        transaction.set_rollback(True)


def judge(answer: Any, address: str, body: Any) -> None:
    told = (address, body.content_type, body.data[:2000], answer.status_code)
    assert answer.status_code in SOUND | REFUSED, told
    if body.broken and len(body.data) <= LARGEST:
        assert answer.status_code == 400, told
    if len(body.data) > LARGEST and body.content_type == FORM:
        assert answer.status_code == 413, told
    if answer.headers.get("Content-Type", "").startswith(JSON):
        said = answer.json()
        if answer.status_code != 200:
            assert set(said) == {"error"}, told
            assert set(said["error"]) == {"code", "message", "field", "retry", "request_id"}, told
            assert STATUS[said["error"]["code"]] == answer.status_code, told
            assert "no-store" in answer["Cache-Control"], told
        else:
            assert said["accepted"], told
            assert body.content_type != JSON, told  # what is no form is never a ballot


def test_what_is_no_form_is_told_so_in_plain_words_and_touches_nothing() -> None:
    doors = Doors()
    marks = Mark.objects.count()
    for address, client, good in doors.all:
        for content_type in (JSON, "text/plain", "application/octet-stream"):
            for headers in ({"accept": JSON}, {}):
                answer = client.post(address, json.dumps(good), content_type=content_type, headers=headers)
                said = answer.json()["error"]["message"] if headers else answer.text
                assert (answer.status_code, "这里只收网页上的表单" in said) == (415, True), (address, content_type)
    assert Mark.objects.count() == marks
    # Who may not know of the meeting hears of no form either.
    stranger = Client()
    stranger.force_login(make_user())
    for address, *_rest in doors.all:
        assert stranger.post(address, "{}", content_type=JSON).status_code in (302, 404), address


def read_odd_addresses(doors: Doors, dice: random.Random) -> None:
    village = doors.halls[0].village.slug
    for end in (
        "0/",
        "9" * 30 + "/",
        "%00/",
        "1/bulletin.json?x=%ff",
        "x/",
        "-1/",
        "１/",
        "1/qr.svg",
        "?page=" + "9" * 50,
    ):
        answer = dice.choice(doors.by["voter"]).get(f"/v/{village}/bulletins/{end}")
        assert answer.status_code in (200, 302, 400, 404), (end, answer.status_code)


def run(times: int, seed: int = SEED) -> None:
    dice = random.Random(seed)
    doors = Doors()
    marks = Mark.objects.count()
    held = 0
    for time in range(times):
        if time % 200 == 0:
            caches["default"].clear()  # the limits of the minute; they refuse, too, but would hide the rest
            read_odd_addresses(doors, dice)
        if time == times // 2:  # by then everything is loaded that is loaded once
            gc.collect()
            held = psutil.Process().memory_info().rss
        knock(doors, dice)
    gc.collect()
    assert psutil.Process().memory_info().rss - held < 64 * 2**20
    assert Mark.objects.count() == marks
    assert not Proxy.objects.exists()
    assert not Proposal.objects.exists()
    assert len(doors.theirs) == 3


@pytest.mark.parametrize("part", range(4))  # for as many workers
def test_two_thousand_odd_bodies_get_their_answers(part: int) -> None:
    run(500, SEED + part)


@pytest.mark.long
def test_fifty_thousand_odd_bodies_get_their_answers() -> None:
    run(50_000)
