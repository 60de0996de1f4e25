"""Any other gateway that takes one HTTP request, a county's own or a carrier's: all of it by configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

import requests
from django.conf import settings

from .sending import SmsNotSent, filled


def send(phone: str, code: str) -> None:
    """Both numbers are digits alone, so they may stand in an address, JSON, XML or a form as they are."""
    _ask(settings.SMS_HTTP_URL, settings.SMS_HTTP_BODY, {"phone": phone, "code": code}, str)


def remind(phone: str, told: Mapping[str, str]) -> None:
    """Words are written as the body's kind wants them."""
    told = {"phone": phone, **told}
    _ask(settings.SMS_HTTP_REMINDER_URL or settings.SMS_HTTP_URL, settings.SMS_HTTP_REMINDER_BODY, told, _as_body())


def tell_petition(phone: str, told: Mapping[str, str]) -> None:
    told = {"phone": phone, **told}
    _ask(settings.SMS_HTTP_PETITION_URL or settings.SMS_HTTP_URL, settings.SMS_HTTP_PETITION_BODY, told, _as_body())


def _as_body() -> Callable[[str], str]:
    kinds = [value for name, value in settings.SMS_HTTP_HEADERS.items() if name.lower() == "content-type"]
    kind = kinds[0].lower() if kinds else ""
    if "json" in kind:
        return lambda words: json.dumps(words, ensure_ascii=False)[1:-1]
    if "xml" in kind:
        return lambda words: escape(words, {'"': "&quot;"})
    return lambda words: quote(words, safe="")


def _ask(address: str, body: str, told: Mapping[str, str], as_body: Callable[[str], str]) -> None:
    try:
        answer = requests.request(
            settings.SMS_HTTP_METHOD,
            filled(address, {name: quote(words, safe="") for name, words in told.items()}),
            data=filled(body, {name: as_body(words) for name, words in told.items()}).encode(),
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
