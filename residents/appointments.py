"""Giving and ending offices: for a term, by two people, neither of whom is the one it is about.

What the law asks of the bodies is told before (composition.py) and never a bar; what refuses an office here is what
would make no sense: a group leader without a group, a second chair beside the first, a committee member of twelve.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from .composition import Seat, composition_warnings, seat_of, seats
from .legal_figures import figures_for
from .models import Appointment, Region, Resident, Role, User, Village, VillageGroup, Yard
from .models.people import adult_since
from .office_titles import role_title
from .offices import REGION_ROLES
from .phones import phone_hash
from .roll import described
from .sheets import parsing

VILLAGE_ROLES = tuple(role for role in Role if role not in REGION_ROLES)
# Held by one person at a time: in the village, in its group, in its yard.
_ONE = frozenset({Role.PARTY_SECRETARY, Role.COMMITTEE_CHAIR, Role.SUPERVISORY_CHAIR, Role.HONGBAI_CHAIR})
_ONE_A_GROUP = frozenset({Role.GROUP_LEADER})
_ONE_A_YARD = frozenset({Role.YARD_CHAIR, Role.OWNERS_COMMITTEE_CHAIR})
NEEDS_GROUP = _ONE_A_GROUP
NEEDS_YARD = _ONE_A_YARD | {Role.YARD_DELEGATE}
# Whom the township, the Party or a company sends need not be on the roll; all others are chosen from it.
STAFF = frozenset(
    {Role.VILLAGE_ADMIN, Role.SOCIAL_WORKER, Role.RESIDENT_TEAM, Role.PARTY_SECRETARY, Role.PROPERTY_MANAGER}
)
# Who votes may be voted for: from eighteen on (VL 15, UL 15 of 2025).
ELECTED = frozenset(
    {
        Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER, Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER,
        Role.GROUP_LEADER, Role.REPRESENTATIVE,
    }
)  # fmt: skip
# The offices of each level of region; whoever holds one higher up holds it over all below.
ROLES_OF_LEVEL = {
    Region.Level.TOWNSHIP: (Role.TOWNSHIP_REVIEWER,),
    Region.Level.COUNTY: (Role.COUNTY_EDITOR, Role.TOWNSHIP_REVIEWER, Role.ORGANIZER, Role.JUDGE),
    Region.Level.PREFECTURE: (Role.ORGANIZER, Role.JUDGE),
    Region.Level.PROVINCE: (Role.ORGANIZER, Role.JUDGE),
}


class AppointmentError(Exception):
    """Refused; the message says what to do, `field` where it belongs on the form."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True)
class Office:
    """An office as it was filled in: in a village or in a region, for a resident of the roll or for an account.

    `replaces` ends the term of whoever holds an office that only one can hold, on the day this one begins.
    """

    role: str
    from_on: datetime.date
    village: Village | None = None
    region: Region | None = None
    resident: Resident | None = None
    user: User | None = None
    group: VillageGroup | None = None
    yard: Yard | None = None
    duty: str = ""
    until_on: datetime.date | None = None
    replaces: bool = False
    reason: str = ""

    @property
    def holder(self) -> str:
        return described(self.resident) if self.resident is not None else str(self.user)

    @property
    def title(self) -> str:
        return role_title(self.role, self.village) if self.village is not None else str(Role(self.role).label)


def find_account(words: str) -> User | None:
    """The account that signs in with exactly this name or phone; nobody is found by half of it."""
    asked = parsing.text(words)
    if not asked:
        return None
    accounts = User.objects.filter(is_active=True, deleted_at=None)
    found = accounts.filter(username__iexact=asked).first()
    if found is not None:
        return found
    try:
        number = str(parsing.phone(asked).value)
    except parsing.CellProblem:
        return None
    return accounts.filter(phone_hash=phone_hash(number)).first() if number else None


def is_about(user: User, *, resident: Resident | None, holder: User | None) -> bool:
    """Whether the account is the very person, by whatever account of theirs."""
    if holder is not None and holder.pk == user.pk:
        return True
    mine = set(user.claims.filter(state="confirmed", relation="self").values_list("resident_id", flat=True))
    if resident is not None and resident.pk in mine:
        return True
    theirs = holder.claims.filter(state="confirmed", relation="self") if holder is not None else None
    return theirs is not None and theirs.filter(resident__in=mine).exists()


def _here(office: Office) -> QuerySet[Appointment]:
    if office.village is not None:
        return Appointment.objects.of(office.village)
    return Appointment.objects.filter(region=office.region)


def _during(held: QuerySet[Appointment], office: Office) -> QuerySet[Appointment]:
    """Those whose term overlaps the new one."""
    begun = Q() if office.until_on is None else Q(from_on__lt=office.until_on)
    return held.filter(begun).filter(Q(until_on__isnull=True) | Q(until_on__gt=office.from_on))


def present_holders(office: Office) -> list[Appointment]:
    """Who holds an office during its term that only one can hold there; empty for offices that many can hold."""
    held = _during(_here(office).filter(role=office.role), office)
    if office.role in _ONE_A_GROUP:
        held = held.filter(group=office.group)
    elif office.role in _ONE_A_YARD:
        held = held.filter(yard=office.yard)
    elif office.role not in _ONE:
        return []
    return list(held.select_related("resident", "user", "village", "group", "yard"))


