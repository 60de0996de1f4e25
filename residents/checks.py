"""What a site must have told before it starts: gateways for codes, and WeChat's keys (docs/operations.md)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from .sms.configuration import problems as sms_problems
from .weixin.configuration import problems as weixin_problems

TAG = "way_in"


@register(TAG)
def way_in(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """Each missing word of configuration, in words."""
    found: list[CheckMessage] = [Error(words, id="residents.E001") for words in sms_problems()]
    return found + [Error(words, id="residents.E002") for words in weixin_problems()]


def refuse_to_start_half_configured() -> None:
    """The same for servers, which Django does not let check anything by themselves."""
    if found := way_in():
        raise ImproperlyConfigured("\n".join(one.msg for one in found))
