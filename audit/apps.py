from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("审计日志")

    def ready(self) -> None:
        from .guards import keep_up  # noqa: PLC0415  nothing of an app is imported before all are known

        post_migrate.connect(keep_up, sender=self, dispatch_uid="audit.guards")
