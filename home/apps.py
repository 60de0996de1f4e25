from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("首页与村页")

    def ready(self) -> None:
        from . import at_sign_in  # noqa: F401, PLC0415  listens once the apps are there
