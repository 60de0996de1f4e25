"""What every door of a meeting does first: find it, judge the right, turn refusals into kind sentences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from consultation.eligibility import may_call, may_watch, offices_in
from consultation.errors import MeetingError
from consultation.letters import LETTERS
from consultation.models import Meeting, Officer
from residents.models import User, Village
from residents.rights import Act, Letter, granting, letters_of
from residents.step_up import ask, ask_at_console
from ui.answers import is_no_form, refuse, refuse_no_form, wants_json

Right = Callable[[User, Meeting], bool]
Held = Callable[[User, Meeting], frozenset[Letter]]


class Factor(Enum):
    """When a door asks for the second factor of those whose office needs one."""

    CONSOLE = "console"  # once, and then four hours for this meeting: a full hall must not wait for a code
    SHOWN = "shown"  # in this session
    AGAIN = "again"  # in the last ten minutes: what is signed and published


def by_office(user: User, meeting: Meeting) -> frozenset[Letter]:
    """The letters that open a meeting's doors: of its own offices, or else those of the committee that called it."""
    held = frozenset(LETTERS.get(Officer.Role(role), Letter.SUPERVISOR) for role in offices_in(user, meeting))
    return held or granting(letters_of(user, meeting.village), Act.CALL_MEETING)


def by_supervision(user: User, meeting: Meeting) -> frozenset[Letter]:
    return frozenset({Letter.SUPERVISOR})


def second_factor(request: HttpRequest, meeting: Meeting, factor: Factor, held: Held) -> HttpResponse | None:
    """The way to the second factor, when this door asks for it; practice asks for none."""
    if meeting.village.is_practice or not settings.SECOND_FACTOR_REQUIRED:
        return None
    letters = held(request.user, meeting)
    if factor == Factor.CONSOLE:
        return ask_at_console(request, letters, meeting.pk)
    return ask(request, letters, again=factor == Factor.AGAIN)


def find_meeting(village: str, number: int) -> Meeting:
    """By the village's slug and the number within it, or 404."""
    return get_object_or_404(
        Meeting.objects.select_related("village__region__parent", "preset__law", "yard", "group", "roster"),
        village__slug=village,
        number=number,
    )


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Scripts are told; people are brought to the sign-in page and back."""
    if wants_json(request):
        return refuse(request, "sign_in", _("请先登录，再继续。"))
    back = request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "/")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")


def belongs(user: User, meeting: Meeting) -> bool:
    """Whether the account may know of the village's inner things at all; else they are 404 to it."""
    return may_watch(user, meeting) or bool(offices_in(user, meeting))


def may_know(user: User, meeting: Meeting) -> bool:
    """Whether this meeting exists at all for the account: meetings in preparation and practice are hidden."""
    if meeting.state == Meeting.State.PREPARING:
        return user.is_authenticated and (may_call(user, meeting.village) or bool(offices_in(user, meeting)))
    return not meeting.village.is_practice or belongs(user, meeting)


def door(
    *methods: str,
    right: Right | None = None,
    back: str = "meeting",
    factor: Factor | None = None,
    held: Held = by_office,
) -> Callable[..., Callable[..., HttpResponse]]:
    """Guard a view of one meeting: `view(request, meeting, …)`.

    `methods` are those allowed; `right` answers for a signed-in account (None: everyone who may know of the meeting);
    `back` names the door a refused page form returns to, with the sentence as a message; `factor` says when the second
    factor is asked of those who come in by the letters that `held` tells.
    """

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, village: str, number: int, **extra: Any) -> HttpResponse:
            meeting = find_meeting(village, number)
            # Before anything else is answered, so that no other answer gives a hidden meeting away.
            if not may_know(request.user, meeting):
                raise Http404
            if request.method not in (*methods, "HEAD"):
                response = refuse(request, "wrong_method", _("请从页面上的按钮操作。"), back=meeting.get_absolute_url())
                response["Allow"] = ", ".join(methods)
                return response
            if right is not None and not request.user.is_authenticated:
                return sign_in_first(request)
            if right is not None and not belongs(request.user, meeting):
                raise Http404
            if right is not None and not right(request.user, meeting):
                return refuse(
                    request,
                    "forbidden",
                    _("您没有权限做这件事。如果认为不对，请联系主持人。"),
                    back=meeting.get_absolute_url(),
                )
            if factor is not None and (asked := second_factor(request, meeting, factor, held)) is not None:
                return asked
            if is_no_form(request):
                return refuse_no_form(request, back=meeting.address(back or "meeting"))
            try:
                return view(request, meeting, **extra)
            except MeetingError as error:
                if wants_json(request) or back == "":
                    return refuse(
                        request,
                        error.code,
                        str(error.message),
                        field=error.field,
                        back=meeting.get_absolute_url(),
                        retry_after=error.retry_after,
                    )
                messages.error(request, str(error.message))
                return HttpResponseRedirect(meeting.address(back), status=303)

        return guarded

    return wrap


def refused_back(request: HttpRequest, error: MeetingError, back: str) -> HttpResponse:
    """What a button of a village's page is told: scripts the error itself, people the sentence, where they were."""
    if wants_json(request):
        return refuse(request, error.code, str(error.message), field=error.field, back=back)
    messages.error(request, str(error.message))
    return HttpResponseRedirect(back, status=303)


def village_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard a view of one village's committee: `view(request, village)`."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, village: str) -> HttpResponse:
        place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
        if not request.user.is_authenticated:
            return sign_in_first(request)
        if not may_call(request.user, place):
            raise Http404
        return view(request, place)

    return guarded
