"""What officers type about one person or household of the roll: shapes and limits, no rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .models import Household, Resident, RollChange, Village, VillageGroup
from .roll import described
from .roll_edits import LINE, Edit, RollEdit
from .roll_fields import DayField, HouseholdField
from .sheets import parsing

AHEAD = datetime.timedelta(days=366)  # who will move in may be entered that far ahead


class EditForm(forms.Form):
    """What every change asks for: from which day, and why."""

    reason = PlainTextField(
        label=_("说明"), max_length=200, help_text=_("写明依据，例如“户口簿更正”“某月某日结婚迁入”。")
    )

    def __init__(self, *args: Any, village: Village, today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.village = village
        self.today = today
        self.fields["on"] = DayField(label=_("从哪天起"), latest=today, initial=today)

    def put_first(self, *names: str) -> None:
        """These fields first, day and reason last."""
        others = [name for name in self.fields if name not in (*names, "on", "reason")]
        self.order_fields([*names, *others, "on", "reason"])

    def edit(self) -> RollEdit:
        raise NotImplementedError

    def _common(self) -> dict[str, Any]:
        return {"on": self.cleaned_data["on"], "reason": self.cleaned_data["reason"]}


class LineForm(EditForm):
    """A person's line."""

    name = PlainTextField(label=_("姓名"), max_length=60)
    nickname = PlainTextField(label=_("小名"), max_length=60, required=False)
    gender = forms.ChoiceField(label=_("性别"), choices=[("", _("不清楚")), *Resident.Gender.choices], required=False)
    relation_to_head = PlainTextField(label=_("与户主关系"), max_length=20, required=False)
    is_head = forms.BooleanField(label=_("户主"), required=False)
    is_local = forms.BooleanField(label=_("本地户籍"), required=False, initial=True)
    lives_here = forms.BooleanField(label=_("常住"), required=False, initial=True)
    phone = PlainTextField(label=_("电话"), max_length=30, required=False)
    note = PlainTextField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        help_text = _("不清楚就空着；空着的人不计入应到人数。")
        self.fields["born_on"] = DayField(label=_("出生日期"), latest=self.today, required=False, help_text=help_text)

    def clean_name(self) -> str:
        return self._parsed(parsing.name, self.cleaned_data["name"])

    def clean_phone(self) -> str:
        return self._parsed(lambda words: parsing.phone(words).value, self.cleaned_data["phone"])

    @staticmethod
    def _parsed(parse: Any, words: str) -> str:
        try:
            return str(parse(words))
        except parsing.CellProblem as problem:
            raise forms.ValidationError(str(problem)) from problem

    def line(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in LINE}


def _ask_for_target(form: EditForm, household: Household | None = None) -> None:
    """An existing household by its number, or a new one in a group."""
    form.fields["household"] = HouseholdField(
        label=_("户号"), village=form.village, on=form.today, required=False, initial=household,
        help_text=_("到哪一户。新立一户就空着，在下面选小组。"),
    )  # fmt: skip
    form.fields["group"] = forms.ModelChoiceField(
        label=_("新立一户，在哪个小组"), queryset=VillageGroup.objects.of(form.village), required=False,
        empty_label=_("不新立"),
    )  # fmt: skip
    form.fields["own_number"] = PlainTextField(label=_("新户的户号"), max_length=30, required=False)


def _target(form: EditForm) -> dict[str, Any]:
    return {name: form.cleaned_data.get(name) for name in ("household", "group")} | {
        "own_number": form.cleaned_data.get("own_number", "")
    }


def _check_target(form: EditForm) -> None:
    data = form.cleaned_data
    if "household" in form.errors or "group" in form.errors:
        return
    if data.get("household") is None and data.get("group") is None:
        form.add_error("household", _("请写户号；要新立一户，请在下面选小组。"))
    elif data.get("household") is not None and data.get("group") is not None:
        form.add_error("group", _("已经写了户号，就不要再选新立一户。"))


