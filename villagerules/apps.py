from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VillagerulesConfig(AppConfig):
    name = "villagerules"
    verbose_name = _("村规民约")
