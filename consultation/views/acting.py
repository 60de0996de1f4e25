"""Who votes in whose place, as the meeting's page and its console show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consultation.eligibility import own_entries
from consultation.models import Meeting, Proxy, RosterEntry
from consultation.models.presets import Proxies
from consultation.pictures import token_of
from consultation.proxies import kind_of
from consultation.substitutes import may_still_change
from residents.models import User

UNDER_WAY = (Meeting.State.NOTICED, Meeting.State.LIVE)


@dataclass(frozen=True)
class Grant:
    """A grant as a page shows it; `mine` when the account's own unit gave it."""

    proxy: Proxy
    mine: bool = False

    @property
    def photo_token(self) -> str:
        return token_of(self.proxy.photo)


def standing_grants(meeting: Meeting) -> list[Grant]:
    """All that stand in this meeting, for its officers."""
    standing = Proxy.objects.of(meeting.village).standing().filter(meeting=meeting)
    return [Grant(one) for one in standing.select_related("grantor", "holder", "photo").order_by("grantor__number")]


def acting_of(user: User, meeting: Meeting) -> dict[str, Any]:
    """What the meeting's page offers somebody who can not come, and which grants concern them; empty when nothing."""
    if meeting.state not in UNDER_WAY or not hasattr(meeting, "roster") or not user.is_authenticated:
        return {}
    allowed = kind_of(meeting) != Proxies.NONE
    homes = meeting.state == Meeting.State.NOTICED and may_still_change(meeting)
    own = list(own_entries(user, meeting).select_related("resident")) if allowed or homes else []
    if not own:
        return {}
    grants = concerning(meeting, own) if allowed else []
    free = {line.pk for line in own} - {grant.proxy.grantor_id for grant in grants if grant.mine}
    absent = RosterEntry.objects.filter(pk__in=free).exclude(attendances__in=meeting.attendances.present())
    return {
        "grants": grants,
        "may_grant": allowed and absent.exists(),
        "homes": [line for line in own if homes and line.unit == RosterEntry.Unit.HOUSEHOLD],
    }


def concerning(meeting: Meeting, own: list[RosterEntry]) -> list[Grant]:
    """Those that one of these lines gave or holds."""
    keys = {line.pk for line in own}
    return [
        Grant(grant.proxy, grant.proxy.grantor_id in keys)
        for grant in standing_grants(meeting)
        if {grant.proxy.grantor_id, grant.proxy.holder_id} & keys
    ]


def by_household(meeting: Meeting) -> bool:
    """Whether households may still send somebody else."""
    return (
        meeting.state in UNDER_WAY
        and hasattr(meeting, "roster")
        and meeting.roster.entries.filter(unit=RosterEntry.Unit.HOUSEHOLD).exists()
    )
