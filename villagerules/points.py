"""Points and commendations of households: one person enters, another confirms, the household may object.

Never a fine. The log knows a line by its number alone, and not the account of a household that objects or agrees to be
named; whose line it is stands in the line.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.log import record
from consultation.locks import database_now
from consultation.pictures import Picture, keep_pictures, read_photo
from residents.legal_figures import figures_for
from residents.models import Household, LegalFigure, Proposal, Resident, User, Village
from residents.offices import person_of
from residents.rights import Act, may
from residents.two_people import Forbidden, NotWaiting, decide, handler, propose

from .errors import Incomplete, NotAllowed, WrongState
from .models import OBJECTION_MOST, POINTS_NOTE_MOST, PointsCategory, PointsEntry
from .point_categories import refuse_fines

DAYS_BACK = 366  # of what is entered


def figure_of(village: Village, key: str, *, on: datetime.date) -> LegalFigure | None:
    """The county's figure that holds on that day."""
    return figures_for(village.kind, on=on).get(key)


def _is_of(user: User | None, household: Household) -> bool:
    person = person_of(user, household.village) if user is not None else None
    return person is not None and person.household_id == household.pk


def enter_points(
    *,
    village: Village,
    household: Household,
    category: PointsCategory,
    on: datetime.date,
    note: str,
    by: User,
    photo: UploadedFile | None = None,
) -> PointsEntry:
    """Propose a line of a household's ledger; it counts once somebody else confirms it.

    Raises NotAllowed, for one's own household too; Incomplete for a category that did not hold that day, a day to come
    or long past, or words of a fine; PhotoRefused.
    """
    picture = read_photo(photo) if photo is not None else None
    return _enter(village, household, category, on=on, note=note, by=by, pictures=[picture] if picture else [])


@transaction.atomic
def _enter(
    village: Village, household: Household, category: PointsCategory, *, on: datetime.date, note: str, by: User,
    pictures: Iterable[Picture],
) -> PointsEntry:  # fmt: skip
    today = village.local_date(database_now())
    _require_other(by, village, household)
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)
    if not Household.objects.of(village).on_roll(today).filter(pk=household.pk).exists():
        raise Incomplete(_("名册上没有这一户，请重新选。"))
    if not 0 <= (today - on).days <= DAYS_BACK:
        raise Incomplete(_("日子要在过去一年里，不能是以后的日子。"))
    if not PointsCategory.objects.of(village).current(on).filter(pk=category.pk).exists():
        raise Incomplete(_("这一类那一天还没有，或者已经改了。请看看日子，重新选。"))
    refuse_fines(note)
    last = PointsEntry.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    photos = keep_pictures(village, list(pictures), by)
    entry = PointsEntry.objects.create(
        village=village, number=last + 1, household=household, category=category, points=category.points,
        below_zero=category.below_zero, on=on, note=note.strip()[:POINTS_NOTE_MOST],
        photo=photos[0] if photos else None,
    )  # fmt: skip
    # No words of the household: the village's list of what waits is read by more people than the ledger.
    entry.proposal = propose(
        kind=Proposal.Kind.ENTER_POINTS,
        village=village,
        summary=str(entry),
        payload={"entry": entry.pk, "words": [[str(_("在哪里核对")), entry.get_absolute_url()]]},
        by=by,
    )
    entry.save(update_fields=["proposal"])
    return entry


def _require_other(by: User, village: Village, household: Household) -> None:
    if not may(by, Act.ENTER_POINTS, village):
        raise NotAllowed(_("积分由村（居）民委员会的两个人办理。"))
    if _is_of(by, household):
        raise NotAllowed(_("自己家的积分要由别人来办。"))


@transaction.atomic
def settle(entry: PointsEntry, *, by: User, accept: bool, note: str = "") -> PointsEntry:
    """The second person confirms or sends back with a reason; who entered it may withdraw. Raises TwoPeopleError."""
    if entry.proposal is None:
        raise NotWaiting(_("这件事已经办过、退回或者过期了，请刷新页面看看。"))
    decide(entry.proposal, by=by, accept=accept, note=note)
    entry.refresh_from_db()
    return entry


