"""The county's templates of contests, in the admin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from .models import ContestTemplate


class ContestTemplateViewSet(ModelViewSet):
    """What a new contest starts from; those that were made from it stay as they are."""

    model = ContestTemplate
    icon = "list-ul"
    menu_label = _("评选模板")
    add_to_admin_menu = True
    list_display = ["title", "slug", "note", "source"]
    search_fields = ["title", "note"]
    form_fields = ["slug", "title", "note", "source", "content"]


@hooks.register("register_admin_viewset")
def contest_templates() -> ContestTemplateViewSet:
    return ContestTemplateViewSet("contest-templates")
