"""allauth's Weixin provider, with what this portal needs of it: one of two doors, and nothing kept but who it is."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.weixin.provider import WeixinProvider as AllauthWeixin
from django.utils.translation import gettext

from .protocol import WeixinAdapter


class WeixinAccount(ProviderAccount):
    """Neither a picture nor a nickname is asked for."""

    def get_avatar_url(self) -> None:
        return None

    def to_str(self) -> str:
        return gettext("微信")


class WeixinProvider(AllauthWeixin):
    account_class = WeixinAccount
    oauth2_adapter_class = WeixinAdapter

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["uid"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def get_scope(self) -> list[str]:
        return [self.app.settings["scope"]]

    # Neither the scope nor anything else of the request to WeChat is for whoever wrote the link.

    def get_scope_from_request(self, request: Any) -> list[str]:
        return self.get_scope()

    def get_auth_params_from_request(self, request: Any, action: Any) -> dict[str, Any]:
        return {}
