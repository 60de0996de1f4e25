"""What each gateway needs to know, and what a site has left out: said in words before the portal starts."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

# By gateway: the variables that must be set, and the package that speaks to it.
NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "aliyun": (
        ("SMS_ALIYUN_KEY_ID", "SMS_ALIYUN_KEY_SECRET", "SMS_ALIYUN_SIGN_NAME", "SMS_ALIYUN_TEMPLATE"),
        "alibabacloud_dysmsapi20170525",
    ),
    "tencent": (
        (
            "SMS_TENCENT_SECRET_ID",
            "SMS_TENCENT_SECRET_KEY",
            "SMS_TENCENT_APP_ID",
            "SMS_TENCENT_SIGN_NAME",
            "SMS_TENCENT_TEMPLATE",
        ),
        "tencentcloud",
    ),
    "http": (("SMS_HTTP_URL", "SMS_HTTP_BODY"), ""),
}


def problems() -> list[str]:
    """What is wrong with the gateway of this site, each as a sentence; nothing when it has none or all is there."""
    gateway = settings.SMS_GATEWAY
    if gateway == "":
        return []
    if gateway == "console":
        return [] if settings.DEVELOPMENT else [_("正式网站不能用 console 短信网关：验证码会显示在服务器上。")]
    if gateway not in NEEDED:
        return [_("SMS_GATEWAY=%(name)s 不认识，请填 aliyun、tencent 或 http；不用短信就留空。") % {"name": gateway}]
    variables, package = NEEDED[gateway]
    found = [
        _("短信网关 %(gateway)s 还缺环境变量 %(name)s。") % {"gateway": gateway, "name": name}
        for name in variables
        if not getattr(settings, name)
    ]
    if package and importlib.util.find_spec(package) is None:
        found.append(
            _("短信网关 %(gateway)s 的软件包没有装，请运行 pip install -r requirements-sms.txt。")
            % {"gateway": gateway}
        )
    return found + (_http_problems() if gateway == "http" and not found else [])


def _http_problems() -> list[str]:
    address = urlsplit(settings.SMS_HTTP_URL)
    found = []
    if address.scheme not in ("http", "https") or not address.hostname:
        found.append(_("SMS_HTTP_URL 要以 https:// 或 http:// 开头。"))
    elif address.scheme == "http" and not settings.DEVELOPMENT and not _is_near(address.hostname):
        found.append(_("SMS_HTTP_URL 要用 https://：验证码和手机号不能明着走公网。"))
    where = settings.SMS_HTTP_URL + settings.SMS_HTTP_BODY
    if "{phone}" not in where or "{code}" not in where:
        found.append(_("SMS_HTTP_URL 和 SMS_HTTP_BODY 里要写上 {phone} 和 {code}，发的时候换成手机号和验证码。"))
    return found


def reminds() -> bool:
    """Whether the site has what reminders of meetings need beside codes: a template of their own."""
    return _has_template("REMINDER")


def tells_petitions() -> bool:
    """The same for what a petition has come to."""
    return _has_template("PETITION")


def _has_template(about: str) -> bool:
    name = {"aliyun": "SMS_ALIYUN_%s_TEMPLATE", "tencent": "SMS_TENCENT_%s_TEMPLATE", "http": "SMS_HTTP_%s_BODY"}
    gateway = settings.SMS_GATEWAY
    return gateway == "console" or (gateway in name and bool(getattr(settings, name[gateway] % about)))


def _is_near(host: str) -> bool:
    """On the machine itself or in the office's own network."""
    return host == "localhost" or host.startswith(("127.", "10.", "192.168."))
