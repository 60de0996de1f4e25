"""Settings shared by every environment. All that the environment decides is read in the first block."""

from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
# A site set up on one machine keeps its secrets beside its data; what the environment says goes first.
if (DATA_DIR / "site.env").exists():
    env.read_env(str(DATA_DIR / "site.env"))
SECRET_KEY = env("SECRET_KEY", default="")
# Sealing phones and the like must outlive a change of SECRET_KEY, so it is a key of its own.
FIELD_KEY = env("FIELD_KEY", default="")
HOST = env("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env("PUBLIC_URL", default=f"http://{HOST}:{PORT}").rstrip("/")
# Where sockets are served when not beside the pages: "ws://host:port"; empty means the page's own host.
SOCKET_URL = env("SOCKET_URL", default="").rstrip("/")
DATABASE_URL = env("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")
REDIS_URL = env("REDIS_URL", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PAGE_THREADS = env.int("PAGE_THREADS", default=8)
LOG_LEVEL = env("LOG_LEVEL", default="INFO")

# True only in dev and test: one-click sign-in, the component gallery, practice rehearsals anywhere.
DEVELOPMENT = False
DEBUG = False

INSTALLED_APPS = [
    "portal",
    "home",
    "contest",
    "villagerules",
    "consultation",
    "residents",
    "audit",
    "ui",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.sitemaps",
    "wagtail.embeds",
    "wagtail.sites",
    "residents.apps.AccountsAdminConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.weixin",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "portal.page_cache.AnonymousPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.ChosenLanguageMiddleware",
    "portal.middleware.NoNulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.OfficerSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.AdminDoorMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "ui.context_processors.appearance",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "ui.templatetags.ui",
            ],
        },
    }
]

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
# Pages run in a fixed pool of threads, so a lasting connection per thread is bounded.
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"]["ENGINE"] = "portal.postgresql"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE queues writers instead of failing them; FULL keeps an acknowledged ballot over a power cut.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
            # What is deleted is overwritten in the file: counted slips are gone from it, and forgotten people.
            "PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;PRAGMA secure_delete=ON;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": (
        {
            "BACKEND": "portal.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "portal",
        }
    ),
    # What concerns one process alone, or is not worth asking the others.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "process",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}
SERVE_MEDIA = False
ANONYMOUS_PAGE_SECONDS = env.int("ANONYMOUS_PAGE_SECONDS", default=20)

