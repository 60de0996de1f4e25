"""allauth's questions about the second factor, answered: thin."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext, gettext_lazy

from .phones import open_text, seal_text


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("验证码不对。请看手机上现在显示的那一个，再输一次。"),
    }

    def encrypt(self, text: str) -> str:
        """The keys of apps and the recovery codes lie sealed in the database, as phones do."""
        return seal_text(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return open_text(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return settings.WAGTAIL_SITE_NAME

    def _get_site_name(self) -> str:
        return settings.WAGTAIL_SITE_NAME

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        """As people know the account; its user name may be a number nobody has seen."""
        return str(user.get_full_name())  # type: ignore[attr-defined]

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return gettext("我的手机")
