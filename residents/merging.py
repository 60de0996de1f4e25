"""Two villages become one: the people of one live on in the other's roll, and nothing of what was is lost.

The old lines end that day with the reason; new ones begin in the other village and point back to them. So any earlier
day's roll of both villages can still be told, and nobody stands in two rolls on one day.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import (
    Appointment,
    Claim,
    ClaimRequest,
    Correction,
    EntryCode,
    Household,
    PlaceCode,
    Proposal,
    Resident,
    RollChange,
    User,
    Village,
    VillageGroup,
    Yard,
)
from .roll import described
from .roll_changes import next_number
from .roll_lines import RESIDENT_FIELDS, LineChange, write_lines

NAMED_MOST = 5
BATCH = 500


class MergeError(Exception):
    """The two cannot become one now; the message says what to do first."""


@dataclass(frozen=True)
class Merger:
    """What will go over, in numbers, and what to look at before."""

    people: int
    households: int
    groups: int
    yards: int
    accounts: int
    offices: int
    notes: Sequence[str]


def _staying(lines: QuerySet, on: datetime.date) -> QuerySet:
    """Those on the roll that day and those who are to come."""
    return lines.filter(Q(until_on__isnull=True) | Q(until_on__gt=on))


def people_of(village: Village, *, on: datetime.date) -> QuerySet[Resident]:
    return _staying(Resident.objects.of(village), on)


def homes_of(village: Village, *, on: datetime.date) -> QuerySet[Household]:
    """Households that stand, and any that still has people."""
    standing = Q(until_on__isnull=True) | Q(until_on__gt=on)
    lived_in = people_of(village, on=on).values("household")
    return Household.objects.of(village).filter(standing | Q(pk__in=lived_in))


def check_merger(source: Village, target: Village, *, on: datetime.date) -> None:
    """What refuses a merger as far as the rolls go: MergeError."""
    if source.pk == target.pk:
        raise MergeError(_("请选两个不同的村（社区）。"))
    for village in (source, target):
        if village.merged_into_id is not None:
            raise MergeError(_("%(village)s已经并入别的村（社区）了。") % {"village": village})
        if village.is_practice:
            raise MergeError(_("练习用的村不能合并。"))
    twice = _on_both(source, target, on=on)
    if twice:
        raise MergeError(
            _("有 %(count)s 人在两边的名册上都有：%(named)s。请先在一边办出册，免得算两次。")
            % {"count": len(twice), "named": "、".join(described(one) for one in twice[:NAMED_MOST])}
        )
    both = _claimed_twice(source, target)
    if both:
        raise MergeError(
            _("有账号在两个村都登记为本人：%(named)s。请先核对，解除一边。") % {"named": "、".join(both[:NAMED_MOST])}
        )


def _on_both(source: Village, target: Village, *, on: datetime.date) -> list[Resident]:
    """The same identity number in both rolls is the same person."""
    there = people_of(target, on=on).exclude(identity_hash="").values("identity_hash")
    here = people_of(source, on=on).filter(identity_hash__in=there)
    return list(here.select_related("household__group").order_by("pk"))


def _claimed_twice(source: Village, target: Village) -> list[str]:
    """An account can be one person of a village: one that is somebody in both would be two in one."""
    own = Claim.objects.filter(relation=Claim.Relation.SELF, state=Claim.State.CONFIRMED)
    there = own.filter(village=target).values("user")
    return [claim.resident.name for claim in own.filter(village=source, user__in=there).select_related("resident")]


def merger_of(source: Village, target: Village, *, on: datetime.date) -> Merger:
    """What a merger would take over. Raises MergeError for what refuses it."""
    check_merger(source, target, on=on)
    people = people_of(source, on=on)
    names = people_of(target, on=on).exclude(born_on=None).values_list("name", "born_on")
    known = set(names)
    dated = people.exclude(born_on=None).select_related("household__group")
    alike = [one for one in dated if (one.name, one.born_on) in known]
    notes = []
    if alike:
        notes.append(
            _("有 %(count)s 人和对方名册上的人同名、同一天出生，请核对是不是同一个人：%(named)s")
            % {"count": len(alike), "named": "、".join(described(one) for one in alike[:NAMED_MOST])}
        )
    waiting = Proposal.objects.of(source).waiting().count()
    if waiting:
        notes.append(_("还有 %(count)s 件事等第二人确认，合并以后作废。") % {"count": waiting})
    return Merger(
        people=people.count(),
        households=homes_of(source, on=on).count(),
        groups=VillageGroup.objects.of(source).count(),
        yards=Yard.objects.of(source).count(),
        accounts=Claim.objects.of(source).confirmed().values("user").distinct().count(),
        offices=Appointment.objects.of(source).current(on).count(),
        notes=notes,
    )


@transaction.atomic
def merge_rolls(
    source: Village, target: Village, *, on: datetime.date, by: User | None, confirmed_by: User | None, reason: str
) -> Merger:
    """Let everybody of `source` live on in `target` from that day. Raises MergeError."""
    for village in sorted((source, target), key=lambda village: village.pk):
        Village.objects.select_for_update().get(pk=village.pk)
    source, target = (Village.objects.get(pk=village.pk) for village in (source, target))
    told = merger_of(source, target, on=on)
    how: dict[str, Any] = {"on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    groups = _take_groups(source, target)
    yards = _take_yards(source, target, groups)
    homes = _take_households(source, target, groups, yards, how)
    lines = _take_people(source, target, homes, how)
    _name_voices(source, target, homes, lines, how)
    _end_old_lines(source, how)
    _take_claims(source, target, lines)
    _end_offices(source, on=on)
    _close_what_waits(source, target)
    _settle_places(source, target, on=on)
    record(
        action="merge_villages", subject=source, village_id=source.pk, actor=by, into=target.pk, on=on.isoformat(),
        people=len(lines), households=len(homes), confirmed_by=confirmed_by.pk if confirmed_by else None,
    )  # fmt: skip
    record(
        action="take_village_in", subject=target, village_id=target.pk, actor=by, village=source.pk,
        on=on.isoformat(), people=len(lines), households=len(homes),
        confirmed_by=confirmed_by.pk if confirmed_by else None,
    )  # fmt: skip
    return told


def _take_groups(source: Village, target: Village) -> dict[int, VillageGroup]:
    """Groups go on under the next numbers, with the old village in their name."""
    last = VillageGroup.objects.of(target).order_by("-number").values_list("number", flat=True).first() or 0
    taken = {}
    for number, old in enumerate(VillageGroup.objects.of(source).order_by("number"), start=last + 1):
        name = f"{source.name}{old}"[:30]
        taken[old.pk] = VillageGroup.objects.create(village=target, number=number, name=name)
    return taken


def _take_yards(source: Village, target: Village, groups: Mapping[int, VillageGroup]) -> dict[int, Yard]:
    used = set(Yard.objects.of(target).values_list("slug", flat=True))
    taken = {}
    for old in Yard.objects.of(source).prefetch_related("groups"):
        slug, number = old.slug, 1
        while slug in used:
            number += 1
            slug = f"{old.slug[:55]}-{number}"
        used.add(slug)
        new = Yard.objects.create(village=target, slug=slug, name=old.name, kind=old.kind)
        new.groups.set(groups[group.pk] for group in old.groups.all())
        taken[old.pk] = new
    return taken


def _take_households(
    source: Village,
    target: Village,
    groups: Mapping[int, VillageGroup],
    yards: Mapping[int, Yard],
    how: dict[str, Any],
) -> dict[int, Household]:
    """Households that stand get a new line; their own number stays where nobody in the other village has it."""
    used = set(Household.objects.of(target).exclude(own_number="").values_list("own_number", flat=True))
    number = next_number(target)
    taken: dict[int, Household] = {}
    changes = []
    for old in homes_of(source, on=how["on"]).order_by("number"):
        own = _free_number(old.own_number, source, used)
        used.add(own)
        new = Household(
            village=target, group=groups[old.group_id], yard=yards.get(old.yard_id or 0), number=number,
            from_on=max(how["on"], old.from_on or how["on"]),
        )  # fmt: skip
        changes.append(LineChange(new, RollChange.Kind.MERGED, {"own_number": own} if own else {}))
        taken[old.pk] = new
        number += 1
    write_lines(changes, village=target, **how)
    return taken


def _free_number(own: str, source: Village, used: set[str]) -> str:
    """The committee's own number, with the village before it where the other village has the same."""
    if not own or own not in used:
        return own
    told_apart = f"{source.name}{own}"[-30:]
    return "" if told_apart in used else told_apart


