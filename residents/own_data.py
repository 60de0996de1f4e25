"""Everything the portal holds on an account and the person it is, for that person's eyes (PIPL art. 44, 45).

Each part says why it is held. Apps above add what they hold by `held_from`; nothing here knows of them. What belongs to
the family members an account helps is theirs, and only that it helps them is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEntry

from .corrections import state_in_words, wish_of
from .line_words import said, told
from .models import Appointment, Claim, ClaimRequest, Correction, Resident, RollChange, RollLook, User
from .offices import held_by
from .phone_accounts import phone_of
from .phones import open_phone
from .roll import described
from .sign_ins import has_password, sign_ins_of

ON_PAGE = 30  # of each part; the copy holds more
IN_COPY = 20_000

# (label, text) of one thing that is held
Fact = tuple[str, str]


@dataclass(frozen=True)
class Part:
    """One kind of data: what it is for, who else sees it, and the things themselves, the newest first."""

    code: str
    title: str
    purpose: str
    entries: Sequence[Sequence[Fact]]
    count: int = field(default=-1)  # of all there are; -1 for as many as are shown

    @property
    def more(self) -> int:
        """How many there are beyond those shown."""
        return max(0, self.count - len(self.entries))


Source = Callable[[User, int], Iterable[Part]]
_sources: list[Source] = []


def held_from(source: Source) -> Source:
    """Let an app above tell what it holds on an account; the second argument is how many things of a part at most."""
    _sources.append(source)
    return source


def held_on(user: User, *, most: int = ON_PAGE) -> list[Part]:
    """All parts, those of this app first."""
    parts = [
        _account(user),
        *_lines(user, most),
        _claims(user, most),
        _looks(user, most),
        _offices(user, most),
        _corrections(user, most),
        _sign_ins(user, most),
    ]
    for source in _sources:
        parts.extend(source(user, most))
    parts.append(_acts(user))
    return [part for part in parts if part.entries]


def lines_of(user: User) -> list[Resident]:
    """The lines of the roll that are the account's own person."""
    own = Claim.objects.filter(user=user, relation=Claim.Relation.SELF).confirmed()
    people = Resident.objects.filter(pk__in=own.values("resident"))
    return list(people.select_related("household__group", "household__yard", "village").order_by("pk"))


