"""A ballot goes up by an ordinary form."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from consultation import secret_ballots, voting
from consultation.ballot_box import Paper, find_paper
from consultation.bulletin_text import code_number
from consultation.choosing import asked, require_choice
from consultation.eligibility import may_check_in
from consultation.errors import MeetingError, NotEntitled
from consultation.forms import read_ballot, read_secret_ballot
from consultation.models import Ballot, Choice, Meeting, Motion, RosterEntry
from consultation.options import YES_NO
from consultation.proxies import voting_oneself
from residents.backends import accounts_at_hand
from residents.models import Claim
from ui.answers import STATUS, is_no_form, refuse, refuse_no_form, wants_json
from ui.limits import too_often

from .doors import Factor, door, sign_in_first

CASTS_A_MINUTE = 10
_CARRIED = ("entry", "choice", "secret", "slip", "board", "turn")


# Neither the form nor any variable of the functions below it goes into an error report.
@sensitive_post_parameters("choice", "slip", "board", "secret", "turn", "key")
@sensitive_variables()
def cast(request: HttpRequest, village: str, number: int, motion: int) -> HttpResponse:
    """Cast one unit's ballot. On the hot path: as few queries as the rules allow, and no meeting page around it."""
    if request.method != "POST":
        response = refuse(request, "wrong_method", _("请从表决页面上的按钮投票。"))
        response["Allow"] = "POST"
        return response
    said, wrong = read_ballot(request.POST)
    session_key = request.session.session_key
    paper = None
    if session_key is not None:
        unit = said.get("entry", 0)
        paper = find_paper(village=village, meeting=number, motion=motion, entry=unit, session_key=session_key)
    if not _signed_in(request, paper):
        return sign_in_first(request)
    entry = paper.entry_for(request.user.pk) if paper is not None else None
    if paper is None or (entry is None and not _acts_here(request, village)):
        # To anybody of another village the motion does not exist, however the form is filled in.
        return refuse(request, "not_found", _("没有找到这一项表决。可能是网址有误，请从会议页面进入。"))

    def back() -> str:  # composed for those who are led there only
        return reverse("consultation:meeting", args=[village, number])

    def refused(code: str, message: str, **more: Any) -> HttpResponse:
        return refuse(request, code, message, back=back(), **more)

    if is_no_form(request):
        return refuse_no_form(request, back=back)
    if paper.motion.secret:
        said, wrong = read_secret_ballot(request.POST)
    if wrong:
        message = asked(paper.motion.form) if wrong[0] == "choice" else _("页面不完整，请刷新后再投。")
        return refused("invalid", message, field=wrong[0])
    if entry is None:
        return refused(NotEntitled.code, str(NotEntitled.message))
    if too_often(f"cast:{entry.pk}", limit=CASTS_A_MINUTE, seconds=60, first_free=True):
        return refused("slow_down", _("按得太快了，请等一分钟再试。"), retry_after=60)
    try:
        if paper.motion.secret and not wants_json(request) and request.POST.get("sure") != "1":
            return _read_once_more(request, paper.motion, entry, said, back())
        with _ending_own_grant(request, paper, entry):
            if paper.motion.secret:
                return _cast_secret(request, paper.motion, entry, said, back())
            ballot = voting.cast_ballot(motion=paper.motion, entry=entry, choice=said["choice"], key=said["key"])
    except MeetingError as error:
        if error.field == "choice" and not wants_json(request) and paper.motion.form.keys:
            return _choose_again(request, paper.motion, entry, said, error, back())
        return refused(error.code, str(error.message), field=error.field, retry_after=error.retry_after)
    if not wants_json(request):
        return HttpResponseRedirect(f"{back()}#ballots", status=303)
    # Nothing more is asked for the words that all ballots of that kind have.
    same = ballot.choice in YES_NO
    told = Choice(ballot.choice).label if same else Motion.objects.get(pk=paper.motion.pk).said(ballot.choice)
    message = _("已收到：%(name)s投了“%(choice)s”。") % {"name": entry.name, "choice": told}
    return JsonResponse(
        {
            "accepted": True,
            "motion": paper.motion.pk,
            "entry": entry.number,
            "choice": ballot.choice,
            "message": message,
        }
    )


