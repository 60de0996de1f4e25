"""Tencent Cloud's SMS service through its own SDK (`pip install -r requirements-sms.txt`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.conf import settings

from .sending import SmsNotSent, filled


def send(phone: str, code: str) -> None:
    # What the template's {1}, {2}… stand for: the code alone, or with the minutes it lives.
    _hand_over(phone, settings.SMS_TENCENT_TEMPLATE, settings.SMS_TENCENT_PARAMS, {"code": code})


def remind(phone: str, told: Mapping[str, str]) -> None:
    _hand_over(phone, settings.SMS_TENCENT_REMINDER_TEMPLATE, settings.SMS_TENCENT_REMINDER_PARAMS, told)


def tell_petition(phone: str, told: Mapping[str, str]) -> None:
    _hand_over(phone, settings.SMS_TENCENT_PETITION_TEMPLATE, settings.SMS_TENCENT_PETITION_PARAMS, told)


def _hand_over(phone: str, template: str, parts: Sequence[str], told: Mapping[str, str]) -> None:
    # The SDK is an extra: a site with another gateway has not installed it.
    from tencentcloud.common.credential import Credential  # noqa: PLC0415
    from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException  # noqa: PLC0415
    from tencentcloud.common.profile.client_profile import ClientProfile  # noqa: PLC0415
    from tencentcloud.common.profile.http_profile import HttpProfile  # noqa: PLC0415
    from tencentcloud.sms.v20210111.models import SendSmsRequest  # noqa: PLC0415
    from tencentcloud.sms.v20210111.sms_client import SmsClient  # noqa: PLC0415

    endpoint = urlsplit(settings.SMS_TENCENT_ENDPOINT)
    profile = ClientProfile(
        httpProfile=HttpProfile(
            protocol=endpoint.scheme, endpoint=endpoint.netloc, reqTimeout=settings.SMS_TIMEOUT, keepAlive=False
        )
    )
    client = SmsClient(
        Credential(settings.SMS_TENCENT_SECRET_ID, settings.SMS_TENCENT_SECRET_KEY),
        settings.SMS_TENCENT_REGION,
        profile,
    )
    message = SendSmsRequest()
    message.SmsSdkAppId = settings.SMS_TENCENT_APP_ID
    message.SignName = settings.SMS_TENCENT_SIGN_NAME
    message.TemplateId = template
    message.TemplateParamSet = [filled(part, told) for part in parts]
    message.PhoneNumberSet = [f"+86{phone}"]
    try:
        sent = client.SendSms(message).SendStatusSet
    except TencentCloudSDKException as error:
        raise SmsNotSent(str(error.get_code() or type(error).__name__)) from None
    if not sent or sent[0].Code != "Ok":
        raise SmsNotSent(str(sent[0].Code) if sent else "empty answer")
