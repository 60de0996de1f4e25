"""Read a village's rules out of a Word or text file; keep them only when told to."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from residents.models import Village
from villagerules.bodies import kind_by_title
from villagerules.errors import RulesError
from villagerules.exports import as_values
from villagerules.keeping import Life, document_of, publish_imported, save_draft
from villagerules.models import VillageRules
from villagerules.reading import Reading
from villagerules.remarks import in_words
from villagerules.sources import read_source


class Command(BaseCommand):
    help = _("把 Word（.docx）或者文本（.txt）里的村规认成章、条、项，先看认得对不对；要保存另加一项。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("village", help=_("村（社区）的代码或者网址代号"))
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help=_("只打印 JSON"))
        keep = parser.add_mutually_exclusive_group()
        keep.add_argument("--confirm", action="store_true", help=_("存成草案"))
        keep.add_argument(
            "--in-force", metavar="DATE", type=date.fromisoformat, help=_("录成从这天起施行的老村规（2026-01-31）")
        )
        parser.add_argument("--document", metavar="SLUG", help=_("已有文件的网址代号"))

    @translation.override("zh-hans")
    def handle(self, *args: Any, **options: Any) -> None:
        found = Village.objects.filter(code=options["village"]) | Village.objects.filter(slug=options["village"])
        village = found.first()
        if village is None:
            raise CommandError(_("没有代码或者网址代号是“%(name)s”的村（社区）。") % {"name": options["village"]})
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(_("打不开文件：%(why)s") % {"why": error}) from error
        try:
            reading, _text = read_source(options["file"].name, content)
            kept = self._keep(village, reading, options)
        except RulesError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(told(reading) | kept, ensure_ascii=False, indent=2))
            return
        rules = reading.rules
        facts = {"title": rules.title or _("（没有标题）"), "chapters": rules.chapter_count, "count": rules.count}
        self.stdout.write(_("%(title)s：%(chapters)s 章，%(count)s 条（段）") % facts)
        for remark in reading.remarks:
            self.stdout.write(f"- {in_words(remark)}")
        if kept:
            self.stdout.write(_("存好了：%(where)s") % {"where": kept["saved"]["address"]})
        else:
            self.stdout.write(_("没有保存。加 --confirm 存成草案，加 --in-force 日期录成已经施行的老村规。"))

    def _keep(self, village: Village, reading: Reading, options: dict[str, Any]) -> dict[str, Any]:
        day = options["in_force"]
        if not (options["confirm"] or day):
            return {}
        if reading.stops:
            raise CommandError("\n".join(in_words(remark) for remark in reading.stops))
        title = reading.rules.title
        if not title:
            raise CommandError(_("没有认出标题，请在第一行写上名称。"))
        if day and day > timezone.localdate():
            raise CommandError(_("施行日期还没有到。还没施行的，请存成草案。"))
        rules = self._document(village, title, options["document"])
        adoption = reading.adoption
        life = None
        if day:
            adopted_on = adoption.on if adoption.on and adoption.on <= day else None
            life = Life(effective_on=day, adopted_by=adoption.body, adopted_on=adopted_on)
        version = save_draft(rules, reading.rules, by=None, life=life)
        if day:
            version = publish_imported(version, by=None)
        return {
            "saved": {
                "document": rules.slug, "version": version.number, "state": version.state,
                "imported": version.imported, "address": version.address(),
            }
        }  # fmt: skip

    def _document(self, village: Village, title: str, slug: str | None) -> VillageRules:
        mine = VillageRules.objects.of(village)
        if slug:
            found = mine.filter(slug=slug).first()
            if found is None:
                raise CommandError(_("这个村（社区）没有代号是“%(slug)s”的村规文件。") % {"slug": slug})
            return found
        same = mine.filter(title=title).first()
        return same or document_of(village, kind=kind_by_title(title, village), title=title)


def told(reading: Reading) -> dict[str, Any]:
    """What was read, as JSON."""
    adoption = reading.adoption
    return as_values(reading.rules) | {
        "adopted_by": adoption.body,
        "adopted_on": adoption.on.isoformat() if adoption.on else None,
        "effective_on": adoption.effective_on.isoformat() if adoption.effective_on else None,
        "warnings": [in_words(remark) for remark in reading.remarks],
        "problems": [in_words(remark) for remark in reading.stops],
    }
