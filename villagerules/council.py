"""The red-and-white council's register: an event is registered, helped at, noted as it came to be, or called off.

The council, the committee and the household itself know whom it is about. The log knows the number alone, and not the
account where a household registered its own. Nothing here has a consequence for anybody: standards are advocated.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from consultation.locks import database_now
from residents.models import Appointment, Household, Resident, Role, User, Village
from residents.rights import Act, may
from residents.seeding import add_missing, data_in

from .errors import Incomplete, NotAllowed, WrongState
from .models import NOTE_MOST, CeremonyEvent, EventKind, RuleVersion
from .standards import DAYS, GIFT, TABLES, Standard, standards_for, within

FILE = Path(__file__).parent / "data" / "event_kinds.yaml"
DAYS_BACK, DAYS_AHEAD = 366, 731  # of an event that is registered
COUNCIL = (Role.HONGBAI_CHAIR, Role.HONGBAI_MEMBER)


def seed_event_kinds(model: type[models.Model] = EventKind) -> int:
    """Add the kinds that are missing; how many."""
    return add_missing(
        model, [row | {"position": number} for number, row in enumerate(data_in(FILE), start=1)], by=("key",)
    )


@dataclass(frozen=True)
class Figures:
    """What is planned, or what it came to: tables, days, the usual gift and the cost in yuan; None: not said."""

    tables: int | None = None
    days: int | None = None
    gift: int | None = None
    cost: int | None = None

    def measured(self) -> dict[str, int | None]:
        return {TABLES: self.tables, DAYS: self.days, GIFT: self.gift}


def council_of(village: Village, *, on: datetime.date) -> list[Resident]:
    """Who sits on the council that day, by name; those who may be sent to help."""
    held = Appointment.objects.of(village).current(on).filter(role__in=COUNCIL, resident__isnull=False)
    return list(Resident.objects.of(village).filter(pk__in=held.values("resident")).order_by("pinyin"))


def standards_on(event: CeremonyEvent) -> list[Standard]:
    """The advocated standards that speak of it: as noted with the outcome, before that of the rules in force that day.
    Of several documents each item counts once, the strictest."""
    words = list(EventKind.objects.values_list("word", flat=True))
    if event.came_at is not None:
        return standards_for(event.kind.word, words, event.held_against)
    return advocated(event.village, event.kind, on=event.on, words=words)


def advocated(
    village: Village, kind: EventKind, *, on: datetime.date, words: Sequence[str] | None = None
) -> list[Standard]:
    """The standards of the village's rules in force on that day that speak of this kind of event."""
    words = words if words is not None else list(EventKind.objects.values_list("word", flat=True))
    told = [line for version in RuleVersion.objects.of(village).in_force(on) for line in version.standards]
    strictest: dict[str, Standard] = {}
    for one in standards_for(kind.word, words, told):
        known = strictest.get(one.item)
        if known is None or one.limit < known.limit:
            strictest[one.item] = one
    return list(strictest.values())


@transaction.atomic
def register_event(
    *,
    village: Village,
    household: Household,
    kind: EventKind,
    on: datetime.date,
    planned: Figures,
    by: User | None,
    person: Resident | None = None,
    helpers: Iterable[Resident] = (),
    at: datetime.datetime | None = None,
) -> CeremonyEvent:
    """Put an event on the register: the council or the committee for any household, `person` for the own one.

    The same event again is the one that is there already. Raises NotAllowed, Incomplete for a day far off.
    """
    moment = at or database_now()
    today = village.local_date(moment)
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)  # numbers one at a time
    if person is not None:
        own = Resident.objects.of(village).on_roll(today).filter(pk=person.pk, household=household)
        if not own.exists():
            raise NotAllowed(_("只能登记自己家的事。"))
    elif by is not None:
        _require_keeper(by, village)
    if not Household.objects.of(village).on_roll(today).filter(pk=household.pk).exists():
        raise Incomplete(_("名册上没有这一户，请重新选。"))
    if not -DAYS_BACK <= (on - today).days <= DAYS_AHEAD:
        raise Incomplete(_("日子要在一年前到两年后之间，请看看年份对不对。"))
    same = CeremonyEvent.objects.of(village).filter(household=household, kind=kind, on=on, called_off_at=None).first()
    if same is not None:
        return same
    last = CeremonyEvent.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    event = CeremonyEvent.objects.create(
        village=village, number=last + 1, household=household, kind=kind, on=on, planned_tables=planned.tables,
        planned_days=planned.days, planned_gift=planned.gift, planned_cost=planned.cost, registered_by=person,
        entered_by=by, registered_at=moment,
    )  # fmt: skip
    event.helpers.set(_of_council(village, helpers, on=today))
    _note(event, "register_event", by=None if person is not None else by, kind=kind.key)
    return event


