"""The page on which a document is read: made with its first published version, below the village's own list."""

from __future__ import annotations

from wagtail.models import Page

from .models import RulesIndexPage, VillageRules, VillageRulesPage


def rules_page(rules: VillageRules, *, plain_words: str = "", summary: str = "") -> VillageRulesPage:
    """The reading page of a document, made when missing."""
    existing = VillageRulesPage.objects.filter(rules=rules).first()
    if existing is not None:
        return existing
    parent = RulesIndexPage.objects.child_of(rules.village.page).get()
    page = VillageRulesPage(title=rules.title, slug=rules.slug, rules=rules, plain_words=plain_words, summary=summary)
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision(log_action=False).publish(log_action=False)
    return page
