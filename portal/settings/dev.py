"""Runs with nothing installed beside Python: SQLite, in-process live path, console mail."""

from .base import *  # noqa: F403  settings modules extend one another by star import
from .base import ALLOWED_HOSTS, DATA_DIR, FIELD_KEY, HOST, PUBLIC_URL, SECRET_KEY, env

DEVELOPMENT = True
DATA_DIR.mkdir(parents=True, exist_ok=True)
# Nothing is collected here; WhiteNoise only wants the folder to be there.
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Off unless asked for, so that `make run` shows visitors the real error pages.
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = SECRET_KEY or "development-only-never-in-production"
FIELD_KEY = FIELD_KEY or "development-only-never-in-production"
ALLOWED_HOSTS = ALLOWED_HOSTS or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    HOST,
    PUBLIC_URL.split("//")[-1].split(":")[0],
]
if HOST in ("0.0.0.0", "::"):  # noqa: S104  a laptop on the hall's own Wi-Fi, asked for by HOST=
    ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0
SERVE_MEDIA = True
# Passkeys want HTTPS everywhere but on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# Printed where the portal runs; a gateway may be tried from a laptop, too.
SMS_GATEWAY = env.str("SMS_GATEWAY", default="console")
