"""Petitions of the demo: one that collects signatures, one for which enough have signed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from consultation import petitions
from consultation.models import Petition
from consultation.petition_reads import ways_for
from residents.models import Resident, Village

from .files import Days
from .meetings import person_named


def load_petition(row: dict[str, Any], days: Days) -> None:
    """One petition, unless the village has one of that title."""
    village = Village.objects.get(slug=row["village"])
    if Petition.objects.of(village).filter(title=row["title"]).exists():
        return
    on = days.after(-row["days_ago"])
    at = days.moment(on, "19:30")
    way = next(one for one in ways_for(village, on=on) if one.key == row["way"])
    petition = petitions.start(
        village=village, person=person_named(village, row["started_by"]), way=way, title=row["title"],
        reason=row["reason"], by=None, at=at,
    )  # fmt: skip
    missing = (petition.needed if row["signed"] == "all_needed" else row["signed"]) - petition.signatures.count()
    counting = Resident.objects.of(village).filter(pk__in=petitions.may_count(petition))
    others = counting.exclude(pk__in=petition.signatures.values("resident")).order_by("pk")
    # Those with accounts come last: they are left to sign by whoever tries the demo.
    people = [*others.filter(claims=None)[:missing], *others.exclude(claims=None).distinct()][:missing]
    with transaction.atomic():
        petitions.write_signatures(petitions.locked(petition), people, by=None, moment=at)
