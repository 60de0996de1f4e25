"""What an account has to do in which county or township: its officers, its editors, and the site's operators."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from residents.models import Appointment, Region, Role, User
from residents.offices import roles_over
from residents.rights import Act, is_operator, may_over

SEES_DUTIES = frozenset({Role.TOWNSHIP_REVIEWER, Role.COUNTY_EDITOR})
SHOWN_MOST = 500


@dataclass(frozen=True)
class RegionDesk:
    """`makes`: gives its offices, makes and merges villages; `gives`: the villages' offices, too; `watches`: sees what
    is overdue.
    """

    region: Region
    makes: bool
    gives: bool
    watches: bool

    @property
    def opens(self) -> bool:
        return self.makes or self.watches


def sees_duties(user: User, region: Region) -> bool:
    """What is late is the business of the township's reviewers and the county's editors."""
    return bool(roles_over(user, region, on=timezone.localdate()) & SEES_DUTIES)


def desk_of(user: User, region: Region) -> RegionDesk:
    return RegionDesk(
        region,
        makes=may_over(user, Act.CREATE_VILLAGE, region),
        gives=may_over(user, Act.GIVE_ROLES, region),
        watches=sees_duties(user, region),
    )


def regions_watched(user: User) -> list[Region]:
    """Those whose figures the account reads: named there itself, the county before its townships."""
    held = Appointment.objects.current(timezone.localdate()).filter(user=user, role__in=SEES_DUTIES)
    return list(Region.objects.filter(pk__in=held.values("region")).order_by("code"))


def regions_of(user: User) -> list[Region]:
    """Counties and townships where the account has something to do, the county before its townships."""
    levels = (Region.Level.COUNTY, Region.Level.TOWNSHIP)
    regions = Region.objects.filter(level__in=levels).select_related("parent").order_by("code")
    if not is_operator(user):
        held = Appointment.objects.current(timezone.localdate()).filter(user=user, role__in=SEES_DUTIES)
        mine = held.values("region")
        below = Q(parent__in=mine) | Q(parent__parent__in=mine) | Q(parent__parent__parent__in=mine)
        regions = regions.filter(Q(pk__in=mine) | below)
    return list(regions[:SHOWN_MOST])
