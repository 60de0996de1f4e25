from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "ui"
    verbose_name = _("界面")

    def ready(self) -> None:
        from .page_gates import install  # noqa: PLC0415  wants models, which load after apps

        install()
