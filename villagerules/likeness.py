"""How alike two articles are, and the keys under which alike ones find one another.

Keys are MinHash bands over pairs of neighbouring signs: two texts that share the part `j` of their pairs have at least
one key in common with a chance of 1-(1-j²)^12 (0.97 for half of them, 0.04 for a twentieth). They lie in the database,
so they must come out the same with every release: by hashlib, not by a library whose hashes may change.
Imports neither Django nor models.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process

BANDS = 12
_ROWS = 2  # hashes that must all agree for one key
_HASHES = struct.Struct(f">{BANDS * _ROWS}I")
_BAND = struct.Struct(f">B{_ROWS}I")
_NO_WORD = re.compile(r"[\W_]+")
_KNOWN_PAIRS = 8192  # about 10 MB in each process


def plain(text: str) -> str:
    """What counts when texts are compared: signs and numbers, without spaces and punctuation."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text)).lower()


def digest_of(words: str) -> int:
    """64 bits, signed, that stand for these `plain` words."""
    return _bits(words.encode())


def keys_of(words: str) -> list[int]:
    """One key of 64 bits, signed, for each band of these `plain` words; none for none."""
    if not words:
        return []
    pairs = {words[place : place + 2] for place in range(max(len(words) - 1, 1))}
    least = list(map(min, zip(*map(_hashes, pairs), strict=True)))
    bands = (_BAND.pack(band, *least[band * _ROWS :][:_ROWS]) for band in range(BANDS))
    return [_bits(band) for band in bands]


def _bits(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=_KNOWN_PAIRS)
def _hashes(pair: str) -> tuple[int, ...]:
    return _HASHES.unpack(hashlib.shake_128(pair.encode()).digest(_HASHES.size))


def likeness(one: str, other: str) -> float:
    """From 0 to 1, of `plain` words: the part of both that stays where one is made into the other."""
    return float(fuzz.ratio(one, other)) / 100


def most_alike(words: str, others: Mapping[int, str], *, least: float, most: int) -> list[tuple[int, float]]:
    """Keys of those `others` that are alike by `least` or more, with how much, the most alike first."""
    found = process.extract(words, others, scorer=fuzz.ratio, processor=None, score_cutoff=100 * least, limit=most)
    return [(key, score / 100) for _words, score, key in found]
