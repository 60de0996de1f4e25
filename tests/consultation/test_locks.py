"""SQLite's one lock, kept by another process: nobody waits behind somebody who waits in vain."""

import contextlib
import sqlite3
import time

import pytest
from django.db import OperationalError, connection, transaction

from consultation import locks, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.errors import DatabaseBusy
from consultation.locks import casting_turn
from consultation.models import Mark
from consultation.secret_ballots import cast_secret
from tests.factories.consultation import make_hall, open_vote
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")
PATIENCE = 1.5  # seconds, instead of 20


@pytest.fixture
def impatient(monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own lock")
    options = connection.settings_dict["OPTIONS"]
    said = options["init_command"].replace("busy_timeout=20000", f"busy_timeout={PATIENCE * 1000:.0f}")
    assert said != options["init_command"]
    monkeypatch.setitem(options, "init_command", said)
    connection.close()  # made anew with it
    monkeypatch.setattr(locks, "_turns", locks._Turns())  # as in a process that has just begun


@contextlib.contextmanager
def another_process():
    """Somebody else writes, and does not come to an end."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def timed(act):
    began = time.monotonic()
    try:
        return act(), time.monotonic() - began
    except DatabaseBusy as refused:
        return refused, time.monotonic() - began


@pytest.mark.parametrize("secret", [False, True], ids=["recorded", "secret"])
def test_a_whole_queue_is_refused_with_the_first_who_waited_in_vain(impatient, secret):
    hall = make_hall(8)
    motion = open_vote(hall, secret=secret)

    def cast(entry):
        own = bytes([entry.number]) * 16
        if secret:
            cast_secret(motion=motion, entry=entry, choice="for", slip=slip_key(own), board=board_code(own))
        else:
            voting.cast_ballot(motion=motion, entry=entry, choice="for", key=own.hex())
        return True

    acts = [lambda entry=entry: timed(lambda: cast(entry)) for entry in hall.entries]
    with another_process():
        answers = all_at_once(acts, threads=8)
        assert kinds([answer for answer, _seconds in answers]) == {"DatabaseBusy": 8}
        assert max(seconds for _answer, seconds in answers) < 2 * PATIENCE
        # Who comes now only looks whether it is free.
        (later, seconds), *_rest = all_at_once(acts[:1])
        assert isinstance(later, DatabaseBusy)
        assert seconds < PATIENCE
    assert not Mark.objects.exists()
    answers = all_at_once(acts, threads=8)
    assert [answer for answer, _seconds in answers] == [True] * 8
    assert Mark.objects.filter(motion=motion).count() == 8


def test_the_refusal_says_that_nothing_was_recorded(impatient, client):
    hall = make_hall(3)
    motion = open_vote(hall)
    client.force_login(hall.account(0))
    address, fields = motion.meeting.address("cast", motion.number), {"entry": 1, "choice": "for", "key": "k"}
    client.get(motion.meeting.get_absolute_url())  # the site's settings are made by the first page
    with another_process():
        page = client.post(address, fields)
        told = client.post(address, fields, headers={"accept": "application/json"})
    for answer in (page, told):
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "没有记下" in (answer.text if answer is page else answer.json()["error"]["message"])
    assert client.post(address, fields).status_code == 303


def test_patience_comes_back_with_the_lock(impatient):
    def patience():
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]

    whole = patience()
    with another_process():
        for _time in range(2):
            with pytest.raises(DatabaseBusy), casting_turn(), transaction.atomic():
                pass
        assert patience() == whole
    for _time in range(2):
        with casting_turn(), transaction.atomic():
            shortened = patience()
    assert (shortened, patience()) == (whole, whole)


def test_the_first_waits_with_the_whole_patience_and_who_comes_after_one_in_vain_only_looks(impatient):
    def write():
        with casting_turn(), transaction.atomic():
            return True

    with another_process():
        (first, waited), (second, looked) = timed(write), timed(write)
    assert isinstance(first, DatabaseBusy)
    assert isinstance(second, DatabaseBusy)
    assert looked < 1 < waited < 2 * PATIENCE
    assert write()


def test_another_fault_of_the_database_stays_what_it_is(impatient):
    with pytest.raises(OperationalError), casting_turn(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    with casting_turn(), transaction.atomic():
        assert not Mark.objects.exists()


def test_who_loses_the_connection_while_looking_gives_the_turn_on(impatient, monkeypatch):
    def gone(milliseconds=None):
        raise OperationalError("the connection is gone")

    with another_process(), pytest.raises(DatabaseBusy), casting_turn(), transaction.atomic():
        pass
    with monkeypatch.context() as patch:
        patch.setattr(locks, "_busy_timeout", gone)
        with pytest.raises(OperationalError, match="gone"), casting_turn():
            pass

    def next_one():
        with casting_turn():
            return True

    assert all_at_once([next_one]) == [True]
