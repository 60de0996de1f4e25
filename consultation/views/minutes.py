"""The minutes: read, edit, check, sign, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import addenda, signing
from consultation import minutes as rules
from consultation.bulletin_reads import Opened, bulletin_mark, opened_by_root
from consultation.eligibility import may_check_minutes, may_read_arrivals, officer_person, offices_in
from consultation.errors import Invalid, MeetingError, PhotoRefused, Stale, WrongState
from consultation.forms import AddendumForm, ExcuseForm, MinutesForm, ReasonForm, SignedPageForm
from consultation.models import Meeting, Minutes, Officer, Outcome
from consultation.official.decisions import has_opinion, has_resolution
from consultation.options import YES_NO
from residents.models import User
from residents.rights import Act, Letter, may
from residents.two_people import TwoPeopleError, decide
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads
from ui.pdf import offers_pdf

from .doors import Factor, Held, belongs, by_office, by_supervision, door
from .meeting import trail


def may_draft(user: User, meeting: Meeting) -> bool:
    return bool(offices_in(user, meeting) & {"chair", "recorder"})


def may_sign(user: User, meeting: Meeting) -> bool:
    """Those whose signature the minutes ask for, each for their own office."""
    return bool(offices_in(user, meeting) & {one.role for one in signing.signers_of(meeting)})


def may_take_letters(user: User, meeting: Meeting) -> bool:
    """With which a matter is passed on: chair and recorder, and the committee, which answers topics likewise."""
    return may_draft(user, meeting) or may(user, Act.ANSWER_TOPIC, meeting.village)


def _minutes(meeting: Meeting) -> Minutes:
    minutes = getattr(meeting, "minutes", None)
    if minutes is None:
        raise Http404
    return minutes


def readable_minutes(request: HttpRequest, meeting: Meeting) -> Minutes:
    """Everyone reads published minutes; the village reads them on the way there; 404 for all else."""
    minutes = _minutes(meeting)
    public = minutes.state in (Minutes.State.PUBLISHED, Minutes.State.ARCHIVED)
    if not public and not belongs(request.user, meeting):
        raise Http404
    return minutes


def _shown_facts(meeting: Meeting, facts: dict[str, Any]) -> dict[str, Any]:
    """With each motion's counts by way and sheet, and the way to its bulletin, which the minutes name."""
    motions = facts.get("motions", ())
    opened = opened_by_root(meeting.village, [one["bulletin"] for one in motions if one.get("bulletin")])
    return facts | {"motions": [_shown_motion(meeting, one, opened) for one in motions]}


def _shown_motion(meeting: Meeting, motion: dict[str, Any], opened: dict[int, Opened]) -> dict[str, Any]:
    named = motion.get("bulletin")
    found = opened.get(named["number"]) if named else None
    return motion | {
        "bulletin": bulletin_mark(meeting.village, **named) if named else None,
        "by_answer": {line["key"] for line in motion["lines"]} <= {*YES_NO},
        "ways": [way for way in found.channels if way.counts is not None] if found else [],
        "rows": found.rows if found else [],
        "told_sheets": found.told_sheets if found else [],
        "letter_url": meeting.address("motion_letter", motion["number"])
        if motion["outcome"] == Outcome.REFERRED
        else "",
    }


