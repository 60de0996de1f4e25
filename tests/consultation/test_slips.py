"""A slip opens with its motion's key, in its own place, and all are of one length."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consultation.slips import Paper, SlipBroken, seal_paper, unseal_paper

KEY = bytes(range(32))
BOARD = "b" * 64


def seal(paper: Paper, key: bytes = KEY, *, motion_id: int = 7, slip: str = "s" * 64) -> bytes:
    return seal_paper(key, paper, motion_id=motion_id, slip=slip)


def unseal(payload: bytes, key: bytes = KEY, *, motion_id: int = 7, slip: str = "s" * 64) -> Paper:
    return unseal_paper(key, payload, motion_id=motion_id, slip=slip)


@pytest.mark.parametrize("paper", [Paper("for", BOARD), Paper("against", BOARD, 2), Paper("abstain", BOARD, 1000)])
def test_what_goes_in_comes_out_and_tells_nothing_by_its_length(paper):
    payload = seal(paper)
    assert unseal(payload) == paper
    assert len(payload) == 12 + 192 + 16  # nonce, padded paper, tag
    assert seal(paper) != payload


def test_a_paper_is_its_voters_first_unless_it_says_otherwise():
    assert Paper("for", BOARD).turn == 1


def test_a_slip_opens_in_its_own_place_with_its_own_key_only():
    payload = seal(Paper("for", BOARD))
    for elsewhere in ({"motion_id": 8}, {"slip": "t" * 64}, {"key": KEY[::-1]}):
        with pytest.raises(SlipBroken):
            unseal(payload, **elsewhere)


@pytest.mark.parametrize("payload", [b"", b"x" * 11, b"x" * 220], ids=len)
def test_what_is_no_slip_is_told_so(payload):
    with pytest.raises(SlipBroken):
        unseal(payload)


@pytest.mark.parametrize(
    "plain",
    [b"for", b"[]", b'["for"]', b'["for", "b", 1, 2]', b'["for", "b", "x"]', b'["for", "b", null]', b"3", b"\xff"],
)
def test_what_the_key_opens_is_still_read_as_a_slip_only(plain):
    nonce = secrets.token_bytes(12)
    with pytest.raises(SlipBroken):
        unseal(nonce + AESGCM(KEY).encrypt(nonce, plain, f"7:{'s' * 64}".encode()))


def test_a_slip_of_an_earlier_program_opens():
    """Nobody votes twice because the portal was updated in the middle: how a slip is written does not change."""
    nonce = secrets.token_bytes(12)
    plain = f'["against","{BOARD}",2]'.encode().ljust(192)
    old = nonce + AESGCM(KEY).encrypt(nonce, plain, f"7:{'s' * 64}".encode())
    assert unseal(old) == Paper("against", BOARD, 2)


def test_what_does_not_fit_is_not_cut():
    longest = 192 - len('["for","",1]')
    assert unseal(seal(Paper("for", "b" * longest))).board == "b" * longest
    with pytest.raises(ValueError, match="too long"):
        seal(Paper("for", "b" * (longest + 1)))
