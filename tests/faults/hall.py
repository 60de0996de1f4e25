"""A full hall whose voters press their buttons over HTTP."""

from __future__ import annotations

import io
import json
import random
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.core.management import call_command

from consultation import voting
from consultation.bulletin_text import board_code, slip_key
from consultation.bulletins import bulletin_of
from consultation.models import Ballot as Stored
from consultation.models import Bulletin, Counted, Decision, Mark, Motion, Slip

CHOICES = ("for", "against", "abstain")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter's paper: the same request every time it is sent. `code` is what the bulletin will list."""

    entry: int
    choice: str
    code: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Voter:
    entry: int
    cookie: str
    csrf: str

    def post(self, path: str, fields: dict[str, str], *, accept: str = "application/json") -> bytes:
        body = urlencode(fields | {"csrfmiddlewaretoken": self.csrf}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\nAccept: {accept}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Hall:
    """A practice meeting with everybody checked in and a motion open; the first voter has the chair."""

    def __init__(self, voters: int, *, secret: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "hall.json"
            call_command("rehearsal", voters=voters, secret=secret, out=str(file), stdout=io.StringIO())
            described = json.loads(file.read_text())
        self.voters = [
            Voter(int(voter["fields"]["entry"]), voter["cookie"], voter["csrf"]) for voter in described["voters"]
        ]
        self.motion = Motion.objects.select_related("meeting__village").order_by("pk").last()
        self.meeting = self.motion.meeting

    def open_another(self, *, secret: bool) -> Motion:
        motion = voting.table_motion(
            meeting=self.meeting, text=f"第{secrets.token_hex(3)}件", method="online", secret=secret, by=None
        )
        self.motion = voting.open_motion(motion, by=None)
        return self.motion

    def ballots(self, dice: random.Random) -> list[Ballot]:
        """Everybody's paper for the open motion, in a random order."""
        made = [self._ballot(voter, dice.choice(CHOICES)) for voter in self.voters]
        dice.shuffle(made)
        return made

    def _ballot(self, voter: Voter, choice: str) -> Ballot:
        path = self.meeting.address("cast", self.motion.number)
        fields = {"entry": str(voter.entry), "choice": choice}
        secret = secrets.token_bytes(16)
        if self.motion.secret:
            fields |= {"slip": slip_key(secret), "board": board_code(secret), "turn": "1"}
            return Ballot(voter.entry, choice, board_code(secret), voter.post(path, fields))
        key = secret.hex()
        return Ballot(voter.entry, choice, board_code(key.encode()), voter.post(path, fields | {"key": key}))

    def closing(self) -> bytes:
        """The chair's press on "close"."""
        return self.voters[0].post(self.meeting.address("close_motion", self.motion.number), {})


def marked(motion: Motion) -> list[int]:
    """The roster numbers that have their mark, as often as they have one."""
    return sorted(Mark.objects.filter(motion=motion).values_list("entry__number", flat=True))


def lying(motion: Motion) -> int:
    """How many papers are in the box of an open motion."""
    return (Slip if motion.secret else Stored).objects.filter(motion=motion).count()


def assert_counted(motion: Motion, acknowledged: Iterable[Ballot]) -> None:
    """The sealed motion holds exactly these ballots: marks, counts, bulletin, and of recorded ones every choice."""
    ballots = list(acknowledged)
    motion.refresh_from_db()
    assert motion.state == Motion.State.PUBLISHED, motion.note
    assert marked(motion) == sorted(ballot.entry for ballot in ballots)
    decision = Decision.objects.get(motion=motion)
    wished = Counter(ballot.choice for ballot in ballots)
    assert decision.counts == {choice: wished[choice] for choice in CHOICES}
    assert Bulletin.objects.filter(motion=motion).count() == 1
    body = json.loads(bulletin_of(motion).body)
    assert body["codes"] == sorted(ballot.code for ballot in ballots)
    assert Counter(body["choices"]["1"]) == wished
    if motion.secret:
        assert Counter(Counted.objects.filter(motion=motion).values_list("choice", flat=True)) == wished
        assert not Slip.objects.filter(motion=motion).exists()
    else:
        stored = Stored.objects.filter(motion=motion).values_list("entry__number", "choice")
        assert sorted(stored) == sorted((ballot.entry, ballot.choice) for ballot in ballots)
