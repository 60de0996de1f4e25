"""Forget what is due; or see to it that the worker does so every night."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from residents.background import plan_nights
from residents.forgetting import forget_expired


class Command(BaseCommand):
    help = _("删除过了保存期限的个人信息（期限见 docs/personal-data.md）。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--plan", action="store_true", help=_("不马上删，让后台任务每天夜里做一次（公布日志校验码也一起安排）")
        )
        parser.add_argument("--json", action="store_true", help=_("只输出一个 JSON 对象"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"]:
            planned = plan_nights()
            told: dict[str, Any] = {"planned": planned}
            words = _("已经安排每天夜里清理一次，并公布日志校验码。") if planned else _("早就安排好了，不用再安排。")
        else:
            told = forget_expired()
            words = _("清理好了：%(count)s 条。") % {"count": sum(told.values())}
        self.stdout.write(json.dumps(told) if options["json"] else words)
