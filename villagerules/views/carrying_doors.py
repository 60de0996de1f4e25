"""What the doors of the register, of points and of suggestions share: the way to a page, whom an account acts for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.errors import MeetingError
from consultation.topic_reads import households_of
from residents.models import Household, Resident, Village
from residents.two_people import TwoPeopleError
from ui.answers import STATUS, refuse, wants_json
from villagerules.errors import NotAllowed, RulesError

from .doors import trail

Refusal = (RulesError, TwoPeopleError, MeetingError)


def carrying_trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail(village, (_("执行情况"), reverse("villagerules:carrying", args=[village.slug])), *more)


def homes_of(request: HttpRequest, village: Village) -> list[tuple[Household, Resident]]:
    """The households the account acts for today, each with the member it acts for."""
    if not request.user.is_authenticated:
        return []
    return households_of(request.user, village, on=village.local_date(timezone.now()))


def member_of(request: HttpRequest, village: Village, household: int | None = None) -> Resident:
    """Whom the account acts for, in the household with that key or in any. Raises NotAllowed."""
    found = [person for home, person in homes_of(request, village) if household in (None, home.pk)]
    if not found:
        raise NotAllowed(_("要先和名册上的人对上，才能替这一户办。请到“我的”里说一声您是谁。"))
    return found[0]


def told_back(request: HttpRequest, error: Exception, back: str) -> HttpResponse:
    """What a button is told that was refused: scripts the error itself, people the sentence, where they were."""
    code, message = str(getattr(error, "code", "invalid")), str(getattr(error, "message", error))
    if wants_json(request):
        return refuse(request, code, message, back=back)
    messages.error(request, message)
    return HttpResponseRedirect(back, status=303)


def carry_out(
    request: HttpRequest,
    form: Any,
    do: Callable[[], Any],
    *,
    done: str,
    back: str,
    page: Callable[[Any, int], HttpResponse],
) -> HttpResponse:
    """Do what a form asks for and go back; what is refused stays typed on the page (`page(form, status)`)."""
    if not form.is_valid():
        if wants_json(request):
            return refuse(request, "invalid", str(next(iter(form.errors.values()))[0]))
        return page(form, 422)
    try:
        do()
    except Refusal as error:
        code, message = str(error.code), str(error.message)
        if wants_json(request):
            return refuse(request, code, message)
        form.add_error(None, message)
        return page(form, STATUS[code])
    messages.success(request, done)
    return HttpResponseRedirect(back, status=303)


def blank(form: type[forms.Form], **options: Any) -> Any:
    """A form with nothing typed in yet, its ids told apart from those of other forms of the page."""
    return form(auto_id=f"{form.__name__}-%s", **options)
