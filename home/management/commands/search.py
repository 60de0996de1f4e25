"""Ask the public's search at the server."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from home.searching import ASKED_MOST, HITS_MOST, search
from residents.models import Village


class Command(BaseCommand):
    help = _("在公开的村规、会议、公告和村（社区）里查找，最相关的排在前面。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", help=_("要找的词，可以写几个，用空格隔开，也可以写拼音"))
        parser.add_argument("--json", action="store_true", help=_("只打印 JSON"))
        parser.add_argument("--limit", type=int, default=20, help=_("最多几条（1 到 200）"))
        parser.add_argument("--village", metavar="SLUG", help=_("只找这个村（社区）"))

    @translation.override("zh-hans")
    def handle(self, *args: Any, **options: Any) -> None:
        query, limit = options["query"], options["limit"]
        if not 1 <= limit <= HITS_MOST:
            raise CommandError(_("--limit 要在 1 到 %(most)s 之间。") % {"most": HITS_MOST})
        if len(query) > ASKED_MOST:
            raise CommandError(_("要找的词最多 %(most)s 个字。") % {"most": ASKED_MOST})
        village = None
        if options["village"]:
            village = Village.objects.real().filter(slug=options["village"]).first()
            if village is None:
                raise CommandError(_("没有网址代号是“%(name)s”的村（社区）。") % {"name": options["village"]})
        hits = search(query, on=timezone.localdate(), village=village).hits[:limit]
        if options["json"]:
            lines = [
                {
                    "kind": hit.found.kind.value, "title": hit.found.title, "url": hit.found.url,
                    "excerpt": hit.excerpt, "match": hit.match,
                }
                for hit in hits
            ]  # fmt: skip
            self.stdout.write(json.dumps(lines, ensure_ascii=False, indent=2))
            return
        for hit in hits:
            self.stdout.write(f"{hit.found.kind.label}  {hit.found.title}  {hit.found.url}\n    {hit.excerpt}")
        if not hits:
            self.stdout.write(_("没有找到。"))
