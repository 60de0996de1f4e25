"""The public's vote on the telephone: pick, look once more, done. Picks outlive the way to the sign-in page."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from contest import voting
from contest.errors import ContestRefused, Incomplete, NotAllowed
from contest.models import Contest, ContestVote, Entry, Stage
from contest.order import shuffled
from contest.stages import is_open, stage
from contest.vote_forms import read_key, read_picks, read_voter
from contest.voters import Voter, voters_for
from residents.views.doors import sign_in_first
from ui.answers import STATUS, is_no_form, refuse, refuse_no_form, wants_json
from ui.dates import month_day
from ui.limits import too_often

from .vote_doors import contest_door, seed_of, seen, trail_of

CASTS_A_MINUTE = 10
# A hall is one address, and a carrier puts thousands of telephones behind one.
PER_ADDRESS, ADDRESS_SECONDS = 6000, 600
LAID_ASIDE = "contest_picks"  # in the session: what was picked before signing in, by contest
CONTESTS_ASIDE = 5


# What was picked goes into no error report.
@contest_door("GET", "POST")
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def vote(request: HttpRequest, contest: Contest) -> HttpResponse:
    """The entries to pick from; for who has voted, that the vote is recorded and what is on it."""
    if request.method == "POST":
        return _lay_aside(request, contest)
    voters = voters_for(request.user, contest)
    for_whom = _voter(request, voters)
    own = voting.own_vote(contest, for_whom) if for_whom is not None else None
    asks_to_change = "change" in request.GET
    if for_whom is not None and voting.has_voted(contest, for_whom) and not (own is not None and asks_to_change):
        return _recorded(request, contest, for_whom, own, voters)
    ticked = _picked_before(request, contest)
    if not ticked and own is not None:
        ticked = [one.number for one in voting.picks_that_count(own)[0]]
    return _paper(request, contest, ticked, own=own, voter=for_whom)


def _voter(request: HttpRequest, voters: list[Voter]) -> Voter | None:
    """The one that is asked for, or the only one there is."""
    try:
        wanted = read_voter(request.GET if request.method in ("GET", "HEAD") else request.POST)
    except Incomplete:
        wanted = None
    found = [one for one in voters if one.key == wanted] if wanted is not None else voters
    return found[0] if len(found) == 1 else None


def _picked_before(request: HttpRequest, contest: Contest) -> list[int]:
    kept = request.session.get(LAID_ASIDE, {}).get(str(contest.pk), [])
    return [one for one in kept if isinstance(one, int)]


def _paper(
    request: HttpRequest, contest: Contest, ticked: list[int], *, own: ContestVote | None = None,
    voter: Voter | None = None, wrong: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    entries = contest.entries.on_show().select_related("village").order_by("number")
    gone = voting.picks_that_count(own)[1] if own is not None else []
    now = timezone.now()
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "stage": stage(contest, Stage.Key.PUBLIC_VOTE),
        "open": is_open(contest, Stage.Key.PUBLIC_VOTE),
        "to_come": _is_to_come(contest, now),
        **_moments(contest),
        "entries": shuffled(entries, seed_of(request, contest), lambda one: one.number),
        "ticked": ticked,
        "least": voting.least_picks(contest, len(entries)),
        "own": own,
        "gone": gone,
        "voter": voter,
        "wrong": wrong,
    }
    return render(request, "contest/vote.html", context, status=status)


def _is_to_come(contest: Contest, now: Any) -> bool:
    found = stage(contest, Stage.Key.PUBLIC_VOTE)
    return found is not None and contest.state == Contest.State.ANNOUNCED and now < found.opens_at


def _moments(contest: Contest) -> dict[str, str]:
    """When the vote opens and closes, as people say it; to the second only where that is not a full minute."""
    found = stage(contest, Stage.Key.PUBLIC_VOTE)
    if found is None:
        return {"opens": "", "closes": ""}
    return {"opens": _in_words(contest.local(found.opens_at)), "closes": _in_words(contest.local(found.closes_at))}


def _in_words(at: datetime.datetime) -> str:
    seconds = f":{at.second:02d}" if at.second else ""
    return f"{month_day(at.date())} {at:%H:%M}{seconds}"


def _lay_aside(request: HttpRequest, contest: Contest) -> HttpResponse:
    """Look at the picks, keep them in the session, go on to reading them once more; by the sign-in if need be."""
    if is_no_form(request):
        return refuse_no_form(request, back=contest.address("vote"))
    try:
        picks = read_picks(request.POST)
        voting.require_picks(contest, picks)
    except ContestRefused as error:
        if wants_json(request):
            return refuse(request, error.code, error.message, field=error.field)
        ticked = [
            int(one) for one in request.POST.getlist("picks") if one.isascii() and one.isdigit() and len(one) < 10
        ]
        return _paper(request, contest, ticked, wrong=error.message, status=STATUS[error.code])
    others = {key: kept for key, kept in request.session.get(LAID_ASIDE, {}).items() if key != str(contest.pk)}
    kept = dict(list(others.items())[-CONTESTS_ASIDE:])
    request.session[LAID_ASIDE] = kept | {str(contest.pk): picks}
    onwards = contest.address("vote_check")
    if value := request.POST.get("for", ""):
        onwards += f"?for={value}" if value.isascii() and value.isdigit() else ""
    return HttpResponseRedirect(onwards, status=303)


@contest_door("GET", "POST")
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def vote_check(request: HttpRequest, contest: Contest) -> HttpResponse:
    """Read once more, and cast; or for scripts: cast."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    voters = voters_for(request.user, contest)
    if request.method == "POST":
        return _cast(request, contest, voters)
    picks = _picked_before(request, contest)
    if not picks:
        return HttpResponseRedirect(contest.address("vote"))
    if not voters:
        return _not_here(request, contest)
    for_whom = _voter(request, voters)
    if for_whom is None:
        return render(request, "contest/vote_for.html", _for_whom(contest, voters))
    own = voting.own_vote(contest, for_whom)
    if voting.has_voted(contest, for_whom) and (own is None or not contest.may_change):
        return _recorded(request, contest, for_whom, own, voters)
    return _review(request, contest, for_whom, picks, own=own)


