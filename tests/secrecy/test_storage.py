"""A whole secret vote on a running server, and then everything it kept: nothing joins a voter to a choice."""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from dataclasses import dataclass, field

import pytest
from django.db import connection

from consultation import models
from consultation.bulletins import bulletin_of
from consultation.key_store import KeyStoreError, get_key_store
from consultation.models import Mark, Motion, Slip
from consultation.slips import SlipBroken, unseal_paper
from tests.factories.consultation import make_hall, open_vote
from tests.live.server import serving

from . import traces
from .questions import FIVE_OF_FIFTY, YES_OR_NO, Question
from .voters import PAGE, Booth

VOTERS = 40
SEED = 20261126
INDEXED = {"consultation_slip_pkey", "consultation_slip"}
LOOKED_FOR = 12  # voters whose traces are looked for in large files


@dataclass
class Kept:
    """What was copied while the vote went on and after it, and what the server said."""

    files: list[dict[str, bytes]] = field(default_factory=list)
    tables: list[dict[str, bytes]] = field(default_factory=list)
    payloads: set[bytes] = field(default_factory=set)
    shared: bytes = b""
    key: bytes = b""
    output: bytes = b""

    def copy(self, *, files: bool) -> None:
        if files:
            self.files.append(traces.database_files())
        self.tables.append(traces.tables())
        self.payloads |= {bytes(payload) for payload in Slip.objects.values_list("payload", flat=True)}


def hold(booth: Booth, kept: Kept) -> None:
    """Everybody votes in random order, with a pause in the middle; the chair closes."""
    order = list(booth.voters)
    booth.dice.shuffle(order)
    for turn, voter in enumerate(order):
        if turn == VOTERS // 2:
            assert booth.press("pause_motion") in (302, 303)
            assert booth.cast(voter, choice=voter.choice, slip=voter.slip, board=voter.board) == 409
            assert booth.press("resume_motion") in (302, 303)
        booth.vote(voter)
        if turn % 10 == 9:
            kept.copy(files=turn == VOTERS - 1)
    kept.key = get_key_store().read(Motion.objects.get(pk=booth.motion.pk).key_ref)
    assert booth.press("close_motion") in (302, 303)
    booth.cast(order[0], choice=order[0].choice, slip=order[0].slip, board=order[0].board)
    booth.cast(order[1], PAGE, choice=order[1].choice, secret=order[1].secret.hex(), sure=1)
    kept.shared = traces.valkey()
    kept.copy(files=True)


def assert_counted(booth: Booth, question: Question) -> int:
    """It was a real vote: everybody's last word counted, once. Of how many picks is returned."""
    motion = Motion.objects.get(pk=booth.motion.pk)
    wished = question.counted([voter.choice for voter in booth.voters])
    assert motion.state == "published", motion.note
    assert motion.latest_decision.counts == {choice: wished[choice] for choice in motion.form.choices}
    assert json.loads(bulletin_of(motion).body)["codes"] == sorted(voter.board for voter in booth.voters)
    return wished.total()


def assert_said_nowhere(booth: Booth, kept: Kept, question: Question) -> None:
    """Codes and secrets lie in the box while it is open, sealed or hashed, on the bulletin afterwards; nowhere else.

    What one voter picked together is written nowhere at all.
    """
    sought = [trace for voter in booth.voters for trace in voter.traces]
    secrets = [form for voter in booth.voters[:LOOKED_FOR] for form in traces.forms(voter.secret)]
    boards = [voter.board for voter in booth.voters[:LOOKED_FOR]]
    for copied in kept.tables[:-1]:
        assert traces.found_in(copied, sought) == {"consultation_slip"}
    assert traces.found_in(kept.tables[-1], sought) == {"consultation_bulletin"}
    spoken = {"output": kept.output, "cache": kept.shared}
    assert b"open_motion" in kept.output or b"refused" in kept.output
    assert not traces.found_in(spoken, [*sought, *secrets, *question.together, "against", "abstain"])
    # The server is shared with tests that make it name such columns; codes and secrets are this vote's alone.
    assert not traces.found_in({"database's log": traces.server_log()}, [*sought, *secrets])
    for copied in [*kept.files, traces.written_ahead()]:
        assert not traces.found_in(copied, [*secrets, *question.together])
    for copied in kept.tables:
        assert not traces.found_in(copied, question.together)
    for copied in kept.files[:-1]:
        assert not traces.found_in(copied, boards), "a board code outside its seal while the motion is open"