def _take_people(
    source: Village, target: Village, homes: Mapping[int, Household], how: dict[str, Any]
) -> dict[int, Resident]:
    taken: dict[int, Resident] = {}
    changes = []
    for old in people_of(source, on=how["on"]).order_by("pk"):
        new = Resident(
            village=target, household=homes[old.household_id], pinyin=old.pinyin, initials=old.initials,
            from_on=max(how["on"], old.from_on or how["on"]),
        )  # fmt: skip
        fields = {name: getattr(old, name) for name in RESIDENT_FIELDS if name != "household"}
        changes.append(LineChange(new, RollChange.Kind.MERGED, {**fields, "came_from": old}))
        taken[old.pk] = new
    write_lines(changes, village=target, **how)
    return taken


def _name_voices(
    source: Village, target: Village, homes: Mapping[int, Household], lines: Mapping[int, Resident], how: dict[str, Any]
) -> None:
    """Whoever voted for a household goes on doing so."""
    changes = []
    for old in homes_of(source, on=how["on"]).exclude(representative=None):
        voice = lines.get(old.representative_id or 0)
        if voice is not None:
            changes.append(LineChange(homes[old.pk], RollChange.Kind.MERGED, {"representative": voice}))
    write_lines(changes, village=target, **how)


def _end_old_lines(source: Village, how: dict[str, Any]) -> None:
    """The old lines end that day; one that was still to come ends before it begins."""
    ended: list[LineChange] = []
    for person in people_of(source, on=how["on"]):
        until = max(how["on"], person.from_on or how["on"])
        fields = {"until_on": until, "left_because": Resident.Leaving.MERGED.value}
        ended.append(LineChange(person, RollChange.Kind.MERGED, fields))
    for home in homes_of(source, on=how["on"]):
        until = max(how["on"], home.from_on or how["on"])
        ended.append(LineChange(home, RollChange.Kind.MERGED, {"until_on": until}))
    write_lines(ended, village=source, **how)
    EntryCode.objects.of(source).usable().update(withdrawn_at=timezone.now())


