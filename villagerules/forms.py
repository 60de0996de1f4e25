"""What is handed in, chosen and mended when rules are brought in."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.models import Village
from ui.fields import PlainTextField

from .bodies import bodies
from .models import RuleVersion, VillageRules
from .reading import MOST_LETTERS
from .word import ACCEPTED

NEW = ""
DRAFT, IN_FORCE = "draft", "in_force"


def _text(**options: Any) -> PlainTextField:
    return PlainTextField(
        label=_("正文"), one_line=False, bidi=False, max_length=MOST_LETTERS, strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}), **options,
    )  # fmt: skip


class SourceForm(forms.Form):
    """A file, or a text that was copied."""

    file = forms.FileField(
        label=_("Word 文件"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("只收 .docx，最多 20 MB。老格式（.doc、.wps）请先另存为 .docx。"),
    )  # fmt: skip
    text = _text(required=False, help_text=_("也可以把文字复制出来，粘贴在这里。每条、每项另起一行。"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not (cleaned.get("text") or "").strip():
            raise forms.ValidationError(_("请选一个 Word 文件，或者把文字粘贴进来。"))
        return cleaned


class KeepForm(forms.Form):
    """The text as it is to be kept, of which document, and as what."""

    text = _text(
        help_text=_("认得不对的，在这里改，再按“重新识别”。章、条、项各起一行：第一章　总则；第一条　……；（一）……")
    )
    style = forms.ChoiceField(
        label=_("体例"), required=False, choices=[("", _("自动识别")), *RuleVersion.Style.choices],
    )  # fmt: skip
    document = forms.ChoiceField(label=_("哪一份文件"), required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=VillageRules.Kind.choices, help_text=_("新的一份才要选。"))
    purpose = forms.ChoiceField(
        label=_("存成什么"), widget=forms.RadioSelect,
        choices=[(DRAFT, _("草案：还要征求意见、审核、表决")), (IN_FORCE, _("老村规：已经通过，正在施行或者施行过"))],
    )  # fmt: skip
    effective_on = forms.DateField(
        label=_("施行日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("录老村规要填。不知道哪一天的，填通过那天。"),
    )  # fmt: skip
    adopted_on = forms.DateField(
        label=_("通过日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    adopted_by = forms.ChoiceField(label=_("由谁通过"), required=False)
    published_on = forms.DateField(
        label=_("公布日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("不知道就不填，按施行日期算。"),
    )  # fmt: skip
    filed_with = PlainTextField(label=_("备案机关"), required=False, max_length=60)
    filed_on = forms.DateField(
        label=_("备案日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    filing_number = PlainTextField(label=_("备案号"), required=False, max_length=60)
    note = PlainTextField(label=_("说明"), required=False, max_length=200, help_text=_("例如：删去罚款条款。"))

    LIFE = ("effective_on", "adopted_on", "adopted_by", "published_on", "filed_with", "filed_on", "filing_number")

    def __init__(self, *args: Any, village: Village, today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.documents = {one.slug: one for one in VillageRules.objects.of(village).order_by("title")}
        self.fields["document"].choices = [
            (NEW, _("新的一份")),
            *((slug, f"{one.title}（{one.get_kind_display()}）") for slug, one in self.documents.items()),
        ]
        self.fields["adopted_by"].choices = [("", _("不清楚")), *bodies().items()]

    @property
    def life_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.LIFE]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("purpose") == IN_FORCE:
            self._judge_days(cleaned)
        return cleaned

    def _judge_days(self, cleaned: dict[str, Any]) -> None:
        effective = cleaned.get("effective_on")
        if effective is None:
            if "effective_on" not in self.errors:
                self.add_error("effective_on", _("老村规要填施行日期。"))
            return
        if effective > self.today:
            self.add_error("effective_on", _("施行日期还没有到。还没施行的，请存成草案。"))
        for name in ("adopted_on", "published_on"):
            day = cleaned.get(name)
            if day is not None and day > effective:
                self.add_error(name, _("不能比施行日期晚。"))
        for name in ("adopted_on", "published_on", "effective_on", "filed_on"):
            day = cleaned.get(name)
            if day is not None and day.year < 1949:
                self.add_error(name, _("年份不对，请检查。"))
        filed = cleaned.get("filed_on")
        if filed is not None and filed > self.today:
            self.add_error("filed_on", _("这一天还没有到。"))


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("原因"), max_length=200, required=False)
