"""Which group and household a row of a sheet means: by number, by the head's name, by the block it stands in."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from residents.models import Household, Resident, Village, VillageGroup

from .people import PersonRow

if TYPE_CHECKING:
    from .plan import Plan


class Homes:
    """Which group and household a row means; new ones where the sheet tells of them."""

    def __init__(self, village: Village, on: datetime.date, rows: Sequence[PersonRow], plan: Plan) -> None:
        self.village = village
        self.plan = plan
        groups = list(VillageGroup.objects.of(village))
        self.founding = not groups
        self.groups: dict[int | str, VillageGroup] = {group.number: group for group in groups}
        self.groups |= {group.name: group for group in groups if group.name}
        self.last_group = max((group.number for group in groups), default=0)
        every = list(Household.objects.of(village).select_related("group").order_by("number"))
        self.next_number = max((one.number for one in every), default=0) + 1
        living = [one for one in every if one.until_on is None or one.until_on > on]
        self.by_own = {one.own_number: one for one in living if one.own_number}
        self.by_number = {str(one.number): one for one in living if not one.own_number}
        self.heads: dict[tuple[str, int], list[Household]] = {}
        for head in Resident.objects.of(village).on_roll(on).filter(is_head=True).select_related("household__group"):
            self.heads.setdefault((head.name, head.household.group_id), []).append(head.household)
        self.new: dict[tuple[str, str, int | None], Household] = {}
        self.current: Household | None = None
        self.current_group: object = None
        self.has_numbers = any(row.household for row in rows)
        self.has_heads = any(row.head_name for row in rows)
        self.has_blocks = any(row.is_head for row in rows)
        self.by_group = _restarts_in_groups(rows)

    def group_of(self, row: PersonRow) -> tuple[VillageGroup | None, str]:
        if row.group is None:
            return None, ""
        found = self.groups.get(row.group)
        if found is not None:
            return found, ""
        if not self.founding:
            return None, _("本村（社区）没有“%(group)s”这个组，请核对。") % {"group": row.group}
        if isinstance(row.group, int):
            group = VillageGroup(village=self.village, number=row.group)
            self.last_group = max(self.last_group, row.group)
        else:
            self.last_group += 1
            group = VillageGroup(village=self.village, number=self.last_group, name=row.group)
        self.groups[row.group] = group
        self.plan.groups.append(group)
        return group, ""

    def of(self, row: PersonRow, group: VillageGroup | None) -> tuple[Household | None, str]:
        """The household a row names, or the one its block began with; None when the sheet does not tell."""
        if row.household:
            return self._numbered(row, group)
        if row.head_name:
            return self._headed(row.head_name, group)
        if self.has_numbers or self.has_heads or not self.has_blocks:
            return None, ""
        if row.is_head:
            self.current, trouble = self._headed(row.name, group)
            return self.current, trouble
        if self.current is not None and (group is None or self.current.group is group or self.current.group == group):
            return self.current, ""
        return None, ""

    def alone(self, row: PersonRow, group: VillageGroup | None) -> tuple[Household | None, str]:
        return self._found(("alone", str(row.row), None), group, "")

    def sits(self, row: PersonRow, household: Household) -> None:
        if row.is_head:
            self.current = household

    def _numbered(self, row: PersonRow, group: VillageGroup | None) -> tuple[Household | None, str]:
        key = row.household
        scoped = f"{group.number}-{key}" if group is not None else ""
        if scoped and (self.by_group or key not in self.by_own) and scoped in self.by_own:
            return self.by_own[scoped], ""
        if not self.by_group or not scoped:
            known = self.by_own.get(key) or self.by_number.get(key.lstrip("0") or "0")
            if known is not None:
                if group is not None and known.group_id != group.pk:
                    return None, _("这一户在名册上是%(group)s的，表里写的是%(said)s，请核对。") % {
                        "group": known.group,
                        "said": group,
                    }
                return known, ""
        else:
            known = self.by_number.get(key.lstrip("0") or "0")
            if known is not None and group is not None and known.group_id == group.pk:
                return known, ""
        own = scoped if self.by_group and scoped else key
        return self._found(("number", own, None), group, own)

    def _headed(self, name: str, group: VillageGroup | None) -> tuple[Household | None, str]:
        if group is not None:
            found = self.heads.get((name, group.pk), []) if group.pk else []
        else:
            found = [home for (head, _pk), homes in self.heads.items() if head == name for home in homes]
        if len(found) == 1:
            return found[0], ""
        if len(found) > 1:
            return None, _("有几位户主都叫%(name)s，请写上户号。") % {"name": name}
        return self._found(("head", name, group.number if group else None), group, "")

    def _found(
        self, key: tuple[str, str, int | None], group: VillageGroup | None, own_number: str
    ) -> tuple[Household | None, str]:
        """A household that is new with this sheet."""
        known = self.new.get(key)
        if known is not None and group is not None and known.group is not group and known.group != group:
            return None, _("这一户前面的行写的是%(group)s，这里写的是%(said)s，请核对。") % {
                "group": known.group,
                "said": group,
            }
        if known is not None:
            return known, ""
        if group is None:
            only = list({id(one): one for one in self.groups.values()}.values())
            if len(only) != 1:
                return None, _("新的一户要写明是哪个组。")
            group = only[0]
        # A number that is our own running number needs no other.
        household = Household(village=self.village, group=group, number=self.next_number)
        if own_number and own_number != str(self.next_number):
            household.own_number = own_number
        self.next_number += 1
        self.new[key] = household
        self.plan.households.append(household)
        return household, ""


def _restarts_in_groups(rows: Sequence[PersonRow]) -> bool:
    """Whether the households' numbers begin anew in each group: a third of them or more stand in several groups.

    Fewer are slips of the pen, and told as such.
    """
    groups: defaultdict[str, set[object]] = defaultdict(set)
    for row in rows:
        if row.household and row.group is not None:
            groups[row.household].add(row.group)
    return 3 * sum(len(found) > 1 for found in groups.values()) >= max(len(groups), 1)
