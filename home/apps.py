from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("首页与村页")

    def ready(self) -> None:
        # One listens, the others register what confirmed proposals do, once the apps are there.
        from . import at_sign_in, merging, village_making  # noqa: F401, PLC0415
