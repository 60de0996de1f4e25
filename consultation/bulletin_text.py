"""A bulletin as text (docs/bulletin.md): canonical JSON, leaves, root, codes. Imports neither Django nor models."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT = "village-bulletin-1"
FORMAT_OF_OPTIONS = "village-bulletin-2"
LOOSE = ("codes", "choices", "root")  # what is not in the first leaf


def normal(value: Any) -> Any:
    """The same JSON value with every string in NFC. Raises TypeError for what a bulletin may not hold (floats)."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, int):  # booleans are ints
        return value
    if isinstance(value, Mapping):
        return {normal(str(key)): normal(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [normal(inner) for inner in value]
    raise TypeError(f"not in a bulletin: {type(value).__name__}")


def canonical(value: Any) -> str:
    """Canonical JSON: NFC, sorted keys, no spaces, whole numbers only."""
    return json.dumps(normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """64 hex digits of the text's UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def leaves(body: Mapping[str, Any]) -> list[bytes]:
    """The leaves of a bulletin's tree, in order."""
    head = canonical({key: value for key, value in body.items() if key not in LOOSE})
    codes = [f"code:{code}" for code in body["codes"]]
    choices = [
        f"choice:{question}:{choice}"
        for question in sorted(body["choices"], key=int)
        for choice in body["choices"][question]
    ]
    return [text.encode() for text in (head, *codes, *choices)]


def merkle_root(entries: Sequence[bytes]) -> str:
    """RFC 6962, section 2.1: leaf prefix 00, node prefix 01, split at the largest power of two below the length."""

    def joined(low: int, high: int) -> bytes:
        if high - low == 1:
            return hashlib.sha256(b"\x00" + entries[low]).digest()
        half = 1 << ((high - low - 1).bit_length() - 1)
        return hashlib.sha256(b"\x01" + joined(low, low + half) + joined(low + half, high)).digest()

    return joined(0, len(entries)).hex() if entries else hashlib.sha256(b"").hexdigest()


def board_code(secret: bytes) -> str:
    """What the bulletin lists for a ballot whose voter holds `secret`."""
    return hashlib.sha256(b"board" + secret).hexdigest()


def slip_key(secret: bytes) -> str:
    """Under what a sealed slip lies in the box while the motion is open."""
    return hashlib.sha256(b"slip" + secret).hexdigest()


def code_number(code: str) -> str:
    """A board code for people: twelve digits in groups of four."""
    digits = f"{int(code[:16], 16) % 10**12:012d}"
    return f"{digits[:4]} {digits[4:8]} {digits[8:]}"