def _require_keeper(by: User | None, village: Village) -> None:
    if by is not None and not may(by, Act.KEEP_EVENTS, village):
        raise NotAllowed(_("登记簿由红白理事会和委员会来管。"))


def _of_council(village: Village, helpers: Iterable[Resident], *, on: datetime.date) -> list[Resident]:
    known = {one.pk: one for one in council_of(village, on=on)}
    sent = list(helpers)
    if any(one.pk not in known for one in sent):
        raise Incomplete(_("去帮忙的人要在现在的红白理事会里选。"))
    return sent


def _note(event: CeremonyEvent, action: str, *, by: User | None, **detail: object) -> None:
    record(
        action=action, subject=str(event), village_id=event.village_id, actor=by, number=event.number, **detail
    )  # fmt: skip


def _locked(event: CeremonyEvent) -> CeremonyEvent:
    line = CeremonyEvent.objects.select_for_update(of=("self",)).select_related("village", "kind").get(pk=event.pk)
    if line.called_off_at is not None:
        raise WrongState(_("这件事已经不办了，不能再改。"))
    return line


@transaction.atomic
def send_helpers(event: CeremonyEvent, helpers: Iterable[Resident], *, by: User | None) -> CeremonyEvent:
    """Say who of the council goes and helps. Raises NotAllowed, Incomplete, WrongState."""
    _require_keeper(by, event.village)
    line = _locked(event)
    sent = _of_council(line.village, helpers, on=line.village.local_date(timezone.now()))
    line.helpers.set(sent)
    _note(line, "send_helpers", by=by, helpers=len(sent))
    return line


@transaction.atomic
def note_outcome(
    event: CeremonyEvent, came_to: Figures, *, by: User | None, note: str = "", at: datetime.datetime | None = None
) -> CeremonyEvent:
    """Write down what it came to, and hold it against what is advocated; again where something was written wrong.

    Raises NotAllowed, WrongState before its day or once called off, Incomplete where nothing is said at all.
    """
    _require_keeper(by, event.village)
    line = _locked(event)
    moment = at or database_now()
    if line.on > line.village.local_date(moment):
        raise WrongState(_("还没有到日子，办完了再记。"))
    if came_to == Figures():
        raise Incomplete(_("请至少填一个数：几桌、几天、礼金或者花费。"))
    standards = advocated(line.village, line.kind, on=line.on)
    line.tables, line.days, line.gift, line.cost = came_to.tables, came_to.days, came_to.gift, came_to.cost
    line.held_against = [asdict(one) for one in standards]
    line.within = within(standards, came_to.measured())
    line.note, line.came_at = note.strip()[:NOTE_MOST], moment
    line.save()
    _note(line, "note_outcome", by=by)
    return line


@transaction.atomic
def call_off(event: CeremonyEvent, *, reason: str, by: User | None, person: Resident | None = None) -> CeremonyEvent:
    """It does not take place, or was registered wrongly; the line stays with its reason. By the keepers, or by
    `person` of the household until it is noted how it went. Raises NotAllowed, WrongState, Incomplete.
    """
    line = _locked(event)
    if person is not None:
        if person.household_id != line.household_id:
            raise NotAllowed(_("只能改自己家的事。"))
        if line.came_at is not None:
            raise WrongState(_("理事会已经记下了结果。要更正，请告诉理事会。"))
    else:
        _require_keeper(by, line.village)
    if not reason.strip():
        raise Incomplete(_("请写一句为什么不办了，或者登记错在哪里。"))
    line.called_off_at, line.called_off_because = database_now(), reason.strip()[:NOTE_MOST]
    line.save(update_fields=["called_off_at", "called_off_because"])
    _note(line, "call_off_event", by=None if person is not None else by)
    return line
