"""Look a text of rules through for risky wordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from villagerules.checking import Finding, check_rules
from villagerules.errors import RulesError
from villagerules.models import RiskyWording
from villagerules.sources import read_source
from villagerules.structure import ARTICLES, RHYME, ArticleText, ChapterText, RulesText, StanzaText


class Command(BaseCommand):
    help = _("看一份村规（.docx、.txt 或 .yaml）里有没有容易出问题的说法。只提示，不说合法不合法。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help=_("只打印 JSON"))

    @translation.override("zh-hans")
    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_rules(_read(options["file"]))
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [_told(one) for one in findings]}, ensure_ascii=False, indent=2))
            return
        for one in findings:
            severity = RiskyWording.Severity(one.wording.severity).label
            self.stdout.write(f"{one.label or _('引言')}　{one.found.words}　{severity}：{one.wording.reason}")
            self.stdout.write(f"　　{one.wording.source}")
        if not findings:
            self.stdout.write(_("没有碰到清单里的说法。这不等于合法，还要有人看。"))


def _told(one: Finding) -> dict[str, Any]:
    wording = one.wording
    return {
        "article": one.article, "severity": wording.severity, "code": wording.code, "words": one.found.words,
        "reason": wording.reason, "source": wording.source,
    }  # fmt: skip


def _read(path: Path) -> RulesText:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(_("打不开文件：%(why)s") % {"why": error}) from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_yaml(content)
    try:
        reading, _text = read_source(path.name, content)
    except RulesError as error:
        raise CommandError(error.message) from error
    return reading.rules


def _from_yaml(content: bytes) -> RulesText:
    """The format of the demo's files."""
    try:
        told = yaml.safe_load(content)
        chapters = [
            ChapterText(
                one["number"],
                one.get("title", ""),
                [ArticleText(a["number"], a["text"], a.get("title", "")) for a in one["articles"]],
            )
            for one in told.get("chapters", ())
        ]
        stanzas = [
            StanzaText(number, [str(line) for line in one["lines"]], one.get("title", ""))
            for number, one in enumerate(told.get("stanzas", ()), start=1)
        ]
        style = RHYME if stanzas else ARTICLES
        return RulesText(told["title"], style, told.get("preamble") or "", chapters, stanzas)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(_("这个 YAML 文件读不出村规：%(why)s") % {"why": error}) from error