# Accounts
AUTH_USER_MODEL = "residents.User"
AUTHENTICATION_BACKENDS = [
    "residents.backends.AccountBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "residents.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# A hall of 500 is one address: guessing is limited per account, not per address.
# Codes have limits of their own (residents/sms/limits.py).
ACCOUNT_RATE_LIMITS = {
    "login": False, "login_failed": "5/5m/key", "request_login_code": False, "verify_phone": False,
}  # fmt: skip
ACCOUNT_FORMS = {
    "login": "residents.phone_sign_in.PasswordForm",
    "request_login_code": "residents.phone_sign_in.PhoneForm",
    "confirm_login_code": "residents.phone_sign_in.CodeForm",
}
# How long a session lasts is one rule for every door (residents/officer_sessions.py).
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 4
# The login itself shows the number; nobody is asked for it a second time.
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
# The edition of the privacy notice that people agree to when they sign in; a new one is a new edition.
PRIVACY_EDITION = env.str("PRIVACY_EDITION", default="2026-11")
# Days after which personal data is forgotten by the nightly job (docs/personal-data.md says what and why).
RETENTION_DAYS = {
    "codes": env.int("FORGET_CODES_DAYS", default=30),  # printed codes, once used, withdrawn or run out
    "unconfirmed_accounts": env.int("FORGET_UNCONFIRMED_DAYS", default=7),  # numbers whose code was never typed
    "unused_accounts": env.int("FORGET_UNUSED_DAYS", default=730),  # phone accounts that are nobody's
    "requests": env.int("FORGET_REQUESTS_DAYS", default=180),  # claims and corrections, once answered
    "looks": env.int("FORGET_LOOKS_DAYS", default=1095),  # who looked at a phone
    "proposals": env.int("FORGET_PROPOSALS_DAYS", default=1095),  # details two people decided on
    "contest_signals": env.int("FORGET_CONTEST_SIGNALS_DAYS", default=183),  # where public votes came from
}
# After so many days without signing in a number may be somebody else's, and its code alone does not do.
PHONE_TRUST_DAYS = env.int("PHONE_TRUST_DAYS", default=90)
# Offices need a second factor (docs/rights.md); switching it off is for a site that has another gate before it.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=True)
MFA_ADAPTER = "residents.second_factor_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "residents.second_factor_forms.ShowForm",
    "reauthenticate": "residents.second_factor_forms.ShowAgainForm",
    "activate_totp": "residents.second_factor_forms.SetUpAppForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey signs in alone, so the phone itself must have asked for a finger, a face or its own code.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Phones' clocks differ: the code before and the one after count too.
MFA_TOTP_TOLERANCE = 1
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Codes by SMS: console (development only), aliyun, tencent or http; what each needs stands in docs/operations.md.
SMS_GATEWAY = env.str("SMS_GATEWAY", default="")
# Nobody's budget is emptied by a robot: after so many messages in a day the whole site sends no more.
SMS_DAILY_CAP = env.int("SMS_DAILY_CAP", default=5000)
# Reminders of meetings have a budget of their own, so that nobody waits for a code because of them.
SMS_REMINDERS_DAILY_CAP = env.int("SMS_REMINDERS_DAILY_CAP", default=5000)
SMS_TIMEOUT = env.int("SMS_TIMEOUT", default=5)  # seconds
SMS_ALIYUN_KEY_ID = env.str("SMS_ALIYUN_KEY_ID", default="")
SMS_ALIYUN_KEY_SECRET = env.str("SMS_ALIYUN_KEY_SECRET", default="")
SMS_ALIYUN_SIGN_NAME = env.str("SMS_ALIYUN_SIGN_NAME", default="")
SMS_ALIYUN_TEMPLATE = env.str("SMS_ALIYUN_TEMPLATE", default="")
SMS_ALIYUN_REMINDER_TEMPLATE = env.str("SMS_ALIYUN_REMINDER_TEMPLATE", default="")
SMS_ALIYUN_PETITION_TEMPLATE = env.str("SMS_ALIYUN_PETITION_TEMPLATE", default="")
SMS_ALIYUN_ENDPOINT = env.str("SMS_ALIYUN_ENDPOINT", default="https://dysmsapi.aliyuncs.com")
SMS_TENCENT_SECRET_ID = env.str("SMS_TENCENT_SECRET_ID", default="")
SMS_TENCENT_SECRET_KEY = env.str("SMS_TENCENT_SECRET_KEY", default="")
SMS_TENCENT_APP_ID = env.str("SMS_TENCENT_APP_ID", default="")
SMS_TENCENT_SIGN_NAME = env.str("SMS_TENCENT_SIGN_NAME", default="")
SMS_TENCENT_TEMPLATE = env.str("SMS_TENCENT_TEMPLATE", default="")
SMS_TENCENT_PARAMS = env.list("SMS_TENCENT_PARAMS", default=["{code}"])
SMS_TENCENT_REMINDER_TEMPLATE = env.str("SMS_TENCENT_REMINDER_TEMPLATE", default="")
SMS_TENCENT_REMINDER_PARAMS = env.list("SMS_TENCENT_REMINDER_PARAMS", default=["{village}", "{time}", "{place}"])
SMS_TENCENT_PETITION_TEMPLATE = env.str("SMS_TENCENT_PETITION_TEMPLATE", default="")
SMS_TENCENT_PETITION_PARAMS = env.list(
    "SMS_TENCENT_PETITION_PARAMS", default=["{village}", "{number}", "{body}", "{state}", "{day}"]
)
SMS_TENCENT_REGION = env.str("SMS_TENCENT_REGION", default="ap-guangzhou")
SMS_TENCENT_ENDPOINT = env.str("SMS_TENCENT_ENDPOINT", default="https://sms.tencentcloudapi.com")
SMS_HTTP_URL = env.str("SMS_HTTP_URL", default="")
SMS_HTTP_METHOD = env.str("SMS_HTTP_METHOD", default="POST")
SMS_HTTP_HEADERS = env.json("SMS_HTTP_HEADERS", default={"Content-Type": "application/json"})
SMS_HTTP_BODY = env.str("SMS_HTTP_BODY", default='{"phone": "{phone}", "code": "{code}"}')
SMS_HTTP_REMINDER_URL = env.str("SMS_HTTP_REMINDER_URL", default="")
SMS_HTTP_REMINDER_BODY = env.str("SMS_HTTP_REMINDER_BODY", default="")
SMS_HTTP_PETITION_URL = env.str("SMS_HTTP_PETITION_URL", default="")
SMS_HTTP_PETITION_BODY = env.str("SMS_HTTP_PETITION_BODY", default="")
SMS_HTTP_OK = env.str("SMS_HTTP_OK", default="")
# WeChat: an official account's in-app page (mp), an open-platform site's QR (open); each is on when its keys are set.
WEIXIN_MP_APP_ID = env.str("WEIXIN_MP_APP_ID", default="")
WEIXIN_MP_SECRET = env.str("WEIXIN_MP_SECRET", default="")
WEIXIN_OPEN_APP_ID = env.str("WEIXIN_OPEN_APP_ID", default="")
WEIXIN_OPEN_SECRET = env.str("WEIXIN_OPEN_SECRET", default="")
WEIXIN_MP_AUTHORIZE_URL = env.str(
    "WEIXIN_MP_AUTHORIZE_URL", default="https://open.weixin.qq.com/connect/oauth2/authorize"
)
WEIXIN_OPEN_AUTHORIZE_URL = env.str("WEIXIN_OPEN_AUTHORIZE_URL", default="https://open.weixin.qq.com/connect/qrconnect")
WEIXIN_API_URL = env.str("WEIXIN_API_URL", default="https://api.weixin.qq.com")
SOCIALACCOUNT_ADAPTER = "residents.social_adapter.SocialAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "residents.social_adapter.AgreeForm",
    "disconnect": "residents.social_adapter.TakeOffForm",
}
SOCIALACCOUNT_PROVIDERS = {"weixin": {"provider_class": "residents.weixin.provider.WeixinProvider"}}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "residents.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"

