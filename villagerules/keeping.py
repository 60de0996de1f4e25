"""Keeping a text that was read: as a draft of a document, or as an old text that is already in force.

A draft changes nothing that anybody reads. What is to be in force is asked of a second person, as all publishing is
(docs/rights.md), and waits as a draft until then.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Proposal, User, Village
from residents.names import pinyin_keys
from residents.rights import Act
from residents.two_people import NotWaiting, handler, propose
from ui.dates import plain_date

from .canonical import text_hash
from .errors import TextRefused, WrongState
from .following import follow_published
from .lineage import Known, lineages_for
from .models import Article, Chapter, RuleVersion, Stanza, VillageRules
from .reading_pages import rules_page
from .structure import RHYME, RulesText

MOST_DOCUMENTS = 50  # of a village


@dataclass(frozen=True)
class Life:
    """The days of an old text's life as its paper tells them."""

    effective_on: datetime.date
    adopted_by: str = ""
    adopted_on: datetime.date | None = None
    filed_with: str = ""
    filed_on: datetime.date | None = None
    filing_number: str = ""
    published_on: datetime.date | None = None


@transaction.atomic
def document_of(village: Village, *, kind: str, title: str) -> VillageRules:
    """A new document of the village. Raises TextRefused when it has too many."""
    Village.objects.select_for_update().get(pk=village.pk)
    mine = VillageRules.objects.of(village)
    if mine.count() >= MOST_DOCUMENTS:
        raise TextRefused("invalid", _("一个村（社区）最多 %(most)s 份村规文件。") % {"most": MOST_DOCUMENTS})
    base = slugify(pinyin_keys(title)[0])[:50] or kind.replace("_", "-")
    taken = set(mine.values_list("slug", flat=True))
    slug = next(name for name in (base, *(f"{base}-{n}" for n in range(2, MOST_DOCUMENTS + 2))) if name not in taken)
    return VillageRules.objects.create(village=village, slug=slug, kind=kind, title=title)


@transaction.atomic
def save_draft(
    rules: VillageRules, text: RulesText, *, by: User | None, life: Life | None = None, note: str = ""
) -> RuleVersion:
    """A new version with this text, on its way; articles keep the lineage they have in the version before.

    With `life` it is an old text with its days (`imported`), not in force until `publish_imported`.
    """
    rules = VillageRules.objects.select_for_update().select_related("village").get(pk=rules.pk)
    days = {} if life is None else vars(life) | {"published_on": life.published_on or life.effective_on}
    version = next_version(
        rules, text, before=rules.versions.order_by("-number").first(), imported=life is not None, note=note, **days
    )
    record(
        action="import_rules", subject=rules, village_id=rules.village_id, actor=by, version=version.number,
        articles=text.count, sha256=text_hash(version), imported=version.imported,
    )  # fmt: skip
    return version


