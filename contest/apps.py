from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContestConfig(AppConfig):
    name = "contest"
    verbose_name = _("最美村规评选")

    def ready(self) -> None:
        # What confirmed decisions about held votes do, what votes hold on a person and leave to the worker.
        from . import entry_tasks, own_votes, quarantine, vote_tasks  # noqa: F401, PLC0415
