"""Petitions: the list and one of them for everybody, signing for the village, names and lists for few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation import petition_reads, petition_sheets
from consultation import petitions as rules
from consultation.errors import MeetingError, NotAllowed, PhotoRefused
from consultation.models import Petition, PetitionSheet, PetitionSignature
from consultation.people import people_of
from consultation.petition_forms import PetitionForm, SignedListForm, VoidForm, way_label
from consultation.petition_reads import Way
from consultation.pictures import token_of
from residents.models import Appointment, Resident, Role, Village
from residents.models.people import adult_since
from residents.rights import Act, granting, letters_of
from residents.views.doors import village_door
from residents.views.roll_doors import trail
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads, too_often

from .doors import refused_back
from .places import inside_of, may_do, place_of

ROWS = 20
LINES_OF_A_LIST = 25  # what a sheet of A4 holds on both sides, beside the matter
SIGNS_A_MINUTE = 30
PETITIONS_A_DAY = 5


def _list_trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail(village, (_("请求召开会议"), reverse("consultation:petitions", args=[village.slug])), *more)


def _find(village: Village, number: int) -> Petition:
    found = Petition.objects.of(village).select_related(
        "village__region", "preset__law", "meeting__village", "started_by"
    )
    return get_object_or_404(found, number=number)


@never_cache
@require_safe
def petitions(request: HttpRequest, village: str) -> HttpResponse:
    """All of them: which meeting, how many of how many; what for is told the village."""
    place, letters = place_of(request, village)
    today = place.local_date(timezone.now())
    mine = Petition.objects.of(place).select_related("village", "preset", "meeting")
    page = Paginator(mine, ROWS).get_page(request.GET.get("page"))
    counts = petition_reads.counts_of(page.object_list)
    context = {
        "village": place,
        "trail": trail(place),
        "inside": inside_of(letters),
        "page": page,
        "rows": [{"petition": one, "count": counts.get(one.pk, 0), "overdue": one.is_overdue(today)} for one in page],
        "ways": [way_label(way) for way in petition_reads.ways_for(place, on=today)],
        "may_start": may_do(letters, Act.JOIN_MEETING) and place.merged_into_id is None,
    }
    return render(request, "consultation/petitions/petitions.html", context)


@never_cache
@require_safe
def petition(request: HttpRequest, village: str, number: int) -> HttpResponse:
    """The counter, and once it is reached the last day, for everybody."""
    place, letters = place_of(request, village)
    found = _find(place, number)
    inside = inside_of(letters)
    today = place.local_date(timezone.now())
    count = petition_reads.signed_count(found)
    enters = bool(granting(letters, Act.ENTER_SIGNATURES))
    context = {
        "village": place,
        "trail": _list_trail(place),
        "petition": found,
        "inside": inside,
        "way": way_label(Way.of(found)),
        "count": count,
        "missing": max(0, found.needed - count),
        "overdue": found.is_overdue(today),
        "people": _own(request, found) if inside and found.is_open else [],
        "own": inside and petition_reads.started_by(found, request.user),
        "enters": enters and found.is_open,
        "sheets": _waiting_sheets(found) if enters else [],
        "prints": inside and found.is_open and may_do(letters, Act.JOIN_MEETING),
        "reads_names": may_do(letters, Act.READ_SIGNATURES),
        "may_call": found.is_waiting and found.meeting is None and may_do(letters, Act.CALL_MEETING),
    }
    return render(request, "consultation/petitions/petition.html", context)


def _waiting_sheets(found: Petition) -> list[PetitionSheet]:
    return list(found.sheets.filter(state=PetitionSheet.State.ENTERED).order_by("number"))


def _own(request: HttpRequest, found: Petition) -> list[dict[str, Any]]:
    """Each person of the account who may count: whether they signed, or the button to. The rule itself looks again."""
    on = found.village.local_date(found.started_at)
    people = [person for person in people_of(request.user, found.village, on=on) if _counts(person, found, on)]
    given = petition_reads.given_by(found, people)
    return [{"person": person, "signature": given.get(person.pk)} for person in people]


def _counts(person: Resident, found: Petition, on: Any) -> bool:
    if found.ground == Petition.Ground.REPRESENTATIVES:
        held = Appointment.objects.of(found.village).current(on)
        return held.filter(resident=person, role=Role.REPRESENTATIVE).exists()
    if found.preset.electorate == "households" and person.household.representative_id != person.pk:
        return False
    adult = person.born_on is not None and person.born_on <= adult_since(on)
    return adult and (person.is_local or found.village.is_community)


@village_door("GET", "POST", act=Act.JOIN_MEETING)
@never_cache
def new(request: HttpRequest, village: Village) -> HttpResponse:
    """Start one; what is refused stays in the form."""
    today = village.local_date(timezone.now())
    back = reverse("consultation:petitions", args=[village.slug])
    people = people_of(request.user, village, on=today)
    if not people:
        error = NotAllowed(_("要先和名册上的人对上，才能发起、签名。请到“我的”里说一声您是谁。"))
        return refuse(request, error.code, str(error.message), back=back)
    form = PetitionForm(request.POST or None, village=village, people=people, today=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if too_often(f"petition:{request.user.pk}", limit=PETITIONS_A_DAY, seconds=86_400):
                return refuse(
                    request, "slow_down", _("今天发起得够多了，请明天再来。"), back=back, retry_after=3600
                )  # fmt: skip
            data = form.cleaned_data
            try:
                made = rules.start(
                    village=village, person=form.person(), way=form.way(), title=data["title"], reason=data["reason"],
                    by=request.user,
                )  # fmt: skip
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("发起好了。请大家来签名，够数了就要召集会议。"))
                return HttpResponseRedirect(made.get_absolute_url(), status=303)
    context = {"village": village, "trail": _list_trail(village), "form": form}
    return render(request, "consultation/petitions/new.html", context, status=status)


def _act(
    request: HttpRequest, village: Village, number: int, act: Callable[[Petition, Resident], None]
) -> HttpResponse:
    """Do it for the person whose reference was sent; with a single one there is nothing to choose."""
    found = _find(village, number)
    back = found.get_absolute_url()
    if too_often(f"sign:{request.user.pk}", limit=SIGNS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=back, retry_after=60)
    people = people_of(request.user, village, on=village.local_date(timezone.now()))
    sent = request.POST.get("person", "")
    chosen = [person for person in people if person.ref == sent] if sent or len(people) > 1 else people
    try:
        if not chosen:
            raise NotAllowed(_("您不能替这个人签名。请到“我的”里看看您替谁办事。"))
        act(found, chosen[0])
    except MeetingError as error:
        return refused_back(request, error, back)
    return HttpResponseRedirect(back, status=303)


@village_door("POST", act=Act.JOIN_MEETING)
def sign(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: Petition, person: Resident) -> None:
        new = rules.sign(found, person=person, by=request.user)
        said = _("%(name)s签名了。") if new else _("%(name)s已经签过名了，一个人只算一次。")
        messages.success(request, said % {"name": person.name})

    return _act(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def take_back(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: Petition, person: Resident) -> None:
        rules.take_back(found, person=person)
        messages.success(request, _("%(name)s的签名撤回了。") % {"name": person.name})

    return _act(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def withdraw(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    found = _find(village, number)
    try:
        rules.withdraw(found, by=request.user)
    except MeetingError as error:
        return refused_back(request, error, found.get_absolute_url())
    messages.success(request, _("请求撤回了。"))
    return HttpResponseRedirect(found.get_absolute_url(), status=303)


@village_door("GET", act=Act.JOIN_MEETING)
def signing_list(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The list to be signed by hand: what for, and empty lines; nobody's name is on it beforehand."""
    found = _find(village, number)
    if not found.is_open:
        messages.info(request, _("这件请求已经有结果了，不用再签名。"))
        return redirect(found.get_absolute_url())
    context = {
        "village": village,
        "trail": _list_trail(village, (str(found.number), found.get_absolute_url())),
        "petition": found,
        "way": way_label(Way.of(found)),
        "lines": range(1, LINES_OF_A_LIST + 1),
        "page_url": settings.PUBLIC_URL + found.get_absolute_url(),
    }
    return render(request, "consultation/print/petition_list.html", context)


