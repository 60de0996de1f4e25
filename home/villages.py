"""Making a village: its row, page tree, editors' groups, collection and permissions, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page

from audit.log import record
from consultation.models import Meeting, MeetingIndexPage, MeetingPage
from residents.models import Region, User, Village
from residents.names import pinyin_keys
from villagerules.models import RulesIndexPage

from .editors import make_groups
from .models import HomePage, NewsIndexPage, RegionPage, VillagePage


@dataclass(frozen=True)
class VillageWords:
    """What editors will go on writing: the page's first words."""

    tagline: str = ""
    intro: str = ""
    features: str = ""
    contact: str = ""


def add_page(parent: Page, page: Page) -> Page:
    """Add below the parent as it is now in the database, published."""
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision(log_action=False).publish(log_action=False)
    return page


def region_page(region: Region) -> Page:
    """The page of a county or township, made with those above it when missing; a county's stands below the home."""
    existing = RegionPage.objects.filter(region=region).first()
    if existing is not None:
        return existing
    pages = {Region.Level.COUNTY, Region.Level.TOWNSHIP}
    if region.level not in pages:
        return HomePage.objects.get()
    parent = region_page(region.parent) if region.parent else HomePage.objects.get()
    slug = slugify(pinyin_keys(region.name)[0])[:60] or region.code
    return add_page(parent, RegionPage(title=region.name, slug=slug, region=region))


@translation.override("zh-hans")  # a village's pages are in its own language, whoever makes them
@transaction.atomic
def create_village(*, fields: dict[str, Any], words: VillageWords, by: User | None = None) -> Village:
    """A village with everything that belongs to one.

    `fields` are Village's own (region, slug, code, kind, name and figures). Raises IntegrityError when the slug or
    code is taken.
    """
    full, first = pinyin_keys(fields["name"])
    village = Village.objects.create(pinyin=full, initials=first, **fields)
    page = add_page(
        region_page(village.region),
        VillagePage(
            title=village.name,
            slug=village.slug,
            village=village,
            tagline=words.tagline,
            intro=words.intro,
            features=words.features,
            contact=words.contact,
        ),
    )
    add_page(page, NewsIndexPage(title=_("公告栏"), slug="news"))
    add_page(page, RulesIndexPage(title=village.rules_name, slug="rules"))
    add_page(page, MeetingIndexPage(title=_("会议和协商"), slug="meetings"))
    make_groups(page, f"{village.code} {village.name}")
    record(action="create_village", subject=village, village_id=village.pk, actor=by, code=village.code)
    return village


def meeting_page(meeting: Meeting, *, body: list[tuple[str, str]]) -> MeetingPage:
    """The page for a meeting's background and documents, made when missing. `body` is (block, value) pairs."""
    existing = MeetingPage.objects.filter(meeting=meeting).first()
    if existing is not None:
        return existing
    parent = MeetingIndexPage.objects.child_of(meeting.village.page).get()
    return add_page(
        parent, MeetingPage(title=meeting.title, slug=f"meeting-{meeting.number}", meeting=meeting, body=body)
    )
