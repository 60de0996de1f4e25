"""Which of WeChat's doors this site has: an official account's in-app page (mp), an open-platform site's QR (open)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Door:
    kind: str  # "mp" or "open"
    app_id: str
    secret: str
    authorize_url: str
    scope: str


def in_weixin(request: HttpRequest) -> bool:
    return "MicroMessenger" in request.META.get("HTTP_USER_AGENT", "")


def doors() -> dict[str, Door]:
    """Those whose keys are set."""
    found = {}
    if settings.WEIXIN_MP_APP_ID:
        # With both doors one person must be one account, and only the asked-for scope tells the number they share.
        scope = "snsapi_userinfo" if settings.WEIXIN_OPEN_APP_ID else "snsapi_base"
        found["mp"] = Door(
            "mp", settings.WEIXIN_MP_APP_ID, settings.WEIXIN_MP_SECRET, settings.WEIXIN_MP_AUTHORIZE_URL, scope
        )
    if settings.WEIXIN_OPEN_APP_ID:
        found["open"] = Door(
            "open",
            settings.WEIXIN_OPEN_APP_ID,
            settings.WEIXIN_OPEN_SECRET,
            settings.WEIXIN_OPEN_AUTHORIZE_URL,
            "snsapi_login",
        )
    return found


def door_for(request: HttpRequest) -> Door | None:
    """The door that works in this browser: nobody can point a phone's camera at its own screen."""
    return doors().get("mp" if in_weixin(request) else "open")


def offered(request: HttpRequest) -> str:
    """ "mp", "open" or nothing: which button the sign-in page shows."""
    door = door_for(request)
    return door.kind if door else ""


def problems() -> list[str]:
    """What is half configured, each as a sentence."""
    pairs = (("WEIXIN_MP_APP_ID", "WEIXIN_MP_SECRET"), ("WEIXIN_OPEN_APP_ID", "WEIXIN_OPEN_SECRET"))
    found = []
    for pair in pairs:
        missing = [name for name in pair if not getattr(settings, name)]
        if len(missing) == 1:
            found.append(_("微信登录还缺环境变量 %(name)s；不用微信登录，就把另一个也去掉。") % {"name": missing[0]})
    for name in ("WEIXIN_MP_AUTHORIZE_URL", "WEIXIN_OPEN_AUTHORIZE_URL", "WEIXIN_API_URL"):
        if urlsplit(getattr(settings, name)).scheme != "https" and not settings.DEVELOPMENT:
            found.append(_("%(name)s 要以 https:// 开头。") % {"name": name})
    return found
