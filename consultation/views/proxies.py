"""Written grants on the meeting's page: giving one, seeing those one has given or holds, taking one back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation.acting_forms import GrantForm
from consultation.eligibility import may_watch, own_entries
from consultation.errors import MeetingError, NotAllowed, PhotoRefused, WrongState
from consultation.models import Meeting, Proxy
from consultation.models.presets import Proxies
from consultation.proxies import cap_of, end_proxy, grant_with_photo, kind_of
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads

from .acting import concerning
from .doors import door
from .meeting import trail


@door("GET", "POST", right=may_watch)
def proxies(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Let another of the meeting vote in one's place, with a photo of the signed paper."""
    if kind_of(meeting) == Proxies.NONE or not hasattr(meeting, "roster"):
        raise WrongState(_("这次会议不能委托别人投票，请本人参加。"))
    own = list(own_entries(request.user, meeting).select_related("roster", "resident"))
    if not own:
        raise NotAllowed(_("名册上没有您，不能办委托。有疑问请找记录员。"))
    form = GrantForm(request.POST or None, request.FILES or None, meeting=meeting, own=own)
    status = 200
    if request.method == "POST":
        if too_many_uploads(request.user.pk):
            return refuse(
                request, "slow_down", _("照片传得太多了，请过一小时再传。"), back=meeting.address("proxies"),
                retry_after=3600,
            )  # fmt: skip
        status = 422
        if form.is_valid():
            try:
                made = grant_with_photo(
                    meeting,
                    grantor=form.grantor(),
                    holder=form.holder(),
                    upload=form.cleaned_data["photo"],
                    by=request.user,
                )
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code] if isinstance(error, PhotoRefused) else 422
            else:
                messages.success(
                    request,
                    _("委托好了：%(holder)s签到以后，替%(grantor)s投票。")
                    % {"holder": made.holder.name, "grantor": made.grantor.name},
                )
                return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
    context = {
        "meeting": meeting,
        "trail": trail(meeting, itself=True),
        "form": form,
        "cap": cap_of(meeting),
        "same_household": kind_of(meeting) == Proxies.SAME_HOUSEHOLD,
        "grants": concerning(meeting, own),
    }
    return render(request, "consultation/proxies.html", context, status=status)


@door("POST", right=may_watch)
def end(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """Either of the two takes the grant of this line back."""
    standing = Proxy.objects.of(meeting.village).standing().filter(meeting=meeting, grantor__number=entry)
    proxy = standing.select_related("grantor", "holder", "meeting").first()
    if proxy is None:
        raise WrongState(_("这份委托早已结束，不用再收回。"))
    mine = own_entries(request.user, meeting)
    if mine.filter(pk=proxy.grantor_id).exists():
        reason = _("委托人收回")
    elif mine.filter(pk=proxy.holder_id).exists():
        reason = _("受托人退回")
    else:
        raise NotAllowed(_("只有委托人和受托人可以收回委托。"))
    end_proxy(proxy, by=request.user, reason=reason)
    messages.success(
        request,
        _("%(grantor)s给%(holder)s的委托已经收回，从下一项表决起不再代投。")
        % {"grantor": proxy.grantor.name, "holder": proxy.holder.name},
    )
    return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
