"""A disk without room: whoever's ballot finds none is told so, and nothing false is said to anybody."""

import contextlib
import secrets

import pytest
from django.db import connection
from django.test import Client

from consultation import voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Mark
from tests.factories.consultation import make_big_hall, open_vote

pytestmark = pytest.mark.usefixtures("committed_db")
VOTERS = 90  # more than a new table takes in its first page


@contextlib.contextmanager
def no_room():
    """The file of the database may not grow by one page more."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA max_page_count")
        before = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {before}")


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "recorded"])
def test_a_ballot_without_room_is_not_acknowledged_and_goes_in_later(secret):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own way to have no room")
    hall = make_big_hall(VOTERS)
    motion = open_vote(hall, secret=secret)
    address = motion.meeting.address("cast", motion.number)
    clients = []
    for number, entry in enumerate(hall.entries):
        kept = secrets.token_bytes(16)
        own = {"slip": slip_key(kept), "board": board_code(kept), "turn": 1} if secret else {"key": kept.hex()}
        client = Client(raise_request_exception=False)
        client.force_login(hall.account(number))
        clients.append((client, {"entry": entry.number, "choice": "for"} | own))

    def cast(client, fields):
        return client.post(address, fields, headers={"Accept": "application/json"})

    with no_room():
        answers = [cast(*paper) for paper in clients]
    assert {answer.status_code for answer in answers} == {200, 503}
    accepted = [answer for answer in answers if answer.status_code == 200]
    assert Mark.objects.filter(motion=motion).count() == len(accepted)
    for answer in answers:
        if answer.status_code == 503:
            error = answer.json()["error"]
            assert (error["code"], error["retry"]) == ("try_again", True)
            assert error["message"].endswith("再试一次。")
            assert answer["Retry-After"]
    assert {cast(*paper).status_code for paper in clients} == {200}
    decision = voting.close_motion(motion, by=None).latest_decision
    assert decision.counts == {"for": VOTERS, "against": 0, "abstain": 0}