# Words and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "static-built")))
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Pictures of tally sheets and written grants: never served as files, only through doors that judge the right.
PRIVATE_ROOT = DATA_DIR / "private"
# The keys of secret motions under vote, twice, never in a backup (docs/operations.md); or another store's class.
BALLOT_KEY_STORE = env.str("BALLOT_KEY_STORE", default="consultation.key_store.DirectoryKeyStore")
BALLOT_KEYS_DIR = Path(env("BALLOT_KEYS_DIR", default=str(DATA_DIR / "ballot-keys")))
BALLOT_KEYS_COPY_DIR = Path(env("BALLOT_KEYS_COPY_DIR", default=str(DATA_DIR / "ballot-keys-copy")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Wagtail
WAGTAIL_SITE_NAME = "村务协商门户"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# Passwords are set and lost at one door, with its second factor and its two officers.
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILIMAGES_IMAGE_MODEL = "home.PortalImage"
WAGTAILDOCS_DOCUMENT_MODEL = "home.PortalDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx"]
WAGTAIL_AUTOSAVE_INTERVAL = 5000
# Chinese words in the public search and in the admin alike (docs/search.md).
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "portal.search"}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Nothing is inline and nothing comes from elsewhere; sockets may have a host of their own. Old WebKit does not take
# 'self' for a socket, so the own host is named too.
_OWN_HOST = PUBLIC_URL.split("//")[-1].split("/")[0]
_SOCKET_SOURCES = [SOCKET_URL] if SOCKET_URL else [f"ws://{_OWN_HOST}", f"wss://{_OWN_HOST}"]
# Browsers hold a form's answer to the same rule: the button to WeChat leads there.
_FORM_TARGETS = [SELF]
for _key, _page in ((WEIXIN_MP_APP_ID, WEIXIN_MP_AUTHORIZE_URL), (WEIXIN_OPEN_APP_ID, WEIXIN_OPEN_AUTHORIZE_URL)):
    _origin = "/".join(_page.split("/")[:3])
    if _key and _origin not in _FORM_TARGETS:
        _FORM_TARGETS.append(_origin)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF, *_SOCKET_SOURCES],
        "manifest-src": [SELF],
        "form-action": _FORM_TARGETS,
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # The audit log tells what matters of pages.
        "wagtail": {"level": "WARNING"},
        # Its lines would hold the tokens of sockets.
        "uvicorn.error": {"level": "WARNING"},
        "django.security.csrf": {"level": "ERROR"},
        # Its statements of a ballot would hold who voted beside what.
        "django.db.backends": {"level": "WARNING"},
        # What they tell of their requests holds the codes and phones of messages, whatever LOG_LEVEL is.
        "urllib3": {"level": "WARNING"},
        "tencentcloud_sdk_common": {"level": "WARNING"},
        "alibabacloud-tea": {"level": "WARNING"},
        "darabonba-core": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}
