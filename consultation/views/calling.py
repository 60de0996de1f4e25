"""Calling a meeting and sending its notice."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation import amendments, meetings, practice, unvoted, voting
from consultation.calling_forms import MeetingForm, as_before, hours_of
from consultation.continuing import (
    left_over,
    left_over_options,
    left_over_unvoted,
    reserved_before,
    to_continue,
)
from consultation.eligibility import may_hand_over
from consultation.errors import Invalid, MeetingError
from consultation.forms import ReasonForm
from consultation.models import Meeting, Petition
from consultation.topic_reads import to_be_discussed
from residents.models import Village
from residents.rights import Act, granting, letters_of
from residents.step_up import ask

from .doors import Factor, door, village_door
from .meeting import village_trail

NUMBER_DIGITS = 9


@village_door
def call(request: HttpRequest, village: Village) -> HttpResponse:
    """One form for the whole meeting; a refusal keeps all that was typed."""
    asked = ask(request, granting(letters_of(request.user, village), Act.CALL_MEETING))
    if asked is not None:
        return asked
    today = timezone.localdate()
    asked_for = request.POST.get("continues", "") if request.method == "POST" else request.GET.get("continue", "")
    continued = to_continue(village, asked_for)
    form = MeetingForm(
        request.POST or None,
        village=village,
        today=today,
        continued=continued,
        initial=_begun_with(request, village) | _left_of(continued),
    )
    if request.method == "POST" and form.is_valid():
        try:
            if asked_for and continued is None:  # somebody else was quicker, or the address was made up
                raise Invalid(_("要接着开的会议没有延期，或者已经安排好了。请回会议页面看一看。"))
            meeting = _call(form, village, request, continued)
        except MeetingError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("会议已建好。核对无误后，请发布通知。"))
            return redirect(meeting.address("console"))
    status = 422 if form.is_bound else 200
    return render(
        request,
        "consultation/call.html",
        {
            "form": form,
            "village": village,
            "trail": village_trail(village),
            "continued": continued,
            "also_voted": left_over_options(continued) if continued else [],
            "earlier": meetings.last_of_each_kind(village, on=today),
        },
        status=status,
    )


def _begun_with(request: HttpRequest, village: Village) -> dict[str, Any]:
    """`?like=` a meeting's number: as that one was; `?topic=` a topic's number: about that one; `?petition=`."""
    begun: dict[str, Any] = {}
    like, topic = request.GET.get("like", ""), request.GET.get("topic", "")
    if like.isdecimal() and len(like) < NUMBER_DIGITS:
        found = Meeting.objects.of(village).filter(number=int(like)).select_related("village", "preset").first()
        begun |= as_before(found) if found is not None else {}
    if topic.isdecimal() and len(topic) < NUMBER_DIGITS:
        taken_up = to_be_discussed(village).filter(number=int(topic)).first()
        if taken_up is not None:
            begun["topics"] = [taken_up.number]
            title = _("商量“%(title)s”") % {"title": taken_up.published_title}
            begun |= {"title": title, "agenda": _("通报情况\n大家商量\n表决")} if not like else {}
    begun |= _demanded(request, village) if not like else {}
    return begun


def _left_of(continued: Meeting | None) -> dict[str, Any]:
    """The next part of a meeting that was put off begins with what the first one did not come to."""
    if continued is None:
        return {}
    topics = [item.topic.number for item in continued.agenda.select_related("topic") if item.topic is not None]
    return as_before(continued) | {
        "motions": "\n".join(left_over(continued)),
        "unvoted": "\n".join(left_over_unvoted(continued)),
        "topics": topics,
    }


def _demanded(request: HttpRequest, village: Village) -> dict[str, Any]:
    """`?petition=` a petition's number: the meeting it demands."""
    asked = request.GET.get("petition", "")
    if not asked.isdecimal() or len(asked) >= NUMBER_DIGITS:
        return {}
    found = Petition.objects.of(village).waiting().filter(number=int(asked)).first()
    if found is None:
        return {}
    words = {"title": found.title}
    return {
        "petitions": [found.number],
        "preset": found.preset_id,
        "title": _("商量“%(title)s”") % words,
        "agenda": _("通报请求的情况\n大家商量\n表决"),
    }


@transaction.atomic
def _call(form: MeetingForm, village: Village, request: HttpRequest, continued: Meeting | None) -> Meeting:
    data = form.cleaned_data
    starts_at, ends_at = hours_of(data["held_on"], data["starts"], data["ends"], ZoneInfo(village.time_zone))
    meeting = meetings.call_meeting(
        village=village,
        preset=data["preset"],
        title=data["title"],
        place=data["place"],
        places=data["planned"],
        continues=continued,
        affected=data["affected"],
        guests=data["asked"],
        starts_at=starts_at,
        ends_at=ends_at,
        officers=form.officers(),
        agenda=form.agenda_items(),
        yard=data["yard"],
        group=data["group"],
        remote_allowed=True if data["remote_basis"] else None,
        remote_basis=data["remote_basis"],
        topics=list(data.get("topics") or ()),
        petitions=list(data.get("petitions") or ()),
        by=request.user,
    )
    item = meeting.agenda.filter(kind="voting").last()
    amendments.table_left_over(
        meeting, continued, form.motion_texts(), item=item, method=data["method"], by=request.user
    )
    for planned in form.planned_motions():
        try:
            voting.table_motion(meeting=meeting, agenda_item=item, by=request.user, **planned.cleaned_data)
        except MeetingError as error:
            planned.add_error(error.field if error.field in planned.fields else None, str(error.message))
            raise Invalid(_("单独写的表决事项里有没填对的，请看那一栏的红字。")) from error
    for text in form.unvoted_texts():
        unvoted.table_unvoted(
            meeting=meeting, text=text, agenda_item=meeting.agenda.filter(title=text).first(),
            reserved_for=reserved_before(continued, text), by=request.user,
        )  # fmt: skip
    return meeting


@door("POST", right=may_hand_over, back="console", factor=Factor.CONSOLE)
def publish_notice(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    meetings.publish_notice(meeting, by=request.user, urgent_reason=reason)
    messages.success(request, _("通知已发布，应到名册已固定。请打印通知张贴到公开栏。"))
    return HttpResponseRedirect(meeting.address("console"), status=303)


@village_door
def start_practice(request: HttpRequest, village: Village) -> HttpResponse:
    """A button for a clerk without a shell: a practice meeting with made-up people, now."""
    if request.method != "POST":
        return redirect(f"/v/{village.slug}/meetings/new/")
    meeting = practice.start_practice(user=request.user, like=village)
    messages.success(request, _("练习会议已经开始。里面的人都是编出来的，怎么按都不影响真实的村。"))
    return redirect(meeting.address("console"))