def assert_box_is_gone(booth: Booth, kept: Kept) -> None:
    """After the count no slip lies in the database's own files any more, and nobody has the key.

    PostgreSQL's indexes go on holding the hashes that slips lay under: of no voter, and leading to no board code.
    """
    slips = [voter.slip for voter in booth.voters[:LOOKED_FOR]]
    assert traces.found_in(kept.files[0], slips), "the copies would show slips"
    assert traces.found_in(kept.files[0], kept.payloads), "the copies would show what was in the box"
    assert not traces.found_in(kept.files[-1], kept.payloads)
    left = traces.found_in(kept.files[-1], slips)
    assert {name.split("_key_")[0] for name in left} <= (INDEXED if connection.vendor == "postgresql" else set())
    assert Motion.objects.get(pk=booth.motion.pk).key_ref == ""
    with pytest.raises(KeyStoreError):
        get_key_store().read(booth.motion.key_ref)
    everything = [*kept.files, *kept.tables, traces.written_ahead(), {"output": kept.output, "cache": kept.shared}]
    for copied in everything:
        assert not traces.found_in(copied, traces.forms(kept.key))


def assert_sealed_alike(booth: Booth, kept: Kept) -> None:
    """Copies of the open box hold sealed papers of one length, and another key opens none of them."""
    assert len(kept.payloads) >= VOTERS
    assert len({len(payload) for payload in kept.payloads}) == 1
    for voter in booth.voters[:LOOKED_FOR]:
        for payload in kept.payloads:
            with pytest.raises(SlipBroken):
                unseal_paper(bytes(32), payload, motion_id=booth.motion.pk, slip=voter.slip)


def assert_order_tells_nothing(picks: int) -> None:
    """Choices lie in the order of their random ids and were written as one; no column says more than that."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT id, xmin::text FROM consultation_counted ORDER BY ctid")
        else:
            cursor.execute("SELECT id, 0 FROM consultation_counted ORDER BY rowid")
        rows = cursor.fetchall()
        ids = [row[0] for row in rows]
        assert len(ids) == picks
        assert ids == sorted(ids)
        assert len({row[1] for row in rows}) == 1
        assert all(len(bytes.fromhex(one)) * 8 >= 128 for one in ids)
        columns = {
            model: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for model, table in ((model, model._meta.db_table) for model in (Mark, Slip, models.Counted))
        }
    assert columns == {
        Mark: {"id", "village_id", "motion_id", "entry_id", "paper"},
        Slip: {"key", "village_id", "motion_id", "payload"},
        models.Counted: {"id", "village_id", "motion_id", "question", "choice"},
    }


@pytest.mark.parametrize("question", [YES_OR_NO, pytest.param(FIVE_OF_FIFTY, marks=pytest.mark.long)])
def test_all_that_is_kept_of_a_vote_tells_nobodys_choice(committed_db, question):
    hall = make_hall(VOTERS)
    motion = open_vote(hall, secret=True, changeable=True, **question.fields)
    kept = Kept()
    with tempfile.TemporaryFile() as output:
        with serving(output=output, LOG_LEVEL="DEBUG") as address:
            booth = Booth(hall, motion, address, random.Random(SEED), question.words)
            with contextlib.closing(booth.connection):
                hold(booth, kept)
        output.seek(0)
        kept.output = output.read()
    picks = assert_counted(booth, question)
    assert_said_nowhere(booth, kept, question)
    assert_box_is_gone(booth, kept)
    assert_sealed_alike(booth, kept)
    assert_order_tells_nothing(picks)