class AddForm(LineForm):
    kind = forms.ChoiceField(
        label=_("事由"),
        choices=[
            (kind.value, kind.label) for kind in (RollChange.Kind.MOVED_IN, RollChange.Kind.BORN, RollChange.Kind.ADDED)
        ],
    )

    def __init__(self, *args: Any, household: Household | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        _ask_for_target(self, household)
        self.fields["on"] = DayField(label=_("从哪天起"), latest=self.today + AHEAD, initial=self.today)
        self.put_first("kind", "household", "group", "own_number", "name", "gender", "born_on")

    def clean(self) -> None:
        super().clean()
        _check_target(self)

    def edit(self) -> RollEdit:
        phone = self.cleaned_data["phone"] or None
        return RollEdit(
            Edit.ADD, **self._common(), **_target(self), kind=self.cleaned_data["kind"], fields=self.line(), phone=phone
        )


class CorrectForm(LineForm):
    forget_phone = forms.BooleanField(label=_("删除登记的电话"), required=False)

    def __init__(self, *args: Any, resident: Resident, **options: Any) -> None:
        self.resident = resident
        super().__init__(*args, initial={name: getattr(resident, name) for name in LINE}, **options)
        self.fields["phone"].help_text = _("不改就空着。")
        self.put_first("name", "nickname", "gender", "born_on")

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("phone") and self.cleaned_data.get("forget_phone"):
            self.add_error("phone", _("要删除电话就不要再填新的。"))

    def edit(self) -> RollEdit:
        phone = "" if self.cleaned_data["forget_phone"] else (self.cleaned_data["phone"] or None)
        return RollEdit(Edit.CORRECT, **self._common(), resident=self.resident, fields=self.line(), phone=phone)


class LeaveForm(EditForm):
    because = forms.ChoiceField(
        label=_("原因"),
        choices=[
            (because.value, because.label)
            for because in (Resident.Leaving.MOVED_OUT, Resident.Leaving.DECEASED, Resident.Leaving.MISTAKE)
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, resident: Resident, **options: Any) -> None:
        super().__init__(*args, **options)
        self.resident = resident
        self.put_first("because")

    def edit(self) -> RollEdit:
        because = self.cleaned_data["because"]
        return RollEdit(Edit.LEAVE, **self._common(), resident=self.resident, because=because)


class ReturnForm(EditForm):
    """Taking a leaving back asks for nothing but why."""

    def __init__(self, *args: Any, resident: Resident, **options: Any) -> None:
        super().__init__(*args, **options)
        self.resident = resident
        self.fields["on"].help_text = _("哪天办的；这个人算作一直在名册上。")

    def edit(self) -> RollEdit:
        return RollEdit(Edit.RETURN, **self._common(), resident=self.resident)


class MoveForm(EditForm):
    def __init__(self, *args: Any, resident: Resident, **options: Any) -> None:
        super().__init__(*args, **options)
        self.resident = resident
        _ask_for_target(self)
        self.put_first("household", "group", "own_number")

    def clean(self) -> None:
        super().clean()
        _check_target(self)

    def edit(self) -> RollEdit:
        return RollEdit(Edit.MOVE, **self._common(), **_target(self), resident=self.resident)


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Resident) -> str:
        return described(obj)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Resident) -> str:
        return described(obj)


class SplitForm(EditForm):
    def __init__(self, *args: Any, household: Household, **options: Any) -> None:
        super().__init__(*args, **options)
        self.household = household
        self.fields["members"] = PeopleField(
            label=_("谁分出去"), queryset=_members(household, self.today), widget=forms.CheckboxSelectMultiple
        )
        self.fields["group"] = forms.ModelChoiceField(
            label=_("新户在哪个小组"), queryset=VillageGroup.objects.of(self.village), initial=household.group,
            empty_label=None,
        )  # fmt: skip
        self.fields["own_number"] = PlainTextField(label=_("新户的户号"), max_length=30, required=False)
        self.put_first("members", "group", "own_number")

    def edit(self) -> RollEdit:
        data = self.cleaned_data
        return RollEdit(
            Edit.SPLIT, **self._common(), household=self.household, members=list(data["members"]), group=data["group"],
            own_number=data["own_number"],
        )  # fmt: skip


class JoinForm(EditForm):
    def __init__(self, *args: Any, household: Household, **options: Any) -> None:
        super().__init__(*args, **options)
        self.household = household
        self.fields["into"] = HouseholdField(
            label=_("并到哪一户（户号）"), village=self.village, on=self.today,
            help_text=_("全户转到那一户，本户销户。"),
        )  # fmt: skip
        self.put_first("into")

    def edit(self) -> RollEdit:
        into = self.cleaned_data["into"]
        return RollEdit(Edit.JOIN, **self._common(), household=into, leaving=self.household)


class RepresentativeForm(EditForm):
    def __init__(self, *args: Any, household: Household, **options: Any) -> None:
        super().__init__(*args, **options)
        self.household = household
        self.fields["resident"] = PersonField(
            label=_("户代表"), queryset=_members(household, self.today).adults(self.today), required=False,
            initial=household.representative, widget=forms.RadioSelect, empty_label=_("暂时没有"),
        )  # fmt: skip
        self.put_first("resident")

    def edit(self) -> RollEdit:
        resident = self.cleaned_data["resident"]
        return RollEdit(Edit.REPRESENT, **self._common(), household=self.household, resident=resident)


def _members(household: Household, on: datetime.date) -> Any:
    people = Resident.objects.of(household.village).on_roll(on).filter(household=household)
    return people.select_related("household__group", "village").order_by("-is_head", "born_on", "pk")
