"""The county keeps the law's numbers and periods as data, beside the procedures of meetings."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from .models import LegalFigure


class LegalFigureViewSet(ModelViewSet):
    """What is told when offices are given, and what is overdue in a village; without days a period is off."""

    model = LegalFigure
    icon = "date"
    menu_label = _("法定数字和期限")
    add_to_admin_menu = True
    list_display = ["label", "applies_to", "days", "source", "citation", "verified"]
    list_filter = ["applies_to", "verified"]
    form_fields = [
        "key", "applies_to", "label", "least", "most", "share_num", "share_den", "days",
        "source", "citation", "verified", "in_force_from", "in_force_to",
    ]  # fmt: skip


@hooks.register("register_admin_viewset")
def figures() -> LegalFigureViewSet:
    return LegalFigureViewSet("legal-figures")
