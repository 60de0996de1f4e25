"""A village's open pages: which village, who the account is there."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from residents.models import Village
from residents.rights import Act, Grant, Letter, grant_to, letters_of


def place_of(request: HttpRequest, village: str) -> tuple[Village, frozenset[Letter]]:
    """The village and who the account is there; practice is hidden from everybody else."""
    place = get_object_or_404(Village.objects.select_related("region__parent__parent__parent"), slug=village)
    letters = letters_of(request.user, place)
    if place.is_practice and not inside_of(letters):
        raise Http404
    return place, letters


def inside_of(letters: frozenset[Letter]) -> bool:
    """Whether somebody with these letters reads what is the village's own."""
    return may_do(letters, Act.READ_VILLAGE_ONLY)


def may_do(letters: frozenset[Letter], act: Act) -> bool:
    return grant_to(letters, act) == Grant.MAY