def check_office(office: Office) -> None:
    """What refuses an office, told when it is proposed and again when it is given: AppointmentError."""
    _check_place(office)
    _check_person(office)
    if office.until_on is not None and office.until_on <= office.from_on:
        raise AppointmentError(_("任职止要晚于任职起。"), field="until_on")
    same = _during(_here(office).filter(role=office.role, group=office.group, yard=office.yard), office)
    if same.filter(resident=office.resident, user=office.user).exists():
        raise AppointmentError(
            _("%(name)s在这段时间已经任%(title)s。") % {"name": office.holder, "title": office.title}, field="role"
        )
    for other in present_holders(office):
        if not office.replaces:
            raise AppointmentError(
                _("现任%(title)s是%(name)s。要接替，请在下面打勾。")
                % {"title": office.title, "name": other.resident or other.user},
                field="replaces",
            )
        if other.from_on >= office.from_on:
            raise AppointmentError(
                _("%(name)s从 %(day)s 起任这个职务，请先把那一任结束。")
                % {"name": other.resident or other.user, "day": other.from_on},
                field="from_on",
            )


def _check_place(office: Office) -> None:
    if office.region is not None:
        if office.role not in ROLES_OF_LEVEL[Region.Level(office.region.level)]:
            raise AppointmentError(_("这一级没有这个职务，请重新选择。"), field="role")
        return
    assert office.village is not None  # noqa: S101  an office is in one place
    if office.role not in VILLAGE_ROLES:
        raise AppointmentError(_("村（社区）没有这个职务，请重新选择。"), field="role")
    if office.village.merged_into_id is not None:
        raise AppointmentError(
            _("%(village)s已经并入%(target)s，请在那里任职。")
            % {"village": office.village, "target": office.village.merged_into}
        )
    if office.role in NEEDS_GROUP and office.group is None:
        raise AppointmentError(_("请选是哪个小组。"), field="group")
    if office.role in NEEDS_YARD and office.yard is None:
        raise AppointmentError(_("请选是哪个屋场（院落、小区）。"), field="yard")


def _check_person(office: Office) -> None:
    if office.resident is None:
        if office.village is not None and office.role not in STAFF:
            raise AppointmentError(_("这个职务要由名册上的人担任。请回去按姓名找。"), field="role")
        return
    one = office.resident
    if office.village is None or one.village_id != office.village.pk:
        raise AppointmentError(_("这个人不在本村（社区）的名册上。"), field="role")
    if not Resident.objects.of(office.village).on_roll(office.from_on).filter(pk=one.pk).exists():
        raise AppointmentError(_("%(name)s那一天不在名册上。") % {"name": one.name}, field="from_on")
    if office.role in ELECTED and one.born_on is not None and one.born_on > adult_since(office.from_on):
        raise AppointmentError(_("%(name)s未满18周岁，不能任这个职务。") % {"name": one.name}, field="role")


def office_warnings(office: Office) -> list[str]:
    """What to look at before this office is given: only what is not so already without it."""
    if office.village is None:
        return []
    told = []
    if office.resident is not None:
        if office.role in ELECTED and office.resident.born_on is None:
            told.append(_("%(name)s没有出生日期，请核对是否年满18周岁。") % {"name": office.resident.name})
        leaving = {(one.resident_id, one.role) for one in present_holders(office)} if office.replaces else set()
        now = seats(office.village, on=office.from_on)
        then = [seat for seat in now if (seat.resident_id, seat.role) not in leaving]
        told += _new_warnings(office.village, now, [*then, seat_of(office.resident, office.role)], on=office.from_on)
    term = figures_for(office.village.kind, on=office.from_on).get("term_years")
    if term is not None and term.most and office.role in ELECTED and office.until_on is not None:
        longest = office.from_on + datetime.timedelta(days=366 * term.most)
        if office.until_on > longest:
            told.append(_("任期超过 %(years)s 年（%(basis)s），请核对。") % {"years": term.most, "basis": term.basis})
    return told


def ending_warnings(office: Appointment, *, on: datetime.date) -> list[str]:
    """What to look at before an office ends."""
    if office.village is None:
        return []
    told = []
    if office.role == Role.VILLAGE_ADMIN:
        others = Appointment.objects.of(office.village).current(on).filter(role=Role.VILLAGE_ADMIN)
        left = others.exclude(pk=office.pk).count()
        if left < 2:
            told.append(_("结束以后只剩 %(count)s 位管理员。改名册、任职都要两个人办，请先补上。") % {"count": left})
    if office.resident is not None:
        now = seats(office.village, on=on)
        then = [seat for seat in now if (seat.resident_id, seat.role) != (office.resident_id, office.role)]
        told += _new_warnings(office.village, now, then, on=on)
    return told


def _new_warnings(village: Village, now: Sequence[Seat], then: Sequence[Seat], *, on: datetime.date) -> list[str]:
    known = set(composition_warnings(village, on=on, held=now))
    return [words for words in composition_warnings(village, on=on, held=then) if words not in known]
