"""Photographs go out only to those they concern, by a random name, judged at every request."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from consultation.bulletins import counts_apart, marks_of
from consultation.eligibility import may_read_arrivals, may_read_names, officer_person, offices_in
from consultation.models import FollowUpReport, Meeting, Motion, PetitionSheet, Photo, Proxy, Sheet, Signature, Topic
from consultation.pictures import find_photo
from residents.models import Claim, User, Village
from residents.rights import Act, Letter, granting, letters_of, may
from residents.step_up import ask
from ui.answers import refuse

from .doors import Factor, by_office, by_supervision, second_factor, sign_in_first

HEADERS = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


def photo(request: HttpRequest, village: str, token: str) -> HttpResponse:
    """One photo, made by us, so it may be shown in the page."""
    place = get_object_or_404(Village, slug=village)
    if request.method not in ("GET", "HEAD"):
        response = refuse(request, "wrong_method", _("请从页面上的链接打开照片。"))
        response["Allow"] = "GET, HEAD"
        return response
    if not request.user.is_authenticated:
        return sign_in_first(request)
    found = find_photo(place, token) if re.fullmatch("[0-9a-f]{32}", token) else None
    if found is None:
        raise Http404
    asked = _judge(request, found)
    if asked is not None:
        return asked
    try:
        with found.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(content, content_type="image/jpeg", headers=HEADERS)


def _judge(request: HttpRequest, found: Photo) -> HttpResponse | None:
    """None when the account may look; the way to the second factor for an officer; else nothing is here."""
    sheets = Sheet.objects.confirmed().filter(photo=found)  # before, it would show the first count
    for sheet in sheets.select_related("motion__meeting__village"):
        if may_see_count(request.user, sheet.motion):
            return None
    for grant in Proxy.objects.filter(photo=found).select_related("meeting__village"):
        if _concerns(request.user, grant):
            return None
        if offices_in(request.user, grant.meeting):
            return second_factor(request, grant.meeting, Factor.CONSOLE, by_office)
    for signature in Signature.objects.filter(photo=found).select_related("minutes__meeting__village"):
        meeting = signature.minutes.meeting
        if may_read_arrivals(request.user, meeting):  # a hand, a thumb: for those who compare it
            return second_factor(request, meeting, Factor.SHOWN, _letters)
        if signature.resident_id == getattr(officer_person(request.user, meeting), "pk", None):
            return None
    for sheet in PetitionSheet.objects.of(found.village).filter(photos=found):
        # Who may compare it until somebody has, afterwards who may know the names on it.
        act = Act.ENTER_SIGNATURES if sheet.state == PetitionSheet.State.ENTERED else Act.READ_SIGNATURES
        held = granting(letters_of(request.user, found.village), act)
        if held:
            return ask(request, held)
    topics = Topic.objects.of(found.village).filter(photos=found)
    reports = FollowUpReport.objects.of(found.village).filter(photos=found)
    if (topics.exists() or reports.exists()) and may(request.user, Act.READ_VILLAGE_ONLY, found.village):
        return None
    raise Http404


def _letters(user: User, meeting: Meeting) -> frozenset[Letter]:
    return by_office(user, meeting) | by_supervision(user, meeting)


def may_see_count(user: User, motion: Motion) -> bool:
    """The village; of a secret motion with few papers or few phones only those who counted: it shows one channel."""
    sheets = motion.sheets.confirmed()
    if counts_apart(motion, marks_of(motion), sheets):
        return may_read_names(user, motion.meeting)
    return bool(offices_in(user, motion.meeting))


def _concerns(user: User, grant: Proxy) -> bool:
    """The two who made the grant, themselves."""
    own = Claim.objects.confirmed().filter(user=user, relation=Claim.Relation.SELF)
    return own.filter(resident__roster_entries__in=[grant.grantor_id, grant.holder_id]).exists()