def _not_here(request: HttpRequest, contest: Contest) -> HttpResponse:
    """Signed in, and not one of those who may vote: what is missing and where to get it."""
    by_phone = contest.voters == Contest.Voters.VERIFIED_PHONES
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "by_phone": by_phone,
        "next": reverse("me:phone") if by_phone else reverse("me:who"),
    }
    return render(request, "contest/vote_not_here.html", context, status=403)


def _for_whom(contest: Contest, voters: list[Voter]) -> dict[str, Any]:
    told = [(one, voting.has_voted(contest, one)) for one in voters]
    return {"contest": contest, "trail": trail_of(contest), "voters": told}


def _review(
    request: HttpRequest, contest: Contest, voter: Voter, picks: list[int], *, own: ContestVote | None
) -> HttpResponse:
    try:
        entries: list[Entry] = voting.require_picks(contest, picks)
    except ContestRefused as error:
        return _paper(request, contest, picks, own=own, voter=voter, wrong=error.message, status=422)
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "entries": sorted(entries, key=lambda one: one.number),
        "voter": voter,
        "own": own,
        **_moments(contest),
        "key": secrets.token_urlsafe(16),
        "open": is_open(contest, Stage.Key.PUBLIC_VOTE),
    }
    return render(request, "contest/vote_check.html", context)


def _cast(request: HttpRequest, contest: Contest, voters: list[Voter]) -> HttpResponse:
    back = contest.address("vote")
    if is_no_form(request):
        return refuse_no_form(request, back=back)
    where = seen(request)
    if too_often(f"contest-cast:{request.user.pk}", limit=CASTS_A_MINUTE, seconds=60, first_free=True):
        return refuse(request, "slow_down", _("按得太快了，请等一分钟再试。"), back=back, retry_after=60)
    if too_often(f"contest-cast:at:{where.address}", limit=PER_ADDRESS, seconds=ADDRESS_SECONDS):
        message = _("这里投票的人太多了，请过几分钟再投。")
        return refuse(request, "slow_down", message, back=back, retry_after=60)
    try:
        picks, key = read_picks(request.POST), read_key(request.POST)
        read_voter(request.POST)
        voter = _voter(request, voters)
        if voter is None:
            if not wants_json(request) and not voters:
                return _not_here(request, contest)
            raise NotAllowed(_("这个账号不能参加这次投票。")) if not voters else Incomplete(_("请选替谁投。"), "for")
        if voting.own_vote(contest, voter) is None or request.POST.get("change") != "1":
            made = voting.cast_vote(contest=contest, voter=voter, picks=picks, key=key, seen=where)
        else:
            made = voting.change_vote(contest=contest, voter=voter, picks=picks, key=key)
    except ContestRefused as error:
        return refuse(request, error.code, error.message, field=error.field or None, back=back)
    _forget_aside(request, contest)
    if not wants_json(request):
        return HttpResponseRedirect(f"{back}?for={voter.key}" if len(voters) > 1 else back, status=303)
    numbers = sorted(made.picks.values_list("entry__number", flat=True))
    return JsonResponse({"accepted": True, "picks": numbers, "message": _("您的票记下了。")})


def _forget_aside(request: HttpRequest, contest: Contest) -> None:
    """What was laid aside is cast. A session that holds none of it is not written: that might fail behind the vote."""
    if request.session.get(LAID_ASIDE, {}).pop(str(contest.pk), None) is not None:
        request.session.modified = True


def _recorded(
    request: HttpRequest, contest: Contest, voter: Voter, own: ContestVote | None, voters: list[Voter]
) -> HttpResponse:
    """That the vote is there, what is on it and until when it may be changed; `own` is None once scores are locked."""
    still, gone = voting.picks_that_count(own) if own is not None else ([], [])
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "voter": voter,
        "own": own,
        "still": still,
        "gone": gone,
        "too_few": own is not None and len(still) < contest.picks_min,
        "may_change": own is not None and contest.may_change and is_open(contest, Stage.Key.PUBLIC_VOTE),
        **_moments(contest),
        "others": [
            one for one in voters if one.key != voter.key and not voting.has_voted(contest, one)
        ] if is_open(contest, Stage.Key.PUBLIC_VOTE) else [],
    }  # fmt: skip
    return render(request, "contest/vote_recorded.html", context)
