"""From the explorer to where rules are brought in: their text is kept in rows, never on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets import Button
from wagtail.models import Page

from residents.models import User, Village
from residents.rights import Act, may

from .models import RulesIndexPage, VillageRulesPage


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
