"""The pages of the campaign for the most beautiful village rules."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from ui.blocks import StoryBlock
from ui.pages import PortalPage


class ContestIndexPage(PortalPage):
    """All editions of the campaign."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["contest.ContestPage"]

    class Meta:
        verbose_name = _("评选列表")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        editions = ContestPage.objects.child_of(self).live().order_by("-closes_on")
        return super().get_context(request, *args, **kwargs) | {"editions": editions}


class ContestPage(PortalPage):
    """One edition: announcement, calendar, criteria, and what came of it."""

    # The contest itself; pages of editions before this portal have none.
    contest = models.OneToOneField(
        "contest.Contest", models.SET_NULL, null=True, blank=True, related_name="page", verbose_name=_("评选")
    )
    organiser = models.CharField(_("主办单位"), max_length=200, blank=True)
    opens_on = models.DateField(_("开始"), null=True, blank=True)
    closes_on = models.DateField(_("结束"), null=True, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("内容"), blank=True)

    content_panels = [
        *PortalPage.content_panels,
        FieldPanel("organiser"),
        FieldPanel("opens_on"),
        FieldPanel("closes_on"),
        FieldPanel("body"),
    ]
    search_fields = [*PortalPage.search_fields, index.SearchField("organiser"), index.SearchField("body")]
    parent_page_types = ["contest.ContestIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("评选")
