"""Who counts in the base of a body on a day, how many must be there, and who is left out why."""

from __future__ import annotations

import datetime
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consultation.electorates import electorate_of
from consultation.models import ProcedurePreset
from residents.models import Village, VillageGroup, Yard
from residents.roll import RollError


class Command(BaseCommand):
    help = _("按会议类型计算某一天的应到人员：多少个表决单位、至少到多少、谁没有计入以及原因")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("village_code", help=_("村（社区）的 12 位统计代码"))
        parser.add_argument("--body", required=True, help=_("会议类型的代号，例如 villagers_assembly_individual"))
        parser.add_argument("--on", default="", help=_("哪一天，例如 2026-11-23"))
        parser.add_argument("--group", type=int, help=_("小组会议：第几组"))
        parser.add_argument("--yard", help=_("屋场、院落、小区协商：它的网址代号"))
        parser.add_argument("--json", action="store_true", help=_("输出一个 JSON 对象"))

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            found = self._find(options)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(_("应到 %(units)s，至少到 %(quorum)s 才能开会。") % found)
        for line in found["left_out"]:
            self.stdout.write(_("没有计入：%(who)s，%(reason)s") % line)

    def _find(self, options: dict[str, Any]) -> dict[str, Any]:
        village = Village.objects.filter(code=options["village_code"]).first()
        if village is None:
            raise CommandError(_("没有代码是 %(code)s 的村（社区）。") % {"code": options["village_code"]})
        preset = ProcedurePreset.objects.filter(key=options["body"]).first()
        if preset is None:
            known = "、".join(ProcedurePreset.objects.values_list("key", flat=True))
            raise CommandError(
                _("没有 %(body)s 这种会议类型。现有的是：%(known)s。") % {"body": options["body"], "known": known}
            )
        if preset.applies_to != village.kind:
            raise CommandError(
                _("%(village)s是%(kind)s，不开%(body)s。")
                % {"village": village, "kind": village.get_kind_display(), "body": preset.label}
            )
        on = self._day(options["on"])
        if village.merged_on is not None and on >= village.merged_on:
            raise CommandError(
                _("%(village)s在 %(day)s 并入%(target)s，请用代码 %(code)s。")
                % {
                    "village": village,
                    "day": village.merged_on,
                    "target": village.merged_into,
                    "code": village.merged_into.code if village.merged_into else "",
                }
            )
        group = VillageGroup.objects.of(village).filter(number=options["group"]).first() if options["group"] else None
        if options["group"] and group is None:
            raise CommandError(_("%(village)s没有第 %(group)s 组。") % {"village": village, "group": options["group"]})
        yard = Yard.objects.of(village).filter(slug=options["yard"]).first() if options["yard"] else None
        if options["yard"] and yard is None:
            raise CommandError(
                _("%(village)s没有代号是 %(yard)s 的屋场（院落、小区）。")
                % {"village": village, "yard": options["yard"]}
            )
        try:
            base = electorate_of(village, preset, on=on, yard=yard, group=group)
        except RollError as error:
            raise CommandError(str(error)) from error
        return {
            "units": base.units,
            "quorum": base.quorum,
            "left_out": [{"who": line.who, "reason": line.reason} for line in base.found.left_out],
        }

    def _day(self, words: str) -> datetime.date:
        if not words:
            return timezone.localdate()
        try:
            return datetime.date.fromisoformat(words)
        except ValueError as error:
            raise CommandError(_("看不懂日期“%(day)s”，请写成 2026-11-23 这样。") % {"day": words}) from error
