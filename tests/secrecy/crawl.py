"""What somebody sees who follows links from the start pages and knows the addresses: page by page, without what differs
from one minute to the next."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie

from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client

from consultation.live import ticker
from consultation.models import Meeting

Pages = dict[str, str]

_LINK = re.compile(r'(?:href|src|data-[a-z-]+|hx-get)="(/[^"#]*)')
# Links that only change how somebody looks at things, and files that are the same for all.
_NOT_FOLLOWED = re.compile(r"^/(static|media|ui/|i18n|accounts/logout|admin/(logout|sprite|jsi18n|login)|stylesheet)")
# A bulletin's choices lie in a random order of their own; its root and its picture follow from that.
_CHOICES = re.compile(r'"choices":\{"1":\[([^\]]*)\]\}')
_MASKS = [
    re.compile(r'(?<=stroke="#000" d=")[^"]*'),  # a QR code of the root
    re.compile(r"\b(?:[0-9a-f]{4} ){3,}[0-9a-f]{4}\b"),  # roots as people compare them
    re.compile(r"\b\d{4} \d{4} \d{4}\b"),  # ballots' numbers
    re.compile(r"[\w-]{20,}(?:[:.][\w-]+)*"),  # tokens, nonces, keys, hashes
    re.compile(r"\b[0-9a-f]{12,}\b"),  # short hashes, request ids
    re.compile(r"\b\d{13}\b|\b\d{10}\.\d+"),  # clocks
    re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?!\d)"),
]


def masked(text: str) -> str:
    text = _CHOICES.sub(lambda found: '"choices":' + ",".join(sorted(found[1].split(","))), text)
    for mask in _MASKS:
        text = mask.sub("*", text)
    return text


def body_of(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK\x03\x04"):  # a workbook: what is in it, without the clock of each part
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"\n".join(name.encode() + b"\n" + parts.read(name) for name in parts.namelist())
    return content.decode(errors="replace")


def seen_by(client: Client, starts: Iterable[str], known: Iterable[str], *, most: int) -> Pages:
    """Up to `most` pages by links, and all the `known` addresses, as a page and as JSON."""
    seen: Pages = {}
    waiting, met = list(starts), set()
    addresses = [*known]
    while (waiting and len(met) < most) or addresses:
        following = bool(waiting) and len(met) < most
        path = waiting.pop(0) if following else addresses.pop(0)
        if masked(path) in met or path.endswith("qr.svg"):
            continue
        met.add(masked(path))
        answer = client.get(path)
        text = body_of(answer)
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items() if name != "Content-Length")
        seen[masked(path)] = masked(f"{answer.status_code}\n{headers}\n{text}")
        if following and "html" in answer.headers.get("Content-Type", ""):
            links = [html.unescape(link) for link in _LINK.findall(text)]
            waiting += [link for link in links if not _NOT_FOLLOWED.match(link)]
        if answer.headers.get("Location", "").startswith("/"):
            waiting.append(answer.headers["Location"])
    return seen


def frames_of(meeting: Meeting) -> Pages:
    """What a socket of the meeting is sent: the board, and the numbers of each tick."""
    pulse, frames = ticker._render_boards(meeting.pk, {"zh-hans", "en"})
    return {
        f"socket/{language}": masked(json.dumps(json.loads(frame), ensure_ascii=False))
        for language, frame in frames.items()
    } | {"socket": masked(json.dumps(pulse.as_tally()))}


@contextmanager
def undone(clients: Iterable[Client]) -> Iterator[None]:
    """Whatever happens in it never did: the next round begins with the very same database."""
    before = [(client, client.cookies.output(header="", sep="; ")) for client in clients]
    cache.clear()
    caches["process"].clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for client, kept in before:
        client.cookies = SimpleCookie()
        client.cookies.load(kept)


def rounds(
    clients: dict[str, Client], acts: Iterable[Callable[[], None]], look: Callable[[str, Client], Pages]
) -> list[Pages]:
    """What everybody sees after each of the acts, each on the same database."""
    found = []
    for act in acts:
        with undone(clients.values()):
            act()
            found.append(
                {f"{who} {path}": text for who, client in clients.items() for path, text in look(who, client).items()}
            )
    return found


def assert_alike(one: Pages, other: Pages) -> None:
    assert set(one) == set(other)
    for path, text in one.items():
        if text != other[path]:
            pairs = zip(text.splitlines(), other[path].splitlines(), strict=False)
            differ = next(((before, after) for before, after in pairs if before != after), ("length",))
            at = next((at for at, pair in enumerate(zip(*differ, strict=False)) if len(set(pair)) > 1), 0)
            raise AssertionError(f"{path}: {[line[max(at - 60, 0) : at + 60] for line in differ]}")
