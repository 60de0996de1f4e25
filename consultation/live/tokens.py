"""What a socket shows at the door: a short-lived signed token from the page, so that a storm of reconnects asks nothing
of the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing

_SALT = "consultation.live"
MAX_AGE = 2 * 3600  # seconds; the page's next board answer brings a fresh one


@dataclass(frozen=True)
class Pass:
    """Who may watch which meeting, in which language."""

    meeting_id: int
    user_id: int
    language: str


def socket_token(*, meeting_id: int, user_id: int, language: str) -> str:
    """Signed text for the page of somebody who may watch."""
    return signing.dumps([meeting_id, user_id, language], salt=_SALT)


def read_token(token: str) -> Pass | None:
    """The pass, or None when the token is forged, damaged or older than MAX_AGE."""
    try:
        meeting_id, user_id, language = signing.loads(token, salt=_SALT, max_age=MAX_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Pass(meeting_id, user_id, language)
