"""Aliyun's SMS service through its own SDK (`pip install -r requirements-sms.txt`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from .sending import SmsNotSent


def send(phone: str, code: str) -> None:
    _hand_over(phone, settings.SMS_ALIYUN_TEMPLATE, {"code": code})


def remind(phone: str, told: Mapping[str, str]) -> None:
    _hand_over(phone, settings.SMS_ALIYUN_REMINDER_TEMPLATE, told)


def tell_petition(phone: str, told: Mapping[str, str]) -> None:
    _hand_over(phone, settings.SMS_ALIYUN_PETITION_TEMPLATE, told)


def _hand_over(phone: str, template: str, told: Mapping[str, str]) -> None:
    # The SDK is an extra: a site with another gateway has not installed it.
    from alibabacloud_dysmsapi20170525.client import Client  # noqa: PLC0415
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest  # noqa: PLC0415
    from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415
    from alibabacloud_tea_util.models import RuntimeOptions  # noqa: PLC0415

    endpoint = urlsplit(settings.SMS_ALIYUN_ENDPOINT)
    milliseconds = settings.SMS_TIMEOUT * 1000
    client = Client(
        Config(
            access_key_id=settings.SMS_ALIYUN_KEY_ID,
            access_key_secret=settings.SMS_ALIYUN_KEY_SECRET,
            endpoint=endpoint.netloc,
            protocol=endpoint.scheme,
            connect_timeout=milliseconds,
            read_timeout=milliseconds,
        )
    )
    message = SendSmsRequest(
        phone_numbers=phone,
        sign_name=settings.SMS_ALIYUN_SIGN_NAME,
        template_code=template,
        template_param=json.dumps(dict(told), ensure_ascii=False),
    )
    options = RuntimeOptions(autoretry=False, connect_timeout=milliseconds, read_timeout=milliseconds)
    try:
        answer = client.send_sms_with_options(message, options).body
    except Exception as error:  # noqa: BLE001  the SDK raises its own, requests' and urllib3's; none may tell the code
        raise SmsNotSent(getattr(error, "code", "") or type(error).__name__) from None
    if answer.code != "OK":
        raise SmsNotSent(str(answer.code))
