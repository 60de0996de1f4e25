from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VillagerulesConfig(AppConfig):
    name = "villagerules"
    verbose_name = _("村规民约")

    def ready(self) -> None:
        # What confirmed requests to publish do, and what rules hold on a person.
        from . import keeping, own_data, publication  # noqa: F401, PLC0415
