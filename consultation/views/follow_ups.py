"""Follow-ups: the village's list, one of them, assigning, reporting, handing over, rating."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation import follow_ups as rules
from consultation.errors import MeetingError, PhotoRefused
from consultation.follow_up_forms import AssignForm, HandOverForm, ReportForm
from consultation.models import FollowUp, FollowUpRating, Meeting
from consultation.pictures import token_of
from residents.models import Village
from residents.rights import Act, Letter, letters_of
from residents.views.doors import village_door
from residents.views.roll_doors import trail
from ui.answers import STATUS, refuse, wants_json
from ui.limits import too_many_uploads, too_often

from .places import inside_of, may_do, place_of

ROWS = 30
PRINTED_MOST = 300
REPORTS_AN_HOUR = 20
RATINGS_A_MINUTE = 30


def _list_trail(village: Village) -> list[tuple[str, str]]:
    return trail(village, (_("落实事项"), reverse("consultation:follow_ups", args=[village.slug])))


def _shown(village: Village, letters: frozenset[Letter]) -> Any:
    mine = FollowUp.objects.of(village).select_related("village", "meeting")
    return mine if inside_of(letters) else mine.public()


def _find(village: Village, number: int, letters: frozenset[Letter]) -> FollowUp:
    return get_object_or_404(_shown(village, letters), number=number)


def _rows(found: Sequence[FollowUp], village: Village, *, inside: bool) -> list[rules.Shown]:
    return rules.shown(found, inside=inside, on=village.local_date(timezone.now()))


@never_cache
@require_safe
def follow_ups(request: HttpRequest, village: str) -> HttpResponse:
    """What is still to be done comes first, what is due first before the rest; the other tab has what is over."""
    place, letters = place_of(request, village)
    inside = inside_of(letters)
    today = place.local_date(timezone.now())
    mine = _shown(place, letters)
    over = request.GET.get("show") == "over"
    chosen = (
        mine.exclude(state__in=FollowUp.OPEN).order_by("-ended_at", "-number")
        if over
        else rules.by_urgency(mine.open())
    )
    context = {
        "village": place,
        "inside": inside,
        "over": over,
        "counts": rules.counts_of(mine, on=today),
    }
    if "print" in request.GET:
        found = list(chosen[:PRINTED_MOST])
        context |= {"rows": _rows(found, place, inside=inside), "today": today}
        return render(request, "consultation/print/follow_ups.html", context)
    page = Paginator(chosen, ROWS).get_page(request.GET.get("page"))
    context |= {
        "trail": trail(place),
        "page": page,
        "query": "show=over" if over else "",
        "rows": _rows(list(page.object_list), place, inside=inside),
    }
    return render(request, "consultation/follow_ups/follow_ups.html", context)


@never_cache
@require_safe
def follow_up(request: HttpRequest, village: str, number: int) -> HttpResponse:
    """One of them, with all that was reported."""
    place, letters = place_of(request, village)
    found = _find(place, number, letters)
    return render(request, "consultation/follow_ups/follow_up.html", _told(request, found, letters))


def _told(request: HttpRequest, found: FollowUp, letters: frozenset[Letter]) -> dict[str, Any]:
    inside = inside_of(letters)
    (row,) = _rows([found], found.village, inside=inside)
    reports = found.reports.prefetch_related("photos").order_by("-number")
    done = found.state == FollowUp.State.DONE
    counts = rules.ratings_of(found) if done else {}
    return {
        "village": found.village,
        "trail": _list_trail(found.village),
        "item": found,
        "owner": row.owner,
        "overdue": row.overdue,
        "inside": inside,
        "reports": [
            {"line": one, "photos": [token_of(photo) for photo in one.photos.all()] if inside else []}
            for one in reports
        ],
        "ratings": [
            (key, FollowUpRating.Answer(key).label, number) for key, number in counts.items()
        ],
        "rated": sum(counts.values()),
        "raters": _raters(request, found) if done and inside else [],
        "may_report": inside and request.user.is_authenticated and rules.may_report(request.user, found)
        and bool(rules.next_states(found, committee=may_do(letters, Act.FOLLOW_UP))),
        "may_hand_over": may_do(letters, Act.FOLLOW_UP) and found.is_open,
    }  # fmt: skip


def _raters(request: HttpRequest, found: FollowUp) -> list[dict[str, Any]]:
    """Each person of the account with the answer given so far."""
    people = rules.raters_of(request.user, found.village, on=found.village.local_date(timezone.now()))
    given = dict(found.ratings.filter(resident__in=people).values_list("resident", "answer"))
    return [{"person": person, "answer": given.get(person.pk, "")} for person in people if person.pk != found.owner_id]


@village_door("GET", "POST", act=Act.FOLLOW_UP)
@never_cache
def assign(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The committee puts down what the meeting promised; what is refused stays in the form."""
    meeting = get_object_or_404(Meeting.objects.of(village).select_related("village"), number=number)
    back = meeting.address("meeting")
    form = AssignForm(request.POST or None, village=village, on=village.local_date(timezone.now()))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = rules.assign_follow_up(
                    meeting, title=data["title"], owner=form.chosen(), due=data["due"], by=request.user
                )
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("记下了：%(title)s，由%(name)s负责。") % {
                    "title": made.title, "name": made.owner_name})  # fmt: skip
                here = reverse("consultation:assign_follow_up", args=[village.slug, meeting.number])
                return HttpResponseRedirect(here if "again" in request.POST else f"{back}#follow-ups", status=303)
    context = {
        "village": village,
        "meeting": meeting,
        "trail": trail(village, (meeting.title, back)),
        "form": form,
        "made": _rows(list(rules.by_urgency(meeting.follow_ups.select_related("village"))), village, inside=True),
        "back": back,
    }
    return render(request, "consultation/follow_ups/assign.html", context, status=status)


