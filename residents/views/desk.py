"""Helper mode: somebody stands at the desk with no SMS; an officer finds the line, asks, and brings them in."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.claims import ClaimError
from residents.desk import LINK_SECONDS, bring_in, people_at_desk
from residents.entry_forms import ConsentForm
from residents.models import Resident, Village
from residents.rights import Act
from ui.answers import STATUS, refuse
from ui.limits import too_often

from .doors import village_door
from .people import find_person
from .roll_doors import trail

FOUND_MOST = 30
LONGEST_SEARCH = 60
AN_HOUR = 300  # one desk at the door of a full hall


@village_door("GET", act=Act.BRING_IN)
def desk(request: HttpRequest, village: Village) -> HttpResponse:
    """Find the person by name or pinyin."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    found = list(people_at_desk(village, named_like=asked)[: FOUND_MOST + 1])
    context = {
        "village": village,
        "trail": trail(village),
        "asked": asked,
        "found": found[:FOUND_MOST],
        "too_many": len(found) > FOUND_MOST,
    }
    response = render(request, "residents/entry/desk.html", context)
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", "POST", act=Act.BRING_IN)
def desk_person(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """Who it is, their consent, and then the link that opens their account: ten minutes, once."""
    one = find_person(village, ref)
    if not people_at_desk(village).filter(pk=one.pk).exists():
        raise Http404
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, village, one, form, status=422 if form.is_bound else 200)
    if too_often(f"desk:{request.user.pk}", limit=AN_HOUR, seconds=3600):
        return refuse(request, "slow_down", _("一小时最多帮 300 人登录，请过一会儿再试。"), retry_after=3600)
    try:
        brought = bring_in(village, one, by=request.user, consent=str(form.fields["consent"].label))
    except ClaimError as refused:
        form.add_error(None, str(refused))
        return _page(request, village, one, form, status=STATUS[refused.code])
    url = f"{settings.PUBLIC_URL}{reverse('code:desk_link', args=[brought.token])}"
    return _page(request, village, one, form, link=url)


def _page(
    request: HttpRequest, village: Village, one: Resident, form: ConsentForm, *, link: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "village": village,
        "trail": [*trail(village), (_("帮人登录"), reverse("residents:desk", args=[village.slug]))],
        "one": one,
        "form": form,
        "link": link,
        "minutes": LINK_SECONDS // 60,
        "until": timezone.now() + datetime.timedelta(seconds=LINK_SECONDS),
        "desk_url": reverse("residents:desk", args=[village.slug]),
    }
    response = render(request, "residents/entry/desk_person.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
