"""What is filled in for the register, for points and for suggestions: shapes and limits, no rules."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import Household, Resident, Village
from ui.fields import PlainTextField, WholeNumberField

from .council import Figures
from .drafting import MOST_DAYS
from .making_forms import day_field, long_field
from .models import (
    NOTE_MOST,
    OBJECTION_MOST,
    POINTS_MOST,
    POINTS_NOTE_MOST,
    SUGGESTION_MOST,
    SUGGESTION_REASON_MOST,
    CeremonyEvent,
    EventKind,
    PointsCategory,
    RuleVersion,
)
from .opinions import places_of
from .point_categories import CategoryText, deciding_motions, deciding_versions

TABLES_MOST, DAYS_MOST, YUAN_MOST = 500, 30, 9_999_999
FOUND_MOST = 20  # households of one name


def household_words(home: Household) -> str:
    """Group, number and whose it is, for those who keep the village's books."""
    head = home.representative or next(iter(sorted(home.members.all(), key=lambda one: not one.is_head)), None)
    return f"{home.group} {home}" + (f" {head.name}" if head is not None else "")


class HouseholdForm(forms.Form):
    """A household by its number or somebody's name; of several that answer to it one is picked."""

    household = PlainTextField(
        label=_("哪一户"), max_length=60, help_text=_("写户号，或者这户一个人的姓名（拼音首字母也行）。")
    )
    which = forms.ChoiceField(label=_("是哪一户"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, village: Village, **options: Any) -> None:
        super().__init__(*args, **options)
        self.village = village
        self.homes = {home.pk: home for home in self._found()} if self.is_bound else {}
        which: Any = self.fields["which"]
        which.choices = [(str(pk), household_words(home)) for pk, home in self.homes.items()]
        if len(self.homes) < 2:
            del self.fields["which"]

    def _found(self) -> list[Household]:
        words = str(self.data.get(self.add_prefix("household"), "")).strip()[:60]
        if not words:
            return []
        standing = Household.objects.of(self.village).filter(until_on=None).select_related("group", "representative")
        standing = standing.prefetch_related("members")
        bare = words.removesuffix("户")  # untranslated: as households are written
        by_number = standing.filter(own_number=bare)
        if bare.isascii() and bare.isdigit() and len(bare) < 10:
            by_number = by_number | standing.filter(own_number="", number=int(bare))
        if by_number.exists():
            return list(by_number[:FOUND_MOST])
        people = Resident.objects.of(self.village).filter(until_on=None).named_like(words)
        return list(standing.filter(pk__in=people.values("household"))[:FOUND_MOST])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("household"):
            return cleaned
        if not self.homes:
            self.add_error("household", gettext("名册上没有找到。请写户号，或者写全姓名。"))
        elif len(self.homes) == 1:
            cleaned["home"] = next(iter(self.homes.values()))
        elif cleaned.get("which"):
            cleaned["home"] = self.homes[int(cleaned["which"])]
        elif "which" not in self.errors:
            self.add_error("which", gettext("有几户对得上，请选一户。"))
        return cleaned


def _count(label: Any, most: int, **options: Any) -> WholeNumberField:
    return WholeNumberField(label=label, most=most, required=False, **options)


class FiguresForm(forms.Form):
    """Numbers of an event; whatever nobody wants to say stays empty."""

    tables = _count(_("几桌"), TABLES_MOST)
    days = _count(_("几天"), DAYS_MOST)
    gift = _count(_("礼金一般多少（每份，元）"), YUAN_MOST)
    cost = _count(_("一共花多少（元）"), YUAN_MOST, help_text=_("不想写就空着。只用来算全村少花了多少，不写名字。"))

    def figures(self) -> Figures:
        return Figures(**{name: self.cleaned_data.get(name) for name in ("tables", "days", "gift", "cost")})


class EventForm(FiguresForm):
    """Registering an event of one's own household; of several, one is picked."""

    kind = forms.ModelChoiceField(
        label=_("什么事"), queryset=EventKind.objects.none(), to_field_name="key", empty_label=_("请选择")
    )
    on = day_field(_("哪一天"), help_text=_("办几天的，写第一天。"))
    field_order = ["person", "household", "which", "kind", "on", "tables", "days", "gift", "cost"]

    def __init__(self, *args: Any, people: Sequence[tuple[Household, Resident]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        kind: Any = self.fields["kind"]
        kind.queryset = EventKind.objects.filter(offered=True)
        self.people = {person.ref: person for _home, person in people}
        if len(self.people) > 1:
            choices = [(person.ref, f"{home} {person.name}") for home, person in people]
            self.fields["person"] = forms.ChoiceField(label=_("谁家的事"), choices=choices)
        self.order_fields(self.field_order)

    def person(self) -> Resident:
        ref = self.cleaned_data.get("person")
        return self.people[ref] if ref else next(iter(self.people.values()))


class CouncilEventForm(HouseholdForm, EventForm):
    """The same by the council or the committee, for any household."""

    helpers = forms.MultipleChoiceField(
        label=_("理事会谁去帮忙"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, *args: Any, council: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        offer_helpers(self, council)
        self.order_fields([*self.field_order, "helpers"])

    def chosen(self) -> list[Resident]:
        return [self.council[ref] for ref in self.cleaned_data["helpers"]]


def offer_helpers(form: Any, council: Sequence[Resident]) -> None:
    """Those who sit on the council; without any there is nothing to choose."""
    form.council = {one.ref: one for one in council}
    form.fields["helpers"].choices = [(one.ref, one.name) for one in council]
    if not council:
        form.fields["helpers"].help_text = gettext("还没有登记红白理事会的成员。")


class HelpersForm(forms.Form):
    helpers = forms.MultipleChoiceField(
        label=_("理事会谁去帮忙"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, *args: Any, event: CeremonyEvent, council: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        offer_helpers(self, council)
        self.initial.setdefault("helpers", [one.ref for one in event.helpers.all()])

    def chosen(self) -> list[Resident]:
        return [self.council[ref] for ref in self.cleaned_data["helpers"]]


class OutcomeForm(FiguresForm):
    """What it came to."""

    note = PlainTextField(label=_("备注"), max_length=NOTE_MOST, required=False, help_text=_("只有理事会、委员会看。"))

    def __init__(self, *args: Any, event: CeremonyEvent, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("tables", "days", "gift", "cost", "note"):
            self.initial.setdefault(name, getattr(event, name))


class WhyForm(forms.Form):
    reason = PlainTextField(label=_("为什么"), max_length=NOTE_MOST)


class CategoryForm(forms.Form):
    """A category as it was decided, and by what."""

    label = PlainTextField(label=_("为什么记"), max_length=40, help_text=_("例如“参加义务清塘”。"))
    kind = forms.ChoiceField(
        label=_("加分、扣分，还是表扬"), widget=forms.RadioSelect,
        choices=[("plus", _("加分")), ("minus", _("扣分")), ("praise", _("表扬（可以带加分）")),
                 ("end", _("以后不再用（只在改旧的一类时选）"))],
    )  # fmt: skip
    points = WholeNumberField(label=_("几分"), most=POINTS_MOST, required=False)
    below_zero = forms.BooleanField(label=_("会议定了：可以扣到零分以下"), required=False)
    note = PlainTextField(label=_("说明"), max_length=POINTS_NOTE_MOST, required=False)
    basis = forms.ChoiceField(label=_("谁定的"), help_text=_("已经通过的会议决定，或者正在施行的村规。"))
    from_on = day_field(_("从哪天起"))
    replaces = forms.ChoiceField(label=_("代替哪一类"), required=False)

    def __init__(self, *args: Any, village: Village, today: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.motions = {f"m{one.pk}": one for one in deciding_motions(village)}
        self.versions = {f"v{one.pk}": one for one in deciding_versions(village, on=today)}
        self.known = {
            str(one.number): one for one in PointsCategory.objects.of(village).filter(until_on=None, ends_it=False)
        }
        basis, replaces = self._choice("basis"), self._choice("replaces")
        basis.choices = [
            *((key, f"{one.meeting.title}：{one.text[:60]}") for key, one in self.motions.items()),
            *((key, str(one)) for key, one in self.versions.items()),
        ]
        replaces.choices = [("", _("不代替，是新的一类")), *((key, str(one)) for key, one in self.known.items())]

    def _choice(self, name: str) -> Any:
        return self.fields[name]

    def text(self) -> CategoryText:
        data = self.cleaned_data
        points, kind = data["points"] or 0, data["kind"]
        return CategoryText(
            label=data["label"], points={"minus": -points, "end": 0}.get(kind, points), note=data["note"],
            commends=kind == "praise", below_zero=data["below_zero"], ends_it=kind == "end",
        )  # fmt: skip

    def decided_by(self) -> dict[str, Any]:
        """The motion or the version that was picked, and the category it takes the place of."""
        key = self.cleaned_data["basis"]
        return {
            "motion": self.motions.get(key), "version": self.versions.get(key),
            "replaces": self.known.get(self.cleaned_data["replaces"]),
        }  # fmt: skip


class EntryForm(HouseholdForm):
    """A line of a household's points."""

    category = forms.ChoiceField(label=_("哪一类"))
    on = day_field(_("哪一天的事"))
    note = PlainTextField(
        label=_("说明"), max_length=POINTS_NOTE_MOST, required=False,
        help_text=_("只有这一户和办理的人看。不要写病情、欠款这些私事。"),
    )  # fmt: skip
    photo = forms.FileField(
        label=_("照片"), required=False, help_text=_("jpg、png 或者 webp，最多 20 MB。地点、手机型号会去掉。"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip

    def __init__(self, *args: Any, categories: Sequence[PointsCategory], **options: Any) -> None:
        super().__init__(*args, **options)
        self.categories = {str(one.number): one for one in categories}
        category: Any = self.fields["category"]
        category.choices = [("", _("请选择")), *((key, points_words(one)) for key, one in self.categories.items())]

    def clean_category(self) -> PointsCategory:
        return self.categories[self.cleaned_data["category"]]


def points_words(category: PointsCategory) -> str:
    """The category with its points in words."""
    if category.commends and not category.points:
        return gettext("%(label)s（表扬）") % {"label": category.label}
    facts = {"label": category.label, "points": abs(category.points)}
    if category.points < 0:
        return gettext("%(label)s（扣 %(points)s 分）") % facts
    return gettext("%(label)s（加 %(points)s 分）") % facts


class ObjectionForm(forms.Form):
    text = long_field(_("哪里不对"), OBJECTION_MOST)


class DecisionForm(forms.Form):
    """A decision on an objection."""

    upheld = forms.ChoiceField(
        label=_("说得对吗"), widget=forms.RadioSelect,
        choices=[("yes", _("成立：这一条改过来")), ("no", _("不成立：这一条不变"))],
    )  # fmt: skip
    reason = long_field(_("理由"), OBJECTION_MOST, help_text=_("这一户会看到。"))


class VoidForm(forms.Form):
    reason = long_field(_("为什么作废"), OBJECTION_MOST, help_text=_("这一户会看到，也可以提异议。"))


class SuggestionForm(forms.Form):
    """What should be amended, and why."""

    lineage = forms.ChoiceField(label=_("关于哪一条"), required=False)
    text = long_field(_("怎么改"), SUGGESTION_MOST, help_text=_("想改成什么样，要加什么、删什么。"))
    reason = long_field(_("为什么改"), SUGGESTION_REASON_MOST)

    def __init__(self, *args: Any, version: RuleVersion, people: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        lineage: Any = self.fields["lineage"]
        lineage.choices = [("", _("全文")), *((str(one.lineage), one.name) for one in places_of(version))]
        self.people = {person.ref: person for person in people}
        if len(people) > 1:
            choices = [(person.ref, person.name) for person in people]
            self.fields["person"] = forms.ChoiceField(label=_("谁提的"), choices=choices)

    def person(self) -> Resident:
        ref = self.cleaned_data.get("person")
        return self.people[ref] if ref else next(iter(self.people.values()))

    def clean_lineage(self) -> uuid.UUID | None:
        return uuid.UUID(self.cleaned_data["lineage"]) if self.cleaned_data["lineage"] else None


class SuggestionAnswerForm(forms.Form):
    """The committee's answer to a suggestion."""

    verdict = forms.ChoiceField(
        label=_("怎么办"), widget=forms.RadioSelect,
        choices=[("take_up", _("采纳：另起一版，开始征集民意")), ("decline", _("不修订"))],
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("征集几天"), min_value=1, max_value=MOST_DAYS, initial=15, required=False,
        help_text=_("采纳才用填。已经有一版在征求意见的，就并到那一版里，不用填。"),
    )  # fmt: skip
    answer = long_field(_("答复和理由"), SUGGESTION_REASON_MOST, help_text=_("会公布。不要写提出人的名字。"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verdict") == "take_up" and not cleaned.get("days") and "days" not in self.errors:
            cleaned["days"] = 15
        return cleaned
