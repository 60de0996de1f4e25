"""What rules hold on a person, told to that person alone: opinions, suggestions, and what concerns the household."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from residents.models import Resident, User
from residents.own_data import Part, held_from, lines_of, moment

from .models import (
    CeremonyEvent,
    Opinion,
    OpinionReport,
    PointsEntry,
    PointsObjection,
    RuleSuggestion,
    SuggestionSecond,
)


@held_from
def held_on_rules(user: User, most: int) -> Iterable[Part]:
    made = Opinion.objects.filter(author__in=lines_of(user)).select_related("version__rules", "reply").order_by("-pk")
    told = [
        [
            (_("村规"), str(one.version)),
            (_("哪一条"), one.place or _("全文")),
            (_("意见"), one.text),
            (_("时间"), moment(one.at)),
            (_("答复"), one.reply.text if hasattr(one, "reply") else _("还没有答复")),
        ]
        for one in made[:most]
    ]
    purpose = _("修订村规时逐条答复。别人看到的是账号的显示名称。")
    yield Part("rule_opinions", _("您对村规的意见"), purpose, told, made.count())
    reports = OpinionReport.objects.filter(reporter__in=lines_of(user)).select_related("opinion__version__rules")
    told = [
        [
            (_("哪一条意见"), str(one.opinion)),
            (_("原因"), one.get_reason_display()),
            (_("说明"), one.words),
            (_("时间"), moment(one.at)),
            (_("结果"), one.get_outcome_display() or _("还没有处理")),
        ]
        for one in reports.order_by("-pk")[:most]
    ]
    yield Part(
        "opinion_reports", _("您举报的意见"), _("看看该不该公开。处理的人只看到原因和说明。"), told, reports.count()
    )


@held_from
def held_on_carrying_out(user: User, most: int) -> Iterable[Part]:
    """What the household's own people read of it: of the household that each of the account's lines belongs to now."""
    lines = lines_of(user)
    homes = [line.household_id for line in lines]
    yield _suggestions(lines, most)
    yield _seconds(lines, most)
    yield _events(homes, most)
    yield _points(homes, most)
    yield _objections(lines, most)


def _suggestions(lines: Sequence[Resident], most: int) -> Part:
    made = RuleSuggestion.objects.filter(raised_by__in=lines).select_related("rules").order_by("-pk")
    told = [
        [
            (_("村规"), one.rules.title),
            (_("哪一条"), one.place or _("全文")),
            (_("怎么改"), one.text),
            (_("为什么改"), one.reason),
            (_("时间"), moment(one.raised_at)),
            (_("状态"), str(one.get_state_display())),
            (_("答复"), one.answer or _("还没有答复")),
        ]
        for one in made[:most]
    ]
    purpose = _("提议修订村规，各户附议。村里的人看得到姓名和您写的话；外面只看得到是哪一条、多少户附议。")
    return Part("rule_suggestions", _("您提议的修订"), purpose, told, made.count())


def _seconds(lines: Sequence[Resident], most: int) -> Part:
    given = SuggestionSecond.objects.filter(resident__in=lines).select_related("suggestion__rules").order_by("-pk")
    told = [
        [(_("附议了"), f"{one.suggestion.rules.title} {one.suggestion}"), (_("时间"), moment(one.at))]
        for one in given[:most]
    ]
    purpose = _("一户只算一次。别人只看得到有多少户。")
    return Part("suggestion_seconds", _("您附议的修订"), purpose, told, given.count())


def _events(homes: Sequence[int], most: int) -> Part:
    known = CeremonyEvent.objects.filter(household__in=homes).select_related("kind", "village").order_by("-on")
    told = [
        [
            (_("什么事"), f"{one.kind} {one}"),
            (_("哪一天"), one.on.isoformat()),
            (_("打算"), _numbers(one.planned_tables, one.planned_days, one.planned_gift, one.planned_cost)),
            (_("后来"), _numbers(one.tables, one.days, one.gift, one.cost)),
            (_("登记"), moment(one.registered_at)),
            *([(_("不办了"), one.called_off_because)] if one.called_off_because else []),
            *([(_("备注"), one.note)] if one.note else []),
        ]
        for one in known[:most]
    ]
    purpose = _("红白理事会来帮忙、看提倡的标准。是谁家的，只有理事会、委员会和您家看得到。")
    return Part("ceremony_events", _("您家登记的红白事"), purpose, told, known.count())


def _numbers(tables: int | None, days: int | None, gift: int | None, cost: int | None) -> str:
    said = [(_("%(n)s 桌"), tables), (_("%(n)s 天"), days), (_("礼金 %(n)s 元"), gift), (_("花 %(n)s 元"), cost)]
    return "，".join(words % {"n": number} for words, number in said if number is not None) or _("没有写")


def _points(homes: Sequence[int], most: int) -> Part:
    known = PointsEntry.objects.filter(household__in=homes, entered_at__isnull=False)
    known = known.select_related("category", "village", "named_by").order_by("-pk")
    told = [
        [
            (_("为什么"), f"{one.category} {one}"),
            (_("分数"), str(one.points)),
            (_("哪一天的事"), one.on.isoformat()),
            (_("说明"), one.note),
            *([(_("作废"), one.void_reason)] if one.void_reason else []),
            *([(_("同意写名字的人"), one.named_by.name)] if one.named_by is not None else []),
        ]
        for one in known[:most]
    ]
    purpose = _("按会议定的类别记积分、表扬。只有办理的人和您家看得到；您家同意，表扬才写名字。")
    return Part("household_points", _("您家的积分和表扬"), purpose, told, known.count())


def _objections(lines: Sequence[Resident], most: int) -> Part:
    made = PointsObjection.objects.filter(resident__in=lines).select_related("entry").order_by("-pk")
    told = [
        [
            (_("哪一条"), str(one)),
            (_("哪里不对"), one.text),
            (_("时间"), moment(one.at)),
            (_("决定"), one.reason or _("还没有决定")),
        ]
        for one in made[:most]
    ]
    purpose = _("没有经手的人看了以后决定。")
    return Part("points_objections", _("您对积分的异议"), purpose, told, made.count())
