"""Whether people come: their own reply, and the list for those who prepare the meeting."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from consultation import replies as rules
from consultation.eligibility import own_entries
from consultation.errors import NotEntitled
from consultation.models import Meeting
from ui.answers import refuse
from ui.limits import too_often

from .doors import Factor, belongs, door
from .meeting import trail

REPLIES_A_MINUTE = 30


@door("POST", right=belongs)
def reply(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """One unit says whether it comes."""
    back = f"{meeting.get_absolute_url()}#reply"
    if too_often(f"reply:{request.user.pk}", limit=REPLIES_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=back, retry_after=60)
    number = request.POST.get("entry", "")
    entry = own_entries(request.user, meeting).filter(number=int(number)).first() if _is_number(number) else None
    if entry is None:
        raise NotEntitled(_("您不能替这一户回复。请到“我的”里看看您替谁办事。"))
    line = rules.reply(meeting, entry, request.POST.get("answer", ""), by=request.user)
    messages.success(
        request, _("记下了：%(name)s“%(answer)s”。想改，开会以前都可以再按。")
        % {"name": entry.name, "answer": line.get_answer_display()},
    )  # fmt: skip
    return HttpResponseRedirect(back, status=303)


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdecimal() and len(words) < 8


@door("GET", right=rules.may_read_replies, factor=Factor.CONSOLE)
@never_cache
def replies(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who comes, group by group; `?print`: those who have said nothing, for whoever goes from door to door."""
    if not hasattr(meeting, "roster"):
        messages.info(request, _("通知发出以后，这里才有名单。"))
        return HttpResponseRedirect(meeting.address("console"), status=303)
    printed = "print" in request.GET
    context = {
        "meeting": meeting,
        "trail": trail(meeting, itself=True),
        "expected": rules.expected(meeting),
        "groups": rules.by_group(meeting, silent_only=printed),
        "console_url": meeting.address("console"),
    }
    page = "consultation/print/doors_to_knock.html" if printed else "consultation/replies.html"
    return render(request, page, context)
