"""Handing a code to the gateway that the site is configured for."""

from __future__ import annotations

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


def send_code(phone: str, code: str) -> None:
    """Send the digits `code` to a mainland mobile of 11 digits. Raises SmsNotSent."""
    gateway: Gateway = import_string(GATEWAYS[settings.SMS_GATEWAY])
    try:
        gateway(phone, code)
    except SmsNotSent as error:
        log.error("sms_not_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone), cause=str(error))
        raise
    log.info("sms_sent", gateway=settings.SMS_GATEWAY, phone=mask_phone(phone))
