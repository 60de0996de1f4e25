"""Phone numbers at rest: sealed, found by a keyed hash, shown masked."""

import base64
import functools
import hashlib
import hmac

from cryptography.fernet import Fernet
from django.conf import settings


@functools.cache
def _keys(field_key: str) -> tuple[Fernet, bytes]:
    """One key for sealing and one for finding, both derived from FIELD_KEY."""
    seal = hashlib.blake2b(b"seal", key=field_key.encode()[:64], digest_size=32).digest()
    find = hashlib.blake2b(b"find", key=field_key.encode()[:64], digest_size=32).digest()
    return Fernet(base64.urlsafe_b64encode(seal)), find


def seal_phone(phone: str) -> bytes:
    """Digits of a phone, encrypted; an empty string stays empty."""
    return _keys(settings.FIELD_KEY)[0].encrypt(phone.encode()) if phone else b""


def open_phone(sealed: bytes) -> str:
    """The digits again. Raises cryptography.fernet.InvalidToken when FIELD_KEY is another."""
    return _keys(settings.FIELD_KEY)[0].decrypt(bytes(sealed)).decode() if sealed else ""


def seal_text(text: bytes) -> bytes:
    """Anything else that holds phones, encrypted."""
    return _keys(settings.FIELD_KEY)[0].encrypt(text)


def open_text(sealed: bytes) -> bytes:
    """The bytes again. Raises cryptography.fernet.InvalidToken when FIELD_KEY is another."""
    return _keys(settings.FIELD_KEY)[0].decrypt(bytes(sealed))


def phone_hash(phone: str) -> str:
    """64 hex digits to look a phone up by; empty for an empty string."""
    return hmac.new(_keys(settings.FIELD_KEY)[1], phone.encode(), hashlib.sha256).hexdigest() if phone else ""


def mask_phone(phone: str) -> str:
    """ "15400000101" becomes "154****0101"."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else ""


def identity_hash(number: str) -> str:
    """64 hex digits that tell whether two sheets speak of the same identity number, which itself is never kept."""
    return phone_hash(f"identity:{number.upper()}") if number else ""
