"""Which demo accounts there are and what each can show. For the sign-in page of development only."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.eligibility import CALLS_MEETINGS
from consultation.models import Meeting, Motion, Officer
from residents.models import Appointment, Claim, Role, User
from residents.office_titles import role_title

from .my_page import my_page

PREFIX = "demo-"


@dataclass
class DemoAccount:
    user: User
    titles: list[str] = field(default_factory=list)
    shows: str = ""

    @property
    def name(self) -> str:
        return self.user.get_full_name()


@dataclass(frozen=True)
class AccountGroup:
    title: str
    text: str
    accounts: Sequence[DemoAccount]
    meeting: Meeting | None = None


def accounts() -> QuerySet[User]:
    return User.objects.filter(username__startswith=PREFIX, is_active=True, is_superuser=False)


def _open_meeting() -> Meeting | None:
    """The real meeting that is live, best one with a motion open."""
    live = Meeting.objects.real().live().select_related("village")
    voting = live.filter(motions__state=Motion.State.OPEN).order_by("-opened_at").first()
    return voting or live.order_by("-opened_at").first()


def account_groups(*, on: datetime.date) -> list[AccountGroup]:
    """First those of the meeting that votes now, then each village's, then staff."""
    users = list(accounts().order_by("pk"))
    claims: defaultdict[int, list[Claim]] = defaultdict(list)
    confirmed = Claim.objects.confirmed().filter(user__in=users, village__is_practice=False)
    for claim in confirmed.select_related("village__region", "resident").order_by("pk"):
        claims[claim.user_id].append(claim)
    roles = _roles(users, claims, on)
    meeting = _open_meeting()
    officers: dict[int, str] = {}
    if meeting is not None:
        serving = Officer.objects.of(meeting.village).serving().filter(meeting=meeting)
        officers = dict(serving.values_list("resident_id", "role"))

    now: list[tuple[int, DemoAccount]] = []
    villages: defaultdict[str, list[DemoAccount]] = defaultdict(list)
    staff: list[DemoAccount] = []
    for user in users:
        mine = claims[user.pk]
        own = next((claim for claim in mine if claim.relation == Claim.Relation.SELF), None)
        titles = [title for _role, title in roles[user.pk]]
        if own is None:
            shows = _shows_staff({role for role, _title in roles[user.pk]})
            staff.append(DemoAccount(user, titles or [_("网站运营人员")], shows))
        elif meeting is not None and own.village_id == meeting.village_id:
            office = officers.get(own.resident_id, "")
            now.append((_OFFICE_ORDER.get(office, 9), _of_meeting(user, office, own, titles)))
        else:
            helps = [claim.resident.name for claim in mine if claim.relation == Claim.Relation.HELPER]
            shows = _shows_resident({role for role, _title in roles[user.pk]}, helps)
            villages[own.village.name].append(DemoAccount(user, titles or [own.village.residents_name], shows))
    groups = []
    if meeting is not None and now:
        ranked = [account for _rank, account in sorted(now, key=lambda pair: pair[0])]
        groups.append(AccountGroup(_("现在就能看：正在表决的会"), meeting.title, ranked, meeting))
    groups += [AccountGroup(name, "", members) for name, members in villages.items()]
    if staff:
        groups.append(AccountGroup(_("乡镇、县区和市里"), "", staff))
    return groups


def _roles(
    users: Sequence[User], claims: dict[int, list[Claim]], on: datetime.date
) -> defaultdict[int, list[tuple[str, str]]]:
    """Roles with their titles by account, in one query for all."""
    selves = {
        claim.resident_id: user_id
        for user_id, mine in claims.items()
        for claim in mine
        if claim.relation == Claim.Relation.SELF
    }
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    held = Appointment.objects.current(on).filter(Q(user__in=users) | Q(resident__in=list(selves)))
    for appointment in held.select_related("village", "region").order_by("pk"):
        user_id = appointment.user_id or selves[appointment.resident_id]
        if appointment.village is not None:
            title = role_title(appointment.role, appointment.village)
        else:
            title = f"{appointment.region} {appointment.get_role_display()}"
        found[user_id].append((appointment.role, title))
    return found


_OFFICE_ORDER = {
    Officer.Role.CHAIR: 0,
    Officer.Role.RECORDER: 1,
    Officer.Role.TELLER: 2,
    Officer.Role.SCRUTINEER: 3,
}


def _of_meeting(user: User, office: str, claim: Claim, titles: list[str]) -> DemoAccount:
    shows = {
        Officer.Role.CHAIR: _("主持台：开始和结束表决，宣布结果，打开会场大屏。"),
        Officer.Role.RECORDER: _("给没带手机的人签到、代录一票，录举手的票数。"),
        Officer.Role.TELLER: _("清点举手，录入票数。"),
        Officer.Role.SCRUTINEER: _("不看别人的数，自己再录一遍举手的票数。"),
    }.get(office, _("用手机投票，看投票人数实时变化。"))
    label = str(Officer.Role(office).label) if office else claim.village.residents_name
    return DemoAccount(user, [label, *titles], shows)


def _shows_resident(roles: set[str], helps: list[str]) -> str:
    if helps:
        return _("一部手机，两个人：自己投一票，再替%(name)s投一票。") % {"name": "、".join(helps)}
    if roles & CALLS_MEETINGS:
        return _("召开会议、发通知，写公告，开练习会议。")
    if roles & {Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER}:
        return _("核对会议记录，当监票人。")
    if roles & {Role.OWNERS_COMMITTEE_CHAIR, Role.PROPERTY_MANAGER}:
        return _("列席小区协商会，认领要办的事。")
    return _("看本村（社区）的会议、通知和村规。")


def _shows_staff(roles: set[str]) -> str:
    if not roles:
        return _("网站后台：页面、图片、账号和网站设置。")
    if Role.TOWNSHIP_REVIEWER in roles:
        return _("看所管各村（社区）的会议进展。")
    return _("看“我的”页面和职务。")


def landing(user: User) -> str:
    """Where this account sees most: its console, its village's live meeting, the admin, else its own page."""
    mine = my_page(user, now=timezone.now())
    for duty in mine.duties:
        if duty.meeting.is_live:
            return duty.console_url
    for meeting in mine.live:
        return meeting.get_absolute_url()
    if not mine.places and user.has_perm("wagtailadmin.access_admin"):
        return reverse("wagtailadmin_home")
    return reverse("home:me")