def _signed_in(request: HttpRequest, paper: Paper | None) -> bool:
    """As ever, by Django's own checks; but session and account need not be read again when they came with the paper."""
    if paper is None:
        return request.user.is_authenticated
    if paper.session_data is not None:
        request.session.open(paper.session_data)
    with accounts_at_hand(paper.accounts):
        return request.user.is_authenticated


def _ending_own_grant(request: HttpRequest, paper: Paper, entry: RosterEntry) -> AbstractContextManager[None]:
    """Who has let somebody else vote and votes all the same ends the grant with it; the holder's ballots do not."""
    own = paper.granted and request.user.pk in paper.accounts
    return voting_oneself(paper.motion, entry, by=request.user) if own else nullcontext()


def _read_once_more(
    request: HttpRequest, motion: Motion, entry: RosterEntry, said: dict[str, Any], back: str
) -> HttpResponse:
    """What a phone without scripts shows before a secret paper goes into the box for good."""
    put = Motion.objects.get(pk=motion.pk)
    said = said | {"choice": require_choice(put.form, said["choice"])}
    context = {
        "motion": put,
        "entry": entry,
        "choice": put.said(said["choice"]),
        "fields": [
            (name, said[name]) for name in ("entry", "choice", "secret", "slip", "board", "turn") if name in said
        ],
        "back": back,
        "trail": [(_("会议"), back)],
    }
    return _unkept(render(request, "consultation/review.html", context))


def _choose_again(
    request: HttpRequest, motion: Motion, entry: RosterEntry, said: dict[str, Any], error: MeetingError, back: str
) -> HttpResponse:
    """The paper once more for a phone without scripts, with what was ticked on it and what is wrong with that."""
    put = Motion.objects.select_related("meeting__village").get(pk=motion.pk)
    context = {
        "motion": put,
        "paper": {
            "entry": entry,
            "key": said.get("key", ""),
            "secret": said.get("secret", ""),
            "turn": said.get("turn"),
        },
        "meeting": put.meeting,
        "ticked": put.form.ticked(said["choice"]),
        "wrong": error.message,
        "cast_url": request.path,
        "back": back,
        "trail": [(_("会议"), back)],
    }
    return _unkept(render(request, "consultation/choose_again.html", context, status=STATUS[error.code]))


def _cast_secret(
    request: HttpRequest, motion: Motion, entry: RosterEntry, said: dict[str, Any], back: str
) -> HttpResponse:
    """A secret paper into the box. No answer names the choice again."""
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=said["choice"], slip=said["slip"], board=said["board"], turn=said["turn"]
    )
    code = code_number(said["board"])
    if wants_json(request):
        message = _("已收到：%(name)s投过票了。") % {"name": entry.name}
        return _unkept(
            JsonResponse(
                {"accepted": True, "motion": motion.pk, "entry": entry.number, "code": code, "message": message}
            )
        )
    put = Motion.objects.get(pk=motion.pk)
    again = [("entry", entry.number), ("secret", said.get("secret", "")), ("turn", said["turn"] + 1), ("sure", "1")]
    context = {
        "motion": put,
        "entry": entry,
        "code": code,
        "back": back,
        "trail": [(_("会议"), back)],
        "change": again if put.changeable and said.get("secret") else None,
    }
    return _unkept(render(request, "consultation/voted.html", context))


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _acts_here(request: HttpRequest, village: str) -> bool:
    return Claim.objects.confirmed().filter(village__slug=village, user=request.user.pk).exists()


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def cast_for(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The recorder enters the open ballot of somebody without a phone, who says it aloud."""
    put = meeting.motions.filter(number=motion).first()
    said, wrong = read_ballot(request.POST)
    if put is None or wrong:
        return refuse(request, "invalid", _("请选择是谁、投什么，再按“代录”。"), back=meeting.address("console"))
    entry = meeting.roster.entries.filter(number=said["entry"]).first()
    if entry is None:
        raise NotEntitled(_("名册上没有这个号码，请核对。"))
    voting.cast_ballot(
        motion=put,
        entry=entry,
        choice=said["choice"],
        key=said["key"],
        channel=Ballot.Channel.RECORDER,
        by=request.user,
    )
    return HttpResponseRedirect(meeting.address("console") + "#motion", status=303)
