"""A code by SMS to somebody who is signed in: as a second factor, or to show that a new number is theirs.

What waits for the code lies in the session: the number sealed, the code as a keyed hash. Five minutes, three tries.
"""

from __future__ import annotations

import hmac
import secrets
import time
from enum import StrEnum

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from ui.limits import too_often

from .phones import open_phone, seal_phone
from .sms import SmsNotSent, send_code
from .sms.limits import count_code, not_sent

SECONDS = 300
TRIES = 3
DEVICE_COOKIE = "device"


class Purpose(StrEnum):
    SECOND_FACTOR = "second_factor"
    OWN_PHONE = "own_phone"


class CodeError(Exception):
    """The message says what to do."""


class WrongCode(CodeError):
    """Another try is left."""


class CodeOver(CodeError):
    """It expired, or was tried too often: a new one is needed."""


def device_of(request: HttpRequest) -> str:
    """The random name of the browser, empty before its first sign-in page."""
    name = request.COOKIES.get(DEVICE_COOKIE, "")
    return name if name.isascii() and name.isalnum() and len(name) == 32 else ""


def count(request: HttpRequest, phone: str) -> None:
    """Count a code that is about to go to these 11 digits. Raises TooManyCodes."""
    count_code(phone, device=device_of(request), address=get_adapter().get_client_ip(request))


def deliver(request: HttpRequest, phone: str, code: str) -> None:
    """Send it; on a demo at the machine itself the page shows it. Raises SmsNotSent, and then nobody waits a minute."""
    try:
        send_code(phone, code)
    except SmsNotSent:
        not_sent(phone)
        raise
    if settings.DEVELOPMENT and settings.SMS_GATEWAY == "console":
        messages.info(request, _("演示网站不发短信，这次的验证码是 %(code)s") % {"code": code})


def begin(request: HttpRequest, purpose: Purpose, phone: str) -> None:
    """Send a code to these 11 digits and wait for it. Raises TooManyCodes or SmsNotSent; an earlier code then stays."""
    count(request, phone)
    code = f"{secrets.randbelow(1_000_000):06d}"
    deliver(request, phone, code)
    nonce = secrets.token_hex(8)
    request.session[f"code:{purpose}"] = {
        "phone": seal_phone(phone).decode(),
        "nonce": nonce,
        "code": _digest(nonce, code),
        "at": time.time(),
    }


def waiting(request: HttpRequest, purpose: Purpose) -> str:
    """The number a code was sent to that may still be typed, else nothing."""
    kept = request.session.get(f"code:{purpose}")
    if kept is None or time.time() - kept["at"] > SECONDS:
        return ""
    return open_phone(kept["phone"].encode())


def answer(request: HttpRequest, purpose: Purpose, typed: str) -> str:
    """The number that is shown by the right code, once. Raises WrongCode or CodeOver."""
    phone = waiting(request, purpose)
    if not phone:
        forget(request, purpose)
        raise CodeOver(_("验证码过期了，请重新要一个。"))
    kept = request.session[f"code:{purpose}"]
    # Counted before it is looked at, and not in the session: a hundred guesses at once are still three.
    if too_often(f"code-tries:{kept['nonce']}", limit=TRIES, seconds=SECONDS):
        forget(request, purpose)
        raise CodeOver(_("试的次数太多了，请重新要一个验证码。"))
    if not hmac.compare_digest(kept["code"], _digest(kept["nonce"], typed)):
        raise WrongCode(_("验证码不对，请看清短信里的 6 位数字，再输一次。"))
    forget(request, purpose)
    return phone


def forget(request: HttpRequest, purpose: Purpose) -> None:
    request.session.pop(f"code:{purpose}", None)


def _digest(nonce: str, code: str) -> str:
    return salted_hmac("residents.code_by_sms", f"{nonce}:{code}", algorithm="sha256").hexdigest()
