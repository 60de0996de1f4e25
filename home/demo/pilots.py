"""One village of the demo is a pilot unit, with a case page."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from home.models import PilotPage
from home.villages import add_page
from residents.models import PilotMark, Village

from .files import Days


def load_pilot(row: dict[str, Any], days: Days) -> None:
    """The title and the page, unless they are there."""
    village = Village.objects.get(slug=row["village"])
    if not PilotMark.objects.of(village).exists():
        from_on = days.today.replace(year=days.today.year - row["from_years_ago"], month=1, day=1)
        PilotMark.objects.create(village=village, level=row["level"], document=row["document"], from_on=from_on)
    if PilotPage.objects.child_of(village.page).exists():
        return
    procedure = format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", _lines(row["procedure"])))
    page = PilotPage(
        title=row["title"],
        slug="pilot",
        summary=row["summary"],
        intro=str(_paragraphs(row["intro"])),
        procedure=str(procedure),
        body=[("paragraph", str(_paragraphs([line]))) for line in row["steps"]],
    )
    add_page(village.page, page)


def _lines(lines: list[str]) -> list[tuple[str]]:
    return [(line,) for line in lines]


def _paragraphs(lines: list[str]) -> SafeString:
    return format_html_join("", "<p>{}</p>", _lines(lines))
