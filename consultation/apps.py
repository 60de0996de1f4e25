from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationConfig(AppConfig):
    name = "consultation"
    verbose_name = _("协商与会议")

    def ready(self) -> None:
        # What meetings hold on a person, which rights they give and what they leave to the night.
        from . import background, letters, own_data  # noqa: F401, PLC0415