@door("GET")
def read(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The minutes as a page, with the names that this reader may see."""
    return page_of(request, meeting)


def page_of(
    request: HttpRequest,
    meeting: Meeting,
    *,
    page_form: SignedPageForm | None = None,
    excuse_form: ExcuseForm | None = None,
    add_form: AddendumForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """What `read` answers; with forms that were refused."""
    minutes = readable_minutes(request, meeting)
    inside = belongs(request.user, meeting)
    sees_arrivals = may_read_arrivals(request.user, meeting)
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "minutes": minutes,
        "facts": _shown_facts(meeting, minutes.facts),
        "inside": inside,
        "may_draft": request.user.is_authenticated and may_draft(request.user, meeting),
        "may_check": request.user.is_authenticated and may_check_minutes(request.user, meeting),
        "signatures": signing.lines_of(minutes),
        "page_rows": signing.page_rows(minutes, inside=inside),
        "takes_letters": may_take_letters(request.user, meeting),
        "missing": (missing := signing.still_to_sign(minutes)),
        "own_office": _own_office(request, meeting, missing),
        "page_form": page_form or _page_form(request, meeting, minutes),
        "signed_page_url": meeting.address("signed_page"),
        "excuse_form": excuse_form or _excuse_form(minutes, missing),
        "excuse_url": meeting.address("excuse_signature"),
        "proceedings": minutes.proceedings,
        "named": rules.named_ballots(meeting) if inside else [],
        "arrivals": rules.arrivals(meeting) if sees_arrivals else [],
        "sees_signed_pages": sees_arrivals,
        "later_results": rules.later_results(minutes),
        "addenda": minutes.addenda.all(),
        "untouched": signing.words_hold(minutes) and addenda.chain_holds(minutes),
        **_adding(request, meeting, minutes, add_form),
        "has_resolution": has_resolution(minutes),
        "has_opinion": has_opinion(minutes),
        "trail": trail(meeting, itself=True),
        "reason_form": ReasonForm(),
        "pdf_url": meeting.address("minutes_pdf") if offers_pdf(request) else "",
        "paper_url": meeting.address("minutes_paper"),
        "resolution_url": meeting.address("resolution_paper"),
        "opinion_url": meeting.address("opinion_paper"),
        "edit_url": meeting.address("edit_minutes"),
        "check_url": meeting.address("check_minutes"),
        "return_url": meeting.address("return_minutes"),
        "sign_url": meeting.address("sign_minutes"),
        "publish_url": meeting.address("publish_minutes"),
    }
    return render(request, "consultation/minutes.html", context, status=status)


def _adding(request: HttpRequest, meeting: Meeting, minutes: Minutes, form: AddendumForm | None) -> dict[str, Any]:
    """For chair and recorder a form for an addendum; for all who may confirm one, what waits for them."""
    user = request.user
    if not addenda.takes_addenda(minutes) or not addenda.may_confirm(user, meeting):
        return {}
    return {
        "add_form": (form or AddendumForm()) if addenda.may_add(user, meeting) else None,
        "add_url": meeting.address("add_to_minutes"),
        "waiting": [
            (one, one.proposed_by_id == user.pk, meeting.address("decide_addendum", one.number))
            for one in addenda.waiting_for(minutes)
        ],
    }


def _excuse_form(minutes: Minutes, missing: Sequence[Officer]) -> ExcuseForm | None:
    """Once somebody has signed and others have not."""
    return ExcuseForm(missing=missing, prefix="excuse") if minutes.digest and missing else None


def _own_office(request: HttpRequest, meeting: Meeting, missing: Sequence[Officer]) -> str:
    """The office for which whoever looks has not signed yet, in words."""
    mine = offices_in(request.user, meeting) if missing else frozenset()
    return next((str(one.get_role_display()) for one in missing if one.role in mine), "")


def _page_form(request: HttpRequest, meeting: Meeting, minutes: Minutes, *arguments: Any) -> SignedPageForm | None:
    """For chair and recorder, once the words stand: whose hand is on the page that they photographed."""
    if not minutes.digest or not may_draft(request.user, meeting):
        return None
    person = officer_person(request.user, meeting)
    others = [one for one in signing.still_to_sign(minutes) if person is None or one.resident_id != person.pk]
    return SignedPageForm(*arguments, officers=others) if others else None


@door("POST", right=may_draft, factor=Factor.SHOWN)
def draft(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    rules.draft_minutes(meeting, by=request.user)
    return HttpResponseRedirect(meeting.address("edit_minutes"), status=303)


@door("GET", "POST", right=may_draft, back="minutes", factor=Factor.SHOWN)
def edit(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    minutes = _minutes(meeting)
    if minutes.state != Minutes.State.DRAFT:
        return HttpResponseRedirect(meeting.address("minutes"), status=303)
    initial = {"revision": minutes.revision, "proceedings": minutes.proceedings, "opinion": minutes.opinion}
    form = MinutesForm(request.POST or None, initial=initial)
    theirs = None
    if request.method == "POST" and form.is_valid():
        try:
            rules.edit_minutes(minutes, by=request.user, **form.cleaned_data)
        except Stale as error:
            theirs = Minutes.objects.of(meeting.village).get(pk=minutes.pk)
            # Both texts stand side by side; saving again takes the newer revision as read.
            form = MinutesForm(form.data.dict() | {"revision": theirs.revision})
            form.is_valid()
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("会议记录已保存。"))
            return HttpResponseRedirect(meeting.address("minutes"), status=303)
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "minutes": minutes,
        "form": form,
        "theirs": theirs,
        "trail": trail(meeting, itself=True),
    }
    return render(
        request, "consultation/minutes_edit.html", context, status=409 if theirs else 422 if form.errors else 200
    )


def _act(
    right: Callable[..., bool], act: Callable[..., Any], said: Callable[[], str], *, held: Held = by_office
) -> Callable[..., HttpResponse]:
    @door("POST", right=right, back="minutes", factor=Factor.AGAIN, held=held)
    def pressed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
        act(request, meeting, _minutes(meeting))
        messages.success(request, said())
        return HttpResponseRedirect(meeting.address("minutes"), status=303)

    return pressed


def _person(request: HttpRequest, meeting: Meeting) -> Any:
    person = officer_person(request.user, meeting)
    if person is None:
        raise Invalid(_("要由本村名册上的人来做。"))
    return person


def _note(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请用不超过 200 个字写明哪里要改。"), field="reason")
    return str(form.cleaned_data["reason"])


check = _act(
    may_check_minutes,
    lambda request, meeting, minutes: rules.check_minutes(minutes, checker=_person(request, meeting), by=request.user),
    lambda: _("已核对。请会议人员签字。"),
    held=by_supervision,
)
return_to_recorder = _act(
    may_check_minutes,
    lambda request, meeting, minutes: rules.return_minutes(minutes, by=request.user, note=_note(request)),
    lambda: _("已退回给记录员修改。"),
    held=by_supervision,
)


def _said_after(minutes: Minutes) -> str:
    missing = signing.still_to_sign(minutes)
    if not missing:
        return _("都签好了。可以公布了。")
    names = "、".join(f"{one.get_role_display()}{one.resident.name}" for one in missing)
    return _("已签字。还等%(names)s签字。") % {"names": names}


@door("POST", right=may_sign, back="minutes", factor=Factor.AGAIN)
def sign(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """One officer signs for the own office."""
    signed = signing.sign_minutes(_minutes(meeting), signer=_person(request, meeting), by=request.user)
    messages.success(request, _said_after(signed))
    return HttpResponseRedirect(meeting.address("minutes"), status=303)


@door("POST", right=may_draft, back="minutes", factor=Factor.AGAIN)
def signed_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The photo of a page that another officer signed by hand; what is refused stays in the form."""
    minutes = _minutes(meeting)
    if too_many_uploads(request.user.pk):
        return refuse(
            request, "slow_down", _("照片传得太多了，请过一小时再传。"), back=meeting.address("minutes"),
            retry_after=3600,
        )  # fmt: skip
    form = _page_form(request, meeting, minutes, request.POST, request.FILES)
    if form is None:
        raise WrongState(_("现在没有要上传的签字页：要先有一个人在网上签字，而且还有别人没有签。"))
    if not form.is_valid():
        return page_of(request, meeting, page_form=form, status=422)
    try:
        signed = signing.sign_on_paper(
            minutes,
            role=form.cleaned_data["role"],
            upload=form.cleaned_data["photo"],
            uploader=_person(request, meeting),
            by=request.user,
        )
    except MeetingError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        status = STATUS[error.code] if isinstance(error, PhotoRefused) else 422
        return page_of(request, meeting, page_form=form, status=status)
    messages.success(request, _said_after(signed))
    return HttpResponseRedirect(meeting.address("minutes"), status=303)


@door("POST", right=may_check_minutes, back="minutes", factor=Factor.AGAIN, held=by_supervision)
def excuse(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """A supervisor says why an officer does not sign; what is refused stays in the form."""
    minutes = _minutes(meeting)
    form = ExcuseForm(request.POST, missing=signing.still_to_sign(minutes), prefix="excuse")
    if not form.is_valid():
        return page_of(request, meeting, excuse_form=form, status=422)
    signed = signing.excuse_signature(
        minutes, supervisor=_person(request, meeting), by=request.user, **form.cleaned_data
    )
    messages.success(request, _said_after(signed))
    return HttpResponseRedirect(meeting.address("minutes"), status=303)


@door("POST", right=addenda.may_add, back="minutes", factor=Factor.AGAIN)
def add(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Chair or recorder writes an addendum; what is refused stays in the form."""
    minutes = _minutes(meeting)
    form = AddendumForm(request.POST)
    if form.is_valid():
        try:
            addenda.propose_addendum(minutes, text=form.cleaned_data["text"], by=request.user)
        except Invalid as error:
            form.add_error("text", str(error.message))
    if form.errors:
        return page_of(request, meeting, add_form=form, status=422)
    messages.success(request, _("写好了。请另一位会议人员或者监督委员会成员在这一页确认，确认以后大家才看得到。"))
    return HttpResponseRedirect(meeting.address("minutes"), status=303)


def _officers_or_supervision(user: User, meeting: Meeting) -> frozenset[Letter]:
    return by_office(user, meeting) | by_supervision(user, meeting)


@door("POST", right=addenda.may_confirm, back="minutes", factor=Factor.AGAIN, held=_officers_or_supervision)
def decide_addendum(request: HttpRequest, meeting: Meeting, proposal: int) -> HttpResponse:
    """The second person confirms or sends back; the first may take it back."""
    asked = next((one for one in addenda.waiting_for(_minutes(meeting)) if one.number == proposal), None)
    if asked is None:
        raise Http404
    confirms = request.POST.get("answer") == "confirm"
    try:
        decide(asked, by=request.user, accept=confirms)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=meeting.address("minutes"))
    messages.success(request, _("已确认，补记写在会议记录下面了。") if confirms else _("没有写进去。"))
    return HttpResponseRedirect(meeting.address("minutes"), status=303)


publish = _act(
    may_draft,
    lambda request, meeting, minutes: rules.publish_minutes(minutes, by=request.user),
    lambda: _("结果和会议记录已公布在村里的页面上。"),
)
