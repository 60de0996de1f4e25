"""The order in which people voted is lost when their ballots are counted."""

from __future__ import annotations

import random
import secrets
import types

import pytest
from django.db import connection

from consultation import sealing, secret_ballots, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Counted, Mark, Motion, secret
from consultation.models.secret import ID_BYTES
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db

SEED = 20261126
VOTERS = 40
ROUNDS = 6


@pytest.fixture
def dice(monkeypatch):
    """What the count draws, from a seed: the same test every day."""
    drawn = random.Random(SEED)
    monkeypatch.setattr(sealing, "secrets", types.SimpleNamespace(SystemRandom=lambda: drawn))
    monkeypatch.setattr(sealing, "random_id", lambda: drawn.randbytes(ID_BYTES).hex())
    return drawn


def as_they_lie(motion):
    """The counted choices in the order of the table."""
    place = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, choice FROM consultation_counted WHERE motion_id = %s ORDER BY {place}",  # noqa: S608
            [motion.pk],
        )
        return cursor.fetchall()


def test_choices_lie_in_no_order_of_casting(dice):
    """The first half of the voters says yes, the second no. Of the first half of the table's rows, about half say yes:
    over all rounds within four standard deviations; and the places of yes follow those of the marks as little."""
    hall = make_hall(VOTERS)
    early = same = 0
    for _ in range(ROUNDS):
        motion = open_vote(hall, secret=True)
        order = list(hall.entries)
        dice.shuffle(order)
        for turn, entry in enumerate(order):
            own = dice.randbytes(16)
            secret_ballots.cast_secret(
                motion=motion, entry=entry, slip=slip_key(own), board=board_code(own),
                choice="for" if turn < VOTERS // 2 else "against",
            )  # fmt: skip
        voting.close_motion(motion, by=None)
        rows = as_they_lie(motion)
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        choices = [row[1] for row in rows]
        early += choices[: VOTERS // 2].count("for")
        chose = {entry.pk: "for" if turn < VOTERS // 2 else "against" for turn, entry in enumerate(order)}
        marks = Mark.objects.filter(motion=motion).order_by("pk").values_list("entry", flat=True)
        same += sum(chose[entry] == choice for entry, choice in zip(marks, choices, strict=True))
    # Drawn without replacement: half of 40 rows, of which half say yes, varies by 20·20·20·20 / (40·40·39).
    spread = (ROUNDS * (VOTERS / 2) ** 4 / (VOTERS**2 * (VOTERS - 1))) ** 0.5
    assert abs(early - ROUNDS * VOTERS / 4) < 4 * spread
    assert abs(same - ROUNDS * VOTERS / 2) < 8 * spread
    assert Counted.objects.count() == ROUNDS * VOTERS
    assert not Motion.objects.exclude(state="published").exists()


def test_ids_come_from_the_systems_generator_with_enough_bits():
    assert secret.secrets is secrets
    ids = {secret.random_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) * 4 for one in ids} == {ID_BYTES * 8}
    assert ID_BYTES * 8 >= 128
