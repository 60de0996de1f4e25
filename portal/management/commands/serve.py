"""Prepare what is not prepared yet and serve everything in one process: what `make run` calls."""

from __future__ import annotations

import contextlib
import io
import logging
import signal
import subprocess
import sys
import time
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.errors import KeyStoreError
from consultation.key_store import get_key_store, prepare_when_new
from consultation.sealing import tidy_up
from portal import readiness


class Command(BaseCommand):
    help = _("准备好数据库和演示内容，然后在一个进程里提供网页和实时表决。")
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        # Preparing speaks for itself; the log's lines begin with serving.
        level = logging.root.level
        logging.root.setLevel(logging.WARNING)
        self._once("migrated", readiness.migrations_stamp(), self._migrate)
        if settings.DEVELOPMENT:
            self._once("demo", readiness.demo_stamp(str(timezone.localdate())), self._demo)
        else:
            call_command("check", database_aliases=["default"], deploy=False, verbosity=0)
            self._once("static", readiness.static_stamp(), self._static)
        self._once("indexed", readiness.index_stamp(), self._index)
        call_command("forget_expired", plan=True, stdout=io.StringIO())
        self._keys()
        tidy_up()  # what a process that died after a count has left
        connection.close()
        logging.root.setLevel(level)
        # The server raises the signal again once it has shut down; the worker must end with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        worker = subprocess.Popen([sys.executable, "manage.py", "db_worker"], cwd=settings.BASE_DIR)
        try:
            self._serve(time.monotonic() - began)
        finally:
            worker.terminate()
            worker.wait(timeout=10)

    def _keys(self) -> None:
        """The portal serves without them, too; /healthz/ and who wants to open a secret motion hear of it."""
        with contextlib.suppress(KeyStoreError):
            if settings.DEVELOPMENT:
                get_key_store().prepare()
            else:
                prepare_when_new()

    def _once(self, name: str, stamp: str, work: Any) -> None:
        if not readiness.is_done(name, stamp):
            work()
            readiness.mark_done(name, stamp)

    def _migrate(self) -> None:
        self.stdout.write(_("正在准备数据库（第一次约半分钟）……"))
        call_command("migrate", interactive=False, verbosity=1, stdout=_Dots(self.stdout))
        self.stdout.write("\n" + _("数据库已就绪。"))

    def _demo(self) -> None:
        self.stdout.write(_("正在装载演示内容……"))
        call_command("demo", stdout=self.stdout)
        readiness.mark_done("indexed", readiness.index_stamp())

    def _index(self) -> None:
        self.stdout.write(_("正在整理查找用的索引……"))
        call_command("update_index", verbosity=0)

    def _static(self) -> None:
        self.stdout.write(_("正在整理样式和脚本文件……"))
        call_command("collectstatic", interactive=False, verbosity=0)

    def _serve(self, seconds: float) -> None:
        ready = _("准备用了 %(seconds).0f 秒。请用浏览器打开：%(url)s") % {
            "seconds": seconds,
            "url": settings.PUBLIC_URL,
        }
        self.stdout.write(f"\n{ready}")
        if settings.DEVELOPMENT:
            self.stdout.write(_("演示账号（点一下就登录）：%(url)s") % {"url": f"{settings.PUBLIC_URL}/demo-accounts/"})
            self.stdout.write(
                "  "
                + _("正在表决的会在老榨坊村：主持人贺光武、记录员贺春香、监票人谭少林、村民贺志勇。按 Ctrl-C 停止。")
            )
        self.stdout.flush()
        uvicorn.run(
            "portal.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            ws="portal.sockets:ReadyFramesProtocol",
            ws_per_message_deflate=False,
            access_log=False,
            log_config=None,
            backlog=4096,
            timeout_graceful_shutdown=3,
        )


class _Dots:
    """Progress without a page of names: a dot for each migration."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def write(self, text: str) -> None:
        if "OK" in text:
            self.out.write(".", ending="")
            self.out.flush()

    def flush(self) -> None:
        self.out.flush()

    def isatty(self) -> bool:
        return False
