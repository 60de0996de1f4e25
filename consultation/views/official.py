"""Papers taken away as .docx: those of the minutes for whoever may read them, letters for whoever answers topics."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from consultation.eligibility import may_read_arrivals
from consultation.models import Meeting, Minutes, Topic
from consultation.official import decisions, record, referral
from residents.models import Village
from residents.rights import Act
from residents.views.doors import village_door

from .doors import Factor, belongs, door
from .minutes import may_take_letters, readable_minutes

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _attached(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=DOCX)
    response["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    response["Cache-Control"] = "no-store"  # what is in it depends on who asks
    return response


@door("GET")
def minutes(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The minutes, with as many names as their page shows to the same person."""
    content = record.minutes_paper(
        readable_minutes(request, meeting),
        inside=belongs(request.user, meeting),
        sees_arrivals=may_read_arrivals(request.user, meeting),
    )
    return _attached(content, f"minutes-{meeting.village.slug}-{meeting.number}")


def _paper(name: str, has: Callable[[Minutes], bool], write: Callable[[Minutes], bytes]) -> Callable[..., HttpResponse]:
    @door("GET")
    def paper(request: HttpRequest, meeting: Meeting) -> HttpResponse:
        found = readable_minutes(request, meeting)
        if not has(found):
            raise Http404
        return _attached(write(found), f"{name}-{meeting.village.slug}-{meeting.number}")

    return paper


resolution = _paper("resolution", decisions.has_resolution, decisions.resolution_paper)
opinion = _paper("opinion", decisions.has_opinion, decisions.opinion_paper)


@door("GET", right=may_take_letters, factor=Factor.SHOWN)
def motion_letter(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """The letter of a matter that was voted as an opinion and goes on to whoever decides it."""
    put = get_object_or_404(meeting.motions.select_related("meeting__village__region"), number=motion)
    if not referral.motion_is_passed_on(put):
        raise Http404
    return _attached(referral.motion_letter(put), f"letter-{meeting.village.slug}-{meeting.number}-{put.number}")


@village_door("GET", act=Act.ANSWER_TOPIC)
def letter(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The letter of a topic that was passed on."""
    found = Topic.objects.of(village).select_related("village__region", "category")
    topic = get_object_or_404(found, number=number)
    if not referral.may_be_written(topic):
        raise Http404
    return _attached(referral.referral_letter(topic), f"letter-{village.slug}-{topic.number}")
