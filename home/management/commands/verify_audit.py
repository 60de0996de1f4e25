"""Walk the audit log's chains and say in plain words where one breaks first; status 1 when one does."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from audit import guards
from audit.verifying import Checked, Published, verify
from residents.models import Village

SITE = 0


class Command(BaseCommand):
    help = _("核对审计日志有没有被改过、删过、插过；有就说明从第几条开始不对，并以状态 1 结束。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--village", metavar=_("网址名"), help=_("只核对一个村，写它在网址里的名字（/v/…/）"))
        parser.add_argument("--heads", metavar=_("文件"), type=Path, help=_("再和从前保存的 audit-heads.json 对一遍"))
        parser.add_argument("--json", action="store_true", help=_("只输出一个 JSON 对象"))

    def handle(self, *args: Any, **options: Any) -> None:
        chain = self._village(options["village"]).pk if options["village"] else None
        kept = self._kept(options["heads"]) if options["heads"] else []
        checked = verify(chain, kept=kept)
        missing = guards.missing(connection)
        names = dict(Village.objects.values_list("pk", "name"))
        whole = not missing and all(one.broken_at is None for one in checked)
        if options["json"]:
            chains = [vars(one) | {"name": _name(one.chain, names)} for one in checked]
            self.stdout.write(json.dumps({"whole": whole, "chains": chains, "missing_guards": missing}))
        else:
            for one in checked:
                self.stdout.write(_told(one, _name(one.chain, names)))
            if missing:
                self.stdout.write(_("数据库里防改、防删的锁少了：%(names)s。请运行 manage.py migrate 补上。") % {
                    "names": "、".join(missing),
                })  # fmt: skip
            self.stdout.write(_("全部完好。") if whole else _("有问题，请看上面。先不要动数据库，另存一份，再查原因。"))
        if not whole:
            sys.exit(1)

    def _village(self, slug: str) -> Village:
        village = Village.objects.filter(slug=slug).first()
        if village is None:
            raise CommandError(_("没有网址名是“%(slug)s”的村（社区）。") % {"slug": slug})
        return village

    def _kept(self, path: Path) -> list[Published]:
        """What somebody kept of a village's page of heads. Raises CommandError for another file."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            slug = str(told["village"])
            heads = [
                (datetime.date.fromisoformat(one["day"]), int(one["number"]), str(one["hash"])) for one in told["heads"]
            ]
        except OSError as error:
            raise CommandError(_("文件打不开：%(path)s。") % {"path": path}) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(_("%(path)s 不是从“日志校验码”页面保存的文件。") % {"path": path}) from error
        chain = self._village(slug).pk
        return [Published(chain, *head) for head in heads]


def _name(chain: int, names: dict[int, str]) -> str:
    if chain == SITE:
        return _("全站")
    return names.get(chain) or _("已删除的村（内部号 %(number)s）") % {"number": chain}


def _told(one: Checked, name: str) -> str:
    words = {"name": name, "count": one.count, "head": one.head or "—", "heads": one.heads, "words": one.words}
    if one.broken_at is not None:
        return _("✗ %(name)s：%(words)s\n  前面 %(count)s 条完好，到那里的校验码是 %(head)s") % words
    return _("✓ %(name)s：%(count)s 条完好，和公布过的 %(heads)s 次校验码都相符，最后一条的校验码是 %(head)s") % words
