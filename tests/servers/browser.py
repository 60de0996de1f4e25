"""The browser that the journeys drive: one already on this machine, since pip brings none."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium: the variable BROWSER's, else the first of NAMES on PATH.

    None when there is none: `apt-get install chromium fonts-noto-cjk` brings one.
    """
    for name in (os.environ.get("BROWSER", ""), *NAMES):
        path = shutil.which(name) if name else None
        # Desktops and editors set BROWSER to helpers that cannot be driven.
        if path and "chrom" in path.lower():
            return path
    return None


def launch_arguments() -> list[str]:
    """Return the command-line switches that keep a Chromium quiet, offline and repeatable."""
    arguments = [
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-client-side-phishing-detection",
        "--disable-component-update",
        "--disable-default-apps",
        # A container's /dev/shm is often too small for a page.
        "--disable-dev-shm-usage",
        "--disable-domain-reliability",
        "--disable-extensions",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--metrics-recording-only",
        "--no-default-browser-check",
        "--no-first-run",
        "--no-pings",
    ]
    if os.geteuid() == 0:
        # Chromium's sandbox refuses root.
        arguments.append("--no-sandbox")
    return arguments
