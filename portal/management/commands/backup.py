"""Back the site up while it runs; what is in the file and what is not stands in docs/operations.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.backups.archive import BackupError
from portal.backups.making import default_folder, make_backup


class Command(BaseCommand):
    help = _("把整个网站备份成一个文件：数据库、图片和文件。网站可以照常运行。票箱的钥匙和 site.env 不在里面。")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, help=_("放在哪个目录（默认是 DATA_DIR 里的 backups）"))
        parser.add_argument("--keep", type=int, help=_("只留最新的几份，更早的删掉"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_backup(options["out"] or default_folder(), keep=options["keep"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("备份好了，已经从头到尾核对过：%(path)s（%(size).1f MB，%(rows)s 行数据，%(files)s 个文件）")
            % {"path": made.path, "size": made.size / 1024 / 1024, "rows": made.rows, "files": made.files}
        )
        for path in made.removed:
            self.stdout.write(_("删掉了旧的备份：%(name)s") % {"name": path.name})
        self.stdout.write(_("请把它拷到另一台机器或者移动硬盘上。site.env 要另外保管，没有它电话号码打不开。"))
