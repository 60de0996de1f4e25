"""A small site with its page tree, for tests of pages."""

from __future__ import annotations

import datetime

from home.sites import SiteFacts, first_county, prepare_site
from home.villages import VillageWords, create_village
from residents.models import Region, Village
from villagerules.models import Article, Chapter, RuleVersion, VillageRules
from villagerules.reading_pages import rules_page


def make_county() -> Region:
    """Home page, footer pages and one county."""
    prepare_site(SiteFacts(portal_name="测试门户"))
    return first_county(province="湖南省", prefecture="沅川市", county="桐坪县", code="439921")


def make_township(county: Region, *, name: str = "楠溪镇", number: int = 101) -> Region:
    return Region.objects.create(parent=county, level="township", code=f"{county.code}{number}", name=name)


def make_village_page(township: Region, *, name: str, slug: str, number: int = 1, kind: str = "village") -> Village:
    """A village with its whole page tree."""
    fields = {"region": township, "slug": slug, "code": f"{township.code}{number:03d}", "kind": kind, "name": name}
    return create_village(fields=fields, words=VillageWords(tagline="一句话"))


def make_version(
    village: Village,
    *,
    slug: str = "cungui",
    number: int = 1,
    effective_on: datetime.date = datetime.date(2025, 1, 1),
    repealed_on: datetime.date | None = None,
) -> RuleVersion:
    """A published version with one article, and the document's page."""
    rules, _created = VillageRules.objects.get_or_create(
        village=village, slug=slug, defaults={"kind": "village_rules", "title": f"{village.name}{village.rules_name}"}
    )
    version = RuleVersion.objects.create(
        village=village,
        rules=rules,
        number=number,
        state=RuleVersion.State.PUBLISHED,
        published_on=effective_on,
        effective_on=effective_on,
        repealed_on=repealed_on,
        adopted_by="villagers_assembly",
        adopted_on=effective_on,
        article_count=1,
    )
    chapter = Chapter.objects.create(village=village, version=version, number=1, title="总则")
    Article.objects.create(village=village, chapter=chapter, number=12, title="水", text="水要清。\n（一）不倒泔水；")
    rules_page(rules)
    return version
