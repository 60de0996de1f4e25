"""What is filled in about an office: shapes and limits, no rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .appointments import NEEDS_YARD, ROLES_OF_LEVEL, STAFF, VILLAGE_ROLES, Office, find_account
from .models import Region, Resident, Role, User, Village, VillageGroup, Yard
from .office_titles import role_title
from .roll_fields import DayField

AHEAD = datetime.timedelta(days=366)  # an office may be given that far ahead
LONGEST = datetime.timedelta(days=366 * 10)


class OfficeForm(forms.Form):
    """Which office, from when to when, and why; the person was chosen before."""

    role = forms.ChoiceField(label=_("职务"))
    duty = PlainTextField(label=_("分工"), max_length=60, required=False, help_text=_("例如“管水利”“妇联主席”。"))
    replaces = forms.BooleanField(label=_("接替现任"), required=False, help_text=_("现任的任期到新任起的那一天为止。"))
    reason = PlainTextField(label=_("依据"), max_length=200, help_text=_("写明哪一次选举、会议或者哪个文件。"))

    def __init__(self, *args: Any, today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["from_on"] = DayField(label=_("任职起"), latest=today + AHEAD, initial=today)
        self.fields["until_on"] = DayField(
            label=_("任职止"), latest=today + LONGEST, required=False, help_text=_("换届的日子；没有定就空着。")
        )

    def offer(self, roles: list[tuple[str, str]]) -> None:
        """The offices to choose from."""
        self.fields["role"] = forms.ChoiceField(label=_("职务"), choices=roles)

    def office(self) -> Office:
        raise NotImplementedError

    def _common(self) -> dict[str, Any]:
        names = ("from_on", "until_on", "duty", "replaces", "reason")
        return {name: self.cleaned_data[name] for name in names} | {"role": Role(self.cleaned_data["role"])}


class VillageOfficeForm(OfficeForm):
    def __init__(
        self, *args: Any, village: Village, resident: Resident | None = None, user: User | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.village, self.resident, self.user = village, resident, user
        roles = VILLAGE_ROLES if resident is not None else [role for role in VILLAGE_ROLES if role in STAFF]
        self.offer([("", gettext("请选择")), *((role.value, role_title(role, village)) for role in roles)])
        groups, yards = VillageGroup.objects.of(village), Yard.objects.of(village)
        self.fields["group"] = forms.ModelChoiceField(
            label=_("小组"), queryset=groups, required=False, empty_label=gettext("不分组"),
            help_text=_("小组长要选；代表是哪个组推选的，也选上。"),
        )  # fmt: skip
        self.fields["yard"] = forms.ModelChoiceField(
            label=_("屋场（院落、小区）"), queryset=yards, required=False, empty_label=gettext("不选"),
            help_text=_("理事长、议事代表、业主委员会主任要选。"),
        )  # fmt: skip
        if resident is None or not groups.exists():
            del self.fields["group"]
        if not yards.exists():
            del self.fields["yard"]
        self.order_fields(["role", "group", "yard", "duty", "from_on", "until_on", "replaces", "reason"])

    def office(self) -> Office:
        group, yard = self.cleaned_data.get("group"), self.cleaned_data.get("yard")
        common = self._common()
        keeps_yard = common["role"] in NEEDS_YARD or common["role"] == Role.PROPERTY_MANAGER
        keeps_group = common["role"] in (Role.GROUP_LEADER, Role.REPRESENTATIVE)
        return Office(
            village=self.village, resident=self.resident, user=self.user, group=group if keeps_group else None,
            yard=yard if keeps_yard else None, **common,
        )  # fmt: skip


class RegionOfficeForm(OfficeForm):
    account = PlainTextField(
        label=_("账号"), max_length=60, help_text=_("这位工作人员登录用的账号名或者手机号，要写全。")
    )

    def __init__(self, *args: Any, region: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        self.region = region
        self.user: User | None = None
        roles = ROLES_OF_LEVEL[Region.Level(region.level)]
        self.offer([(role.value, str(role.label)) for role in roles])
        del self.fields["duty"], self.fields["replaces"]
        self.order_fields(["account", "role", "from_on", "until_on", "reason"])

    def clean_account(self) -> str:
        return clean_account(self)

    def office(self) -> Office:
        names = ("from_on", "until_on", "reason")
        said = {name: self.cleaned_data[name] for name in names}
        return Office(region=self.region, user=self.user, role=Role(self.cleaned_data["role"]), **said)


class FirstAdminForm(OfficeForm):
    """The first administrator of a village that has none: an account the township knows."""

    account = RegionOfficeForm.base_fields["account"]

    def __init__(self, *args: Any, village: Village, **options: Any) -> None:
        super().__init__(*args, **options)
        self.village = village
        self.user: User | None = None
        for name in ("role", "duty", "replaces"):
            del self.fields[name]
        self.order_fields(["account", "from_on", "until_on", "reason"])

    def clean_account(self) -> str:
        return clean_account(self)

    def office(self) -> Office:
        names = ("from_on", "until_on", "reason")
        said = {name: self.cleaned_data[name] for name in names}
        return Office(village=self.village, user=self.user, role=Role.VILLAGE_ADMIN, **said)


def clean_account(form: Any) -> str:
    """Put the account that was named on the form as `user`."""
    words = str(form.cleaned_data["account"])
    form.user = find_account(words)
    if form.user is None:
        raise forms.ValidationError(_("没有这个账号。请核对账号名或者手机号；还没有账号的，请运营人员先建。"))
    return words


class EndForm(forms.Form):
    reason = PlainTextField(label=_("依据"), max_length=200, help_text=_("例如“换届”“本人辞职”“某月某日会议决定”。"))

    def __init__(self, *args: Any, today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["on"] = DayField(
            label=_("从哪天起不再任职"), latest=today + AHEAD, initial=today,
            help_text=_("选今天，确认以后权限马上收回，开着的会议页面也会断开。"),
        )  # fmt: skip
        self.order_fields(["on", "reason"])
