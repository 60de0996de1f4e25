"""Whether the store of ballot keys works, and setting it up where the set-up did not or its disk is lost."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from consultation.errors import KeyStoreError
from consultation.key_store import get_key_store


class Command(BaseCommand):
    help = _("检查存放票箱钥匙的地方能不能用。换了新机器或者磁盘坏了，用 --prepare 重新建好。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help=_("建好存放的目录（原来的磁盘没有挂上时不要用）"))

    def handle(self, *args: Any, prepare: bool, **options: Any) -> None:
        store = get_key_store()
        try:
            if prepare:
                store.prepare()
            store.check()
        except KeyStoreError as error:
            raise CommandError(f"{error.message} {error.detail}") from error
        self.stdout.write(_("票箱的钥匙存得下，也读得出。"))
