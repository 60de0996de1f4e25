"""Queue the reminders of tomorrow's meetings and send what waits; the worker does it by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from consultation.petition_notices import queue_petition_notices, send_petition_notices
from consultation.reminders import queue_reminders, send_reminders


class Command(BaseCommand):
    help = _(
        "给明天开会、同意收短信的人排好提醒（请求开会够数、过期的，也告诉任职的人），并发出去。后台任务每天会自己做。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue-only", action="store_true", help=_("只排好，不发"))

    def handle(self, *args: Any, **options: Any) -> None:
        queued = queue_reminders() + queue_petition_notices()
        sent = 0 if options["queue_only"] else send_reminders() + send_petition_notices()
        self.stdout.write(_("排好 %(queued)s 条，发出 %(sent)s 条。") % {"queued": queued, "sent": sent})
