"""A secret vote as it happens: phones and plain browsers, wrong tries, retries, changed minds, a pause."""

from __future__ import annotations

import http.client
import random
from dataclasses import dataclass
from urllib.parse import urlencode

from django.test import Client

from consultation.bulletin_text import board_code, code_number, slip_key
from consultation.models import Motion, RosterEntry
from residents.models import User
from tests.factories.consultation import Hall

JSON = "application/json"
PAGE = "text/html"
TOKEN = "x" * 32


@dataclass
class Voter:
    """One unit's phone. Its secret, and what follows from it, is what must be found nowhere."""

    number: int
    entry: RosterEntry
    cookie: str
    choice: str
    secret: bytes

    @property
    def slip(self) -> str:
        return slip_key(self.secret)

    @property
    def board(self) -> str:
        return board_code(self.secret)

    @property
    def traces(self) -> list[str]:
        return [self.secret.hex(), self.slip, self.board, code_number(self.board)]


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return f"{client.cookies['sessionid'].OutputString().split(';')[0]}; csrftoken={TOKEN}"


class Booth:
    """Presses buttons of the hall's pages on the server at `address`."""

    def __init__(self, hall: Hall, motion: Motion, address: str, dice: random.Random, choices: tuple[str, ...]) -> None:
        self.hall, self.motion, self.dice, self.choices = hall, motion, dice, choices
        self.voted: list[Voter] = []
        self.connection = http.client.HTTPConnection(address, timeout=30)
        self.voters = [
            Voter(place, entry, cookie_of(hall.account(place)), dice.choice(choices), dice.randbytes(16))
            for place, entry in enumerate(hall.entries)
        ]

    def post(self, path: str, cookie: str, fields: dict[str, object], accept: str = JSON) -> tuple[int, str]:
        body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
        headers = {"Cookie": cookie, "Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def cast(self, voter: Voter, accept: str = JSON, **fields: object) -> int:
        path = self.hall.meeting.address("cast", self.motion.number)
        status, text = self.post(path, voter.cookie, {"entry": voter.entry.number} | fields, accept)
        assert accept != JSON or "choice" not in text or status == 422, "an answer names the choice"
        return status

    def vote(self, voter: Voter) -> None:
        """Scripts make the slip on the phone; without them the page's own secret goes up, and is read once more."""
        kind = voter.number % 5
        made = {"slip": voter.slip, "board": voter.board}
        if kind == 0:
            assert self.cast(voter, choice="maybe", **made) == 422
            assert self.cast(voter, choice=voter.choice, slip="x", board="y") == 422
        if kind == 3 and self.voted:
            assert self.cast(voter, choice=voter.choice, slip=self.voted[0].slip, board=voter.board) == 422
        first = self.dice.choice(self.choices) if kind == 2 else voter.choice
        if voter.number % 2:
            assert self.cast(voter, choice=first, turn=1, **made) == 200
        else:
            said = {"choice": first, "secret": voter.secret.hex()}
            assert self.cast(voter, PAGE, **said) == 200
            assert self.cast(voter, PAGE, sure=1, **said) == 200
        if kind == 1:
            assert self.cast(voter, choice=first, turn=1, **made) == 200
            assert self.cast(voter, choice=first, slip="0" * 63 + "1", board=voter.board) == 409
        if kind == 2:
            assert self.cast(voter, choice=voter.choice, turn=2, **made) == 200
        self.voted.append(voter)

    def press(self, name: str) -> int:
        """The chair's button."""
        return self.post(self.hall.meeting.address(name, self.motion.number), self.voters[0].cookie, {}, PAGE)[0]
