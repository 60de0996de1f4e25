"""From the explorer to where rules are brought in: their text is kept in rows, never on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button
from wagtail.models import Page

from residents.models import User, Village
from residents.rights import Act, may

from .models import AdoptingBody, ClauseTheme, EventKind, RiskyWording, RulesIndexPage, VillageRulesPage


class RiskyWordingViewSet(ModelViewSet):
    """The county's own list; it only points people at words."""

    model = RiskyWording
    icon = "warning"
    menu_label = _("村规审查用语")
    add_to_admin_menu = True
    list_display = ["reason", "severity", "code", "source", "verified", "used"]
    list_filter = ["severity", "used", "verified"]
    search_fields = ["words", "reason"]
    form_fields = ["code", "severity", "words", "beside", "unless", "reason", "source", "verified", "used"]


class AdoptingBodyViewSet(ModelViewSet):
    """Which meeting may adopt which kind of rules; what is not listed needs a stated basis."""

    model = AdoptingBody
    icon = "group"
    menu_label = _("村规由谁通过")
    add_to_admin_menu = True
    list_display = ["kind", "body", "needs_basis", "source", "citation", "verified"]
    list_filter = ["kind", "verified"]
    form_fields = ["kind", "body", "needs_basis", "source", "citation", "verified"]


class EventKindViewSet(ModelViewSet):
    """Kinds of events of the council's register, and how early a household is asked to say so: advocated."""

    model = EventKind
    icon = "date"
    menu_label = _("红白事类别")
    add_to_admin_menu = True
    list_display = ["label", "word", "lead_least", "lead_most", "source", "verified", "offered"]
    list_filter = ["offered", "verified"]
    form_fields = ["key", "position", "label", "word", "lead_least", "lead_most", "source", "verified", "offered"]


@hooks.register("register_admin_viewset")
def event_kinds() -> EventKindViewSet:
    return EventKindViewSet("event-kinds")


class ClauseThemeViewSet(ModelViewSet):
    """What model clauses are sorted by; a theme that is switched off is offered no longer."""

    model = ClauseTheme
    icon = "tag"
    menu_label = _("范文条款主题")
    add_to_admin_menu = True
    list_display = ["name", "slug", "order", "source", "verified", "used"]
    list_filter = ["used", "verified"]
    form_fields = ["slug", "name", "order", "source", "verified", "used"]


@hooks.register("register_admin_viewset")
def clause_themes() -> ClauseThemeViewSet:
    return ClauseThemeViewSet("clause-themes")


@hooks.register("register_admin_viewset")
def adopting_bodies() -> AdoptingBodyViewSet:
    return AdoptingBodyViewSet("adopting-bodies")


@hooks.register("register_admin_viewset")
def risky_wordings() -> RiskyWordingViewSet:
    return RiskyWordingViewSet("risky-wordings")


@hooks.register("register_page_header_buttons")
def bring_in(page: Page, user: User, **context: Any) -> Iterator[Button]:
    """On the list of rules and on each document's page, for those who write or publish the village's rules."""
    yield from _button(page, user)


@hooks.register("register_page_listing_buttons")
def bring_in_listed(page: Page, user: User, **context: Any) -> Iterator[Button]:
    """The same in lists of pages."""
    yield from _button(page, user)


def _button(page: Page, user: User) -> Iterator[Button]:
    if not issubclass(page.specific_class or Page, (RulesIndexPage, VillageRulesPage)):
        return
    village = Village.objects.filter(page__in=page.get_ancestors()).first()
    if village is not None and (may(user, Act.DRAFT_RULES, village) or may(user, Act.PUBLISH_RULES, village)):
        yield Button(
            _("录入老村规、导入草案"),
            reverse("villagerules:import", args=[village.slug]),
            icon_name="upload",
            priority=80,
        )
