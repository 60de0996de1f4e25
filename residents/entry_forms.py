"""What people fill in on the way in, and officers beside them: shapes and limits, no rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField, WholeNumberField

from .code_fields import PhoneField
from .models import Claim, Resident, VillageGroup
from .phone_sign_in import ConsentField
from .roll import described

OLDEST = 130  # years


def _offer(field: forms.Field, choices: Sequence[tuple[str, Any]]) -> None:
    """What a field lets choose is known only with its form."""
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so in the forms below
    field.choices = choices


def _people(people: Sequence[Resident]) -> list[tuple[str, str]]:
    return [(one.ref, described(one)) for one in people]


def _year_field() -> WholeNumberField:
    return WholeNumberField(label=_("出生年份"), help_text=_("四位数，例如 1958。"), required=False, most=9999)


class _WithYear(forms.Form):
    def clean_birth_year(self) -> int | None:
        year: int | None = self.cleaned_data["birth_year"]
        this_year = timezone.localdate().year
        if year is not None and not this_year - OLDEST <= year <= this_year:
            raise forms.ValidationError(_("请填四位数的出生年份，例如 1958。"))
        return year


class WhoForm(_WithYear):
    """The name as the committee's books have it; the year only tells namesakes apart."""

    name = PlainTextField(
        label=_("您的姓名"),
        help_text=_("和身份证、户口本上一样。"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    birth_year = _year_field()

    def __init__(self, *args: Any, ask_year: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if not ask_year and not (self.is_bound and self.data.get("birth_year")):
            self.fields["birth_year"].widget = forms.HiddenInput()


class AskForm(_WithYear):
    """What officers need to find somebody by hand."""

    name = PlainTextField(label=_("您的姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    birth_year = _year_field()
    group = PlainTextField(label=_("住在哪个小组"), max_length=30, required=False)
    note = PlainTextField(
        label=_("补充说明"),
        help_text=_("例如户主是谁、为什么电话对不上。"),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "ask_%s"} | options)  # beside WhoForm, which has a name too


class MembersForm(forms.Form):
    """Whom of the household the account helps with, beside being somebody itself."""

    also = forms.MultipleChoiceField(label=_("还替谁办事"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, members: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self.fields["also"], _people(members))


class PickForm(MembersForm):
    """Who of the household on the paper one is. Somebody who is another person here already only helps."""

    myself = forms.ChoiceField(
        label=_("我是"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选您是这一户的哪一位。"), "invalid_choice": _("请只选这一户的人。")},
    )
    consent = ConsentField(label=_("我看过《隐私政策》，同意登记我用这个网站办事。"))
    field_order = ("myself", "also", "consent")

    def __init__(
        self, *args: Any, members: Sequence[Resident], knows_me: bool, consented: bool, **options: Any
    ) -> None:
        super().__init__(*args, members=members, **options)
        _offer(self.fields["myself"], _people(members))
        self.fields["also"].help_text = _("老人、不会用手机的家人，您可以帮着投票。不需要就不选。")
        self.fields["also"].error_messages["invalid_choice"] = _("请只选这一户的人。")
        if knows_me:
            del self.fields["myself"]
            self.fields["also"].required = True
            self.fields["also"].error_messages["required"] = _("请选您要替谁办事。")
        if consented:
            del self.fields["consent"]


class CodeForm(forms.Form):
    code = PlainTextField(
        label=_("纸上的 12 位数字"),
        help_text=_("空格可以不输。"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )


class PrintForm(forms.Form):
    """Which households get a sheet."""

    group = forms.ChoiceField(label=_("小组"), required=False)
    households = PlainTextField(
        label=_("户号"),
        help_text=_("只打印几户时填，例如 3、8-12。不填就是全部。"),
        max_length=120,
        required=False,
    )
    without_account = forms.BooleanField(
        label=_("只打印还没有人登录过的户"), required=False, help_text=_("已经有人登录过的户，一般不用再发。")
    )
    print_name = forms.RegexField(r"^[A-Za-z0-9_-]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, groups: Sequence[VillageGroup], **options: Any) -> None:
        super().__init__(*args, **options)
        everybody = _("所有小组") if len(groups) > 1 else str(groups[0]) if groups else _("所有小组")
        others = [(str(one.number), str(one)) for one in groups if len(groups) > 1]
        _offer(self.fields["group"], [("", everybody), *others])


class ConsentForm(forms.Form):
    """What the officer at the desk vouches for."""

    consent = forms.BooleanField(
        label=_("本人在场，看过《隐私政策》，同意由我帮忙登录。"),
        error_messages={"required": _("请先当面问过本人，同意了再打勾。")},
    )


class LineForm(forms.Form):
    """Which line of the roll an account belongs to, and how."""

    resident = forms.ChoiceField(
        label=_("名册上是哪一位"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选名册上的人。"), "invalid_choice": _("请从找到的人里选。")},
    )
    relation = forms.ChoiceField(
        label=_("申请人和这个人的关系"), choices=Claim.Relation.choices, initial=Claim.Relation.SELF,
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self.fields["resident"], _people(people))


class AnswerForm(forms.Form):
    """Why not: the person reads it."""

    answer = PlainTextField(
        label=_("不予确认的原因"),
        help_text=_("申请人会看到，请写明要怎么办。"),
        max_length=200,
        error_messages={"required": _("请写明原因，申请人好知道怎么办。")},
    )


class RestoreForm(forms.Form):
    """A lost factor, a forgotten password, another phone."""

    phone = PhoneField(label=_("新手机号"), required=False, help_text=_("号码没有换就不填。"))
    reason = PlainTextField(
        label=_("说明"),
        help_text=_("例如：本人带身份证到村委会，手机丢失。"),
        max_length=200,
        error_messages={"required": _("请写明怎么核对的是本人。")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["phone"].widget.attrs.pop("autofocus", None)


class EndForm(forms.Form):
    reason = PlainTextField(
        label=_("解除的原因"), max_length=200, error_messages={"required": _("请写明为什么要解除。")}
    )
