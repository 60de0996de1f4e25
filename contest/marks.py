"""What stands for a voter, a device and a place: keyed hashes, of each contest its own, never the things themselves."""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress

from django.conf import settings

from .models.votes import MARK_LENGTH

# How much of an address tells a place's neighbourhood: a /24 of version 4, a /48 of version 6.
PREFIX = {4: 24, 6: 48}
# A household or phone has a whole /64 of version 6 and takes another address in it every day.
HOST = {4: 32, 6: 64}


@functools.cache
def _key(field_key: str) -> bytes:
    return hashlib.blake2b(b"contest vote", key=field_key.encode()[:64], digest_size=32).digest()


def mark(contest_id: int, kind: str, value: str) -> str:
    """32 hex digits; the same thing has another mark in another contest. Empty for an empty value."""
    if not value:
        return ""
    words = f"{contest_id}:{kind}:{value}".encode()
    return hmac.new(_key(settings.FIELD_KEY), words, hashlib.sha256).hexdigest()[:MARK_LENGTH]


def place_marks(contest_id: int, address: str) -> tuple[str, str]:
    """Of an internet address and of the network it lies in; empty ones for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "", ""
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    host, network = (
        ipaddress.ip_network((found, bits[found.version]), strict=False).with_prefixlen for bits in (HOST, PREFIX)
    )
    return mark(contest_id, "address", host), mark(contest_id, "network", network)
