"""What is asked of WeChat and what is taken from its answers.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html (in-app page)
https://developers.weixin.qq.com/doc/oplatform/Website_App/WeChat_Login/Wechat_Login.html (QR)
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.weixin.client import WeixinOAuth2Client
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from .configuration import doors


class SnapshotOnly(OAuth2Error):
    """WeChat shows a snapshot of the page to somebody who has not agreed yet: what it tells is nobody."""


class Client(WeixinOAuth2Client):
    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """WeChat wants this mark at the end, or it shows an error instead of its page."""
        return f"{super().get_redirect_url(authorization_url, scope, extra_params)}#wechat_redirect"


class WeixinAdapter(WeixinOAuth2Adapter):
    client_class = Client
    access_token_method = "GET"  # noqa: S105  a word of HTTP; WeChat documents no other

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        return f"{settings.WEIXIN_API_URL}/sns/oauth2/access_token"

    @property
    def profile_url(self) -> str:  # type: ignore[override]
        return f"{settings.WEIXIN_API_URL}/sns/userinfo"

    @property
    def authorize_url(self) -> str:
        return str(doors()[self.get_provider().app.key].authorize_url)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        answer = kwargs["response"]
        if answer.get("is_snapshotuser"):
            raise SnapshotOnly("snapshot page")
        openid, unionid = str(answer.get("openid") or ""), str(answer.get("unionid") or "")
        if not openid:
            raise OAuth2Error("no openid")
        if not unionid and app.settings["scope"] != "snsapi_base":
            unionid = self._unionid(token.token, openid)
        uid = _one_person(f"{app.client_id}:{openid}", unionid)
        return self.get_provider().sociallogin_from_response(request, {"uid": uid})

    def _unionid(self, token: str, openid: str) -> str:
        """The number a person has in all of a site's apps; none when they are not bound together."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.profile_url, params={"access_token": token, "openid": openid})
            answer.raise_for_status()
            told = answer.json()
        if told.get("errcode"):
            raise OAuth2Error(f"userinfo: {told['errcode']}")
        return str(told.get("unionid") or "")


@transaction.atomic
def _one_person(of_this_app: str, of_all_apps: str) -> str:
    """The name WeChat's user has here; the one of all apps where there is one.

    Somebody who came before the apps were bound together is found by the earlier name, which gives way to the other.
    """
    if not of_all_apps:
        return of_this_app
    known = SocialAccount.objects.filter(provider="weixin")
    if not known.filter(uid=of_all_apps).exists():
        known.filter(uid=of_this_app).update(uid=of_all_apps)
    return of_all_apps
