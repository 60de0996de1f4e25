"""Counts by people come in: hands, papers, the result of an election held in Belenios."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import belenios, sheets
from consultation.balance import VALID, parts_of
from consultation.eligibility import may_chair, may_check_in, may_count, officer_person
from consultation.errors import Invalid, MeetingError
from consultation.forms import CountForm, ReasonForm, ResultForm, labels_of
from consultation.models import Meeting, Motion, Photo, Sheet
from consultation.options import looks_like_a_place
from consultation.pictures import discard_photo, keep_photo
from ui.answers import STATUS, refuse, wants_json
from ui.limits import too_many_exports, too_many_uploads

from .console import answer_again, back_to_console, find_motion
from .desks import form_for
from .doors import Factor, door
from .meeting import trail


def _enter(request: HttpRequest, meeting: Meeting, motion: int, method: str) -> HttpResponse:
    """One person's count, typed blind; what is refused stays in the form."""
    put = find_motion(meeting, motion)
    form = form_for(put, method, request.POST, request.FILES)
    if not form.is_valid():
        if wants_json(request):
            field, said = next(iter(form.errors.items()))
            return refuse(request, "invalid", said[0], field=field)
        return answer_again(request, meeting, None, typed={method: form})
    reader = officer_person(request.user, meeting)
    if reader is None:
        raise Invalid(_("录入计票单的人要在本村名册上。"))
    if request.FILES and too_many_uploads(request.user.pk):
        return refuse(
            request,
            "slow_down",
            _("一小时最多上传 20 次，请过一会儿再试；照片可以不传。"),
            back=meeting.address("console"),
            retry_after=3600,
        )
    try:
        sheet = _take_in(request, put, method, form, reader)
    except MeetingError as error:
        if wants_json(request):
            raise
        if error.field in form.fields:
            form.add_error(error.field, str(error.message))
        return answer_again(request, meeting, error, status=STATUS[error.code], typed={method: form})
    _tell(request, sheet)
    return back_to_console(meeting, "#motion")


def _take_in(request: HttpRequest, motion: Motion, method: str, form: CountForm, reader: Any) -> Sheet:
    numbers = form.numbers()
    if isinstance(form, ResultForm) and form.cleaned_data.get("result"):
        numbers = belenios.read_result(form.cleaned_data["result"].read(belenios.LARGEST_RESULT + 1))
    sent = form.cleaned_data.get("photo")
    photo: Photo | None = keep_photo(motion.village, sent, request.user) if sent else None
    try:
        return sheets.enter_reading(
            motion,
            method=method,
            reader=reader,
            numbers=numbers,
            by=request.user,
            session=form.place(),
            photo=photo,
        )
    except Exception:
        if photo is not None:
            discard_photo(photo)
        raise


def _tell(request: HttpRequest, sheet: Sheet) -> None:
    said = {
        Sheet.State.ENTERED: _("第一次录入已保存。请另一位工作人员不看这个数字，再录一次。"),
        Sheet.State.MISMATCH: _("两次录入不一样。请重新清点，由没有录过的人再录一次。"),
        Sheet.State.CONFIRMED: _("两人录入一致，这张计票单已核对。"),
    }[Sheet.State(sheet.state)]
    (messages.warning if sheet.state == Sheet.State.MISMATCH else messages.success)(request, said)


@door("POST", right=may_count, back="console", factor=Factor.CONSOLE)
def enter_hands(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    return _enter(request, meeting, motion, Sheet.Method.HANDS)


@door("POST", right=may_count, back="console", factor=Factor.CONSOLE)
def enter_papers(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    return _enter(request, meeting, motion, Sheet.Method.PAPER)


@door("POST", right=may_count, back="console", factor=Factor.CONSOLE)
def enter_belenios(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    return _enter(request, meeting, motion, Sheet.Method.BELENIOS)


@door("POST", right=may_chair, back="console", factor=Factor.AGAIN)
def belenios_voters(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The list of voters for Belenios: the reason is asked, and kept beside who took it."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("用途里有看不懂的符号或者太长，请重写。"), field="reason")
    if too_many_exports(request.user.pk):
        return refuse(
            request,
            "slow_down",
            _("一小时最多下载 5 次，请过一会儿再试。"),
            back=meeting.address("console"),
            retry_after=3600,
        )
    put = find_motion(meeting, motion)
    text = belenios.export_voters(put, reason=form.cleaned_data["reason"], by=request.user)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="belenios-voters-{meeting.number}-{put.number}.txt"'
    response["Cache-Control"] = "no-store"
    return response


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def tally_form(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The form on paper on which votes are called and marked in strokes of 正, to be signed by those who count."""
    put = find_motion(meeting, motion)
    parts = parts_of(put.form, Sheet.Method.PAPER if put.by_paper else Sheet.Method.HANDS)
    labels = labels_of(put)
    context = {
        "meeting": meeting,
        "motion": put,
        "village": meeting.village,
        "lines": [
            labels[part] for part in parts if part not in ("not_returned", VALID) and not looks_like_a_place(part)
        ],
        "options": [f"{key} {label}" for key, label in put.choices[:-1]],
        "several": put.form.several,
        "places": [place.place for place in meeting.sessions.all()] or [""],
        "trail": trail(meeting, itself=True),
    }
    return render(request, "consultation/print/tally_form.html", context)
