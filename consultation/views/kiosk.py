"""The tablet's own pages. Nobody is signed in here: it is known by a cookie that holds for this one tablet alone."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from consultation import kiosk as tablets
from consultation.bulletin_text import code_number
from consultation.choosing import require_choice
from consultation.errors import Invalid, MeetingError
from consultation.forms import picked
from consultation.models import Kiosk, Meeting, Motion
from consultation.options import ABSTAIN, picks_of
from ui.answers import is_no_form, refuse, refuse_no_form, wants_json
from ui.limits import too_often

COOKIE = "kiosk"
COOKIE_SECONDS = 24 * 3600
ASKS_A_MINUTE = 120
BALLOTS_A_MINUTE = 30
LINKS_A_MINUTE = 60  # of one meeting, whoever tries: a token has 192 bits, this only keeps the noise down
CODE_SECONDS = 20  # the code stays long enough to be copied
WORDS_SECONDS = 6
FRESH = "no-store, private"


def _meeting_of(village: str, number: int) -> Meeting | None:
    return Meeting.objects.select_related("village").filter(village__slug=village, number=number).first()


def _nothing(request: HttpRequest) -> HttpResponse:
    """The same for a meeting that is not there and a tablet that is not known."""
    return refuse(request, "not_found", _("这台平板没有接上这次会议。请工作人员在主持台开一台平板，再扫一次码。"))


def _kept_nowhere(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No cache, no history: the next person must not find what the one before saw."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "POST"):
            response = refuse(request, "wrong_method", _("请从页面上的按钮操作。"))
            response["Allow"] = "GET, HEAD, POST"
        else:
            response = view(request, *arguments, **named)
        response["Cache-Control"] = FRESH
        response["Referrer-Policy"] = "same-origin"
        return response

    return answered


@_kept_nowhere
def link(request: HttpRequest, village: str, number: int, token: str) -> HttpResponse:
    """What the QR at the console opens on the tablet: looking is harmless, pressing joins it, once."""
    meeting = _meeting_of(village, number)
    if too_often(f"kiosk-link:{village}:{number}", limit=LINKS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("试得太多了，请等一分钟。"), retry_after=60)
    spent = _("这个链接已经用过，或者过了半小时。请工作人员在主持台再开一台。")
    if meeting is None or not tablets.link_stands(meeting, token):
        return refuse(request, "not_found", spent)
    context = {"meeting": meeting, "signed_in": request.user.is_authenticated}
    if request.method != "POST" or request.user.is_authenticated:
        # Whoever is signed in here could be taken for the voter by whoever holds the tablet next.
        return render(request, "consultation/kiosk/link.html", context, status=409 if request.method == "POST" else 200)
    kept = tablets.pair(meeting, token)
    if kept is None:
        return refuse(request, "not_found", spent)
    response = HttpResponseRedirect(meeting.address("kiosk"), status=303)
    response.set_cookie(
        COOKIE,
        kept,
        max_age=COOKIE_SECONDS,
        path=meeting.address("kiosk"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@sensitive_post_parameters("choice", "secret", "call")
@sensitive_variables()
@_kept_nowhere
def kiosk(request: HttpRequest, village: str, number: int) -> HttpResponse:
    """Waiting, one paper, its review, the receipt: always this one address."""
    meeting = _meeting_of(village, number)
    token = request.COOKIES.get(COOKIE, "")[:100]
    tablet = tablets.kiosk_of(meeting, token) if meeting is not None and token else None
    if meeting is None or tablet is None:
        return _nothing(request)
    limit = BALLOTS_A_MINUTE if request.method == "POST" else ASKS_A_MINUTE
    if too_often(f"kiosk:{tablet.pk}:{request.method}", limit=limit, seconds=60):
        return refuse(
            request, "slow_down", _("按得太快了，请等一分钟再试。"), back=meeting.address("kiosk"), retry_after=60
        )
    if request.method == "POST":
        if is_no_form(request):
            return refuse_no_form(request, back=meeting.address("kiosk"))
        return _pressed(request, meeting, tablet)
    screen = tablets.screen_of(tablet)
    if wants_json(request):
        return JsonResponse({"screen": screen.mark})
    return _shown(request, meeting, tablet, screen)


def _shown(
    request: HttpRequest, meeting: Meeting, tablet: Kiosk, screen: tablets.Screen, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "tablet": tablet,
        "screen": screen,
        "secret": secrets.token_hex(16),
        "home": meeting.address("kiosk"),
    } | more
    response = render(request, f"consultation/kiosk/{screen.state}.html", context, status=status)
    if screen.state == "over":
        response.delete_cookie(COOKIE, path=meeting.address("kiosk"), samesite="Strict")
    return response


def _pressed(request: HttpRequest, meeting: Meeting, tablet: Kiosk) -> HttpResponse:
    screen = tablets.screen_of(tablet)
    call, choice = request.POST.get("call", "")[:32], str(picked(request.POST) or "")[:120]
    secret = request.POST.get("secret", "")[:32]
    if screen.state == "over":
        return _shown(request, meeting, tablet, screen)
    same = screen.state == "ballot" and call == screen.call
    motion = screen.motion
    if same and motion is not None:
        try:
            choice = require_choice(motion.form, choice)
        except Invalid as error:
            wrong = error.message if motion.form.keys else _("请先选赞成、反对或者弃权。")
            ticked = motion.form.ticked(choice)  # stays on the paper, to be set right
            return _shown(request, meeting, tablet, screen, status=422, wrong=wrong, ticked=ticked)
        if request.POST.get("step") != "cast":
            return _shown(request, meeting, tablet, screen, review=True, choice=choice, chosen=_chosen(motion, choice))
    try:
        code = tablets.cast_at_kiosk(tablet, call=call, choice=choice, secret=secret)
    except MeetingError as error:
        return _refused(request, meeting, tablet, error)
    context = {
        "meeting": meeting,
        "home": meeting.address("kiosk"),
        "code": code_number(code),
        "seconds": CODE_SECONDS,
    }
    return render(request, "consultation/kiosk/receipt.html", context)


def _chosen(motion: Motion, choice: str) -> list[tuple[str, str]]:
    """What stands on the paper that is looked at once more: sign and words of each; ranked, its place is the sign."""
    picks, words = picks_of(choice) or (choice,), dict(motion.choices)
    in_order = motion.form.ranked and choice != ABSTAIN
    return [(str(place) if in_order else key, words[key]) for place, key in enumerate(picks, 1)]


def _refused(request: HttpRequest, meeting: Meeting, tablet: Kiosk, error: MeetingError) -> HttpResponse:
    context = {
        "meeting": meeting,
        "home": meeting.address("kiosk"),
        "message": error.message,
        "seconds": WORDS_SECONDS,
    }
    from_code = {"try_again": 503, "invalid": 422, "forbidden": 403}
    status = from_code.get(error.code, 409)
    response = render(request, "consultation/kiosk/refused.html", context, status=status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response
