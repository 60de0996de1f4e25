"""What two officers decide about a vote: said by one on the motion's own page, agreed to by another there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from consultation import settling
from consultation.eligibility import may_settle
from consultation.errors import MeetingError
from consultation.forms import CorrectionForm, SettlingForm
from consultation.models import Meeting, Motion
from residents.models import Proposal, User
from residents.rights import Letter
from residents.two_people import TwoPeopleError, decide
from ui.answers import refuse

from .doors import Factor, by_office, by_supervision, door
from .meeting import trail


def _held(user: User, meeting: Meeting) -> frozenset[Letter]:
    return by_office(user, meeting) | by_supervision(user, meeting)


def _page(request: HttpRequest, motion: Motion, *, status: int = 200, **forms: object) -> HttpResponse:
    meeting = motion.meeting
    sheets = list(motion.sheets.confirmed().select_related("session"))
    corrects = motion.state == Motion.State.PUBLISHED
    labels = {settling.ANNUL: _("作废这次表决"), settling.COUNT: _("按箱子里现有的票计票")}
    context = {
        "meeting": meeting,
        "motion": motion,
        "trail": trail(meeting, itself=True),
        "choices": [(key, labels[key]) for key in settling.choices_for(motion)],
        "form": SettlingForm(),
        "corrections": [(sheet, CorrectionForm(sheet=sheet)) for sheet in sheets] if corrects else [],
        "waiting": [
            (one, one.proposed_by_id == request.user.pk, one.payload.get("words", []))
            for one in settling.waiting_for(motion)
        ],
        "decisions": motion.decisions.order_by("version"),
        "console_url": meeting.address("console"),
    }
    return render(request, "consultation/settle.html", context | forms, status=status)


def _find(meeting: Meeting, number: int) -> Motion:
    return get_object_or_404(meeting.motions.select_related("meeting__village"), number=number)


def _done(motion: Motion) -> HttpResponse:
    return HttpResponseRedirect(motion.meeting.address("settle", motion.number), status=303)


@door("GET", "POST", right=may_settle, back="console", factor=Factor.CONSOLE, held=_held)
def settle(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The motion's own page for what went wrong: what waits for a second person, and a form for the first."""
    put = _find(meeting, motion)
    if request.method != "POST":
        return _page(request, put)
    form = SettlingForm(request.POST)
    if not form.is_valid():
        return _page(request, put, status=422, form=form)
    try:
        settling.propose_settling(put, by=request.user, **form.cleaned_data)
    except MeetingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(request, put, status=422, form=form)
    messages.success(request, _("已提出。要另一位有权限的人（主持人或者监督委员会成员）在这一页同意才生效。"))
    return _done(put)


@door("POST", right=may_settle, back="console", factor=Factor.CONSOLE, held=_held)
def correct(request: HttpRequest, meeting: Meeting, motion: int, sheet: int) -> HttpResponse:
    """Say what a confirmed count by people should have been; `sheet` is its place in the list, from 1."""
    put = _find(meeting, motion)
    sheets = list(put.sheets.confirmed())
    if not 1 <= sheet <= len(sheets):
        return refuse(request, "not_found", _("没有这张计票单。"), back=meeting.address("console"))
    form = CorrectionForm(request.POST, sheet=sheets[sheet - 1])
    error: str = ""
    if form.is_valid():
        try:
            settling.propose_correction(
                put,
                sheets[sheet - 1],
                numbers=form.numbers(),
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except MeetingError as refused:
            error = str(refused.message)
            form.add_error(refused.field if refused.field in form.fields else None, error)
    if form.errors:
        shown = [(one, form if one == sheets[sheet - 1] else CorrectionForm(sheet=one)) for one in sheets]
        return _page(request, put, status=422, corrections=shown)
    messages.success(request, _("更正已提出。要另一位有权限的人在这一页同意才生效；原来的结果一直留着。"))
    return _done(put)


@door("POST", right=may_settle, back="console", factor=Factor.AGAIN, held=_held)
def decide_settling(request: HttpRequest, meeting: Meeting, motion: int, proposal: int) -> HttpResponse:
    """The second person agrees or sends back; the first may take it back."""
    put = _find(meeting, motion)
    kinds = [Proposal.Kind.SETTLE_MOTION, Proposal.Kind.CORRECT_RESULT]
    found = Proposal.objects.of(meeting.village).filter(number=proposal, kind__in=kinds, payload__motion=put.pk)
    asked = get_object_or_404(found)
    try:
        decide(asked, by=request.user, accept=request.POST.get("answer") == "confirm")
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=meeting.address("settle", put.number))
    messages.success(request, _("已办理。"))
    return _done(put)
