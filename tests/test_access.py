"""Every address of the site × every letter of the matrix × the own village and another one.

The addresses come from the URL configuration itself: one without a row fails, and says what to add.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from tests.access.addresses import Address, addresses, path_of
from tests.access.admin_rows import ADMIN
from tests.access.asking import answer
from tests.access.rows import ACCOUNTS, MEETING, OWN, PUBLIC, REGION, VILLAGE, Row
from tests.access.rows_contest import CONTEST
from tests.access.world import LETTERS, World, make_world

ROWS = {**PUBLIC, **ACCOUNTS, **OWN, **VILLAGE, **REGION, **MEETING, **CONTEST, **ADMIN}
EDITORS = "EPGO"
OTHERS = "ARKHJMST"  # without any way into the admin
ELSEWHERE = "KHEPJMS"
ADDRESSES = addresses()

HOW = """
{name} ({route}) has no row: nobody has said who may open it.
Add one to tests/access/rows.py (ours) or tests/access/admin_rows.py (Wagtail's), for example
    "{name}": by_act(Act.GIVE_ROLES),        # a door of a village, by an act of docs/rights.md
    "{name}": signed_in(),                   # a page of the account itself
    "{name}": everybody(),                   # public
and, when its route has a new kind of argument, a value for it in tests/access/world.py.
"""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all questions; what an answer writes is undone, and the whole of it at the end."""
    from django.conf import settings

    before = settings.SECOND_FACTOR_REQUIRED
    # Nobody looks at the templates of the answers, and keeping them takes a fifth of the time.
    keeps_none = mock.patch("django.test.client.store_rendered_templates", return_value=None)
    no_pdf = mock.patch("ui.pdf.can_make_pdf", return_value=False)  # the same everywhere, and seconds each
    with django_db_blocker.unblock(), transaction.atomic(), keeps_none, no_pdf:
        settings.SECOND_FACTOR_REQUIRED = True
        try:
            yield make_world()
        finally:
            settings.SECOND_FACTOR_REQUIRED = before
            transaction.set_rollback(True)


def asked_by(address: Address, path: str, where: str) -> str:
    """Who of all may show something new to the quick run, before `few_let_in`.

    All that the village's own officers are in another one is somebody from elsewhere; of those two ask at each address,
    in turn. The admin sends all without a way in away before it looks at what they ask for: there one asks, in turn.
    """
    number = ADDRESSES.index(address)
    if path.startswith("/admin/"):
        return EDITORS if where == "other" else f"V{OTHERS[number % len(OTHERS)]}{EDITORS}"
    if where == "other":
        return f"VARGTO{ELSEWHERE[number % len(ELSEWHERE)]}{ELSEWHERE[(number + 3) % len(ELSEWHERE)]}"
    return LETTERS


def few_let_in(letters: str, expected: Mapping[str, str], number: int) -> str:
    """Everybody who is turned away, and three of those let in, in turn: whole pages are most of the time."""
    let_in = [letter for letter in letters if expected[letter] in ("ok", "on")]
    asked = {let_in[(number + step) % len(let_in)] for step in range(3)} if let_in else set()
    return "".join(letter for letter in letters if letter in asked or letter not in let_in)


def check(world: World, address: Address, *, everybody: bool) -> None:
    row: Row | None = ROWS.get(address.name)
    assert row is not None, HOW.format(name=address.name, route=address.route)
    for where in ("own", "other") if address.of_a_place else ("own",):
        path = path_of(address, world.values(where))
        expected = getattr(row, where)
        letters = LETTERS
        if not everybody:
            letters = few_let_in(asked_by(address, path, where), expected, ADDRESSES.index(address))
        found = {letter: answer(world.clients[letter], path, row.method) for letter in letters}
        assert found == {letter: expected[letter] for letter in letters}, f"{row.method.upper()} {path} ({where})"


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_each_address_answers_as_its_row_says(world: World, address: Address) -> None:
    check(world, address, everybody=False)


@pytest.mark.long
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_each_address_answers_everybody_as_its_row_says(world: World, address: Address) -> None:
    check(world, address, everybody=True)


def test_no_row_speaks_of_an_address_that_is_gone() -> None:
    assert set(ROWS) - {address.name for address in ADDRESSES} == set()


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/pages/", "/admin/images/", "/admin/users/", "/admin/api/main/pages/"]
)
def test_nobody_else_has_a_way_into_the_admin(world: World, path: str) -> None:
    assert {letter: answer(world.clients[letter], path) for letter in OTHERS} == dict.fromkeys(OTHERS, "sign-in")
