"""Whether committee, supervisors and the representatives' assembly are made up as the law says: told, never a bar.

The numbers are data (legal_figures.py); VL and UL are the two organisation laws of 2025.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .legal_figures import figures_for
from .models import Appointment, Household, LegalFigure, Resident, Role, Village

COMMITTEE = frozenset({Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER})
SUPERVISORS = frozenset({Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER})
_SEATS = COMMITTEE | SUPERVISORS | {Role.REPRESENTATIVE}


@dataclass(frozen=True)
class Seat:
    """One office of the three bodies, with what the law asks about whoever holds it."""

    role: str
    resident_id: int
    name: str
    is_woman: bool
    household_id: int


def seat_of(resident: Resident, role: str) -> Seat:
    is_woman = resident.gender == Resident.Gender.FEMALE
    return Seat(role, resident.pk, resident.name, is_woman, resident.household_id)


def seats(village: Village, *, on: datetime.date) -> list[Seat]:
    """The offices held that day by people who are on the roll."""
    living = Resident.objects.of(village).on_roll(on)
    held = Appointment.objects.of(village).current(on).filter(resident__in=living, role__in=_SEATS)
    return [seat_of(one.resident, one.role) for one in held.select_related("resident") if one.resident is not None]


def composition_warnings(village: Village, *, on: datetime.date, held: Sequence[Seat] | None = None) -> list[str]:
    """What the law asks of the three bodies and these do not have, in words; empty when all is well.

    `held` are the offices as they would be; without it those of the day.
    """
    taken = seats(village, on=on) if held is None else held
    figures = figures_for(village.kind, on=on)
    homes = Household.objects.of(village).on_roll(on).count()
    return [
        *_committee(taken, figures),
        *_apart(taken),
        *_assembly(taken, figures, homes=homes),
    ]


def _people(held: Iterable[Seat], roles: frozenset[str]) -> dict[int, Seat]:
    """Each person once, whatever of these offices they hold."""
    return {seat.resident_id: seat for seat in held if seat.role in roles}


def _cited(words: str, figure: LegalFigure) -> str:
    return _("%(words)s（%(basis)s）") % {"words": words, "basis": figure.basis}


def _committee(held: Sequence[Seat], figures: Mapping[str, LegalFigure]) -> list[str]:
    """So many people, women among them (VL 8, UL 8)."""
    members = _people(held, COMMITTEE)
    if not members:
        return []
    told = []
    size = figures.get("committee_size")
    if size is not None and not size.allows(len(members)):
        numbers = {"count": len(members), "least": size.least, "most": size.most}
        told.append(_cited(_("委员会现在 %(count)s 人，应当是 %(least)s 到 %(most)s 人。") % numbers, size))
    women = figures.get("committee_women")
    if women is not None and sum(seat.is_woman for seat in members.values()) < (women.least or 0):
        told.append(_cited(_("委员会里还没有妇女，应当有。"), women))
    return told


def _apart(held: Sequence[Seat]) -> list[str]:
    """Supervisors are no committee members and no close relatives of any; nor are committee members of one another
    (VL 8 and 37, UL 8 and 36). The roll only knows who lives in one household, so that is what is told.
    """
    committee, supervisors = _people(held, COMMITTEE), _people(held, SUPERVISORS)
    told = [
        _("%(name)s既是委员会成员又是监督委员会成员，两个职务不能一个人兼。") % {"name": seat.name}
        for person, seat in supervisors.items()
        if person in committee
    ]
    members = list(committee.values())
    pairs = [(one, other) for number, one in enumerate(members) for other in members[:number]]
    pairs += [(one, other) for one in supervisors.values() for other in members if one.resident_id != other.resident_id]
    for one, other in pairs:
        if one.household_id == other.household_id:
            told.append(
                _("%(one)s和委员会成员%(other)s在同一户，请核对是不是近亲属，近亲属应当回避。")
                % {"one": one.name, "other": other.name}
            )
    return told


def _assembly(held: Sequence[Seat], figures: Mapping[str, LegalFigure], *, homes: int) -> list[str]:
    """Representatives are so large a part of the members, so many of them women, each for so many households."""
    members = _people(held, COMMITTEE | {Role.REPRESENTATIVE})
    representatives = _people(held, frozenset({Role.REPRESENTATIVE}))
    if not representatives:
        return [_("名册上还没有代表，代表会议开不了。")] if members else []
    told = []
    share = figures.get("representatives_share")
    if share is not None and not share.reached_by(len(representatives), len(members)):
        words = _("代表 %(count)s 人，不到代表会议组成人员（%(members)s 人）的 %(num)s/%(den)s。")
        told.append(_cited(words % ({"count": len(representatives), "members": len(members)} | _share(share)), share))
    women_share = figures.get("representatives_women")
    women = sum(seat.is_woman for seat in representatives.values())
    if women_share is not None and not women_share.reached_by(women, len(representatives)):
        words = _("妇女代表 %(women)s 人，不到代表（%(count)s 人）的 %(num)s/%(den)s。")
        told.append(
            _cited(words % ({"women": women, "count": len(representatives)} | _share(women_share)), women_share)
        )
    each = figures.get("households_each")
    if each is not None and homes and not each.allows(homes, times=len(representatives)):
        words = _("%(households)s 户有 %(count)s 名代表。一般每 %(least)s 到 %(most)s 户推选一名，请核对。")
        numbers = {"households": homes, "count": len(representatives), "least": each.least, "most": each.most}
        told.append(_cited(words % numbers, each))
    return told


def _share(figure: LegalFigure) -> dict[str, int | None]:
    return {"num": figure.share_num, "den": figure.share_den}
