"""A full hall to try the server with: fictitious voters, checked in, before an open motion."""

from __future__ import annotations

import datetime
import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation import practice, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.live import socket_token
from consultation.models import Meeting, Motion
from residents.models import Claim, Household, User, Village


class Command(BaseCommand):
    help = _("建一个练习村，让 N 位编造的村民签到并打开一项表决，把压力测试需要的地址和登录写进一个 JSON 文件。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--voters", type=int, required=True, help=_("多少位投票人（1 到 50000）"))
        parser.add_argument("--out", required=True, help=_("写到哪个文件"))
        parser.add_argument("--village", default="", help=_("已有的练习村的网址代号；不写就新建一个"))
        parser.add_argument("--secret", action="store_true", help=_("打开的是一项无记名表决"))
        parser.add_argument("--practice", action="store_true", help=_("正式网站上新建练习村时必须写明"))

    def handle(self, *args: Any, voters: int, out: str, village: str, **options: Any) -> None:
        if not 1 <= voters <= 50_000:
            raise CommandError(_("--voters 要在 1 到 50000 之间。"))
        place = self._place(village, allowed=options["practice"])
        with transaction.atomic():
            meeting, motion, homes = _fill(place, voters, secret=options["secret"])
            lines = _sign_in(meeting, motion, homes)
        Path(out).write_text(json.dumps(_describe(meeting, motion, lines), ensure_ascii=False), encoding="utf-8")
        self.stdout.write(
            _("已准备好 %(count)s 位投票人：%(url)s") % {"count": voters, "url": meeting.get_absolute_url()}
        )

    def _place(self, slug: str, *, allowed: bool) -> Village:
        if slug:
            found = Village.objects.filter(slug=slug).first()
            if found is None:
                raise CommandError(_("没有网址代号为 %(slug)s 的村。") % {"slug": slug})
            if not found.is_practice:
                raise CommandError(_("%(name)s不是练习村，不能放入编造的人。") % {"name": found.name})
            return found
        if not settings.DEVELOPMENT and not allowed:
            raise CommandError(_("这是正式网站。请用 --village 指定一个练习村，或者加 --practice 新建一个练习村。"))
        return practice.make_practice_village()


def _fill(village: Village, voters: int, *, secret: bool) -> tuple[Meeting, Motion, list[Household]]:
    homes = practice.add_households(village, voters)
    officers = [home.representative for home in homes[:2]]
    while len(officers) < 2:  # a hall of one still needs a recorder
        officers.append(practice.add_households(village, 1)[0].representative)
    meeting = practice.hold_meeting(village, officers=officers, title=_("压力测试"), by=None)
    motion = voting.table_motion(
        meeting=meeting, text=_("压力测试用的表决"), method=Motion.Method.ONLINE, secret=secret, by=None
    )
    return meeting, voting.open_motion(motion, by=None), homes


def _sign_in(meeting: Meeting, motion: Motion, homes: list[Household]) -> list[dict[str, Any]]:
    """An account and a session for each voter. One unusable password for all, so that its hash is made once."""
    password = make_password(None)
    tag = secrets.token_hex(4)
    users = [
        User(username=f"practice-{tag}-{n}", display_name=home.representative.name, password=password)
        for n, home in enumerate(homes)
    ]
    User.objects.bulk_create(users, batch_size=500)
    Claim.objects.bulk_create(
        (
            Claim(village=meeting.village, user=user, resident=home.representative, state=Claim.State.CONFIRMED)
            for user, home in zip(users, homes, strict=True)
        ),
        batch_size=500,
    )
    store = SessionStore()
    until = timezone.now() + datetime.timedelta(days=1)
    proof = users[0].get_session_auth_hash()
    sessions = [
        Session(
            session_key=secrets.token_hex(16),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: proof,
                }
            ),
            expire_date=until,
        )
        for user in users
    ]
    Session.objects.bulk_create(sessions, batch_size=500)
    numbers = dict(meeting.roster.entries.values_list("resident_id", "number"))
    lines = []
    for user, home, session in zip(users, homes, sessions, strict=True):
        csrf = secrets.token_hex(16)
        lines.append(
            {
                "cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={csrf}",
                "csrf": csrf,
                "fields": {"entry": str(numbers[home.representative_id])} | _paper(secret=motion.secret),
                "token": socket_token(meeting_id=meeting.pk, user_id=user.pk, language=settings.LANGUAGE_CODE),
            }
        )
    return lines


def _paper(*, secret: bool) -> dict[str, str]:
    """What a voter's phone would add of its own to every repetition of the same ballot."""
    if not secret:
        return {"key": secrets.token_urlsafe(16)}
    kept = secrets.token_bytes(16)
    return {"slip": slip_key(kept), "board": board_code(kept), "turn": "1"}


def _describe(meeting: Meeting, motion: Motion, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The file of docs/live-protocol.md."""
    base = settings.PUBLIC_URL
    sockets = settings.SOCKET_URL or base.replace("http", "ws", 1)
    return {
        "base": base,
        "meeting_url": base + meeting.get_absolute_url(),
        "board_url": base + meeting.address("board"),
        "socket_url": f"{sockets}/ws/meetings/{meeting.pk}/?token={{token}}",
        "cast_url": base + meeting.address("cast", motion.number),
        "cast_fields": {"choice": "for"},
        "voters": lines,
    }
