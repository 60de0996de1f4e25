"""Amendments in the console: putting one on the list, and confirming the words that one came to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from consultation import amendments
from consultation.eligibility import may_chair
from consultation.errors import Invalid
from consultation.models import Meeting
from consultation.tabling_forms import AmendmentForm

from .console import back_to_console, find_motion
from .doors import Factor, door


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def table_amendment(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    form = AmendmentForm(request.POST)
    if not form.is_valid():
        field, told = next(iter(form.errors.items()))
        raise Invalid(told[0], field=field)
    data = form.cleaned_data
    put = amendments.table_amendment(
        find_motion(meeting, motion),
        new_text=data["new_text"],
        options=data["options"].split("\n") if data["options"] else None,
        by=request.user,
    )
    messages.success(
        request, _("修正案已加上，是第 %(number)s 项。先表决它，再表决原来那一项。") % {"number": put.number}
    )
    return back_to_console(meeting, "#motions")


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def settle_words(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    changed = amendments.settle_words(find_motion(meeting, motion), by=request.user)
    messages.success(
        request, _("第 %(number)s 项现在是：%(words)s") % {"number": changed.number, "words": changed.text}
    )
    return back_to_console(meeting, "#motions")
