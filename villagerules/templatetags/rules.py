"""How rules are written out: numbers, paragraphs with their items, who decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import template
from django.utils.translation import gettext as _

from villagerules import numbering

register = template.Library()
register.filter("article_label", numbering.article_label)
register.filter("chapter_label", numbering.chapter_label)
register.filter("item_label", numbering.item_label)
register.filter("article_anchor", numbering.article_anchor)


@dataclass
class Part:
    """A paragraph of an article, or a run of items."""

    words: str = ""
    items: list[tuple[str, str]] = field(default_factory=list)


@register.filter
def parts(text: str) -> list[Part]:
    """Paragraphs and runs of items, in their order: one line of the text is one of either."""
    found: list[Part] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        item = numbering.split_item(line)
        if item is None:
            found.append(Part(words=line.strip()))
        elif found and found[-1].items:
            found[-1].items.append(item)
        else:
            found.append(Part(items=[item]))
    return found


@register.filter
def body_name(body: str) -> str:
    """The deciding body by its code (RuleVersion.adopted_by); nothing for an unknown one."""
    return {
        "villagers_assembly": _("村民会议"),
        "villagers_representative_assembly": _("村民代表会议"),
        "group_meeting": _("村民小组会议"),
        "residents_assembly": _("居民会议"),
        "residents_representative_assembly": _("居民代表会议"),
        "yard_consultation": _("全体住户协商"),
        "estate_consultation": _("小区协商会"),
    }.get(body, "")