def _take_claims(source: Village, target: Village, lines: Mapping[int, Resident]) -> None:
    """Whoever acted for somebody goes on acting for them; the claims to the old lines end."""
    now = timezone.now()
    standing = Claim.objects.of(source).filter(state__in=[Claim.State.CONFIRMED, Claim.State.PROPOSED])
    new = [
        Claim(
            village=target, user_id=old.user_id, resident=lines[old.resident_id], relation=old.relation,
            state=old.state, basis=old.basis, decided_at=old.decided_at,
        )
        for old in standing
        if old.resident_id in lines
    ]  # fmt: skip
    standing.update(state=Claim.State.ENDED, ended_at=now)
    Claim.objects.bulk_create(new, batch_size=BATCH)


def _end_offices(source: Village, *, on: datetime.date) -> None:
    """No office goes over: who holds what in the village that came of it is chosen there."""
    held = Appointment.objects.of(source)
    held.filter(from_on__lte=on).filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).update(until_on=on)
    held.filter(from_on__gt=on).update(until_on=F("from_on"))


def _close_what_waits(source: Village, target: Village) -> None:
    """What waited for a second person is void; who asked who they are is asked about in the new village."""
    Proposal.objects.of(source).filter(state=Proposal.State.PROPOSED).update(
        state=Proposal.State.REFUSED, decided_at=timezone.now(), note=_("村（社区）已经合并"), sealed=b""
    )
    Correction.objects.of(source).filter(state=Correction.State.WAITING).update(
        state=Correction.State.REFUSED, decided_at=timezone.now(),
        answer=_("本村（社区）并入了%(village)s，请在那里再提一次。") % {"village": target.name},
    )  # fmt: skip
    asked = ClaimRequest.objects.of(source).filter(state=ClaimRequest.State.WAITING)
    already = set(
        ClaimRequest.objects.of(target).filter(state=ClaimRequest.State.WAITING).values_list("user_id", "stated_name")
    )
    for one in asked:
        if (one.user_id, one.stated_name) in already:
            one.state, one.decided_at = ClaimRequest.State.WITHDRAWN, timezone.now()
        else:
            one.village = target
        one.resident = None
        one.save()


def _settle_places(source: Village, target: Village, *, on: datetime.date) -> None:
    """The old village points to the new one, its code ends, its people are counted there."""
    for village in (source, target):
        PlaceCode.objects.get_or_create(village=village, code=village.code)
    PlaceCode.objects.filter(village=source, code=source.code).update(until_on=on)
    source.merged_into, source.merged_on = target, on
    source.save(update_fields=["merged_into", "merged_on"])
    figures = ("population", "resident_population", "over_60")
    for name in figures:
        setattr(target, name, getattr(target, name) + getattr(source, name))
    target.save(update_fields=list(figures))
