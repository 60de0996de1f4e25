"""Bring a backup back; the steps before and after stand in docs/operations.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.errors import KeyStoreError
from consultation.key_store import get_key_store, prepare_when_new
from consultation.models import Motion
from portal.backups.archive import BackupError
from portal.backups.restoring import restore_backup


class Command(BaseCommand):
    help = _("用一份备份恢复网站。正在进行的表决会停下来，由两位工作人员决定怎么办。请先停下网站。")
    # The database may be empty or broken, which is why somebody restores.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("备份文件，例如 portal-backup-20261123-031500.tar"))
        parser.add_argument("--yes", action="store_true", help=_("替换数据库里现在的内容"))
        parser.add_argument("--other-field-key", action="store_true", help=_("原来的 FIELD_KEY 找不到了，仍然恢复"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore_backup(
                options["file"], replace=options["yes"], other_field_key=options["other_field_key"]
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        made_at = f"{timezone.localtime(restored.made_at):%Y-%m-%d %H:%M:%S}"
        say = self.stdout.write
        say(_("已经恢复到 %(made_at)s 的样子。") % {"made_at": made_at})
        if restored.interrupted:
            say(_("下面的表决当时还没有结束，现在都停下来了：有的票可能在备份以后才投，没有在里面。"))
        for motion, key in restored.interrupted:
            say(f"  {_where(motion)}{_fate(key)}")
        if not _keys_are_there():
            say(
                _(
                    "存放票箱钥匙的目录现在用不了，不能开始无记名表决。磁盘没有挂上的，请先挂上；"
                    "换了新机器、原来的钥匙找不到了，就执行 manage.py ballot_keys --prepare。"
                )
            )
        say(_("接下来："))
        if restored.interrupted:
            say(_("1. 每一项都要两位工作人员在会议页面上决定：按箱子里现有的票计票，还是作废重投。"))
        else:
            say(_("1. 当时没有正在进行的表决，不用处理。"))
        say(_("2. 备份以后改的东西都没有了：名册、任免、审批、投票、已经用掉的纸质口令。请照纸质记录补做。"))
        say(_("3. 重新启动网站。所有人都要重新登录。"))
        say(_("4. 打开 /healthz/ 看是否正常，再看审计记录里的“restore_backup”。"))


def _keys_are_there() -> bool:
    try:
        prepare_when_new()
        get_key_store().check()
    except KeyStoreError:
        return False
    return True


def _where(motion: Motion) -> str:
    return _("%(village)s 第 %(meeting)s 次会 第 %(number)s 项：%(text)s") % {
        "village": motion.village,
        "meeting": motion.meeting.number,
        "number": motion.number,
        "text": motion.text,
    }


def _fate(key: bool | None) -> str:
    if key is None:
        return ""
    return _("（无记名，票箱的钥匙还在，可以计票）") if key else _("（无记名，票箱的钥匙没有了，只能作废重投）")
