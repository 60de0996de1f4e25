"""One ticker per watched meeting and process: gathers changes, reads once, makes each frame once."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.template.loader import render_to_string
from django.utils import timezone, translation

from consultation.board import Pulse, read_board, read_pulse
from consultation.eligibility import watchers
from consultation.models import Meeting
from residents.models import User
from residents.sessions import SessionStore

from .registry import BEAT, INTERVAL, RETRY, STRETCH

if TYPE_CHECKING:
    from .registry import Registry, Room, Socket

log = structlog.get_logger(__name__)

# Threads of its own, so that a busy hall's pages don't delay the board, nor the board the pages.
_readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="board")

SIGNED_OUT = 4401
NO_RIGHT = 4403
SLOW_READER = 4408


async def _read(function, *arguments):
    """Run a read in the board's own threads, on connections that survive a restart of the database."""

    def fresh():
        close_old_connections()
        return function(*arguments)

    return await asyncio.get_running_loop().run_in_executor(_readers, fresh)


def _render_boards(meeting_id: int, languages: set[str]) -> tuple[Pulse, dict[str, str]]:
    """The board frame of each language, as ready text."""
    meeting = Meeting.objects.select_related("village", "preset").get(pk=meeting_id)
    frames = {}
    board = None
    for language in languages:
        with translation.override(language):
            board = read_board(meeting)
            html = render_to_string("consultation/partials/board.html", {"board": board, "meeting": meeting})
        frame = {
            "type": "board",
            "version": board.pulse.version,
            "html": html,
            "motion": board.pulse.motion_id,
            "cast": board.pulse.cast,
        }
        frames[language] = json.dumps(frame, ensure_ascii=False)
    assert board is not None  # noqa: S101  a room without sockets is not rendered
    return board.pulse, frames


def _numbers(pulse: Pulse) -> object:
    return (pulse.cast, pulse.present, pulse.shown_counts, pulse.answered)


async def tick(room: Room) -> float:
    """Read the meeting once and send what changed: a board when the structure did, else the numbers.

    Newcomers get a board at the state of this tick, rendered once however many they are. Returns how many seconds
    the handing out took.
    """
    pulse = await _read(read_pulse, room.meeting_id)
    if pulse is None:
        return 0.0
    renewed = pulse.structure != room.structure
    frames: dict[str, str] = {}
    if renewed or room.newcomers:
        languages = room.languages if renewed else {socket.language for socket in room.newcomers}
        if not languages:
            return 0.0
        newest, frames = await _read(_render_boards, room.meeting_id, languages)
        # The board was read after the pulse: when the structure moved between, the next tick sends it to all.
        if newest.structure == pulse.structure:
            pulse = newest
        else:
            room.changed.set()
    began = time.monotonic()
    if frames:
        room.show_board(frames, room.sockets if renewed else room.newcomers)
    changed = _numbers(pulse) != room.numbers
    if changed and not renewed:
        room.fan_out(json.dumps(pulse.as_tally(), separators=(",", ":")))
    if changed or renewed:
        # A beat names the last state that was sent to all; nobody is behind a state that nobody got.
        room.structure, room.numbers, room.version = pulse.structure, _numbers(pulse), pulse.version
    return time.monotonic() - began


def _unwelcome(meeting_id: int, user_ids: set[int], session_keys: set[str]) -> tuple[set[int], set[str]]:
    """Accounts that may no longer watch, and sessions that have ended."""
    meeting = Meeting.objects.select_related("village__region__parent").get(pk=meeting_id)
    return user_ids - watchers(meeting.village, user_ids), session_keys - _living(session_keys, user_ids)


def _living(session_keys: set[str], user_ids: set[int]) -> set[str]:
    """Sessions that the next request would still be let in by: there, not past their day, of the password of now."""
    passwords = User.objects.filter(pk__in=user_ids).values_list("pk", "password")
    hashes = {str(pk): _hash_in_session(password) for pk, password in passwords}
    kept = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    living = set()
    for key, data in kept.values_list("session_key", "session_data"):
        user_id, verified = _signed_in_by(data)
        if hashes.get(user_id, verified) == verified:
            living.add(key)
    return living


@functools.lru_cache(maxsize=4096)
def _hash_in_session(password: str) -> str:
    """What sessions hold of an account's password, itself stored as a hash: the same at every beat, for a full hall."""
    return User(password=password).get_session_auth_hash()


@functools.lru_cache(maxsize=4096)
def _signed_in_by(data: str) -> tuple[str, str]:
    """The account's key and the hash of its password in a session as it is stored."""
    said = SessionStore().decode(data)
    return str(said.get(SESSION_KEY, "")), str(said.get(HASH_SESSION_KEY, ""))


async def _beat(room: Room) -> None:
    """Say which version is the last, cut off who lost the right, signed out or stopped reading."""
    room.beat(json.dumps({"type": "beat", "version": room.version}))
    user_ids = {socket.user_id for socket in room.sockets}
    session_keys = {socket.session_key for socket in room.sockets if socket.session_key}
    lost, ended = await _read(_unwelcome, room.meeting_id, user_ids, session_keys)
    for socket in list(room.sockets):
        _judge(socket, lost, ended)


def _judge(socket: Socket, lost: set[int], ended: set[str]) -> None:
    if socket.user_id in lost:
        socket.close(NO_RIGHT)
    elif socket.session_key in ended:
        socket.close(SIGNED_OUT)
    elif socket.stalled:
        socket.close(SLOW_READER)


async def run_room(registry: Registry, room: Room) -> None:
    """Feed one room until its last socket leaves. A failed tick is logged and tried again, never lost."""
    last_frame = 0.0
    next_beat = time.monotonic() + BEAT
    quiet = INTERVAL
    while room.sockets:
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(room.changed.wait(), timeout=max(next_beat - time.monotonic(), 0.001))
            due = time.monotonic() >= next_beat
            pause = last_frame + quiet - time.monotonic()
            if pause > 0 and not due:
                await asyncio.sleep(pause)
            room.changed.clear()
            # Also at a beat, when nothing was announced: heals an announcement that got lost.
            handing_out = await tick(room)
            last_frame = time.monotonic()
            quiet = max(INTERVAL, STRETCH * handing_out)
            if due:
                next_beat = time.monotonic() + BEAT
                await _beat(room)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the hall goes on
            log.error("tick_failed", meeting=room.meeting_id, error=type(error).__name__, detail=str(error)[:200])
            room.changed.set()
            next_beat = max(next_beat, time.monotonic() + RETRY)
            await asyncio.sleep(RETRY)
