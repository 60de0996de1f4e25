"""Fast hashers, immediate tasks, plain static files; DATABASE_URL and REDIS_URL may name real servers."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403  settings modules extend one another by star import

DEVELOPMENT = True
SECRET_KEY = "test"  # noqa: S105  no secret is kept under it
FIELD_KEY = "test"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
MEDIA_ROOT = Path(tempfile.gettempdir()) / "village-portal-test-media"
PRIVATE_ROOT = Path(tempfile.gettempdir()) / "village-portal-test-private"
BALLOT_KEYS_DIR = Path(tempfile.gettempdir()) / "village-portal-test-keys"
BALLOT_KEYS_COPY_DIR = Path(tempfile.gettempdir()) / "village-portal-test-keys-copy"
WHITENOISE_USE_FINDERS = True
SERVE_MEDIA = True
ANONYMOUS_PAGE_SECONDS = 0
# Tests of the second factor switch it on; all others sign in with one line.
SECOND_FACTOR_REQUIRED = False
PUBLIC_URL = "http://testserver"
SMS_GATEWAY = "console"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # No test pulls the plug of the machine, and each commit would wait for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405
