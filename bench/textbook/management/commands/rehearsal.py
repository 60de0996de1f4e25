"""`django-admin rehearsal --base URL --voters N --out FILE`: tables, users, sessions, and the file."""

import datetime
import secrets
import string
from pathlib import Path
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from bench.rehearsal import Rehearsal, Voter

BACKEND = "django.contrib.auth.backends.ModelBackend"
LETTERS = string.ascii_letters + string.digits


class Command(BaseCommand):
    help = "Fill an empty database with voters who are signed in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", required=True)
        parser.add_argument("--voters", type=int, required=True)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *, base: str, voters: int, out: Path, **options: Any) -> None:
        call_command("migrate", run_syncdb=True, verbosity=0)
        User.objects.bulk_create(User(username=f"voter{number}", password=f"!{number}") for number in range(voters))
        sessions = [_session(user) for user in User.objects.all()]
        Session.objects.bulk_create(sessions)
        Rehearsal(
            base=base,
            meeting_url="/board/",
            board_url="/board/",
            socket_url="/ws/poll/",
            cast_url="/vote/",
            cast_fields={"choice": "for"},
            voters=[_voter(session) for session in sessions],
        ).write(out)


def _session(user: User) -> Session:
    state = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: BACKEND,
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(
        session_key="".join(secrets.choice(LETTERS) for _ in range(32)).lower(),
        session_data=SessionStore().encode(state),
        expire_date=timezone.now() + datetime.timedelta(days=1),
    )


def _voter(session: Session) -> Voter:
    csrf = "".join(secrets.choice(LETTERS) for _ in range(32))
    cookie = f"sessionid={session.session_key}; csrftoken={csrf}"
    return Voter(cookie=cookie, csrf=csrf, fields={}, token="")
