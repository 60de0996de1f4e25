"""Who gets in: a token of the page for this very meeting, from our own pages or from no page at all."""

import time

import pytest
from django.core import signing

from consultation.live import read_token, tokens
from tests.factories.consultation import make_hall

from .watcher import Watcher, committed, token_for

pytestmark = pytest.mark.asyncio


class OldSigner(signing.TimestampSigner):
    """Signs as somebody did two hours and a second ago."""

    def timestamp(self):
        return signing.b62_encode(int(time.time()) - tokens.MAX_AGE - 1)


async def test_with_its_token_a_page_is_admitted_and_gets_a_whole_board(hall):
    user = await committed(lambda: hall.chair)
    async with Watcher(hall.meeting, token_for(hall.meeting, user)) as watcher:
        assert set(watcher.first) == {"type", "version", "html", "motion", "cast"}
        assert (watcher.first["type"], watcher.first["motion"], watcher.first["cast"]) == ("board", None, 0)
        assert 'class="board" data-board' in watcher.first["html"]
        assert f'data-version="{watcher.first["version"]}"' in watcher.first["html"]


async def test_without_a_good_token_the_handshake_is_refused(hall):
    user = await committed(lambda: hall.chair)
    other = await committed(make_hall)
    good = token_for(hall.meeting, user)
    salt = "consultation.live"
    tokens_shown = {
        "good": good,
        "missing": None,
        "empty": "",
        "cut": good[:-1],
        "with more": good + "x",
        "forged": signing.dumps([hall.meeting.pk, user.pk, "zh-hans"], salt="somewhere.else"),
        "of another meeting": token_for(other.meeting, user),
        "old": OldSigner(salt=salt).sign_object([hall.meeting.pk, user.pk, "zh-hans"]),
        "not a pass": signing.dumps({"meeting": hall.meeting.pk}, salt=salt),
        "of no letters": "\x00\xff签到",
    }
    admitted = []
    for name, token in tokens_shown.items():
        watcher = Watcher(hall.meeting, token)
        if await watcher.knock():
            admitted.append(name)
            await watcher.__aexit__()
    assert admitted == ["good"]


async def test_a_token_says_who_watches_what_in_which_language(hall):
    user = await committed(lambda: hall.chair)
    found = read_token(token_for(hall.meeting, user, "en"))
    assert found == tokens.Pass(hall.meeting.pk, user.pk, "en")


async def test_browsers_come_from_our_own_pages(hall):
    user = await committed(lambda: hall.chair)
    origins = {
        "http://testserver": True,
        "https://testserver": True,
        "http://127.0.0.1:8000": True,
        "https://elsewhere.example": False,
        "http://testserver.elsewhere.example": False,
        "https://elsewhere.example/testserver": False,
        "null": False,
        None: True,  # no browser; it shows its token all the same
    }
    accepted = {}
    for origin in origins:
        headers = {} if origin is None else {"origin": origin}
        watcher = Watcher(hall.meeting, token_for(hall.meeting, user), **headers)
        accepted[origin] = await watcher.knock()
        if accepted[origin]:
            await watcher.__aexit__()
    assert accepted == origins
