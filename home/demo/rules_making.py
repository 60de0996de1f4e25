"""Rules that are being revised in the demo: every step is taken by its rule, then moved to its day."""

from __future__ import annotations

import datetime
from typing import Any

from residents.models import Claim, User, Village
from villagerules import commenting, drafting, opinions, reviewing
from villagerules.models import Article, Opinion, RuleStep, RuleVersion, VillageRules
from villagerules.structure import ArticleText

from .files import Days


def load_making(row: dict[str, Any], days: Days) -> None:
    """One version under way, unless the document has one."""
    village = Village.objects.get(slug=row["village"])
    rules = VillageRules.objects.of(village).get(slug=row["slug"])
    if rules.versions.filter(imported=False).exists():
        return
    started = days.moment(days.after(-row["started"]["days_ago"]), "09:00")
    drafted = days.moment(days.after(-row["drafted"]["days_ago"]), "10:00")
    version = drafting.start_version(rules, by=None, days=row["started"]["days"], note=row["note"])
    _move_period(version, started)
    for told in row["opinions"]:
        _opinion(version, told, at=started + datetime.timedelta(days=2))
    _end_period(version, drafted)
    text = version.whole_text()
    last = max(one.number for one in text.articles)
    for number, added in enumerate(row["added"], start=last + 1):
        text.chapters[-1].articles.append(ArticleText(number, added["text"], added["title"]))
    drafting.revise_text(version, text, by=None)
    version = drafting.publish_draft(version, by=None)
    _move_steps(version, drafted)
    _move_period(version, drafted)
    for told in row["comments"]:
        said = days.moment(days.after(-told["days_ago"]), "18:00") if "days_ago" in told else None
        _opinion(version, told, at=said or drafted + datetime.timedelta(days=1))
    if row["state"] == "township_review":
        submitted = days.moment(days.after(-row["submitted"]["days_ago"]), "15:00")
        _end_period(version, submitted)
        reviewing.submit_review(version, by=None)
        version.reviews.update(submitted_at=submitted)
        _move_steps(version, submitted)
        for found in row["findings"]:
            lineage = _lineage(version, found["article"])
            reviewing.add_finding(version, severity=found["severity"], text=found["text"], lineage=lineage, by=None)


def _lineage(version: RuleVersion, number: int | None) -> Any:
    return Article.objects.get(chapter__version=version, number=number).lineage if number else None


def _opinion(version: RuleVersion, told: dict[str, Any], *, at: datetime.datetime) -> None:
    lineage = _lineage(version, told.get("article"))
    if "by" in told:
        opinion = opinions.add_opinion(version, text=told["text"], by=_account(version.village, told), lineage=lineage)
    else:
        opinion = opinions.enter_opinion(
            version, text=told["text"], source=told["source"], source_note=told["source_note"], by=None, lineage=lineage
        )
    if told.get("shown"):
        commenting.let_through(opinion, by=None)
    Opinion.objects.filter(pk=opinion.pk).update(at=at)
    if "verdict" in told:
        opinions.answer_opinion(opinion, verdict=told["verdict"], text=told["answer"], by=None)


def _account(village: Village, told: dict[str, Any]) -> User:
    itself = Claim.objects.of(village).confirmed().filter(resident__name=told["by"], relation=Claim.Relation.SELF)
    return itself.get().user


def _move_steps(version: RuleVersion, at: datetime.datetime) -> None:
    """Those that were taken just now."""
    RuleStep.objects.filter(version=version, at__gt=at + datetime.timedelta(days=1)).update(at=at)


def _move_period(version: RuleVersion, at: datetime.datetime) -> None:
    """The one that runs, as if it had been opened then; its last day as far off as it was. Its step too."""
    period = version.periods.get(closed_at=None)
    away = datetime.timedelta(days=(period.opens_at.date() - at.date()).days)
    period.opens_at, period.closes_at = at, period.closes_at - away
    period.save()
    step = RuleStep.objects.filter(version=version).order_by("-pk").first()
    last = version.village.local_date(period.closes_at - datetime.timedelta(seconds=1))
    if step is not None:
        step.at, step.result = (
            at,
            f"{period.days} 天，到{last.year}年{last.month}月{last.day}日为止",
        )  # untranslated: demo
        step.save()


def _end_period(version: RuleVersion, at: datetime.datetime) -> None:
    drafting.close_period(version, by=None)
    version.periods.filter(closed_at__gt=at).update(closed_at=at)
    _move_steps(version, at)
