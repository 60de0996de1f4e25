"""Making villages by two people: one from a form, or a whole township's from a sheet; all of them or none.

A village's twelve digits are its township's nine (GB/T 10114) and three of its own, which also say whether it is a
village or a community. A row that is there already is left as it is: the same sheet again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.log import record
from residents.appointments import find_account, is_about
from residents.models import Appointment, PlaceCode, Proposal, Region, Role, User, Village, VillageGroup
from residents.names import pinyin_keys
from residents.rights import Act
from residents.sheets.people import Remark
from residents.two_people import NotWaiting, SamePerson, handler, propose

from .villages import VillageWords, create_village

MOST_AT_ONCE = 40  # each has a page tree, groups and a collection, all in one transaction; a township has fewer
MOST_GROUPS = 200
# The last three digits of the twelve by what they stand for (statistics code): [from, to].
_DIGITS_OF = {
    Village.Kind.COMMUNITY: ((1, 199), (400, 499)),
    Village.Kind.VILLAGE: ((200, 399), (500, 599)),
}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class VillageRow:
    """One village as it was filled in; `row` as the sheet numbers its rows, 0 for the form. Empty slug: suggested."""

    row: int
    code: str
    name: str
    kind: str
    groups: int = 0
    slug: str = ""
    admin: str = ""


@dataclass
class MakingPlan:
    """What would be made. With a problem nothing is."""

    make: list[VillageRow] = field(default_factory=list)
    unchanged: list[VillageRow] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)


def suggested_slug(name: str, taken: Collection[str]) -> str:
    """听泉坳村 → tingquanao-cun is what people say; the whole pinyin in one word, with a number when it is taken."""
    base = slugify(pinyin_keys(name)[0])[:50].strip("-") or "village"
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def plan_villages(region: Region, rows: Sequence[VillageRow], problems: Iterable[Remark] = ()) -> MakingPlan:
    """Compare rows with what is there. `region` is the township, or what it lies in; a constant number of queries."""
    plan = MakingPlan(problems=list(problems))
    codes = {row.code for row in rows}
    there = {village.code: village for village in Village.objects.filter(code__in=codes)}
    towns = {town.code: town for town in _townships(region).filter(code__in={code[:9] for code in codes})}
    former = PlaceCode.objects.filter(code__in=codes, village__isnull=False).select_related("village")
    once = {past.code: past.village for past in former}
    wanted = {row.slug for row in rows if row.slug}
    taken = set(Village.objects.values_list("slug", flat=True))
    seen: dict[str, int] = {}
    for row in rows:
        told = _problems_of(row, towns, once.get(row.code), seen)
        existing = there.get(row.code)
        if not told and existing is not None:
            if (existing.name, existing.kind) == (row.name, row.kind):
                plan.unchanged.append(row)
                continue
            told.append(_("这个代码已经是%(village)s，名称或者类别不一样，请核对。") % {"village": existing.name})
        if row.slug and row.slug in taken:
            told.append(_("网址代号“%(slug)s”已经有人用了，请换一个。") % {"slug": row.slug})
        if row.admin and find_account(row.admin) is None:
            told.append(_("没有“%(account)s”这个账号。请核对，或者空着以后再指定。") % {"account": row.admin})
        if told:
            plan.problems += [Remark(row.row, row.name or row.code, words) for words in told]
            continue
        slug = row.slug or suggested_slug(row.name, taken | wanted)
        taken.add(slug)
        plan.make.append(VillageRow(**asdict(row) | {"slug": slug}))
    if len(plan.make) > MOST_AT_ONCE:
        words = _("一次最多新建 %(most)s 个，请分成几个表格。") % {"most": MOST_AT_ONCE}
        plan.problems.append(Remark(0, "", words))
    return plan


def _townships(region: Region) -> QuerySet[Region]:
    towns = Region.objects.filter(level=Region.Level.TOWNSHIP)
    below = Q(parent=region) | Q(parent__parent=region) | Q(parent__parent__parent=region)
    return towns.filter(Q(pk=region.pk) | below)


def _problems_of(row: VillageRow, towns: dict[str, Region], once: Village | None, seen: dict[str, int]) -> list[str]:
    told = []
    if not re.fullmatch(r"\d{12}", row.code):
        told.append(_("统计代码要 12 位数字。"))
    elif row.code[:9] not in towns:
        told.append(_("代码前 9 位不是这里的乡镇（街道），请核对。"))
    elif row.kind in _DIGITS_OF and not _fits(row):
        told.append(_("代码后 3 位和类别不符：社区是 001 到 199，村是 200 到 399。"))
    if row.code in seen:
        told.append(_("和第 %(row)s 行的代码重复，请删掉一行。") % {"row": seen[row.code]})
    seen.setdefault(row.code, row.row)
    if once is not None and once.code != row.code:
        told.append(_("这个代码以前是%(village)s的，请核对。") % {"village": once.name})
    if not row.name or len(row.name) > 60:
        told.append(_("名称要写，最多 60 个字。"))
    if row.kind not in Village.Kind.values:
        told.append(_("类别请写“村”或者“社区”。"))
    if not 0 <= row.groups <= MOST_GROUPS:
        told.append(_("组数最多 %(most)s。") % {"most": MOST_GROUPS})
    if row.slug and (not _SLUG.fullmatch(row.slug) or len(row.slug) > 60):
        told.append(_("网址代号只能用小写字母、数字和短横线。"))
    return told


def _fits(row: VillageRow) -> bool:
    digits = int(row.code[9:])
    return any(first <= digits <= last for first, last in _DIGITS_OF[Village.Kind(row.kind)])


class MakingRefused(Exception):
    """Nothing can be made of it; the message says why."""


def propose_villages(region: Region, plan: MakingPlan, *, by: User) -> Proposal:
    """Ask a second person. Raises MakingRefused, or SamePerson when the proposer would be an administrator."""
    if plan.problems:
        raise MakingRefused(_("还有问题，请改好再提交。"))
    if not plan.make:
        raise MakingRefused(_("这些村（社区）都已经有了，不用新建。"))
    if any(_is(by, row) for row in plan.make):
        raise SamePerson(_("不能提出自己当管理员，请另一位有权限的工作人员提出。"))
    same = "make:" + ",".join(sorted(row.code for row in plan.make))
    waiting = Proposal.objects.waiting().filter(kind=Proposal.Kind.CREATE_VILLAGE, region=region, payload__same=same)
    if waiting.exists():
        raise MakingRefused(_("同样的事已经有人提出，正等第二人确认，不用再提。"))
    named = "、".join(row.name for row in plan.make[:5]) + ("……" if len(plan.make) > 5 else "")
    return propose(
        kind=Proposal.Kind.CREATE_VILLAGE,
        region=region,
        summary=_("新建 %(count)s 个村（社区）：%(named)s") % {"count": len(plan.make), "named": named},
        payload={
            "rows": [asdict(row) for row in plan.make],
            "same": same,
            "words": [[f"{row.code} {row.name}", _row_words(row)] for row in plan.make],
        },
        by=by,
    )


def _row_words(row: VillageRow) -> str:
    words = [str(Village.Kind(row.kind).label), _("%(count)s 个小组") % {"count": row.groups}, f"/{row.slug}/"]
    if row.admin:
        words.append(_("管理员：%(name)s") % {"name": find_account(row.admin) or row.admin})
    return " · ".join(words)


def _is(user: User, row: VillageRow) -> bool:
    return bool(row.admin) and is_about(user, resident=None, holder=find_account(row.admin))


@handler(Proposal.Kind.CREATE_VILLAGE, Act.CREATE_VILLAGE, step_up=True)
def _make(proposal: Proposal, by: User) -> None:
    region = proposal.region
    assert region is not None  # noqa: S101  villages are made in a region
    rows = [VillageRow(**row) for row in proposal.payload["rows"]]
    plan = plan_villages(region, rows)
    if plan.problems:
        first = plan.problems[0]
        raise NotWaiting(
            _("现在不能新建了：%(name)s，%(message)s请退回。") % {"name": first.column, "message": first.message}
        )
    if any(_is(one, row) for row in plan.make for one in (by, proposal.proposed_by) if one is not None):
        raise SamePerson(_("这件事和您自己有关，请另一位有权限的工作人员办理。"))
    make_villages(plan.make, by=proposal.proposed_by, confirmed_by=by)


@transaction.atomic
def make_villages(rows: Sequence[VillageRow], *, by: User | None, confirmed_by: User | None) -> list[Village]:
    """Make them all with pages, groups, code and, where it is named, the first administrator."""
    towns = {town.code: town for town in Region.objects.filter(code__in={row.code[:9] for row in rows})}
    made = []
    today = timezone.localdate()
    for row in rows:
        fields = {
            "region": towns[row.code[:9]], "slug": row.slug, "code": row.code, "kind": row.kind, "name": row.name,
        }  # fmt: skip
        village = create_village(fields=fields, words=VillageWords(), by=by)
        VillageGroup.objects.bulk_create(
            VillageGroup(village=village, number=number) for number in range(1, row.groups + 1)
        )
        PlaceCode.objects.create(village=village, code=row.code, from_on=today)
        if row.admin:
            _name_admin(village, row, by=by, confirmed_by=confirmed_by)
        made.append(village)
    return made


def _name_admin(village: Village, row: VillageRow, *, by: User | None, confirmed_by: User | None) -> None:
    given = Appointment.objects.create(
        village=village, user=find_account(row.admin), role=Role.VILLAGE_ADMIN, from_on=timezone.localdate()
    )
    record(
        action="appoint", subject=given, village_id=village.pk, actor=by, role=str(given.role),
        from_on=given.from_on.isoformat(), until_on=None, confirmed_by=confirmed_by.pk if confirmed_by else None,
    )  # fmt: skip
