"""PostgreSQL (or SQLite for a small site), Redis, hashed static files; refuses to start without its secrets."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403  settings modules extend one another by star import
from .base import ALLOWED_HOSTS, FIELD_KEY, PUBLIC_URL, SECRET_KEY, STORAGES, env

for _name, _value in {"SECRET_KEY": SECRET_KEY, "FIELD_KEY": FIELD_KEY}.items():
    if len(_value) < 32:
        raise ImproperlyConfigured(f"请设置环境变量 {_name}(至少 32 个随机字符)后再启动。")
if not env("PUBLIC_URL", default=""):
    raise ImproperlyConfigured("请设置环境变量 PUBLIC_URL(居民访问的网址，例如 https://cun.example.gov.cn)后再启动。")

ALLOWED_HOSTS = ALLOWED_HOSTS or [PUBLIC_URL.split("//")[-1].split(":")[0].split("/")[0]]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "portal.storage.PortalStaticStorage"}}
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=False)

# Behind a proxy on the same machine, which sets the header and strips what clients send of it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600 if _https else 0)
