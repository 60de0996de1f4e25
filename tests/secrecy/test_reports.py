"""When casting fails unforeseen: reports, logs, caches and sessions hold nothing of the ballot."""

from __future__ import annotations

import html
import logging

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.test import Client
from django.utils.log import AdminEmailHandler, RequireDebugFalse

from consultation import kiosk as tablets
from consultation import secret_ballots
from consultation.bulletin_text import board_code, slip_key
from consultation.options import Form, picks_of
from tests.factories.acting import make_kiosk
from tests.factories.consultation import make_hall, open_vote

from . import traces
from .questions import FIVE_OF_FIFTY, YES_OR_NO

pytestmark = pytest.mark.django_db

SECRET = bytes(range(1, 17))
SOUGHT = [SECRET.hex(), repr(SECRET), slip_key(SECRET), board_code(SECRET), "abstain"]
PICKS = list(picks_of(FIVE_OF_FIFTY.words[0]))
ASKED = pytest.mark.parametrize(("question", "choice"), [(YES_OR_NO, ["abstain"]), (FIVE_OF_FIFTY, PICKS)])


@pytest.fixture
def reports(settings):
    """Every log handler's words, and the report that the operators get by mail, with all its variables."""
    settings.ADMINS = [("站长", "admin@example.org")]
    said = []

    class Keeping(logging.Handler):
        def emit(self, record):
            said.append(self.format(record))

    handlers = [Keeping(level=logging.DEBUG), AdminEmailHandler(include_html=True)]
    handlers[1].setLevel(logging.ERROR)
    handlers[1].addFilter(RequireDebugFalse())
    root, request = logging.getLogger(), logging.getLogger("django.request")
    root.addHandler(handlers[0])
    request.addHandler(handlers[1])
    before = root.level
    root.setLevel(logging.DEBUG)
    yield said
    root.setLevel(before)
    root.removeHandler(handlers[0])
    request.removeHandler(handlers[1])


def fails(*_arguments, **_fields):
    """As deep as a statement of the database."""
    raise RuntimeError("出错了")


def spoken_of(text):
    """What of the ballot is in it; its picks as text, or one after the other in a list."""
    text = html.unescape(text)
    return [word for word in (*SOUGHT, "".join(PICKS), repr(PICKS[:2])[1:-1]) if word in text]


def assert_silent(said):
    told = list(said)
    for message in mail.outbox:
        told += [message.body, *(content for content, _kind in message.alternatives)]
    text = "\n".join(told)
    assert "出错了" in text
    assert not spoken_of(text)


def fields(entry, choice):
    return {"entry": entry.number, "choice": choice, "secret": SECRET.hex(), "sure": "1"}


@ASKED
@pytest.mark.parametrize(
    ("debug", "place"), [(False, (secret_ballots, "slip_in")), (False, (Form, "tidy")), (True, (Form, "tidy"))]
)
def test_a_cast_that_breaks_reports_nothing_of_the_ballot(
    reports, monkeypatch, settings, debug, place, question, choice
):
    settings.DEBUG = debug
    hall = make_hall(5)
    motion = open_vote(hall, secret=True, **question.fields)
    monkeypatch.setattr(*place, fails)
    client = Client(raise_request_exception=False)
    client.force_login(hall.account(4), backend="residents.backends.AccountBackend")
    answer = client.post(hall.meeting.address("cast", motion.number), fields(hall.entries[4], choice))
    assert answer.status_code == 500
    # With DEBUG on no report goes out; the page of the developer's own browser shows what that browser sent.
    assert bool(mail.outbox) is not debug
    assert_silent(reports)


@ASKED
def test_a_tablet_that_breaks_reports_nothing_of_the_ballot(reports, monkeypatch, question, choice):
    hall = make_hall(5)
    open_vote(hall, secret=True, **question.fields)
    tablet, token = make_kiosk(hall)
    tablets.call_up(tablet, hall.entries[3])
    tablet.refresh_from_db()
    monkeypatch.setattr(secret_ballots, "slip_in", fails)
    client = Client(raise_request_exception=False)
    client.cookies["kiosk"] = token
    said = {"call": tablet.call, "choice": choice, "secret": SECRET.hex(), "step": "cast"}
    assert client.post(hall.meeting.address("kiosk"), said).status_code == 500
    assert mail.outbox
    assert_silent(reports)


@ASKED
def test_caches_and_sessions_hold_nothing_of_a_ballot(settings, question, choice):
    hall = make_hall(5)
    motion = open_vote(hall, secret=True, **question.fields)
    client = Client()
    client.force_login(hall.account(4), backend="residents.backends.AccountBackend")
    path = hall.meeting.address("cast", motion.number)
    for _ in range(3):  # the limits begin to count
        assert client.post(path, fields(hall.entries[4], choice)).status_code == 200
    kept = [repr(Session.objects.get(pk=one.pk).get_decoded()) for one in Session.objects.all()]
    shared = traces.valkey().decode(errors="replace") if settings.REDIS_URL else repr(caches["default"]._cache)
    assert "limit:cast" in shared
    text = "\n".join([*kept, repr(caches["process"]._cache), shared])
    assert not spoken_of(text)
