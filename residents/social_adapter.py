"""allauth's questions about accounts of elsewhere (WeChat), answered: thin."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.forms import DisconnectForm
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from .models import User
from .own_phone import is_bare
from .phone_accounts import agreed
from .phone_sign_in import ConsentField
from .weixin.configuration import door_for
from .weixin.protocol import SnapshotOnly

_PASSKEY = Authenticator.Type.WEBAUTHN


class SocialAdapter(DefaultSocialAccountAdapter):
    """Who comes by WeChat for the first time gets an account without any right, once they agreed to the notice."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": gettext_lazy("这是您唯一的登录办法，先登记手机号，再解除微信。"),
        "connected_other": gettext_lazy("这个微信已经是另一个账号的了。请退出，用微信登录看看是哪个账号。"),
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Keys come from the environment, never from the database; the browser decides which door it is."""
        door = door_for(request) if request and provider in (None, "weixin") else None
        if door is None:
            return []
        return [
            SocialApp(
                provider="weixin",
                client_id=door.app_id,
                secret=door.secret,
                key=door.kind,
                settings={"scope": door.scope},
            )
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # the notice first

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = sociallogin.user
        user.username, user.display_name = f"w-{secrets.token_hex(8)}", gettext("微信用户")
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: forms.Form | None = None) -> User:
        user: User = sociallogin.user
        user.set_unusable_password()
        sociallogin.save(request)
        agreed(user)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Somebody came by WeChat before, then by phone and said who they are: the empty account gives WeChat up."""
        connects = sociallogin.state.get("process") == AuthProcess.CONNECT
        other = sociallogin.user
        if not (connects and request.user.is_authenticated and sociallogin.is_existing) or other.pk == request.user.pk:
            return
        if is_bare(other) and not other.phone_hash:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(user=request.user)
            sociallogin.account.user_id, sociallogin.user = request.user.pk, request.user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        if isinstance(told.get("exception"), SnapshotOnly):
            messages.error(request, gettext("微信现在只给看页面的样子。请按页面下方的“使用完整服务”，再用微信登录。"))
            raise ImmediateHttpResponse(redirect("account_login"))


class TakeOffForm(DisconnectForm):
    """WeChat is taken off an account that has another way in; allauth would only let a password count as one."""

    def clean(self) -> dict[str, Any]:
        data = forms.Form.clean(self) or {}
        user = data["account"].user if data.get("account") else None
        if user and not (user.phone_hash or user.has_usable_password() or is_mfa_enabled(user, [_PASSKEY])):
            raise SocialAdapter(self.request).validation_error("no_password")
        return data


class AgreeForm(forms.Form):
    """All that is asked of who comes by WeChat: to have read the notice. No name, no address of e-mail."""

    consent = ConsentField(label=gettext_lazy("我看过《隐私政策》，同意用微信登录、核对我是不是名册上的人。"))

    def __init__(self, *args: Any, sociallogin: SocialLogin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sociallogin = sociallogin

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        return SocialAdapter(request).save_user(request, self.sociallogin, self), None
