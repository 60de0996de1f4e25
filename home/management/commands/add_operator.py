"""Put an account among the operators: what takes two people needs a second one, and the admin lets nobody name one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from home.sites import operators
from residents.appointments import find_account


class Command(BaseCommand):
    help = _("把一个已有的账号加入运营人员（新建村、任命审核员都要两个人）；--remove 移出")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help=_("账号名或者手机号，要写全"))
        parser.add_argument("--remove", action="store_true", help=_("移出运营人员"))

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = find_account(options["account"])
        if user is None:
            raise CommandError(_("没有“%(account)s”这个账号，请运营人员先在后台建好。") % options)
        group = operators()
        if options["remove"]:
            if group.user_set.exclude(pk=user.pk).filter(is_active=True).count() == 0:
                raise CommandError(_("这是最后一位运营人员，不能移出。"))
            user.groups.remove(group)
        else:
            user.groups.add(group)
        record(action="remove_operator" if options["remove"] else "add_operator", subject=user)
        self.stdout.write(
            (_("%(name)s已经移出运营人员。") if options["remove"] else _("%(name)s已经是运营人员。")) % {"name": user}
        )
