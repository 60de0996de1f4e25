"""Any other gateway that takes one HTTP request, a county's own or a carrier's: all of it by configuration."""

from __future__ import annotations

import requests
from django.conf import settings

from .sending import SmsNotSent


def send(phone: str, code: str) -> None:
    """Both numbers are digits alone, so they may stand in an address, JSON, XML or a form as they are."""

    def filled(template: str) -> str:
        return template.replace("{phone}", phone).replace("{code}", code)

    try:
        answer = requests.request(
            settings.SMS_HTTP_METHOD,
            filled(settings.SMS_HTTP_URL),
            data=filled(settings.SMS_HTTP_BODY).encode(),
            headers=settings.SMS_HTTP_HEADERS,
            timeout=settings.SMS_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # Its text holds the address, and that may hold the code.
        raise SmsNotSent(type(error).__name__) from None
    if answer.status_code // 100 != 2:
        raise SmsNotSent(f"HTTP {answer.status_code}")
    if settings.SMS_HTTP_OK and settings.SMS_HTTP_OK not in answer.text:
        raise SmsNotSent("SMS_HTTP_OK not in the answer")
