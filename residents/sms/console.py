"""In development the code is printed where the portal runs; the page itself shows it too (phone_sign_in.py)."""

from __future__ import annotations

import sys
from collections.abc import Mapping


def send(phone: str, code: str) -> None:
    print(f"短信验证码 → {phone}：{code}", file=sys.stderr, flush=True)  # noqa: T201  # untranslated: for developers


def remind(phone: str, told: Mapping[str, str]) -> None:
    words = "，".join(told.values())
    print(f"开会提醒短信 → {phone}：{words}", file=sys.stderr, flush=True)  # noqa: T201  # untranslated: for developers


def tell_petition(phone: str, told: Mapping[str, str]) -> None:
    words = "，".join(told.values())
    print(f"请求开会短信 → {phone}：{words}", file=sys.stderr, flush=True)  # noqa: T201  # untranslated: for developers
