"""How many codes go out: enough for a hall of 500, too few for a robot (docs/limits.md, "Sign-in")."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from residents.phones import phone_hash
from ui.limits import too_often

RESEND_SECONDS = 60
A_DAY = 24 * 3600
PER_NUMBER = 5
PER_DEVICE = 20
# One hall is one address: 500 people, each with a second code in case the first is late.
PER_ADDRESS, ADDRESS_SECONDS = 1000, 600
# A hall's browsers have names from the sign-in page; what has none keeps no cookies, and no browser signs in without.
NAMELESS_PER_ADDRESS = 20


class TooManyCodes(Exception):
    """No code now. The message says what to do; `retry_after` seconds until it is worth trying again."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def count_code(phone: str, *, device: str, address: str) -> None:
    """Count one code that is about to be sent to 11 digits. Raises TooManyCodes.

    `device` is the random name in its cookie, empty for one without; `address` where the request came from.
    """
    number = phone_hash(phone)
    if not cache.add(f"sms:gap:{number}", 1, RESEND_SECONDS):
        raise TooManyCodes(_("验证码刚发过，请等一分钟。还没收到的话，到时再要一次。"), RESEND_SECONDS)
    if too_often(f"sms:number:{number}", limit=PER_NUMBER, seconds=A_DAY):
        raise TooManyCodes(_("这个号码今天要了太多次验证码，请明天再试；今天要用，请找工作人员当面办理。"), A_DAY)
    if _device_too_often(device, address):
        raise TooManyCodes(_("这部手机今天要了太多次验证码，请明天再试，或者找工作人员当面办理。"), A_DAY)
    if too_often(f"sms:address:{address}", limit=PER_ADDRESS, seconds=ADDRESS_SECONDS):
        raise TooManyCodes(_("这里要验证码的人太多了，请过几分钟再试，或者找工作人员当面办理。"), ADDRESS_SECONDS)
    if too_often("sms:site", limit=settings.SMS_DAILY_CAP, seconds=A_DAY):
        raise TooManyCodes(_("今天的短信已经用完，请用纸上的代码，或者找工作人员当面办理。"), A_DAY)


def _device_too_often(device: str, address: str) -> bool:
    if device:
        return too_often(f"sms:device:{device}", limit=PER_DEVICE, seconds=A_DAY)
    return too_often(f"sms:nameless:{address}", limit=NAMELESS_PER_ADDRESS, seconds=A_DAY)


def not_sent(phone: str) -> None:
    """The gateway did not take it: nobody has to wait a minute for the next try."""
    cache.delete(f"sms:gap:{phone_hash(phone)}")