@village_door("GET", "POST")
@never_cache
def report(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Who answers for it, or the committee, says how it goes; what is refused stays, but for the photos."""
    letters = letters_of(request.user, village)
    found = _find(village, number, letters)
    here = found.get_absolute_url()
    try:
        rules.require_reporter(request.user, found)
    except MeetingError as error:
        return refuse(request, error.code, str(error.message), back=here)
    committee = may_do(letters, Act.FOLLOW_UP)
    if not rules.next_states(found, committee=committee):
        messages.info(request, _("这件事已经办结了。"))
        return HttpResponseRedirect(here, status=303)
    form = ReportForm(request.POST or None, request.FILES or None, follow_up=found, committee=committee)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if too_often(f"report:{request.user.pk}", limit=REPORTS_AN_HOUR, seconds=3600) or (
                request.FILES and too_many_uploads(request.user.pk)
            ):
                form.add_error(None, _("报得太多了，请过一小时再报。"))
                status = STATUS["slow_down"]
            else:
                try:
                    rules.report(found, form.told(), by=request.user)
                except MeetingError as error:
                    field = "photos" if isinstance(error, PhotoRefused) else error.field
                    form.add_error(field if field in form.fields else None, str(error.message))
                    status = STATUS[error.code]
                else:
                    messages.success(request, _("报好了，大家都看得到。"))
                    return HttpResponseRedirect(here, status=303)
    context = _told(request, found, letters) | {
        "trail": [*_list_trail(village), (found.title, here)],
        "form": form,
    }
    return render(request, "consultation/follow_ups/report.html", context, status=status)


@village_door("GET", "POST", act=Act.FOLLOW_UP)
@never_cache
def hand_over(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Somebody else does it from now on."""
    found = _find(village, number, letters_of(request.user, village))
    here = found.get_absolute_url()
    form = HandOverForm(request.POST or None, village=village, on=village.local_date(timezone.now()))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rules.hand_over(found, owner=form.chosen(), reason=form.cleaned_data["reason"], by=request.user)
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("换好了。"))
                return HttpResponseRedirect(here, status=303)
    context = {"village": village, "item": found, "trail": [*_list_trail(village), (found.title, here)], "form": form}
    return render(request, "consultation/follow_ups/hand_over.html", context, status=status)


@village_door("POST")
def rate(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """What a person of the village thinks of what was done; which one, where the account acts for several."""
    found = _find(village, number, letters_of(request.user, village))
    here = found.get_absolute_url()
    if too_often(f"rate:{request.user.pk}", limit=RATINGS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=here, retry_after=60)
    people = {one.ref: one for one in rules.raters_of(request.user, village, on=village.local_date(timezone.now()))}
    person = people.get(request.POST.get("person", ""))
    if person is None:
        return refuse(request, "forbidden", _("评价的人要在本村（社区）的名册上。"), back=here)
    try:
        rules.rate(found, person=person, answer=request.POST.get("answer", ""), by=request.user)
    except MeetingError as error:
        if wants_json(request):
            return refuse(request, error.code, str(error.message), field=error.field, back=here)
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("评好了，谢谢。想改可以再评一次。"))
    return HttpResponseRedirect(f"{here}#ratings", status=303)
