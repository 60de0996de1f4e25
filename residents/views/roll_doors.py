"""The doors of the roll: whoever may read it, and how much of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.models import Village
from residents.rights import Letter, letters_of
from residents.roll_reading import reading_of
from residents.step_up import ask
from ui.answers import refuse

from .doors import View, village_door

_READ_ALL = frozenset({Letter.ADMIN, Letter.SUPERVISOR})


def reading_door(*methods: str) -> Callable[[View], View]:
    """Guard `view(request, village, reading, …)`: administrators, supervisors, and leaders for their own groups."""

    def wrap(view: View) -> View:
        @village_door(*methods)
        @functools.wraps(view)
        def guarded(request: HttpRequest, village: Village, **extra: Any) -> HttpResponse:
            reading = reading_of(request.user, village, on=timezone.localdate())
            if reading is None:
                return refuse(request, "forbidden", _("名册由村（社区）管理员保管，您的职务不能查看。"))
            asked = ask(request, letters_of(request.user, village) & _READ_ALL)
            return asked if asked is not None else view(request, village, reading, **extra)

        return guarded

    return wrap


def trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Home, village (practice villages have no page), then what is given."""
    page = getattr(village, "page", None)
    return [(_("首页"), "/"), *([(village.name, page.url)] if page else []), *more]


def roll_trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail(village, (_("名册"), reverse("residents:roll", args=[village.slug])), *more)
