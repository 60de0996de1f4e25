"""What a broken phone, an old page or an ill-meaning script may send to the ballots' doors."""

from __future__ import annotations

import json
import random
from typing import NamedTuple
from urllib.parse import quote_from_bytes, quote_plus, unquote_to_bytes

FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"
OTHER = [
    "text/plain",
    "application/octet-stream",
    "",
    "multipart/form-data",
    "text/xml",
    "application/x-www-form",
    "*/*",
]
LARGEST = 2_621_440

WORDS = [
    "", " ", "0", "1", "-1", "+1", "1e3", "1.0", "0x1", "１", "１２", "٣", "²", "一", "1" * 9, "1" * 19, "9" * 400,
    "2147483648", "9223372036854775808", "NaN", "Infinity", "null", "true", "[]", "{}", "for", "FOR", "for ", "against",
    "赞成", "a" * 64, "a" * 65, "f" * 32, "0" * 32, "F" * 32, "村" * 200, "村" * 501, "x" * 5_000, "\n", "\r\n", "a\tb",
    "\u202eabc", "\u2066a", "\ufeff", "\ufffd", "e\u0301", "𠮷㐂", "\U0001f5f3", "'; DROP TABLE mark; --", "<script>",
    "{{ 7 }}", "%s%n", "../../etc", "\x7f", "\x1b[0m", "count", "annul", "confirm", "hands", "paper", "online", "none",
    "on", "entry", "__proto__", "paper_and_online", "1 2", "1,2", "1\u00a02",
]  # fmt: skip
RAW = [b"%00", b"\x00", b"%ff", b"\xff\xfe", b"%ED%A0%80", b"\xed\xa0\x80", b"%", b"%u0041", b"%C0%AF", b"\x80", b"%F8"]


class Body(NamedTuple):
    """`broken` where a form holds what is no text at all."""

    data: bytes
    content_type: str
    broken: bool = False


def _pairs(dice: random.Random, good: dict[str, str]) -> list[tuple[str, bytes]]:
    """The good form with some fields made odd, left out, repeated; now and then foreign or too many ones."""
    pairs: list[tuple[str, bytes]] = []
    for name, value in good.items():
        for _time in range(dice.choice([0, 1, 1, 1, 1, 1, 1, 2, 5])):
            odd = dice.random()
            if odd < 0.4:
                said = quote_plus(dice.choice(WORDS)).encode()
            elif odd < 0.45:
                said = dice.choice(RAW)
            elif odd < 0.5:
                said = quote_from_bytes(dice.randbytes(dice.randrange(40))).encode()
            else:
                said = quote_plus(value).encode()
            pairs.append((name, said))
    if dice.random() < 0.2:
        pairs.append((dice.choice(["id", "motion", "village", "state", "by", "choice[]", "entry.pk", "村"]), b"1"))
    if dice.random() < 0.01:
        pairs += [(f"f{number}", b"1") for number in range(dice.choice([400, 501, 2000]))]
    dice.shuffle(pairs)
    return pairs


def _is_text(part: bytes) -> bool:
    try:
        return "\x00" not in unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        return False


def _in_parts(dice: random.Random, pairs: list[tuple[str, bytes]]) -> bytes:
    out = b""
    for name, said in pairs:
        file = f'; filename="{dice.choice(WORDS[:20])}"'.encode() if dice.random() < 0.15 else b""
        value = unquote_to_bytes(said.replace(b"+", b" "))
        out += b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name.encode(), file, value)
    end = dice.choice([b"--x--\r\n", b"--x--\r\n", b"--x--\r\n", b"", b"--y--\r\n"])
    return (out + end)[: dice.randrange(len(out) + 1)] if dice.random() < 0.1 else out + end


def _json(dice: random.Random, good: dict[str, str]) -> bytes:
    depth = dice.choice([3, 50, 20_000])
    return dice.choice(
        [
            json.dumps(good).encode(),
            json.dumps({**good, "unknown": 1, "entry": [1, {"a": None}], "choice": 1e308}).encode(),
            b'{"a":' * depth + b"1" + b"}" * depth,
            b"[" * depth,
            b'{"choice":"for","choice":"against"',
            b'{"choice":"\\ud800","entry":1e999}',
            b"null",
            b"\x00",
            b"\xff" * 30,
            b"",
        ]
    )


def odd_body(dice: random.Random, good: dict[str, str]) -> Body:
    """One body for a door whose form would be sound with `good`."""
    kind = dice.random()
    if kind < 0.003:
        return Body(b"choice=" + b"x" * (LARGEST + dice.choice([1, 100_000])), FORM)
    if kind < 0.15:
        return Body(_json(dice, good), JSON)
    pairs = _pairs(dice, good)
    if kind < 0.3:
        return Body(_in_parts(dice, pairs), PARTS)
    data = b"&".join(quote_plus(name).encode() + b"=" + said for name, said in pairs)
    if kind < 0.35:
        return Body(data, dice.choice(OTHER))
    return Body(data, FORM, broken=not _is_text(data))


def odd_frame(dice: random.Random) -> dict[str, object]:
    """One frame for a socket: mostly text that should be answered, now and then what closes it."""
    kind = dice.random()
    if kind < 0.03:
        return {"bytes": dice.randbytes(dice.randrange(1, 50)), "text": None}
    if kind < 0.05:
        return {"text": dice.choice(["x", "村", '{"id":1}']) * 20_000, "bytes": None}
    depth = dice.choice([2, 40, 7_000])
    text = dice.choice(
        [
            dice.choice(WORDS)[:4000],
            json.dumps({"id": dice.choice(WORDS)[:300], "type": "vote", "choice": "for"}),
            json.dumps({"id": dice.choice([1, -1, 10**30, 1.5, None, [], {}, True])}),
            '{"id":' + "9" * dice.choice([5, 400, 5_000]) + "}",
            "[" * depth,
            '{"a":' * depth,
            '{"id":"\\ud800"}',
            '{"id":1e999}',
            '{"id":NaN,"id":2}',
            "\x00",
            "\ud800",
            "".join(chr(dice.randrange(32, 0xD000)) for _ in range(dice.randrange(60))),
        ]
    )
    return {"text": text, "bytes": None}
