"""The way through the portal: the menu, where a page stands, and the address to print."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.models import Page

from contest.models import ContestIndexPage
from home.front_page import seal_words

register = template.Library()

HOME_DEPTH = 2
_PHONE = re.compile(r"(?<!\d)(0\d{2,3}-\d{7,8}|1\d{10})(?!\d)", re.ASCII)


class MenuItem(NamedTuple):
    label: str
    href: str
    current: bool


@register.simple_tag(takes_context=True)
def main_menu(context: dict[str, Any]) -> list[MenuItem]:
    """The five ways in; the campaign only where the site has one. One query."""
    request = context.get("request")
    path = request.path if request is not None else ""
    contest = ContestIndexPage.objects.live().order_by("path").first()
    contest_url = contest.url if contest is not None else None
    items = [
        MenuItem(_("首页"), "/", path == "/"),
        MenuItem(_("各村"), "/#villages", path == "/find/"),
        MenuItem(_("会议"), "/#meetings", path.startswith("/v/") and "/meetings/" in path),
        MenuItem(_("村规"), "/#rules", False),
    ]
    if contest_url:
        items.append(MenuItem(_("评选"), contest_url, path.startswith(contest_url)))
    return items


@register.simple_tag
def page_trail(page: Page | None) -> list[tuple[str, str]]:
    """Label and address of the pages above this one, from the home page down. One query.

    None is a page being written that has no place yet.
    """
    if page is None or not page.path:
        return []
    above = page.get_ancestors().filter(depth__gte=HOME_DEPTH).order_by("path")
    return [(_("首页") if place.depth == HOME_DEPTH else place.title, place.url or "/") for place in above]


@register.simple_tag
def public_address(path: str) -> str:
    """The whole address as it is printed beside a QR code."""
    return settings.PUBLIC_URL + path


@register.filter
def seal(name: str) -> str:
    """Four characters of a village's name for the seal beside it."""
    return seal_words(name)


@register.filter
def phone_links(text: str) -> SafeString:
    """Phone numbers in a line of text become links that call."""
    return mark_safe(_PHONE.sub(r'<a class="nowrap" href="tel:\1">\1</a>', escape(text)))  # noqa: S308  escaped first
