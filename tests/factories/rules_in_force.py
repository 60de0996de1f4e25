"""Rules in force without their way there: imported ones, as a village brings in what it has."""

from __future__ import annotations

import datetime

from django.utils import timezone

from residents.models import Village
from villagerules.keeping import Life, save_draft
from villagerules.models import RuleVersion, VillageRules
from villagerules.reading import read_rules

LONG_AGO = datetime.date(2020, 1, 1)


def put_in_force(
    village: Village, *articles: str, on: datetime.date = LONG_AGO, slug: str = "cungui", kind: str = "village_rules"
) -> RuleVersion:
    """A next version of that document with these articles, published, in force from that day; without a page."""
    rules, _made = VillageRules.objects.get_or_create(
        village=village, slug=slug, defaults={"kind": kind, "title": f"{village.name}村规民约"}
    )
    numbers = "一二三四五六七八九"
    lines = [rules.title, *(f"第{numbers[n]}条 {text}" for n, text in enumerate(articles))]
    version = save_draft(rules, read_rules("\n".join(lines)).rules, by=None, life=Life(effective_on=on))
    RuleVersion.objects.filter(pk=version.pk).update(state=RuleVersion.State.PUBLISHED)
    version.refresh_from_db()
    return version


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)
