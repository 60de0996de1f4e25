from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VillagerulesConfig(AppConfig):
    name = "villagerules"
    verbose_name = _("村规民约")

    def ready(self) -> None:
        from . import keeping  # noqa: F401, PLC0415  what a confirmed request to put an old text in force does
