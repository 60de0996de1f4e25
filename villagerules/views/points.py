"""Points: the own household's ledger, and the committee's work at two. Who else asks finds nothing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from consultation.views.photos import HEADERS
from residents.forms import ReasonForm
from residents.models import Village
from residents.rights import Act, may
from residents.views.doors import village_door
from ui.answers import refuse
from ui.limits import too_many_uploads, too_often
from villagerules import carrying_forms as forms
from villagerules import objections, point_categories, points, points_reads
from villagerules.models import PointsEntry, PointsObjection

from .carrying_doors import Refusal, blank, carry_out, carrying_trail, homes_of, member_of, told_back
from .doors import back_to

OBJECTIONS_A_DAY = 5


def _points_page(village: Village) -> tuple[str, str]:
    return (_("积分和表扬"), reverse("villagerules:points", args=[village.slug]))


@village_door("GET", act=Act.READ_VILLAGE_ONLY)
@never_cache
def own_points(request: HttpRequest, village: Village) -> HttpResponse:
    """The ledgers of the account's own households; beside them what the committee or the supervisors have to do."""
    today = village.local_date(timezone.now())
    context = {
        "village": village,
        "trail": carrying_trail(village),
        "ledgers": [points_reads.ledger_of(home, on=today) for home, _person in homes_of(request, village)],
        "today": today,
        "enters": may(request.user, Act.ENTER_POINTS, village),
        "sets": may(request.user, Act.SET_POINTS, village),
        "to_confirm": points_reads.to_confirm(request.user, village),
        "to_decide": points_reads.to_decide(request.user, village),
    }
    return render(request, "villagerules/carrying/points.html", context)


@village_door("GET", "POST", act=Act.ENTER_POINTS)
@never_cache
def enter(request: HttpRequest, village: Village) -> HttpResponse:
    """One of the two enters a line."""
    today = village.local_date(timezone.now())
    categories = list(points_reads.categories_of(village, on=today))
    form = forms.EntryForm(
        request.POST or None, request.FILES or None, village=village, categories=categories, initial={"on": today}
    )

    def page(bound: Any, status: int) -> HttpResponse:
        context = {
            "village": village,
            "trail": carrying_trail(village, _points_page(village)),
            "form": bound,
            "categories": categories,
        }
        return render(request, "villagerules/carrying/enter_points.html", context, status=status)

    if request.method != "POST":
        return page(form, 200)
    if request.FILES and too_many_uploads(request.user.pk):
        return refuse(request, "slow_down", _("照片传得太多了，请过一小时再传。"), retry_after=3600)

    def do() -> None:
        asked = form.cleaned_data
        points.enter_points(
            village=village, household=asked["home"], category=asked["category"], on=asked["on"], note=asked["note"],
            photo=asked["photo"], by=request.user,
        )  # fmt: skip

    back = reverse("villagerules:points", args=[village.slug])
    return carry_out(request, form, do, done=_("提交了。请另一位委员确认，确认以后才算数。"), back=back, page=page)


@village_door("GET", "POST", act=Act.SET_POINTS)
@never_cache
def categories(request: HttpRequest, village: Village) -> HttpResponse:
    """What points are given for, and a new line by a decision."""
    today = village.local_date(timezone.now())
    form = forms.CategoryForm(request.POST or None, village=village, today=today, initial={"from_on": today})

    def page(bound: Any, status: int) -> HttpResponse:
        context = {
            "village": village,
            "trail": carrying_trail(village, _points_page(village)),
            "form": bound,
            "categories": points_reads.categories_of(village, on=today),
        }
        return render(request, "villagerules/carrying/categories.html", context, status=status)

    if request.method != "POST":
        return page(form, 200)

    def do() -> None:
        point_categories.set_category(
            village, form.text(), from_on=form.cleaned_data["from_on"], by=request.user, **form.decided_by()
        )

    return carry_out(request, form, do, done=_("记好了。"), back=request.path, page=page)


def _find(request: HttpRequest, village: Village, number: int) -> PointsEntry:
    """For its household once it is confirmed, for the committee, and for the supervisors once it came to them."""
    known = PointsEntry.objects.of(village).select_related(
        "village", "household__group", "household__representative", "household__village", "category", "photo",
        "proposal__proposed_by", "proposal__decided_by", "corrects__village", "named_by",
    )  # fmt: skip
    found = get_object_or_404(known, number=number)
    own = {home.pk for home, _person in homes_of(request, village)}
    mine = found.entered_at is not None and found.household_id in own
    appealed = found.objections.filter(stage=PointsObjection.Stage.SUPERVISORS).exists()
    if not (
        mine
        or may(request.user, Act.ENTER_POINTS, village)
        or (appealed and may(request.user, Act.DECIDE_APPEAL, village))
    ):
        raise Http404
    return found


