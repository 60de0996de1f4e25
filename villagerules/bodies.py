"""The bodies that adopt rules, by the code that a version keeps (RuleVersion.adopted_by); kinds of documents."""

from __future__ import annotations

from django.utils.translation import gettext as _

from residents.models import Village
from ui.dates import plain_date

from .models import RuleVersion, VillageRules

Kind = VillageRules.Kind
_KINDS = (  # untranslated: words in titles
    ("红白理事会", Kind.CEREMONY_COUNCIL_CHARTER),
    ("红白", Kind.CEREMONY_RULES),
    ("简办", Kind.CEREMONY_RULES),
    ("自治章程", Kind.CHARTER),
    ("院落", Kind.YARD_CONVENTION),
    ("小区", Kind.YARD_CONVENTION),
    ("屋场", Kind.YARD_CONVENTION),
)


def bodies() -> dict[str, str]:
    """Every code with its name."""
    return {
        "villagers_assembly": _("村民会议"),
        "villagers_representative_assembly": _("村民代表会议"),
        "group_meeting": _("村民小组会议"),
        "residents_assembly": _("居民会议"),
        "residents_representative_assembly": _("居民代表会议"),
        "yard_consultation": _("全体住户协商"),
        "estate_consultation": _("小区协商会"),
    }


def body_name(code: str) -> str:
    """Nothing for an unknown one."""
    return bodies().get(code, "")


def adoption_words(version: RuleVersion) -> str:
    """2026年2月20日村民会议通过，2026年4月1日起施行: what stands below the title; nothing for a draft."""
    words = []
    if version.adopted_on is not None:
        facts = {"day": plain_date(version.adopted_on), "body": body_name(version.adopted_by)}
        words.append(_("%(day)s%(body)s通过") % facts)
    if version.effective_on is not None:
        words.append(_("%(day)s起施行") % {"day": plain_date(version.effective_on)})
    return _("，").join(words)


def kind_by_title(title: str, village: Village) -> Kind:
    """The kind of document that a title sounds like."""
    for words, kind in _KINDS:
        if words in title:
            return kind
    return Kind.RESIDENTS_CONVENTION if village.is_community else Kind.VILLAGE_RULES
