"""The words around a meeting, kept in the village's page tree. They never hold live state."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from ui.blocks import StoryBlock
from ui.pages import PortalPage

from .meetings import Meeting


class MeetingIndexPage(PortalPage):
    """All meetings of one village that the public may know of."""

    is_fixed = True
    is_creatable = False  # comes with the village
    parent_page_types = ["home.VillagePage"]
    subpage_types = ["consultation.MeetingPage"]

    class Meta:
        verbose_name = _("会议列表")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        meetings = (
            Meeting.objects.announced()
            .filter(village__page=self.get_parent())
            .select_related("village", "preset", "yard")
        )
        return super().get_context(request, *args, **kwargs) | {"meetings": meetings[:100]}


class MeetingPage(PortalPage):
    """Background and documents of one meeting, written by editors; the meeting itself lives at its own address."""

    meeting = models.OneToOneField(Meeting, models.RESTRICT, related_name="page", verbose_name=_("会议"))
    body = StreamField(StoryBlock(), verbose_name=_("背景和材料"), blank=True)

    content_panels = [*PortalPage.content_panels, FieldPanel("body")]
    search_fields = [*PortalPage.search_fields, index.SearchField("body")]
    is_fixed = True
    is_creatable = False  # made for a meeting
    parent_page_types = ["consultation.MeetingIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("会议材料页")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One address for one meeting: the living one."""
        return HttpResponseRedirect(self.meeting.get_absolute_url())
