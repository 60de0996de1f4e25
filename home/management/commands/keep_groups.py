"""Put everybody into the editors' groups of their present offices; once a day is enough, the admin looks by itself."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from home.editors import keep_all_groups


class Command(BaseCommand):
    help = _("按现在的任职整理网站后台的编辑组（进后台时会自动整理，这里是每天一次的兜底）")

    def handle(self, *args: object, **options: object) -> None:
        changed = keep_all_groups()
        self.stdout.write(_("已整理 %(count)s 个账号。") % {"count": changed})