def moment(at: datetime.datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at is not None else ""


def _filled(*facts: Fact) -> list[Fact]:
    return [(label, text) for label, text in facts if text]


def _account(user: User) -> Part:
    user = User.objects.get(pk=user.pk)  # the request's own knows only half of its fields
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    facts = _filled(
        (_("称呼"), user.get_full_name()),
        (_("账号"), user.username),
        (_("登录手机"), phone_of(user)),
        (_("手机验证时间"), moment(user.phone_verified_at)),
        (_("电子邮箱"), user.email),
        (_("密码"), _("设了密码，只存了核对用的值") if has_password(user) else ""),
        (_("第二道验证"), "、".join(str(one.get_type_display()) for one in factors)),
        (_("同意《隐私政策》"), f"{moment(user.consented_at)} {user.consented_to}".strip()),
        (_("要求短信提醒开会"), moment(user.reminders_asked_at)),
        (_("开通时间"), moment(user.date_joined)),
        (_("上次登录"), moment(user.last_login)),
    )
    return Part("account", _("账号"), _("让您能登录，并且别人不能冒用。只有您自己看得到手机号。"), [facts])


def _lines(user: User, most: int) -> Iterable[Part]:
    purpose = _("村（居）民委员会按法律登记，用来确定谁有权参加会议和表决。名册由管理员保管，监督委员会可以查看。")
    for line in lines_of(user):
        home = line.household
        facts = _filled(
            (_("村（社区）"), line.village.name),
            (_("姓名"), line.name),
            (_("小名"), line.nickname),
            (_("性别"), str(line.get_gender_display())),
            (_("出生日期"), said("born_on", line.born_on)),
            (_("户"), f"{home.group} {home}"),
            (_("屋场（院落、小区）"), str(home.yard or "")),
            (_("与户主关系"), _("户主") if line.is_head else line.relation_to_head),
            (_("户代表"), _("是") if home.representative_id == line.pk else ""),
            (_("户籍"), said("is_local", line.is_local)),
            (_("居住"), said("lives_here", line.lives_here)),
            (_("电话"), open_phone(bytes(line.phone_sealed))),
            (_("身份证号"), _("没有保存号码，只有一个核对用的值") if line.identity_hash else ""),
            (_("入册日期"), line.from_on.isoformat() if line.from_on else ""),
            (_("备注"), line.note),
        )
        yield Part("roll_line", _("%(village)s名册上的您") % {"village": line.village.name}, purpose, [facts])
        changes = RollChange.objects.of(line.village).filter(resident=line)
        entries = [
            _filled(
                (_("日期"), one.change.on.isoformat()),
                (_("事由"), str(one.change.get_kind_display())),
                *((label, f"{before} → {now}" if before else now) for label, now, before in one.parts),
                (_("说明"), one.change.reason),
            )
            for one in told(line.village, changes[:most])
        ]
        title = _("%(village)s名册上的变更") % {"village": line.village.name}
        yield Part(
            "roll_changes", title, _("让任何一天的名册都能还原，谁改的、为什么改查得到。"), entries, changes.count()
        )


def _claims(user: User, most: int) -> Part:
    claims = Claim.objects.filter(user=user).select_related("village", "resident__household__group").order_by("-pk")
    entries = [
        _filled(
            (_("村（社区）"), one.village.name),
            (_("名册上的人"), described(one.resident)),
            (_("关系"), str(one.get_relation_display())),
            (_("状态"), str(one.get_state_display())),
            (_("依据"), str(one.get_basis_display())),
            (_("时间"), moment(one.decided_at or one.created_at)),
        )
        for one in claims[:most]
    ]
    requests = ClaimRequest.objects.filter(user=user).exclude(stated_name="").select_related("village")
    entries += [
        _filled(
            (_("村（社区）"), one.village.name),
            (_("您写的姓名"), one.stated_name),
            (_("出生年份"), str(one.stated_birth_year or "")),
            (_("小组"), one.stated_group),
            (_("补充说明"), one.note),
            (_("状态"), str(one.get_state_display())),
            (_("答复"), one.answer),
            (_("时间"), moment(one.created_at)),
        )
        for one in requests[:most]
    ]
    purpose = _("说明您的账号可以替名册上的哪一位办事，凭什么。")
    return Part("claims", _("为谁办事"), purpose, entries, claims.count() + requests.count())


def _looks(user: User, most: int) -> Part:
    lines = lines_of(user)
    here = Q(resident__in=lines)
    for line in lines:  # a look at the whole roll concerns everybody who stood on it
        since = Q(at__date__gte=line.from_on) if line.from_on else Q()
        here |= Q(village=line.village, resident=None) & since
    looks = RollLook.objects.filter(here) if lines else RollLook.objects.none()
    entries = [
        _filled(
            (_("时间"), moment(one.at)),
            (_("谁"), one.by_name),
            (_("看了什么"), str(one.get_what_display())),
            (_("用途"), one.reason),
        )
        for one in looks[:most]
    ]
    return Part("looks", _("谁看过您的完整电话、下载过名册"), _("让您知道谁看过、做什么用。"), entries, looks.count())


def _offices(user: User, most: int) -> Part:
    held = Appointment.objects.filter(held_by(user)).select_related("village", "region", "group", "yard").distinct()
    entries = [
        _filled(
            (_("职务"), str(one.get_role_display())),
            (_("在哪里"), f"{one.village or one.region} {one.group or one.yard or ''}".strip()),
            (_("分工"), one.duty),
            (_("任职起"), one.from_on.isoformat()),
            (_("任职止"), one.until_on.isoformat() if one.until_on else ""),
        )
        for one in held.order_by("-from_on", "-pk")[:most]
    ]
    return Part("offices", _("职务"), _("职务是公开的，权限跟着职务走。"), entries, held.count())


def _corrections(user: User, most: int) -> Part:
    asked = Correction.objects.filter(user=user).select_related("village", "resident", "proposal")
    entries = [
        _filled(
            (_("时间"), moment(one.created_at)),
            (_("哪一项"), str(one.get_about_display())),
            (_("您写的"), wish_of(one)),
            (_("状态"), state_in_words(one)),
            (_("答复"), one.answer),
        )
        for one in asked[:most]
    ]
    return Part("corrections", _("您要求更正的"), _("让村（居）委会照着改名册。"), entries, asked.count())


def _sign_ins(user: User, most: int) -> Part:
    entries = [
        _filled((_("设备"), one.device or _("不清楚")), (_("登录时间"), moment(one.at))) for one in sign_ins_of(user)
    ]
    purpose = _("让您看到账号在哪些设备上登录着。不记录网址和位置，退出登录就删除。")
    return Part("sign_ins", _("登录着的设备"), purpose, entries[:most], len(entries))


def _acts(user: User) -> Part:
    mine = AuditEntry.objects.filter(actor_id=user.pk)
    count = mine.count()
    entries = [[(_("操作记录"), _("%(count)s 条") % {"count": count})]] if count else []
    purpose = _("谁在什么时候办了什么要紧的事，供监督用，谁都不能改、不能删。里面没有无记名表决的选择。")
    return Part("acts", _("您的操作记录"), purpose, entries)
