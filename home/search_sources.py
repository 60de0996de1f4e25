"""What the public's search looks in: of each kind of row, which ones everybody may read now, and what is shown of them.

The index only proposes; a row is read here again before it is shown, so a draft, a superseded text, a page that was
taken down or a practice village's meeting is never a hit, whatever the index still has of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.search.index import SearchField

from consultation.models import Meeting, MeetingPage
from contest.models import ContestPage
from home.models import NewsPage, PilotPage, RegionPage, StandardPage, VillagePage
from residents.models import Village
from ui.dates import plain_date
from villagerules.models import Article, RuleVersion, Stanza, VillageRulesPage


class Kind(models.TextChoices):
    """In the order in which things of one title are listed."""

    VILLAGE = "village", _("村（社区）")
    RULES = "rules", _("村规")
    ARTICLE = "article", _("村规条文")
    MEETING = "meeting", _("会议")
    NOTICE = "notice", _("公告")
    PAGE = "page", _("其他页面")


@dataclass(frozen=True)
class Found:
    """Something everybody may read. `name` is what it is called by itself, `title` how it is listed; `around` belongs
    to its words, but is no part of what is shown of them."""

    kind: Kind
    key: int  # things of one kind and key are one
    name: str
    title: str
    where: str
    url: str
    text: str
    around: str = ""
    on: datetime.date | None = None


@dataclass(frozen=True)
class Source:
    """One indexed model. `read` takes primary keys and the day; `of_village` narrows it to one village."""

    model: type[models.Model]
    kind: Kind
    read: Callable[[Sequence[str], datetime.date], list[Found]]
    of_village: Callable[[Village], QuerySet[Any]]


def _open_pages(model: type[Page], keys: Sequence[str]) -> QuerySet[Any]:
    return model.objects.live().public().filter(pk__in=keys)


# --- rules ----------------------------------------------------------------------------------------------------------


def _in_force(on: datetime.date) -> QuerySet[RuleVersion]:
    """The texts in force that are read on a page."""
    pages = VillageRulesPage.objects.live().public()
    return RuleVersion.objects.in_force(on).filter(village__is_practice=False, rules__page__in=pages).order_by()


def _read_articles(keys: Sequence[str], on: datetime.date) -> list[Found]:
    rows = Article.objects.filter(pk__in=keys, chapter__version__in=_in_force(on)).select_related(
        "chapter__version__village", "chapter__version__rules__page"
    )
    return [
        _of_text(row.pk, row.chapter.version, row.label, row.title, f"#{row.anchor}", row.text, row.chapter.title)
        for row in rows
    ]


def _read_stanzas(keys: Sequence[str], on: datetime.date) -> list[Found]:
    rows = Stanza.objects.filter(pk__in=keys, version__in=_in_force(on)).select_related(
        "version__village", "version__rules__page"
    )
    # Their keys may be those of articles.
    return [
        _of_text(
            -row.pk, row.version, "" if row.title else str(row.number), row.title, f"#stanza-{row.number}", row.text
        )
        for row in rows
    ]


def _of_text(
    key: int, version: RuleVersion, label: str, title: str, anchor: str, text: str, chapter: str = ""
) -> Found:
    return Found(
        kind=Kind.ARTICLE,
        key=key,
        name=title,
        title=" ".join(filter(None, [version.shown_title, label, title])),
        where=" · ".join(filter(None, [version.village.name, chapter])),
        url=version.rules.page.url + anchor,
        text=text,
        around=chapter,
    )


def _read_versions(keys: Sequence[str], on: datetime.date) -> list[Found]:
    return _rules(_in_force(on).filter(pk__in=keys))


def _read_rules_pages(keys: Sequence[str], on: datetime.date) -> list[Found]:
    return _rules(_in_force(on).filter(rules__page__pk__in=keys))


def _rules(versions: QuerySet[RuleVersion]) -> list[Found]:
    return [
        Found(
            kind=Kind.RULES,
            key=row.rules_id,
            name=row.shown_title,
            title=row.shown_title,
            where=row.village.name,
            url=row.rules.page.url,
            text=f"{row.rules.page.plain_words}\n{row.words_around}".strip(),
        )
        for row in versions.select_related("village", "rules__page")
    ]


# --- meetings -------------------------------------------------------------------------------------------------------


def _read_meetings(keys: Sequence[str], on: datetime.date) -> list[Found]:
    return _meetings(Meeting.objects.real().announced().filter(pk__in=keys))


def _read_meeting_pages(keys: Sequence[str], on: datetime.date) -> list[Found]:
    return _meetings(Meeting.objects.real().announced().filter(page__in=_open_pages(MeetingPage, keys)))


def _meetings(rows: QuerySet[Meeting]) -> list[Found]:
    shown = rows.select_related("village", "page").prefetch_related("agenda__motions")
    found = []
    for row in shown:
        page = getattr(row, "page", None)
        day = row.village.local_date(row.starts_at)
        found.append(
            Found(
                kind=Kind.MEETING,
                key=row.pk,
                name=row.title,
                title=row.title,
                where=f"{row.village.name} · {plain_date(day)}",
                url=row.get_absolute_url(),
                text="\n".join(filter(None, [row.agenda_words, row.place, words_of_page(page) if page else ""])),
                on=day,
            )
        )
    return found


# --- pages ----------------------------------------------------------------------------------------------------------


def words_of_page(page: Any) -> str:
    """All its words but its title and the names of places, as they are indexed."""
    fields = [field for field in page.get_search_fields() if isinstance(field, SearchField)]
    return "\n".join(_flat([field.get_value(page) for field in fields if field.field_name not in ("title", "places")]))


def _flat(values: Iterable[Any]) -> list[str]:
    words: list[str] = []
    for value in values:
        if isinstance(value, list):
            words += _flat(value)
        elif value:
            words.append(str(value))
    return words


def _villages_above(pages: Sequence[Page]) -> dict[str, str]:
    """The name of the village in whose tree each page stands, by the village page's path."""
    paths = {page.path[:end] for page in pages for end in range(Page.steplen, len(page.path), Page.steplen)}
    return dict(VillagePage.objects.filter(path__in=paths).values_list("path", "village__name"))


