"""Load the demo content, or take it away."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from consultation.key_store import prepare_when_new
from home.demo.load import load_demo, remove_demo


class Command(BaseCommand):
    help = _("装载演示内容（可以反复执行，已经填写的内容不动）；加 --remove 撤掉。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help=_("撤掉演示内容"))

    def handle(self, *args: Any, remove: bool, **options: Any) -> None:
        if not settings.DEVELOPMENT and not remove:
            raise CommandError(_("演示内容只用于试用。正式网站请执行 make setup。"))
        if remove:
            self.stdout.write(_("已撤掉 %(count)s 个演示村（社区）。") % {"count": remove_demo()})
            return
        began = time.monotonic()
        prepare_when_new()  # before there are secret votes that were counted elsewhere than here
        load_demo(lambda step: self.stdout.write(f"  {step}"))
        call_command("update_index", verbosity=0)  # pages wait for the background worker otherwise
        self.stdout.write(_("演示内容已就绪，用时 %(seconds).0f 秒。") % {"seconds": time.monotonic() - began})
