"""The tests' settings for a site of its own: keys of its own, and a SQLite that gives up within the test's time."""

from pathlib import Path

from portal.settings.test import *  # noqa: F403  settings modules extend one another by star import
from portal.settings.test import DATABASES, env

BALLOT_KEYS_DIR = Path(env("FAULTS_KEYS")) / "first"
BALLOT_KEYS_COPY_DIR = Path(env("FAULTS_KEYS")) / "second"
_wait = env.int("FAULTS_SQLITE_WAIT", default=0)  # milliseconds instead of the 20 s that production waits
if _wait and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _options = DATABASES["default"]["OPTIONS"]
    _options["timeout"] = _wait / 1000
    _options["init_command"] = _options["init_command"].replace("busy_timeout=20000", f"busy_timeout={_wait}")
