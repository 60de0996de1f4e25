"""Bring a committee's sheet into a village's roll; without --confirm only what would happen is told."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from residents.models import Village
from residents.sheets.applying import ImportRefused, import_people
from residents.sheets.files import people_of
from residents.sheets.plan import Plan, plan_import
from residents.sheets.reading import SheetRefused


class Command(BaseCommand):
    help = _("把村（社区）自己的名册表格（.xlsx、.xls、.csv）导入名册；不加 --confirm 只预览")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("village_code", help=_("村（社区）的 12 位统计代码"))
        parser.add_argument("file", type=Path, help=_("表格文件"))
        parser.add_argument("--confirm", action="store_true", help=_("确认写入；不加就什么都不改"))
        parser.add_argument("--whole", action="store_true", help=_("这是全村的名册：表里没有的人列为迁出"))
        parser.add_argument("--json", action="store_true", help=_("输出一个 JSON 对象"))

    def handle(self, *args: Any, **options: Any) -> None:
        village = Village.objects.filter(code=options["village_code"]).first()
        if village is None:
            raise CommandError(_("没有代码是 %(code)s 的村（社区）。") % {"code": options["village_code"]})
        if village.merged_into is not None:
            raise CommandError(
                _("%(village)s已经并入%(target)s，请用代码 %(code)s。")
                % {"village": village, "target": village.merged_into, "code": village.merged_into.code}
            )
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(_("读不到文件 %(file)s。") % {"file": options["file"]}) from error
        with translation.override("zh-hans"):
            found = self._import(village, options["file"].name, content, options)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self._tell(found, confirmed=options["confirm"])
        if found["problems"]:
            raise SystemExit(1)

    def _import(self, village: Village, name: str, content: bytes, options: dict[str, Any]) -> dict[str, Any]:
        today = timezone.localdate()
        try:
            people, headings = people_of(name, content, today=today)
            plan: Plan = plan_import(village, people, on=today, whole=options["whole"], headings=headings)
            if options["confirm"] and not plan.problems:
                import_people(village, people, on=today, whole=options["whole"], expected=plan.digest)
        except SheetRefused as refused:
            return _nothing(refused.message)
        except ImportRefused as refused:
            return _nothing(str(refused))
        return plan.as_json()

    def _tell(self, found: dict[str, Any], *, confirmed: bool) -> None:
        self.stdout.write(
            _("共 %(rows)s 行：新增 %(add)s 人，更改 %(change)s 人，迁出 %(leave)s 人，不变 %(unchanged)s 人。") % found
        )
        for remark in found["problems"]:
            self.stdout.write(_("问题：第 %(row)s 行，%(column)s：%(message)s") % remark)
        for remark in found["notes"]:
            self.stdout.write(_("提醒：第 %(row)s 行，%(column)s：%(message)s") % remark)
        if found["problems"]:
            self.stdout.write(_("有问题，什么都没有改。请改好表格再导入。"))
        elif confirmed:
            self.stdout.write(_("已写入名册。"))
        else:
            self.stdout.write(_("这是预览，什么都没有改。确认无误后加上 --confirm。"))


def _nothing(message: str) -> dict[str, Any]:
    """The answer when the file as a whole can't be taken: one problem that belongs to no row."""
    counts = dict.fromkeys(("rows", "add", "change", "leave", "unchanged"), 0)
    return counts | {"problems": [{"row": 0, "column": "", "message": message}], "notes": []}
