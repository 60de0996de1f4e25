from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VillagerulesConfig(AppConfig):
    name = "villagerules"
    verbose_name = _("村规民约")

    def ready(self) -> None:
        # What confirmed requests to publish and points do, what rules hold on a person and leave to the night.
        from . import background, following, keeping, own_data, points, publication  # noqa: F401, PLC0415
