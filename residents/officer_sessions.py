"""How long officers stay signed in: half an hour without a click, twelve hours in all; residents 14 days.

The session's own expiry says it, so that the end needs nobody to look: sockets, pages and admin ask for a session that
has not expired. While a meeting's console holds (four hours), the session holds with it.
"""

from __future__ import annotations

import time

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from .models import User
from .rights import is_officer
from .second_factor import HOURS_AT_MOST
from .step_up import CONSOLES

IDLE_SECONDS = 30 * 60
WRITE_SECONDS = 60  # no more than one write a minute and session
BEGAN, SEEN = "office_began", "office_seen"


def begin(request: HttpRequest) -> None:
    """Make the session an officer's one from now on; its twelve hours are counted from here."""
    now = time.time()
    request.session[BEGAN] = now
    _keep(request.session, now)


def begin_if_officer(request: HttpRequest, user: User) -> None:
    if is_officer(user):
        begin(request)


def touch(session: SessionBase) -> None:
    """Somebody did something in this session: an officer's half hour begins anew."""
    if BEGAN not in session:
        return
    now = time.time()
    if now - session.get(SEEN, 0) >= WRITE_SECONDS or session.get_expiry_age() > _longest(session, now):
        _keep(session, now)


def _longest(session: SessionBase, now: float) -> float:
    """Seconds this session may go on from now without another click."""
    idle = min(IDLE_SECONDS, session[BEGAN] + HOURS_AT_MOST - now)
    consoles = max(session.get(CONSOLES, {}).values(), default=0.0)
    return max(idle, consoles - now, 1)


def _keep(session: SessionBase, now: float) -> None:
    session[SEEN] = now
    session.set_expiry(int(_longest(session, now)))
