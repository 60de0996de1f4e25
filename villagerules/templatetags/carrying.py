"""What templates of the register, of points and of suggestions say in words."""

from __future__ import annotations

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.models import Household
from villagerules import carrying_forms, suggestions
from villagerules.models import PointsCategory, RuleSuggestion, VillageRules

register = template.Library()


@register.filter
def points_words(category: PointsCategory) -> str:
    """参加义务清塘（加 5 分）."""
    return carrying_forms.points_words(category)


@register.filter
def household_words(household: Household) -> str:
    """Group, number and whose it is."""
    return carrying_forms.household_words(household)


@register.simple_tag
def seconds_words(suggestion: RuleSuggestion) -> str:
    """How many households second it, of how many that are needed."""
    today = suggestion.village.local_date(timezone.now())
    words = _("%(count)s 户附议，要 %(needed)s 户") % {
        "count": suggestions.seconds_count(suggestion, on=today), "needed": suggestion.seconds_needed,
    }  # fmt: skip
    return _("%(words)s；过期没答复") % {"words": words} if suggestion.is_overdue(today) else words


@register.simple_tag
def open_suggestions(rules: VillageRules) -> int:
    """How many suggestions about a document wait for an answer."""
    return rules.suggestions.open().count()
