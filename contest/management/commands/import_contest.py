"""Bring a whole past contest in from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from contest.bringing_in import CannotBringIn, bring_in
from contest.errors import ContestRefused
from residents.models import Region

SIZE_MOST = 10 * 1024 * 1024


class Command(BaseCommand):
    help = _("把办过的一次评选整个带进来（.yaml，schema: contest/1）。有一处不对就什么都不带；再带一次不会重复。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help=_("只检查，不保存"))
        parser.add_argument("--region", help=_("由哪里主办：区划代码；不写就是各村共同的上级"))

    @translation.override("zh-hans")
    def handle(self, *args: Any, **options: Any) -> None:
        document = _read(options["file"])
        region = None
        if options["region"]:
            region = Region.objects.filter(code=options["region"]).first()
            if region is None:
                raise CommandError(_("没有这个区划代码：%(code)s") % {"code": options["region"]})
        try:
            with transaction.atomic():
                contest, made = bring_in(document, region=region)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except CannotBringIn as refused:
            for fault in refused.faults:
                self.stderr.write(str(fault))
            raise CommandError(
                _("有 %(number)s 处要改，什么都没有带进来。") % {"number": len(refused.faults)}
            ) from refused
        except ContestRefused as refused:
            raise CommandError(_("%(why)s 什么都没有带进来。") % {"why": refused.message}) from refused
        if not made:
            self.stdout.write(_("“%(title)s”已经在这里了，没有改动。") % {"title": contest})
        elif options["dry_run"]:
            self.stdout.write(_("检查过了，可以带进来：%(title)s。这次没有保存。") % {"title": contest})
        else:
            self.stdout.write(_("带进来了：%(title)s。") % {"title": contest})


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > SIZE_MOST:
            raise CommandError(_("文件太大，最多 10 MB。"))
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(_("打不开文件：%(why)s") % {"why": error}) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(_("读不懂这个文件，请检查是不是 UTF-8 的 YAML：%(why)s") % {"why": error}) from error
