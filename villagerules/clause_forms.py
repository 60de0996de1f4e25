"""What is filled in around model clauses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .clause_library import themes_shown
from .clauses import MOST_THEMES
from .models import ClauseTheme, RuleVersion

MOST_LETTERS = 2000


class FilterForm(forms.Form):
    """Which clauses are listed; what is wrong here is left out, not refused."""

    theme = forms.ChoiceField(label=_("主题"), required=False)
    q = PlainTextField(label=_("条文里有"), required=False, max_length=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["theme"].choices = [("", _("全部")), *((one.slug, one.name) for one in themes_shown())]


class PickForm(forms.Form):
    themes = forms.MultipleChoiceField(
        label=_("主题"), widget=forms.CheckboxSelectMultiple, help_text=_("选 1 到 3 个。")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.themes = {one.slug: one for one in themes_shown()}
        self.fields["themes"].choices = [(slug, one.name) for slug, one in self.themes.items()]

    def clean_themes(self) -> list[ClauseTheme]:
        chosen = self.cleaned_data["themes"]
        if len(chosen) > MOST_THEMES:
            raise forms.ValidationError(_("最多选 %(most)s 个主题。") % {"most": MOST_THEMES})
        return [self.themes[slug] for slug in chosen]


class InsertForm(forms.Form):
    behind = forms.TypedChoiceField(label=_("放在哪一条后面"), coerce=int)
    title = PlainTextField(label=_("条文标题"), required=False, max_length=120)
    words = PlainTextField(
        label=_("条文"), one_line=False, max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("照本村（社区）的实际改一改：桌数、钱数、地名、谁来管。"),
    )  # fmt: skip

    def __init__(self, *args: Any, version: RuleVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        articles = list({one.number: one for one in version.whole_text().articles}.values())
        labels = [(one.number, f"{one.label} {one.title or one.text[:12]}".strip()) for one in articles]
        self.fields["behind"].choices = labels
        self.fields["behind"].initial = labels[-1][0] if labels else None
