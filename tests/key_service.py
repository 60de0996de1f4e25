"""A county's key service as a stand-in, and the store that speaks to it: proof that the interface is enough."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field

from consultation.errors import KeyStoreError
from consultation.key_store import KeyStore, new_ref


@dataclass
class Service:
    """Answers as over a wire: a method, a path and a body go in, a status and a body come out. It makes the keys."""

    keys: dict[str, str] = field(default_factory=dict)
    away: bool = False

    def request(self, method: str, path: str) -> tuple[int, str]:
        if self.away:
            raise ConnectionError("no route to host")
        ref = path.removeprefix("/keys/")
        if method == "PUT":
            if ref in self.keys:
                return 409, ""
            self.keys[ref] = base64.b64encode(secrets.token_bytes(32)).decode()
            return 201, json.dumps({"key": self.keys[ref]})
        if method == "GET":
            return (200, json.dumps({"key": self.keys[ref]})) if ref in self.keys else (404, "")
        return (204, "") if self.keys.pop(ref, None) else (404, "")


_default = Service()


class ServiceKeyStore(KeyStore):
    def __init__(self, service: Service | None = None) -> None:
        self.service = service or _default

    def make(self, ref: str) -> bytes:
        return self._key("PUT", ref, 201)

    def read(self, ref: str) -> bytes:
        return self._key("GET", ref, 200)

    def destroy(self, ref: str) -> None:
        self._ask("DELETE", ref, 204, 404)

    def check(self) -> None:
        probe = new_ref()
        try:
            if self.make(probe) != self.read(probe):
                raise KeyStoreError(detail="the service answers another key")
        finally:
            self.destroy(probe)

    def _key(self, method: str, ref: str, *good: int) -> bytes:
        return base64.b64decode(json.loads(self._ask(method, ref, *good))["key"])

    def _ask(self, method: str, ref: str, *good: int) -> str:
        try:
            status, body = self.service.request(method, f"/keys/{ref}")
        except OSError as error:
            raise KeyStoreError(detail=str(error)) from error
        if status not in good:
            raise KeyStoreError(detail=f"the key service answers {status}")
        return body
