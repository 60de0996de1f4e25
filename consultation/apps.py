from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationConfig(AppConfig):
    name = "consultation"
    verbose_name = _("协商与会议")

    def ready(self) -> None:
        from . import own_data  # noqa: F401, PLC0415  tells what meetings hold on a person, once the models are there
