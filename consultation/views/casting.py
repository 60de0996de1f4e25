"""A ballot goes up by an ordinary form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _

from consultation import voting
from consultation.eligibility import may_check_in
from consultation.errors import MeetingError, NotEntitled
from consultation.forms import BallotForm
from consultation.models import Ballot, Choice, Meeting, Motion, RosterEntry
from residents.models import Claim, Village
from ui.answers import refuse, wants_json
from ui.limits import too_often

from .doors import door, sign_in_first

CASTS_A_MINUTE = 10


def _acting_entry(request: HttpRequest, motion: Motion, number: int) -> RosterEntry | None:
    """The roster line the account acts for, in one query."""
    return RosterEntry.objects.filter(
        roster__meeting=motion.meeting_id,
        number=number,
        resident__claims__user=request.user.pk,
        resident__claims__state=Claim.State.CONFIRMED,
    ).first()


def cast(request: HttpRequest, village: str, number: int, motion: int) -> HttpResponse:
    """Cast one unit's ballot. On the hot path: as few queries as the rules allow, and no meeting page around it."""
    if request.method != "POST":
        response = refuse(request, "wrong_method", _("请从表决页面上的按钮投票。"))
        response["Allow"] = "POST"
        return response
    if not request.user.is_authenticated:
        return sign_in_first(request)
    put = (
        Motion.objects.filter(meeting__village__slug=village, meeting__number=number, number=motion)
        .select_related("meeting__village")
        .first()
    )
    if put is None:
        return _unknown(request)
    meeting = put.meeting
    back = meeting.get_absolute_url()
    form = BallotForm(request.POST)
    if not form.is_valid() and not _acts_here(request, meeting.village):
        return _unknown(request)
    if not form.is_valid():
        field = next(iter(form.errors))
        message = _("请选择赞成、反对或者弃权，再按“投票”。") if field == "choice" else _("页面不完整，请刷新后再投。")
        return refuse(request, "invalid", message, field=field, back=back)
    entry = _acting_entry(request, put, form.cleaned_data["entry"])
    if entry is None:
        return _no_entry(request, meeting, back)
    if too_often(f"cast:{entry.pk}", limit=CASTS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请等一分钟再试。"), back=back, retry_after=60)
    try:
        ballot = voting.cast_ballot(
            motion=put, entry=entry, choice=form.cleaned_data["choice"], key=form.cleaned_data["key"]
        )
    except MeetingError as error:
        return refuse(request, error.code, str(error.message), field=error.field, back=back)
    return _accepted(request, meeting, put, entry, ballot)


def _accepted(
    request: HttpRequest, meeting: Meeting, motion: Motion, entry: RosterEntry, ballot: Ballot
) -> HttpResponse:
    label = str(Choice(ballot.choice).label)
    if wants_json(request):
        message = _("已收到：%(name)s投了“%(choice)s”。") % {"name": entry.name, "choice": label}
        body = {
            "accepted": True,
            "motion": motion.pk,
            "entry": entry.number,
            "choice": ballot.choice,
            "message": message,
        }
        return JsonResponse(body)
    return HttpResponseRedirect(f"{meeting.get_absolute_url()}#ballots", status=303)


def _acts_here(request: HttpRequest, village: Village) -> bool:
    return Claim.objects.of(village).confirmed().filter(user=request.user.pk).exists()


def _unknown(request: HttpRequest) -> HttpResponse:
    return refuse(request, "not_found", _("没有找到这一项表决。可能是网址有误，请从会议页面进入。"))


def _no_entry(request: HttpRequest, meeting: Meeting, back: str) -> HttpResponse:
    """Somebody of this village is told why; to anybody else the motion does not exist."""
    if _acts_here(request, meeting.village):
        return refuse(request, NotEntitled.code, str(NotEntitled.message), back=back)
    return _unknown(request)


@door("POST", right=may_check_in, back="console")
def cast_for(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The recorder enters the open ballot of somebody without a phone, who says it aloud."""
    put = meeting.motions.filter(number=motion).first()
    form = BallotForm(request.POST)
    if put is None or not form.is_valid():
        return refuse(request, "invalid", _("请选择是谁、投什么，再按“代录”。"), back=meeting.address("console"))
    entry = meeting.roster.entries.filter(number=form.cleaned_data["entry"]).first()
    if entry is None:
        raise NotEntitled(_("名册上没有这个号码，请核对。"))
    voting.cast_ballot(
        motion=put,
        entry=entry,
        choice=form.cleaned_data["choice"],
        key=form.cleaned_data["key"],
        channel=Ballot.Channel.RECORDER,
        by=request.user,
    )
    return HttpResponseRedirect(meeting.address("console") + "#motion", status=303)
