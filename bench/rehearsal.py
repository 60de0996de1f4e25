"""The rehearsal file: what any load tool needs to vote and watch as N fictitious voters."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit


@dataclass(frozen=True, slots=True)
class Voter:
    """One signed-in voter: `cookie` as the header's value, `csrf` as the form's token."""

    cookie: str
    csrf: str
    fields: dict[str, str]
    token: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A practice meeting with an open motion; addresses are absolute or paths on `base`."""

    base: str
    meeting_url: str
    board_url: str
    socket_url: str
    cast_url: str
    cast_fields: dict[str, str]
    voters: list[Voter]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the JSON that `manage.py rehearsal` writes; unknown keys are left alone."""
        known = json.loads(path.read_text())
        voters = [
            Voter(
                voter["cookie"],
                voter["csrf"],
                voter.get("fields", {}),
                voter.get("token", ""),
            )
            for voter in known["voters"]
        ]
        names = ("base", "meeting_url", "board_url", "socket_url", "cast_url")
        return cls(
            **{name: known[name] for name in names},
            cast_fields=known["cast_fields"],
            voters=voters,
        )

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False))

    def address(self, url: str) -> SplitResult:
        """An address of the file in full, split."""
        return urlsplit(urljoin(self.base + "/", url))

    def get(self, url: str, voter: Voter) -> bytes:
        """A GET request as the voter's browser would send it."""
        where = self.address(url)
        head = (
            f"GET {_target(where)} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Cookie: {voter.cookie}\r\nAccept: text/html\r\n\r\n"
        )
        return head.encode()

    def cast(self, voter: Voter) -> bytes:
        """The POST request that casts this voter's ballot; the same one again is the same ballot."""
        where = self.address(self.cast_url)
        fields = {
            "csrfmiddlewaretoken": voter.csrf,
            **self.cast_fields,
            **voter.fields,
        }
        body = urlencode(fields).encode()
        head = (
            f"POST {_target(where)} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Cookie: {voter.cookie}\r\nX-CSRFToken: {voter.csrf}\r\n"
            f"Origin: {self.base}\r\nReferer: {self.base}/\r\nAccept: application/json\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def watch(self, voter: Voter) -> tuple[str, int, bytes]:
        """Host, port and handshake of this voter's socket."""
        where = self.address(self.socket_url.replace("{token}", voter.token))
        head = (
            f"GET {_target(where)} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Cookie: {voter.cookie}\r\nOrigin: {self.base}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        return where.hostname or "127.0.0.1", where.port or 80, head.encode()


def _target(where: SplitResult) -> str:
    return f"{where.path}?{where.query}" if where.query else where.path
