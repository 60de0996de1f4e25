"""Bring a county's list of regions and their codes in."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from residents.regions import import_regions, read_places
from residents.sheets.reading import SheetRefused


class Command(BaseCommand):
    help = _("导入行政区划：表里要有“代码”“名称”，可以有“启用日期”“停用日期”“原代码”（CSV 或者 Excel）")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("表格文件"))
        parser.add_argument("--json", action="store_true", help=_("输出一个 JSON 对象"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(_("读不到文件 %(file)s。") % {"file": options["file"]}) from error
        with translation.override("zh-hans"):
            try:
                told = import_regions(*read_places(options["file"].name, content)).as_json()
            except SheetRefused as refused:
                message = {"row": 0, "column": "", "message": refused.message}
                told = dict.fromkeys(("rows", "add", "change", "unchanged"), 0) | {"problems": [message]}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for one in told["problems"]:
                self.stdout.write(_("问题：第 %(row)s 行，%(column)s：%(message)s") % one)
            if not told["problems"]:
                self.stdout.write(_("共 %(rows)s 行：新增 %(add)s，更改 %(change)s，不变 %(unchanged)s。") % told)
        if told["problems"]:
            raise SystemExit(1)
