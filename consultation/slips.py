"""A secret ballot's paper: sealed so that only the motion's key opens it, and all of one length."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
PLAIN_BYTES = 192  # choice, board code and turn with room to spare; padded, so that length tells nothing


class SlipBroken(Exception):
    """A slip that the motion's key does not open, or that holds what no slip holds."""


@dataclass(frozen=True)
class Paper:
    """What a slip says: the choice, the code for the bulletin, the how-manieth paper of its voter it is (from 1)."""

    choice: str
    board: str
    turn: int = 1


def _bound(motion_id: int, slip: str) -> bytes:
    """A payload opens only in its own motion and under its own slip's key."""
    return f"{motion_id}:{slip}".encode()


def seal_paper(key: bytes, paper: Paper, *, motion_id: int, slip: str) -> bytes:
    """AES-256-GCM over the padded JSON; nonce first. Raises ValueError for what does not fit."""
    plain = json.dumps([paper.choice, paper.board, paper.turn], separators=(",", ":")).encode()
    if len(plain) > PLAIN_BYTES:
        raise ValueError("too long for a slip")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain.ljust(PLAIN_BYTES), _bound(motion_id, slip))


def unseal_paper(key: bytes, payload: bytes, *, motion_id: int, slip: str) -> Paper:
    """Raises SlipBroken."""
    try:
        plain = AESGCM(key).decrypt(payload[:NONCE_BYTES], payload[NONCE_BYTES:], _bound(motion_id, slip))
        choice, board, turn = json.loads(plain)
        return Paper(str(choice), str(board), int(turn))
    except (InvalidTag, ValueError, TypeError) as error:
        raise SlipBroken(slip) from error
