"""What rule making holds on a person, told to that person alone: opinions with their answers, and what was reported."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from residents.models import User
from residents.own_data import Part, held_from, lines_of, moment

from .models import Opinion, OpinionReport


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
