"""Where an account is signed in, for the account itself to see and to end."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import SignIn, User

SHOWN = 50
# The first of each that is named in the browser's own words.
_PROGRAMS = (  # untranslated: names of programs, kept as data
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("QQBrowser", "QQ 浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (  # untranslated: names of devices, kept as data
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "iPad"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)


def has_password(user: User) -> bool:
    """Whether the account can be entered by a password; accounts by phone, desk or code have none."""
    return bool(user.password) and user.has_usable_password()


def device_in_words(browser: str) -> str:
    """ "微信 · 安卓手机" for what the browser says of itself; nothing when it says nothing known."""
    found = [next((words for mark, words in marks if mark in browser), "") for marks in (_PROGRAMS, _MACHINES)]
    return " · ".join(filter(None, found))[:60]


def note_sign_in(request: HttpRequest, user: User) -> None:
    """Remember the browser of a session that has just begun."""
    if key := request.session.session_key:
        device = device_in_words(request.META.get("HTTP_USER_AGENT", ""))
        SignIn.objects.update_or_create(session_key=key, defaults={"user": user, "device": device})


def sign_ins_of(user: User) -> list[SignIn]:
    """Those whose session still holds, the newest first."""
    noted = list(SignIn.objects.filter(user=user)[:SHOWN])
    living = Session.objects.filter(
        session_key__in=[one.session_key for one in noted], expire_date__gt=timezone.now()
    ).values_list("session_key", flat=True)
    holds = set(living)
    return [one for one in noted if one.session_key in holds]


@transaction.atomic
def end_sign_ins(user: User, *, but: str | None = None) -> int:
    """Sign the account out everywhere (`but` the session of that key); how many were ended. Sockets follow."""
    others = SignIn.objects.filter(user=user).exclude(session_key=but or "")
    keys = list(others.values_list("session_key", flat=True))
    ended, _rows = Session.objects.filter(session_key__in=keys).delete()
    others.delete()
    if ended:
        record(action="end_sign_ins", subject=_("登录"), actor=user, count=ended)
    return ended
