"""The portal as `make run` serves it, with the demo, and a real browser before it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from consultation.key_store import DirectoryKeyStore
from tests import databases
from tests.servers import find_browser, launch_arguments

PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
WALL = {"width": 1920, "height": 1080}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the demo in it, loaded once."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(databases.sqlite_template(), folder / "portal.sqlite3")
    _manage(folder, "demo")
    return folder / "portal.sqlite3"


def _environment(folder: Path, port: int = 8000) -> dict[str, str]:
    own = {
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "ANONYMOUS_PAGE_SECONDS": "0",
        "LOG_LEVEL": "ERROR",
    }
    return {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")} | own


def _manage(folder: Path, *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=databases.ROOT,
        env=_environment(folder),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.fixture
def portal(demo_database: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server of its own, on a fresh copy of the demo."""
    shutil.copyfile(demo_database, tmp_path / "portal.sqlite3")
    DirectoryKeyStore(tmp_path / "ballot-keys", tmp_path / "ballot-keys-copy").prepare()
    port = _free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port),
            "--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "error",
        ],
        cwd=databases.ROOT,
        env=_environment(tmp_path, port),
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _await(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def _await(address: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{address}/healthz/?part=database", timeout=2):  # noqa: S310  our own address
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the portal did not start")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium found: install chromium or set BROWSER="
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        yield chromium
        chromium.close()


Window = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, portal: str) -> Iterator[Window]:
    """Open a window: `window(size, account="贺光武")`; fails the test on any request to another host."""
    contexts: list[BrowserContext] = []
    foreign: list[str] = []

    def open_window(size: dict[str, int], *, account: str = "", **options: Any) -> Page:
        context = browser.new_context(viewport=size, base_url=portal, locale="en-US", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url, portal) else None)
        if account:
            page.goto("/demo-accounts/")
            page.get_by_role("button", name=account).first.click()
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert foreign == []


def _is_foreign(url: str, portal: str) -> bool:
    return not url.startswith((portal, portal.replace("http", "ws", 1), "data:", "blob:"))
