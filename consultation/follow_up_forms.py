"""What people type about follow-ups: assigning one, reporting, handing over. Shapes and limits, no rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.models import Village
from ui.fields import PlainTextField

from .follow_ups import PHOTOS_MOST, Owner, Told, next_states, owners_in
from .forms import ResidentField
from .models import FollowUp
from .models.follow_ups import WHAT_MOST, WORDS_MOST
from .topic_forms import PhotosField, PhotosInput

_DAY = {"type": "date"}


class OwnerForm(forms.Form):
    """Who answers for it: one of those who hold an office, or somebody else of the roll by name."""

    def __init__(self, *arguments: Any, village: Village, on: datetime.date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.owners = owners_in(village, on=on)
        choices = [(ref, owner.name) for ref, owner in self.owners.items()]
        self.fields["owner"] = forms.ChoiceField(
            label=_("谁负责"), required=False, choices=[("", _("请选择")), *choices]
        )
        self.fields["other"] = ResidentField(
            village=village, label=_("或者填别的村（居）民的姓名"), required=False,
            help_text=_("先问过本人。名册上有同名的，姓名后加空格和出生年。"),
        )  # fmt: skip
        self.order_fields(["title", "owner", "other", "due", "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("owner")) == bool(data.get("other")):
            self.add_error("owner", _("请在上面选一位，或者在下面填一个姓名，两样选一样。"))
        return data

    def chosen(self) -> Owner:
        person = self.cleaned_data["other"]
        return Owner(person.name, person) if person else self.owners[self.cleaned_data["owner"]]


class AssignForm(OwnerForm):
    """One thing to be done after a meeting."""

    title = PlainTextField(
        label=_("要办的事"), max_length=WHAT_MOST, help_text=_("一件一件写，例如：石拱桥头错车道完工。大家都看得到。")
    )
    due = forms.DateField(label=_("什么时候办好"), widget=forms.DateInput(attrs=_DAY))


class HandOverForm(OwnerForm):
    """Somebody else does it, and why."""

    reason = PlainTextField(label=_("为什么换人"), max_length=200)


# In the words of who reports.
REPORTS = {
    FollowUp.State.DOING: _("正在办，说说进展"),
    FollowUp.State.DONE: _("办好了"),
    FollowUp.State.DELAYED: _("要延期"),
    FollowUp.State.DROPPED: _("不办了"),
}


class ReportForm(forms.Form):
    """How it goes."""

    words = PlainTextField(
        label=_("说明"), one_line=False, max_length=WORDS_MOST,
        help_text=_("办到哪一步了；延期、不办，写清为什么。大家都看得到，不要写住户的姓名、电话。"),
    )  # fmt: skip
    new_due = forms.DateField(
        label=_("改到哪天"), required=False, widget=forms.DateInput(attrs=_DAY), help_text=_("延期才填。")
    )
    photos = PhotosField(
        label=_("照片"), required=False,
        help_text=_("最多 4 张，jpg、png 或者 webp，本村（社区）的人看得到。不要拍到别人的脸。"),
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )  # fmt: skip

    def __init__(self, *arguments: Any, follow_up: FollowUp, committee: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        known = next_states(follow_up, committee=committee)
        words = dict(REPORTS)
        if not follow_up.is_open:
            words[FollowUp.State.DOING] = _("没办好，要返工")
            self.fields["new_due"].help_text = _("返工要办到哪天，可以不填。")
        self.fields["state"] = forms.ChoiceField(
            label=_("办得怎么样"), widget=forms.RadioSelect, choices=[(state, words[state]) for state in known],
            initial=known[0] if len(known) == 1 else None,
        )  # fmt: skip
        self.order_fields(["state"])

    def clean_photos(self) -> list[Any]:
        photos: list[Any] = self.cleaned_data["photos"]
        if len(photos) > PHOTOS_MOST:
            raise forms.ValidationError(_("照片最多 %(most)s 张。") % {"most": PHOTOS_MOST})
        return photos

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(FollowUp.State(data["state"]), data["words"], data["new_due"], data["photos"])