def next_version(rules: VillageRules, text: RulesText, *, before: RuleVersion | None, **fields: Any) -> RuleVersion:
    """A draft with the next number; its articles keep the lineage they have in `before`. `rules` is locked."""
    version = RuleVersion.objects.create(
        village=rules.village,
        rules=rules,
        number=(rules.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        title=text.title,
        style=text.style,
        state=RuleVersion.State.DRAFTING,
        preamble=text.preamble,
        article_count=text.count,
        standards=before.standards if before is not None else [],
        **fields,
    )
    _write(version, text, _known(before))
    return version


def rewrite(version: RuleVersion, text: RulesText) -> None:
    """Other words for a version; what stays alike keeps its lineage, so that opinions still find their article."""
    known = _known(version)
    version.chapters.all().delete()
    version.stanzas.all().delete()
    version.title, version.style, version.preamble = text.title, text.style, text.preamble
    version.article_count = text.count
    version.save(update_fields=["title", "style", "preamble", "article_count"])
    _write(version, text, known)


def _write(version: RuleVersion, text: RulesText, old: list[Known]) -> None:
    (_write_stanzas if text.style == RHYME else _write_articles)(version, text, old)


def _known(version: RuleVersion | None) -> list[Known]:
    if version is None:
        return []
    articles = Article.objects.of(version.village).filter(chapter__version=version)
    stanzas = Stanza.objects.of(version.village).filter(version=version)
    return [
        *(Known(one.lineage, one.title, one.text) for one in articles),
        *(Known(one.lineage, one.title, one.text) for one in stanzas),
    ]


def _write_articles(version: RuleVersion, text: RulesText, old: list[Known]) -> None:
    lineages = iter(lineages_for([(one.title, one.text) for one in text.articles], old))
    for chapter in text.chapters:
        row = Chapter.objects.create(
            village=version.village, version=version, number=chapter.number, title=chapter.title
        )
        Article.objects.bulk_create(
            Article(
                village=version.village,
                chapter=row,
                number=one.number,
                inserted=one.inserted,
                lineage=next(lineages),
                title=one.title,
                text=one.text,
            )
            for one in chapter.articles
        )


def _write_stanzas(version: RuleVersion, text: RulesText, old: list[Known]) -> None:
    lineages = lineages_for([(one.title, "\n".join(one.lines)) for one in text.stanzas], old)
    Stanza.objects.bulk_create(
        Stanza(
            village=version.village,
            version=version,
            number=one.number,
            lineage=lineage,
            title=one.title,
            text="\n".join(one.lines),
        )
        for one, lineage in zip(text.stanzas, lineages, strict=True)
    )


# --- old texts that are in force ------------------------------------------------------------------------------------


def waiting_for(version: RuleVersion) -> Proposal | None:
    """The request that waits for a second person."""
    kinds = (Proposal.Kind.IMPORT_RULES, Proposal.Kind.PUBLISH_RULES, Proposal.Kind.REPEAL_RULES)
    waiting = Proposal.objects.of(version.village).waiting().filter(kind__in=kinds)
    return waiting.filter(payload__version=version.pk).first()


def propose_imported(version: RuleVersion, *, by: User) -> Proposal:
    """Ask a second person to put an old text in force. Raises WrongState when it is none, or was asked for already."""
    if not version.imported or version.is_public or version.effective_on is None:
        raise WrongState(_("这一版不是旧稿，或者已经公布。"))
    if waiting_for(version) is not None:
        raise WrongState(_("已经提交过，正等第二人确认。"))
    count = _("%(number)s 段") if version.style == RHYME else _("%(number)s 条")
    facts = {
        "title": version.shown_title, "on": plain_date(version.effective_on),
        "count": count % {"number": version.article_count},
    }  # fmt: skip
    return propose(
        kind=Proposal.Kind.IMPORT_RULES,
        village=version.village,
        summary=_("录入现行的“%(title)s”（%(count)s），%(on)s起施行") % facts,
        payload={
            "version": version.pk,
            "sha256": text_hash(version),
            "words": [[str(_("全文")), version.address()], [str(_("施行日期")), facts["on"]]],
        },
        by=by,
    )


@handler(Proposal.Kind.IMPORT_RULES, Act.PUBLISH_RULES, step_up=True)
def _publish(proposal: Proposal, by: User) -> None:
    version = RuleVersion.objects.filter(village=proposal.village, pk=proposal.payload["version"]).first()
    if version is None or version.is_public or text_hash(version) != proposal.payload["sha256"]:
        raise NotWaiting(_("这一版已经删掉、公布或者改过，请重新提交。"))
    publish_imported(version, by=by)


@transaction.atomic
def publish_imported(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """From its day on it is in force, and its document has a page."""
    line = RuleVersion.objects.select_for_update(of=("self",)).select_related("rules__village").get(pk=version.pk)
    if not line.imported or line.is_public or line.effective_on is None:
        raise WrongState(_("这一版不是旧稿，或者已经公布。"))
    line.state = RuleVersion.State.PUBLISHED
    line.save(update_fields=["state"])
    rules_page(line.rules)
    follow_published(line)
    record(
        action="publish_imported_rules", subject=line.rules, village_id=line.village_id, actor=by,
        version=line.number, effective_on=line.effective_on.isoformat(), sha256=text_hash(line),
    )  # fmt: skip
    return line


@transaction.atomic
def discard(version: RuleVersion, *, by: User | None) -> None:
    """Throw a draft away, and its document with it when that has nothing else. Raises WrongState once it went on."""
    line = RuleVersion.objects.select_for_update(of=("self",)).select_related("rules").get(pk=version.pk)
    if line.state != RuleVersion.State.DRAFTING or line.motion_id is not None:
        raise WrongState(_("这一版已经往下走了，不能删。"))
    if line.steps.exists():
        raise WrongState(_("这一版已经征求过意见，不能删，可以改成新的内容。"))
    if waiting_for(line) is not None:
        raise WrongState(_("这一版正等第二人确认。要删，请先撤回。"))
    rules = line.rules
    record(
        action="discard_rules", subject=rules, village_id=line.village_id, actor=by, version=line.number,
        sha256=text_hash(line),
    )  # fmt: skip
    line.delete()
    if not rules.versions.exists() and not hasattr(rules, "page"):
        rules.delete()
