"""Who runs a contest: the organizers of its region or above, or of the regions above its village and the village's
supervisors; for others there is nothing to see of it before it is announced."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from residents.models import Appointment, Claim, Region, User, Village
from residents.rights import Act, may, may_over, roles_granted

from .models import Contest


def may_host(user: User | AnonymousUser, host: Region | Village) -> bool:
    """Whether the account may run the contests of this region or village."""
    if not user.is_authenticated:
        return False
    if isinstance(host, Village):
        return may(user, Act.RUN_CONTEST, host)
    return may_over(user, Act.RUN_CONTEST, host)


def may_run(user: User | AnonymousUser, contest: Contest) -> bool:
    """Whether the account may run this contest and see its scores once they are locked."""
    return may_host(user, contest.host)


def who_runs(contest: Contest, *, on: datetime.date | None = None) -> QuerySet[User]:
    """The accounts that may run it on that day (default today)."""
    own, above = roles_granted(Act.RUN_CONTEST)
    village, region = contest.village, contest.region
    below = village.region if village is not None else region
    places = [below, *below.ancestors()] if below is not None else []
    held = Appointment.objects.current(on or timezone.localdate())
    from_above = held.filter(region__in=places, role__in=above).values("user")
    in_village = held.filter(village=village, role__in=own) if village is not None else held.none()
    itself = Claim.objects.confirmed().filter(
        relation=Claim.Relation.SELF, resident__in=in_village.exclude(resident=None).values("resident")
    )
    return User.objects.filter(is_active=True).filter(
        Q(pk__in=from_above) | Q(pk__in=in_village.exclude(user=None).values("user")) | Q(pk__in=itself.values("user"))
    )
