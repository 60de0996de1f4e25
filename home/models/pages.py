"""The front door, the county's and township's pages, each village's own home, and the news below it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from ui.blocks import StoryBlock
from ui.pages import PortalPage


class HomePage(PortalPage):
    """What happens now, and the way to your own village."""

    welcome = models.CharField(_("欢迎语"), max_length=120, blank=True)

    content_panels = [*PortalPage.content_panels, FieldPanel("welcome")]
    is_fixed = True
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "home.RegionPage",
        "home.NewsIndexPage",
        "home.StandardPage",
        "contest.ContestIndexPage",
    ]

    class Meta:
        verbose_name = _("首页")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # front_page reads models of every app, this one's included, so it can't load before them.
        from home.front_page import front_page  # noqa: PLC0415

        return super().get_context(request, *args, **kwargs) | {"front": front_page(now=timezone.now())}


class RegionPage(PortalPage):
    """A county or township with what lies below it."""

    region = models.OneToOneField(
        "residents.Region",
        models.RESTRICT,
        related_name="page",
        verbose_name=_("行政区划"),
    )
    intro = RichTextField(_("介绍"), blank=True, features=["bold", "link"])

    content_panels = [*PortalPage.content_panels, FieldPanel("intro")]
    search_fields = [*PortalPage.search_fields, index.SearchField("intro")]
    is_fixed = True
    is_creatable = False  # comes with its region (home/villages.py)
    parent_page_types = ["home.HomePage", "home.RegionPage"]
    subpage_types = ["home.RegionPage", "home.VillagePage"]

    class Meta:
        verbose_name = _("县区、乡镇页")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from home.front_page import region_overview  # noqa: PLC0415  reads models, loads after them

        return super().get_context(request, *args, **kwargs) | {"overview": region_overview(self)}


class VillagePage(PortalPage):
    """A village's or community's own home."""

    village = models.OneToOneField(
        "residents.Village",
        models.RESTRICT,
        related_name="page",
        verbose_name=_("村（社区）"),
    )
    tagline = models.CharField(_("一句话"), max_length=60, blank=True)
    intro = RichTextField(_("介绍"), blank=True, features=["bold", "link"])
    features = models.CharField(_("特色（用顿号隔开）"), max_length=120, blank=True)
    contact = models.CharField(_("联系方式"), max_length=200, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("更多内容"), blank=True)

    content_panels = [
        *PortalPage.content_panels,
        FieldPanel("tagline"),
        FieldPanel("intro"),
        FieldPanel("features"),
        FieldPanel("contact"),
        FieldPanel("body"),
    ]
    search_fields = [
        *PortalPage.search_fields,
        *(index.SearchField(name) for name in ("tagline", "intro", "features", "contact", "body", "places")),
    ]
    is_gate = True  # the county's editors and the operators end here
    is_fixed = True
    is_creatable = False  # comes with its village (home/villages.py)
    parent_page_types = ["home.RegionPage"]
    subpage_types = [
        "home.NewsIndexPage",
        "home.StandardPage",
        "home.PilotPage",
        "consultation.MeetingIndexPage",
        "villagerules.RulesIndexPage",
    ]

    class Meta:
        verbose_name = _("村（社区）页")

    @property
    def places(self) -> str:
        """The names under which somebody may look for the village: of its township, its groups and its yards."""
        village = self.village
        above = [place.name for place in (village.region.parent, village.region) if place is not None]
        groups = [group.name for group in village.groups.all() if group.name]
        return " ".join([*above, *groups, *(yard.name for yard in village.yards.all())])

    @property
    def feature_list(self) -> list[str]:
        return [word for word in self.features.split("、") if word]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from home.village_home import village_home  # noqa: PLC0415  reads models, loads after them

        return super().get_context(request, *args, **kwargs) | {"home": village_home(self, now=timezone.now())}


class NewsIndexPage(PortalPage):
    """Notices and news of a village or of the county, newest first."""

    parent_page_types = ["home.HomePage", "home.VillagePage"]
    subpage_types = ["home.NewsPage"]

    class Meta:
        verbose_name = _("公告栏")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        notices = NewsPage.objects.child_of(self).live().order_by("-published_on", "-pk")
        return super().get_context(request, *args, **kwargs) | {"notices": notices[:100]}


class NewsPage(PortalPage):
    published_on = models.DateField(_("发布日期"), default=timezone.localdate)
    body = StreamField(StoryBlock(), verbose_name=_("内容"))

    content_panels = [
        *PortalPage.content_panels,
        FieldPanel("published_on"),
        FieldPanel("body"),
    ]
    search_fields = [*PortalPage.search_fields, index.SearchField("body")]
    parent_page_types = ["home.NewsIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("公告")


class StandardPage(PortalPage):
    """Privacy, agreement, contact, help: words that stay."""

    body = StreamField(StoryBlock(), verbose_name=_("内容"))

    content_panels = [*PortalPage.content_panels, FieldPanel("body")]
    search_fields = [*PortalPage.search_fields, index.SearchField("body")]
    parent_page_types = ["home.HomePage", "home.VillagePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("一般页面")
