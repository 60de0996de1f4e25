"""Handing a code to the gateway that the site is configured for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from residents.phones import mask_phone

log = structlog.get_logger(__name__)


class SmsNotSent(Exception):
    """The gateway did not take the message; the cause is in the log, never the code."""


GATEWAYS = {name: f"residents.sms.{name}" for name in ("console", "aliyun", "tencent", "http")}
# A gateway that hangs must not hold every thread that serves pages: half of them may wait for it, the rest vote on.
_LANES = threading.BoundedSemaphore(max(1, settings.PAGE_THREADS // 2))
LANE_SECONDS = 1.0


def send_code(phone: str, code: str) -> None:
    """Send the digits `code` to a mainland mobile of 11 digits. Raises SmsNotSent."""
    _hand_over("send", phone, code)


def send_reminder(phone: str, told: Mapping[str, str]) -> None:
    """Remind of a meeting in the words of the site's template: village, time, place, title. Raises SmsNotSent."""
    _hand_over("remind", phone, told)


def send_petition_notice(phone: str, told: Mapping[str, str]) -> None:
    """What a petition has come to, by the site's template: village, number, body, state, day. Raises SmsNotSent."""
    _hand_over("tell_petition", phone, told)


def _hand_over(act: str, phone: str, told: object) -> None:
    gateway: Callable[[str, object], None] = import_string(f"{GATEWAYS[settings.SMS_GATEWAY]}.{act}")
    try:
        if not _LANES.acquire(timeout=LANE_SECONDS):
            raise SmsNotSent("too many at once")
        try:
            gateway(phone, told)
        finally:
            _LANES.release()
    except SmsNotSent as error:
        log.error("sms_not_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone), cause=str(error))
        raise
    log.info("sms_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone))


def filled(template: str, told: Mapping[str, str]) -> str:
    """A template of the configuration with `{name}` replaced, each once: what is told may hold braces itself."""
    return re.sub(r"\{([a-z]+)\}", lambda found: told.get(found[1], found[0]), template)
