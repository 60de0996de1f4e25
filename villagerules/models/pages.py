"""The pages on which a village's rules are read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from residents.models import Village
from residents.rights import Act, may
from ui.pages import PortalPage

from .documents import RuleVersion, VillageRules

PLAIN_WORDS_MOST = 7  # lines


class RulesIndexPage(PortalPage):
    """A village's rules, one line each."""

    is_fixed = True
    is_creatable = False  # comes with the village
    parent_page_types = ["home.VillagePage"]
    subpage_types = ["villagerules.VillageRulesPage"]

    class Meta:
        verbose_name = _("村规列表")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = VillageRulesPage.objects.child_of(self).live().select_related("rules")
        making = RuleVersion.objects.being_made().filter(village__page=self.get_parent().pk)
        context = {"rules_pages": pages, "making": making.select_related("rules", "village").order_by("-pk")}
        return super().get_context(request, *args, **kwargs) | context | self._doors(request)

    def _doors(self, request: HttpRequest) -> dict[str, Any]:
        """For those who write or publish the village's rules: the way to bring some in, and what is under way."""
        village = Village.objects.filter(page=self.get_parent()).first()
        if village is None or not request.user.is_authenticated:
            return {}
        if not (may(request.user, Act.DRAFT_RULES, village) or may(request.user, Act.PUBLISH_RULES, village)):
            return {}
        drafts = RuleVersion.objects.of(village).drafts().select_related("rules", "village").order_by("-pk")
        return {"import_url": reverse("villagerules:import", args=[village.slug]), "drafts": drafts}


class VillageRulesPage(PortalPage):
    """Where residents read what is in force; the text comes from the version in force, never from the page."""

    rules = models.OneToOneField(VillageRules, models.RESTRICT, related_name="page", verbose_name=_("村规文件"))
    plain_words = models.TextField(_("大白话"), blank=True, help_text=_("几句话说清要点，一行一句，最多七句。"))

    content_panels = [*PortalPage.content_panels, FieldPanel("plain_words")]
    search_fields = [*PortalPage.search_fields, index.SearchField("plain_words")]
    is_fixed = True  # what is in force is not taken away by one press
    is_creatable = False  # made for a document
    parent_page_types = ["villagerules.RulesIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("村规阅读页")

    def clean(self) -> None:
        super().clean()
        lines = [line for line in self.plain_words.splitlines() if line.strip()]
        if len(lines) > PLAIN_WORDS_MOST:
            words = _("大白话最多 %(most)s 句，一行一句。现在有 %(count)s 行，请并起来或者删掉几句。")
            raise ValidationError({"plain_words": words % {"most": PLAIN_WORDS_MOST, "count": len(lines)}})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        version = self.rules.version_in_force(timezone.localdate())
        context = {
            "rules": self.rules,
            "version": version,
            "making": self.rules.versions.being_made().select_related("village", "rules").order_by("-number"),
            "versions": self.rules.versions.public().with_text().select_related("village", "rules"),
        }
        if version is not None:
            context["chapters"] = version.chapters.prefetch_related("articles")
            context["stanzas"] = version.stanzas.all()
        return super().get_context(request, *args, **kwargs) | context
