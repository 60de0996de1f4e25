"""For whom an account acts in a village: itself and those it helps."""

from __future__ import annotations

import datetime

from residents.models import Claim, Resident, User, Village


def people_of(user: User, village: Village, *, on: datetime.date) -> list[Resident]:
    """Those of the roll that day, itself before those it helps."""
    claims = (
        Claim.objects.of(village)
        .confirmed()
        .filter(user=user, resident__in=Resident.objects.of(village).on_roll(on))
        .select_related("resident__household__group")
        .order_by("pk")
    )
    return [claim.resident for claim in sorted(claims, key=lambda claim: claim.relation != Claim.Relation.SELF)]
