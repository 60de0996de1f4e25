"""Whether the assembly of representatives is made up as the law says: told to whoever keeps the roll, never a bar."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _

from .models import Appointment, Household, Resident, Role, Village

_COMMITTEE = frozenset({Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER})
# Households for each representative: VL 29 (5 to 15), UL 28 (20 to 50) of 2025.
HOUSEHOLDS_EACH = {Village.Kind.VILLAGE: (5, 15), Village.Kind.COMMUNITY: (20, 50)}


def composition_warnings(village: Village, *, on: datetime.date) -> list[str]:
    """What the law asks of the representatives' assembly and this one does not have, in words; empty when all is well.

    Representatives are at least four fifths of the members (VL 29, UL 28 of 2025); in villages at least one third of
    them are women (VL 29); each stands for 5 to 15 households, in communities for 20 to 50.
    """
    living = Resident.objects.of(village).on_roll(on)
    held = Appointment.objects.of(village).current(on).filter(resident__in=living)
    roles = held.filter(role__in=[*_COMMITTEE, Role.REPRESENTATIVE]).values_list("resident_id", "role")
    members = {resident_id for resident_id, _role in roles}
    representatives = {resident_id for resident_id, role in roles if role == Role.REPRESENTATIVE}
    if not representatives:
        return [_("名册上还没有代表，代表会议开不了。")] if members else []
    told = []
    if len(representatives) * 5 < len(members) * 4:
        told.append(
            _("代表 %(count)s 人，不到代表会议组成人员（%(members)s 人）的五分之四。")
            % {"count": len(representatives), "members": len(members)}
        )
    if not village.is_community:
        women = living.filter(pk__in=representatives, gender=Resident.Gender.FEMALE).count()
        if women * 3 < len(representatives):
            told.append(
                _("妇女代表 %(women)s 人，不到代表（%(count)s 人）的三分之一。")
                % {"women": women, "count": len(representatives)}
            )
    households = Household.objects.of(village).on_roll(on).count()
    least, most = HOUSEHOLDS_EACH[Village.Kind(village.kind)]
    if households and not least * len(representatives) <= households <= most * len(representatives):
        told.append(
            _("%(households)s 户有 %(count)s 名代表。一般每 %(least)s 到 %(most)s 户推选一名，请核对。")
            % {"households": households, "count": len(representatives), "least": least, "most": most}
        )
    return told