@handler(Proposal.Kind.ENTER_POINTS, Act.ENTER_POINTS)
def _confirm(proposal: Proposal, by: User) -> None:
    entry = (
        PointsEntry.objects.filter(village=proposal.village, pk=proposal.payload["entry"], entered_at=None)
        .select_for_update(of=("self",)).select_related("village", "household__village").first()
    )  # fmt: skip
    if entry is None:
        raise NotWaiting(_("这条记录已经不在了，请重新提交。"))
    if _is_of(by, entry.household):
        raise Forbidden(_("自己家的积分要由别人来办。"))
    begin_to_count(entry)


def begin_to_count(entry: PointsEntry, *, at: datetime.datetime | None = None) -> None:
    """From now on it counts, and the household may object for the county's days."""
    moment = at or database_now()
    entry.entered_at = moment
    open_objections(entry, on=entry.village.local_date(moment))
    entry.save()


def open_objections(entry: PointsEntry, *, on: datetime.date) -> None:
    """The days in which the household may object run from that day on."""
    figure = figure_of(entry.village, "points_objection", on=on)
    days = figure.days if figure is not None else None
    entry.objection_until = on + datetime.timedelta(days=days) if days is not None else None
    entry.objection_basis = figure.basis[:200] if figure is not None else ""


def officers_of(entry: PointsEntry) -> tuple[set[int], set[int]]:
    """The accounts and the people of the roll that entered and confirmed it, by key."""
    if entry.proposal is None:
        return set(), set()
    told = entry.proposal
    accounts = {one for one in (told.proposed_by_id, told.decided_by_id) if one is not None}
    people = {one for one in (told.proposed_person_id, told.decided_person_id) if one is not None}
    return accounts, people


def is_other(by: User, entry: PointsEntry) -> bool:
    """Whether the account is neither of the two, as an account or as a person, and not of that household."""
    accounts, people = officers_of(entry)
    person = person_of(by, entry.village)
    mine = person is not None and (person.pk in people or person.household_id == entry.household_id)
    return by.pk not in accounts and not mine


def locked(entry: PointsEntry) -> PointsEntry:
    """The line as it is now, until the end of the transaction."""
    return (
        PointsEntry.objects.select_for_update(of=("self",))
        .select_related("village", "household__village", "category", "proposal")
        .get(pk=entry.pk)
    )


@transaction.atomic
def void_entry(entry: PointsEntry, *, reason: str, by: User) -> PointsEntry:
    """An officer who neither entered nor confirmed it finds that it is wrong: it counts no more and stays with the
    reason; the household may object to that too. Raises NotAllowed, WrongState, Incomplete.
    """
    line = locked(entry)
    if not may(by, Act.ENTER_POINTS, line.village) or not is_other(by, line):
        raise NotAllowed(_("作废要由没有经手这一条、也不是这一户的委员来办。"))
    make_void(line, reason=reason, by=by)
    if not line.objections.exists():
        open_objections(line, on=line.village.local_date(database_now()))
        line.save(update_fields=["objection_until", "objection_basis"])
    return line


def make_void(line: PointsEntry, *, reason: str, by: User | None) -> None:
    """Under its lock."""
    if not line.is_valid:
        raise WrongState(_("这一条还没有确认，或者已经作废了。"))
    if not reason.strip():
        raise Incomplete(_("请写明为什么作废。"))
    line.voided_at, line.void_reason = database_now(), reason.strip()[:OBJECTION_MOST]
    line.save(update_fields=["voided_at", "void_reason"])
    note_entry(line, "void_points", by=by)


def note_entry(line: PointsEntry, action: str, *, by: User | None, **detail: object) -> None:
    record(action=action, subject=str(line), village_id=line.village_id, actor=by, number=line.number, **detail)


@transaction.atomic
def agree_to_name(entry: PointsEntry, *, person: Resident, agreed: bool) -> PointsEntry:
    """The household lets a commendation be published under this member's name, or no longer; as often as it likes.

    Raises NotAllowed for another household, WrongState for what is no commendation that counts.
    """
    line = locked(entry)
    if person.household_id != line.household_id:
        raise NotAllowed(_("只有这一户的人能同意写名字。"))
    if agreed and not (line.is_valid and line.category.commends):
        raise WrongState(_("这一条不是表扬，或者还没有确认，不能公开。"))
    if agreed == (line.named_by_id is not None):
        return line
    line.named_by, line.named_at = (person, database_now()) if agreed else (None, None)
    line.save(update_fields=["named_by", "named_at"])
    note_entry(line, "agree_to_name" if agreed else "take_back_name", by=None)
    return line
