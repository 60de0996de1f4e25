"""Production's settings; only the static files lie in the benchmark's own folder, not in the tree."""

from portal.settings.production import *  # noqa: F403  settings modules extend one another by star import
from portal.settings.production import env

STATIC_ROOT = env("BENCH_STATIC_ROOT")