@village_door("GET", act=Act.READ_VILLAGE_ONLY)
@never_cache
def entry(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """One line, with what may be done about it now."""
    return _page(request, _find(request, village, number))


def _page(
    request: HttpRequest, found: PointsEntry, typed: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    village = found.village
    today = village.local_date(timezone.now())
    mine = any(home.pk == found.household_id for home, _person in homes_of(request, village))
    enters = may(request.user, Act.ENTER_POINTS, village)
    proposal = found.proposal
    waiting = proposal is not None and PointsEntry.objects.of(village).waiting().filter(pk=found.pk).exists()
    proposed_by_me = proposal is not None and proposal.proposed_by_id == request.user.pk
    decides = next((one for one in points_reads.to_decide(request.user, village) if one.entry_id == found.pk), None)
    context = {
        "village": village,
        "trail": carrying_trail(village, _points_page(village)),
        "entry": found,
        "words": forms.points_words(found.category),
        "home_words": forms.household_words(found.household),
        "mine": mine,
        "enters": enters,
        "waiting": waiting,
        "proposed_by_me": proposed_by_me,
        "may_confirm": waiting and enters and points.is_other(request.user, found),
        "may_void": enters and found.is_valid and points.is_other(request.user, found),
        "objections": list(found.objections.select_related("resident", "decided_by")),
        "stage": objections.next_stage(found, on=today) if mine else None,
        "decides": decides,
        "today": today,
        "reason_form": blank(ReasonForm),
        "objection_form": blank(forms.ObjectionForm),
        "decision_form": blank(forms.DecisionForm),
        "void_form": blank(forms.VoidForm),
        **(typed or {}),
    }
    return render(request, "villagerules/carrying/points_entry.html", context, status=status)


@village_door("POST", act=Act.ENTER_POINTS)
def settle(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The second person confirms or sends back; who entered it withdraws."""
    found = _find(request, village, number)
    accept = request.POST.get("answer") == "confirm"
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    own = found.proposal is not None and found.proposal.proposed_by_id == request.user.pk
    if not accept and not own and not note:
        form.add_error("reason", _("退回时请写明原因，好让提出的人知道怎么改。"))
        return _page(request, found, {"reason_form": form}, status=422)
    try:
        points.settle(found, by=request.user, accept=accept, note=note)
    except Refusal as error:
        return told_back(request, error, found.get_absolute_url())
    return back_to(found.get_absolute_url())


@village_door("POST", act=Act.ENTER_POINTS)
def void(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    found = _find(request, village, number)
    form = forms.VoidForm(request.POST)
    return carry_out(
        request, form, lambda: points.void_entry(found, reason=form.cleaned_data["reason"], by=request.user),
        done=_("作废了，这一条和理由都留着。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"void_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.READ_VILLAGE_ONLY)
def object_to(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The household says what is wrong."""
    found = _find(request, village, number)
    form = forms.ObjectionForm(request.POST)
    if too_often(f"objection:{request.user.pk}", limit=OBJECTIONS_A_DAY, seconds=86_400):
        return refuse(request, "slow_down", _("今天提得够多了，请明天再提。"), retry_after=3600)

    def do() -> None:
        person = member_of(request, village, found.household_id)
        objections.object_to(found, text=form.cleaned_data["text"], person=person, by=request.user)

    return carry_out(
        request, form, do, done=_("收到了。会由没有经手的人来决定，理由写给您看。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"objection_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.DECIDE_OBJECTION, or_act=Act.DECIDE_APPEAL)
def decide(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Whoever is none of the two decides on the objection that waits."""
    found = _find(request, village, number)
    asked = found.objections.filter(upheld__isnull=True).order_by("pk").last()
    if asked is None:
        return refuse(request, "wrong_state", _("没有等决定的异议。"), back=found.get_absolute_url())
    form = forms.DecisionForm(request.POST)

    def do() -> None:
        data = form.cleaned_data
        objections.decide_objection(asked, upheld=data["upheld"] == "yes", reason=data["reason"], by=request.user)

    return carry_out(
        request, form, do, done=_("决定好了。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"decision_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.READ_VILLAGE_ONLY)
def name(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The household lets its commendation be published under its name, or no longer."""
    found = _find(request, village, number)
    try:
        person = member_of(request, village, found.household_id)
        points.agree_to_name(found, person=person, agreed=request.POST.get("agreed") == "yes")
    except Refusal as error:
        return told_back(request, error, found.get_absolute_url())
    return back_to(found.get_absolute_url())


@village_door("GET", act=Act.READ_VILLAGE_ONLY)
@never_cache
def photo(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """A line's photo, for whom the line is."""
    found = _find(request, village, number)
    if found.photo is None:
        raise Http404
    try:
        with found.photo.file.open("rb") as file:
            return HttpResponse(file.read(), content_type="image/jpeg", headers=HEADERS)
    except FileNotFoundError as error:
        raise Http404 from error
