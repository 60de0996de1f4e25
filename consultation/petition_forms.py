"""What people type into a petition: starting one, a list signed by hand, a signature that is not that person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField

from .forms import ResidentField
from .models import Petition
from .models.petitions import REASON_MOST, TITLE_MOST
from .petition_reads import Way, ways_for
from .petition_sheets import A_SHEET_MOST, PHOTOS_MOST
from .topic_forms import PhotosField, PhotosInput


def way_label(way: Way) -> str:
    """村民会议：十分之一以上的村民请求 – in figures, as the law has them."""
    who = gettext("代表") if way.ground == Petition.Ground.REPRESENTATIVES else _residents(way)
    return gettext("%(body)s：%(num)s/%(den)s 以上的%(who)s请求就要召开") % {
        "body": way.preset.body_name, "num": way.share.num, "den": way.share.den, "who": who,
    }  # fmt: skip


def _residents(way: Way) -> str:
    if way.preset.electorate == "households":
        return gettext("户代表")
    return gettext("成年居民") if way.preset.applies_to == Village.Kind.COMMUNITY else gettext("成年村民")


class PetitionForm(forms.Form):
    """Which meeting, about what, and why."""

    title = PlainTextField(label=_("要商量什么"), max_length=TITLE_MOST, help_text=_("一句话，例如：旧学校怎么用。"))
    reason = PlainTextField(
        label=_("为什么要开会"), one_line=False, max_length=REASON_MOST,
        help_text=_("村里的人看得到。别写别人的私事。"),
    )  # fmt: skip

    def __init__(self, *arguments: Any, village: Village, people: Sequence[Resident], today: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.people = {person.ref: person for person in people}
        self.ways = {way.key: way for way in ways_for(village, on=today)}
        self.fields["way"] = forms.ChoiceField(
            label=_("要开什么会、由谁请求"), widget=forms.RadioSelect,
            choices=[(key, way_label(way)) for key, way in self.ways.items()],
        )  # fmt: skip
        if len(people) > 1:
            self.fields["person"] = forms.ChoiceField(
                label=_("谁发起"), choices=[(person.ref, person.name) for person in people]
            )
        self.order_fields(["way", "title", "reason", "person"])

    def person(self) -> Resident:
        ref = self.cleaned_data.get("person")
        return self.people[ref] if ref else next(iter(self.people.values()))

    def way(self) -> Way:
        return self.ways[self.cleaned_data["way"]]


class SignedListForm(forms.Form):
    """The names on a list signed by hand, and its photo."""

    names = PlainTextField(
        label=_("签名单上的人"), one_line=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("一行一个人，写姓名；重名的在后面加空格和出生年，或者几组。"),
    )  # fmt: skip
    photos = PhotosField(
        label=_("签名单的照片"), help_text=_("一到 4 张，拍清楚每一个签名。"),
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )  # fmt: skip

    def __init__(self, *arguments: Any, village: Village, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.village = village

    def clean_names(self) -> list[Resident]:
        """The people, each line found on the roll or said to be unclear."""
        lines = [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(lines) > A_SHEET_MOST:
            raise forms.ValidationError(_("一次最多录 %(most)s 个人，请分几次录。") % {"most": A_SHEET_MOST})
        reader = ResidentField(village=self.village)
        people: list[Resident] = []
        wrong: list[str] = []
        for line in lines:
            try:
                person = reader.clean(line)
            except forms.ValidationError as error:
                wrong += error.messages
            else:
                people += [person] if person is not None else []
        if wrong:
            raise forms.ValidationError(wrong[:10])
        return people

    def clean_photos(self) -> list[Any]:
        photos = self.cleaned_data["photos"]
        if len(photos) > PHOTOS_MOST:
            raise forms.ValidationError(_("照片最多 %(most)s 张。") % {"most": PHOTOS_MOST})
        return photos


class VoidForm(forms.Form):
    reason = PlainTextField(
        label=_("为什么无效"), max_length=200, help_text=_("例如：本人说没有签过；不是本人签的。不要写姓名。")
    )
