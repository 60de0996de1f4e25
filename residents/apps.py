from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class ResidentsConfig(AppConfig):
    default = True
    name = "residents"
    verbose_name = _("居民与名册")

    def ready(self) -> None:
        from . import at_sign_in, checks  # noqa: F401, PLC0415  they listen once the apps are there


class AccountsAdminConfig(WagtailUsersAppConfig):
    """Wagtail's users, with our forms."""

    user_viewset = "residents.account_forms.AccountViewSet"
