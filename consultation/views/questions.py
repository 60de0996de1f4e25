"""Questions from the floor: the asker's side, and the chair's and recorder's."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import questions as rules
from consultation.errors import MeetingError
from consultation.floor import may_moderate
from consultation.floor_forms import AnswerForm, HeardQuestionForm, QuestionForm, RejectForm
from consultation.models import Meeting
from ui.answers import refuse
from ui.limits import too_often

from .console import answer_again
from .doors import Factor, belongs, door
from .own_floor import own_questions, question_desk
from .speaking import own_unit

QUESTIONS_A_MINUTE = 10


@door("POST", right=belongs)
def ask(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """One unit's question; a refusal keeps what was typed."""
    back = f"{meeting.get_absolute_url()}#questions"
    if too_often(f"question:{request.user.pk}", limit=QUESTIONS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("问得太快了，请过一分钟再试。"), back=back, retry_after=60)
    entry = own_unit(request, meeting)
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            rules.ask_question(meeting, form.cleaned_data["text"], entry=entry, by=request.user)
        except MeetingError as error:
            form.add_error("text" if error.field == "text" else None, str(error.message))
        else:
            messages.success(request, _("问题交给主持人了，放不放出来，这里会告诉您。"))
            return HttpResponseRedirect(back, status=303)
    context = {"meeting": meeting, "village": meeting.village, "entry": entry, "form": form}
    return render(request, "consultation/ask_again.html", context, status=422)


@door("GET", right=belongs)
def own(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What became of one's own questions, alone, for a page whose board has moved on."""
    context = {"own_questions": own_questions(request.user, meeting)}
    response = render(request, "consultation/partials/own_questions.html", context)
    response["Cache-Control"] = "no-store"
    return response


# the console


def _back(meeting: Meeting) -> HttpResponse:
    return HttpResponseRedirect(meeting.address("console") + "#questions", status=303)


def _again(
    request: HttpRequest, meeting: Meeting, error: MeetingError | None = None, *, status: int = 422, **forms: object
) -> HttpResponse:
    desk = question_desk(request.user, meeting, **forms)
    return answer_again(request, meeting, error, status=status, question_desk=desk)


@door("GET", right=may_moderate, back="console", factor=Factor.CONSOLE)
def desk(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The questions alone, for a console whose board has moved on."""
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "question_desk": question_desk(request.user, meeting),
    }
    response = render(request, "consultation/partials/console_question_rows.html", context)
    response["Cache-Control"] = "no-store"
    return response


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def enter(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The recorder takes down a question that somebody asked by mouth."""
    form = HeardQuestionForm(request.POST, meeting=meeting, auto_id="heard-%s")
    if not form.is_valid():
        return _again(request, meeting, heard=form)
    data = form.cleaned_data
    try:
        rules.ask_question(meeting, data["text"], entry=data["who"], guest=data["guest"], by=request.user)
    except MeetingError as error:
        return _again(request, meeting, error, status=409 if error.code == "wrong_state" else 422, heard=form)
    return _back(meeting)


def _pressed(act: Callable[[Meeting, int], bool]) -> Callable[..., HttpResponse]:
    """A button about one question. Who was a moment too late gets the state as it is, and is told."""

    @door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
    def view(request: HttpRequest, meeting: Meeting, question: int) -> HttpResponse:
        if not act(meeting, question):
            messages.info(request, _("别人刚刚按过了，现在的情况在下面。"))
        return _back(meeting)

    return view


show = _pressed(rules.show)
put_on_screen = _pressed(rules.put_on_screen)
take_off_screen = _pressed(rules.take_off_screen)
by_mouth = _pressed(rules.answered_by_mouth)


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def reject(request: HttpRequest, meeting: Meeting, question: int) -> HttpResponse:
    form = RejectForm(request.POST, auto_id=f"why-{question}-%s")
    if not form.is_valid():
        return _again(request, meeting, reject=(question, form))
    if not rules.reject(meeting, question, form.cleaned_data["reason"], by=request.user):
        messages.info(request, _("别人刚刚按过了，现在的情况在下面。"))
    return _back(meeting)


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def answer(request: HttpRequest, meeting: Meeting, question: int) -> HttpResponse:
    """A refusal keeps what was typed, beside what somebody else has saved meanwhile."""
    form = AnswerForm(request.POST, auto_id=f"answer-{question}-%s")
    if not form.is_valid():
        return _again(request, meeting, answer=(question, form))
    try:
        rules.answer(meeting, question, form.cleaned_data["answer"], revision=form.cleaned_data["revision"])
    except MeetingError as error:
        if error.code == "stale":
            newest = meeting.questions.get(number=question)
            sent = form.data.copy()
            sent["revision"] = str(newest.revision)
            form = AnswerForm(sent, auto_id=f"answer-{question}-%s")
            form.fields["answer"].help_text = _("别人刚刚存的是：%(words)s") % {"words": newest.answer}
        status = 409 if error.code in ("stale", "wrong_state") else 422
        return _again(request, meeting, error, status=status, answer=(question, form))
    messages.success(request, _("答复存好了，起草会议记录时会写进去。"))
    return _back(meeting)