def _pages(kind: Kind, model: type[Page]) -> Callable[[Sequence[str], datetime.date], list[Found]]:
    def read(keys: Sequence[str], on: datetime.date) -> list[Found]:
        pages = list(_open_pages(model, keys))
        above = _villages_above(pages)
        return [_page(kind, page, above) for page in pages if page.url]

    return read


def _page(kind: Kind, page: Any, above: dict[str, str]) -> Found:
    village = next((name for path, name in above.items() if page.path.startswith(path)), "")
    day = getattr(page, "published_on", None)
    return Found(
        kind=kind,
        key=page.pk,
        name=page.title,
        title=page.title,
        where=" · ".join(filter(None, [village, plain_date(day) if day else ""])),
        url=page.url,
        text=words_of_page(page),
        on=day,
    )


def _read_villages(keys: Sequence[str], on: datetime.date) -> list[Found]:
    pages = _open_pages(VillagePage, keys).filter(village__in=Village.objects.real())
    return [
        Found(
            kind=Kind.VILLAGE,
            key=page.village_id,
            name=page.title,
            title=page.title,
            where=" ".join(filter(None, [str(page.village.region.parent or ""), page.village.region.name])),
            url=page.url,
            text=words_of_page(page),
            around=page.places,
        )
        for page in pages.select_related("village__region__parent").prefetch_related(
            "village__groups", "village__yards"
        )
    ]


def _below(model: type[Page]) -> Callable[[Village], QuerySet[Any]]:
    def of_village(village: Village) -> QuerySet[Any]:
        page = VillagePage.objects.filter(village=village).first()
        return model.objects.none() if page is None else model.objects.descendant_of(page, inclusive=True)

    return of_village


def _page_source(kind: Kind, model: type[Page]) -> Source:
    return Source(model, kind, _pages(kind, model), _below(model))


TEXTS = (
    Source(Article, Kind.ARTICLE, _read_articles, lambda village: Article.objects.of(village)),
    Source(Stanza, Kind.ARTICLE, _read_stanzas, lambda village: Stanza.objects.of(village)),
)
OTHERS = (
    Source(VillagePage, Kind.VILLAGE, _read_villages, _below(VillagePage)),
    Source(RuleVersion, Kind.RULES, _read_versions, lambda village: RuleVersion.objects.of(village)),
    Source(VillageRulesPage, Kind.RULES, _read_rules_pages, _below(VillageRulesPage)),
    Source(Meeting, Kind.MEETING, _read_meetings, lambda village: Meeting.objects.of(village)),
    Source(MeetingPage, Kind.MEETING, _read_meeting_pages, _below(MeetingPage)),
    _page_source(Kind.NOTICE, NewsPage),
    *(_page_source(Kind.PAGE, model) for model in (StandardPage, PilotPage, ContestPage, RegionPage)),
)
