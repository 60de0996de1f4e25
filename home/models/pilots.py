"""A pilot unit's case page: what the village does and by which procedure; figures and links come by themselves."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.documents import get_document_model_string
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from ui.blocks import StoryBlock
from ui.pages import PortalPage


class PilotPage(PortalPage):
    """How a village talks things over, for others to learn from; written by its editors as its other pages are."""

    intro = RichTextField(_("做法"), blank=True, features=["bold", "link"], help_text=_("我们怎么议事，做成了什么。"))
    procedure = RichTextField(
        _("议事规程"),
        blank=True,
        features=["bold", "link", "ol", "ul", "h3"],
        help_text=_("议题怎么来、谁参加、怎么议、怎么定、怎么落实。也可以在下面放文件。"),
    )
    procedure_document = models.ForeignKey(
        get_document_model_string(),
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("议事规程（文件）"),
    )
    body = StreamField(StoryBlock(), verbose_name=_("案例"), blank=True)

    content_panels = [
        *PortalPage.content_panels,
        FieldPanel("intro"),
        MultiFieldPanel([FieldPanel("procedure"), FieldPanel("procedure_document")], heading=_("议事规程")),
        FieldPanel("body"),
    ]
    search_fields = [
        *PortalPage.search_fields,
        index.SearchField("intro"),
        index.SearchField("procedure"),
        index.SearchField("body"),
    ]
    parent_page_types = ["home.VillagePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("示范点案例页")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from home.pilot_case import pilot_case  # noqa: PLC0415  reads models, loads after them

        case = pilot_case(self, request.user, now=timezone.now())
        return super().get_context(request, *args, **kwargs) | {"case": case}
