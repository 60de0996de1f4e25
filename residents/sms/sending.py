"""Handing a code to the gateway that the site is configured for."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from residents.phones import mask_phone

log = structlog.get_logger(__name__)

Gateway = Callable[[str, str], None]


class SmsNotSent(Exception):
    """The gateway did not take the message; the cause is in the log, never the code."""


GATEWAYS = {
    "console": "residents.sms.console.send",
    "aliyun": "residents.sms.aliyun.send",
    "tencent": "residents.sms.tencent.send",
    "http": "residents.sms.http.send",
}
# A gateway that hangs must not hold every thread that serves pages: half of them may wait for it, the rest vote on.
_LANES = threading.BoundedSemaphore(max(1, settings.PAGE_THREADS // 2))
LANE_SECONDS = 1.0


def send_code(phone: str, code: str) -> None:
    """Send the digits `code` to a mainland mobile of 11 digits. Raises SmsNotSent."""
    gateway: Gateway = import_string(GATEWAYS[settings.SMS_GATEWAY])
    try:
        if not _LANES.acquire(timeout=LANE_SECONDS):
            raise SmsNotSent("too many at once")
        try:
            gateway(phone, code)
        finally:
            _LANES.release()
    except SmsNotSent as error:
        log.error("sms_not_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone), cause=str(error))
        raise
    log.info("sms_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone))