@village_door("GET", act=Act.READ_SIGNATURES)
@never_cache
def signatures(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Who signed, for the committee and the supervisors."""
    found = _find(village, number)
    context = {
        "village": village,
        "trail": _list_trail(village, (str(found.number), found.get_absolute_url())),
        "petition": found,
        "signatures": petition_reads.signatures_of(found),
        "voids": found.is_open and bool(granting(letters_of(request.user, village), Act.VOID_SIGNATURE)),
    }
    return render(request, "consultation/petitions/signatures.html", context)


@village_door("GET", "POST", act=Act.ENTER_SIGNATURES)
@never_cache
def enter_sheet(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Type a list signed by hand; a refusal keeps the names, not the photos."""
    found = _find(village, number)
    if not found.is_open:
        messages.info(request, _("这件请求已经有结果了。"))
        return redirect(found.get_absolute_url())
    form = SignedListForm(request.POST or None, request.FILES or None, village=village)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if too_many_uploads(request.user.pk):
                return refuse(request, "slow_down", _("一小时最多上传 20 次，请过一会儿再试。"), retry_after=3600)
            data = form.cleaned_data
            try:
                petition_sheets.enter_sheet(found, people=data["names"], photos=data["photos"], by=request.user)
            except MeetingError as error:
                field = "photos" if isinstance(error, PhotoRefused) else error.field
                form.add_error(field if field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("录好了。请另一位对着照片核对，核对以后才算数。"))
                return HttpResponseRedirect(found.get_absolute_url(), status=303)
    context = {
        "village": village,
        "trail": _list_trail(village, (str(found.number), found.get_absolute_url())),
        "petition": found,
        "form": form,
    }
    return render(request, "consultation/petitions/enter_sheet.html", context, status=status)


@village_door("GET", "POST", act=Act.ENTER_SIGNATURES)
@never_cache
def sheet(request: HttpRequest, village: Village, number: int, sheet: int) -> HttpResponse:
    """A second person ticks the names that stand on the photo."""
    found = _find(village, number)
    line = get_object_or_404(found.sheets.select_related("petition__village"), number=sheet)
    if line.state != PetitionSheet.State.ENTERED:
        messages.info(request, _("这张签名单已经核对过了。"))
        return redirect(found.get_absolute_url())
    if request.method == "POST":
        numbers = {int(one) for one in request.POST.getlist("found") if one.isdecimal() and len(one) < 7}
        try:
            done = petition_sheets.decide_sheet(line, found=numbers, by=request.user)
        except MeetingError as error:
            return refused_back(request, error, request.path)
        kept = done.signatures.count()
        messages.success(request, _("核对好了，%(count)s 个签名算数。") % {"count": kept})
        return HttpResponseRedirect(found.get_absolute_url(), status=303)
    given = line.signatures.select_related("resident__household__group").order_by("number")
    context = {
        "village": village,
        "trail": _list_trail(village, (str(found.number), found.get_absolute_url())),
        "petition": found,
        "sheet": line,
        "mine": line.entered_by_id == request.user.pk,
        "signatures": given,
        "photos": [token_of(photo) for photo in line.photos.order_by("pk")],
    }
    return render(request, "consultation/petitions/sheet.html", context)


@village_door("GET", "POST", act=Act.VOID_SIGNATURE, step_up=True)
@never_cache
def void(request: HttpRequest, village: Village, number: int, signature: int) -> HttpResponse:
    """One supervisor proposes, another confirms among what waits for a second person."""
    found = _find(village, number)
    given = PetitionSignature.objects.of(village).filter(petition=found, number=signature)
    line = given.select_related("petition__village", "petition__meeting", "resident").first()
    if line is None:
        raise Http404
    form = VoidForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                petition_sheets.propose_void(line, reason=form.cleaned_data["reason"], by=request.user)
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("已提交。请另一位监督委员在“待确认事项”里核对、确认。"))
                return redirect("residents:proposals", village=village.slug)
    context = {
        "village": village,
        "trail": _list_trail(village, (str(found.number), found.get_absolute_url())),
        "petition": found,
        "signature": line,
        "form": form,
    }
    return render(request, "consultation/petitions/void.html", context, status=status)
