"""What meetings hold on a person, told to that person alone: where they stood on a roster, came, and voted."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from residents.models import Resident, User
from residents.own_data import Fact, Part, held_from, lines_of, moment

from .models import (
    Addendum,
    Attendance,
    Ballot,
    FloorQuestion,
    FollowUp,
    FollowUpRating,
    Mark,
    Motion,
    Officer,
    Petition,
    PetitionSignature,
    Proxy,
    Recording,
    Reply,
    RosterCorrection,
    RosterEntry,
    Seconding,
    Signature,
    Speech,
    Topic,
)


@held_from
def held_in_meetings(user: User, most: int) -> Iterable[Part]:
    """Of the lines that are the account's own person; how a secret vote was cast is known to nobody and not here."""
    lines = lines_of(user)
    if not lines:  # a staff account may answer for something all the same
        yield _follow_ups(user, lines, most)
        return
    yield _rosters(lines, most)
    yield _substitutes(lines, most)
    yield _grants(lines, most)
    yield _replies(lines, most)
    yield _attendances(lines, most)
    yield _speeches(lines, most)
    yield _questions(lines, most)
    yield _votes(lines, most)
    yield _duties(lines, most)
    yield _signatures(lines, most)
    yield _addenda(lines, most)
    yield _topics(lines, most)
    yield _seconds(lines, most)
    yield _petitions(lines, most)
    yield _petition_signatures(lines, most)
    yield _follow_ups(user, lines, most)
    yield _ratings(lines, most)


def _filled(*facts: Fact) -> list[Fact]:
    return [(label, text) for label, text in facts if text]


def _choice(motion: Motion, choice: str) -> str:
    """What was chosen, in the words of the ballot paper."""
    return motion.said(choice)


def _rosters(lines: list[Resident], most: int) -> Part:
    entries = RosterEntry.objects.filter(resident__in=lines).select_related("roster__meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.roster.meeting.title),
            (_("号牌"), str(one.number)),
            (_("单位"), str(one.get_unit_display())),
            (_("姓名"), one.name),
            (_("出生年"), str(one.birth_year or "")),
        )
        for one in entries[:most]
    ]
    purpose = _("发会议通知时固定下来的应到名册，用来算人数够不够、结果对不对，随会议档案保存。")
    return Part("rosters", _("参会名册上的您"), purpose, told, entries.count())


def _substitutes(lines: list[Resident], most: int) -> Part:
    """Where a household sent somebody else, the one who stayed away and the one who came."""
    made = RosterCorrection.objects.filter(Q(before__in=lines) | Q(after__in=lines))
    made = made.select_related("roster__meeting", "before", "after").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.roster.meeting.title),
            (_("换人"), f"{one.before.name} → {one.after.name}"),
            (_("原因"), one.reason),
            (_("时间"), moment(one.made_at)),
        )
        for one in made[:most]
    ]
    return Part("substitutes", _("户代表换人"), _("说明这一户由谁投票、为什么换，随会议档案保存。"), told, made.count())


def _grants(lines: list[Resident], most: int) -> Part:
    """Written grants given and held; the other's name stands on the paper both signed."""
    made = Proxy.objects.filter(Q(grantor__resident__in=lines) | Q(holder__resident__in=lines))
    made = made.select_related("meeting", "grantor", "holder").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("委托"), f"{one.grantor.name} → {one.holder.name}"),
            (_("委托时间"), moment(one.granted_at)),
            (_("结束"), moment(one.ended_at)),
            (_("结束原因"), one.end_reason),
        )
        for one in made[:most]
    ]
    purpose = _("说明谁替谁投票。委托书的照片只有两位当事人和会议工作人员看得到，随会议档案保存。")
    return Part("grants", _("书面委托"), purpose, told, made.count())


def _attendances(lines: list[Resident], most: int) -> Part:
    came = Attendance.objects.filter(entry__resident__in=lines).select_related("meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("签到"), moment(one.in_at)),
            (_("离场"), moment(one.out_at)),
            (_("方式"), str(one.get_method_display())),
            (_("撤销原因"), one.void_reason),
        )
        for one in came[:most]
    ]
    return Part("attendances", _("签到"), _("用来算到会人数，随会议档案保存。"), told, came.count())


def _speeches(lines: list[Resident], most: int) -> Part:
    held = Speech.objects.filter(entry__resident__in=lines).select_related("meeting", "item").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("议程"), one.item.title if one.item else ""),
            (_("状态"), str(one.get_state_display())),
            (_("要求发言"), moment(one.asked_at)),
            (_("开始"), moment(one.started_at)),
            (_("讲了什么"), one.summary),
        )
        for one in held[:most]
    ]
    return Part("speeches", _("您的发言"), _("排队发言，写进会议记录，随会议档案保存。"), told, held.count())


def _questions(lines: list[Resident], most: int) -> Part:
    asked = FloorQuestion.objects.filter(entry__resident__in=lines).select_related("meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("问题"), one.text),
            (_("状态"), str(one.get_state_display())),
            (_("不放出来的原因"), one.reason),
            (_("答复"), one.answer),
            (_("提问时间"), moment(one.asked_at)),
        )
        for one in asked[:most]
    ]
    return Part("questions", _("您在会上的提问"), _("让大家听到、得到答复，随会议档案保存。"), told, asked.count())


def _votes(lines: list[Resident], most: int) -> Part:
    """That one has voted, and the choice of votes by name. A mark has no time, and gets none here."""
    marks: QuerySet[Mark] = Mark.objects.filter(entry__resident__in=lines).select_related("motion__meeting")
    shown = list(marks.order_by("-motion_id")[:most])
    ballots = {
        (one.motion_id, one.entry_id): one
        for one in Ballot.objects.filter(entry__resident__in=lines, motion__in=[mark.motion_id for mark in shown])
    }
    told = []
    for mark in shown:
        motion: Motion = mark.motion
        ballot = None if motion.secret else ballots.get((mark.motion_id, mark.entry_id))
        facts = [(_("会议"), motion.meeting.title), (_("表决事项"), motion.text)]
        if mark.paper:
            facts.append((_("您的票"), _("领了纸票。票上没有号码，系统不知道您投的是什么")))
        elif motion.secret:
            facts.append((_("您的票"), _("已投票。无记名，系统不知道您投的是什么")))
        elif ballot is not None:
            facts += [
                (_("您的票"), _choice(motion, ballot.choice)),
                (_("途径"), str(ballot.get_channel_display())),
                (_("时间"), moment(ballot.cast_at)),
            ]
        else:
            facts.append((_("您的票"), _("已投票")))
        told.append(_filled(*facts))
    purpose = _("每人每件事只投一次，计票对得上。结果要完整，所以不能删除。")
    return Part("votes", _("您投过的票"), purpose, told, marks.count())


def _replies(lines: list[Resident], most: int) -> Part:
    given = Reply.objects.filter(entry__resident__in=lines).select_related("meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("看到通知的时间"), moment(one.read_at)),
            (_("来不来"), str(one.get_answer_display())),
        )
        for one in given[:most]
    ]
    return Part(
        "replies", _("您看通知和回复来不来"), _("让村（居）委会知道人够不够、还要通知谁。"), told, given.count()
    )


def _duties(lines: list[Resident], most: int) -> Part:
    held = Officer.objects.filter(resident__in=lines).select_related("meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.meeting.title),
            (_("职责"), str(one.get_role_display())),
            (_("起"), moment(one.since_at)),
            (_("止"), moment(one.until_at)),
        )
        for one in held[:most]
    ]
    return Part("meeting_offices", _("会议里的职责"), _("写进会议记录。"), told, held.count())


def _signatures(lines: list[Resident], most: int) -> Part:
    given = Signature.objects.filter(resident__in=lines).select_related("minutes__meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.minutes.meeting.title),
            (_("职责"), str(one.get_role_display())),
            (_("签字时间"), moment(one.signed_at)),
            (
                _("怎么签的"),
                (one.missing_because and _("没有签字：%(reason)s") % {"reason": one.missing_because})
                or (_("在纸上签，别人上传了照片") if one.photo_id else _("在网上签")),
            ),
        )
        for one in given[:most]
    ]
    purpose = _("说明谁为会议记录作证，随会议档案保存。")
    return Part("signatures", _("您签过的会议记录"), purpose, told, given.count())


def _addenda(lines: list[Resident], most: int) -> Part:
    made = Addendum.objects.filter(Q(written_by__in=lines) | Q(confirmed_by__in=lines))
    made = made.select_related("minutes__meeting").order_by("-pk")
    told = [
        _filled(
            (_("会议"), one.minutes.meeting.title),
            (_("补记"), one.text),
            (_("谁写的"), one.writer_name),
            (_("谁确认的"), one.confirmer_name),
            (_("确认时间"), moment(one.confirmed_at)),
        )
        for one in made[:most]
    ]
    return Part("addenda", _("您写的、确认的补记"), _("写进会议记录，随会议档案保存。"), told, made.count())


def _topics(lines: list[Resident], most: int) -> Part:
    raised = Topic.objects.filter(raised_by__in=lines).select_related("village", "category").order_by("-pk")
    told = [
        _filled(
            (_("村（社区）"), one.village.name),
            (_("什么事"), one.title),
            (_("说明"), one.text),
            (_("语音"), _recorded(one)),
            (_("类别"), str(one.category)),
            (_("在村里显示姓名"), _("是") if one.show_name else _("否")),
            (_("状态"), str(one.get_state_display())),
            (_("答复"), one.reason),
            (_("提出时间"), moment(one.raised_at)),
        )
        for one in raised[:most]
    ]
    return Part("topics", _("您提的议题"), _("让大家附议、村（居）委会答复，随村里档案保存。"), told, raised.count())


def _recorded(topic: Topic) -> str:
    kept = Recording.objects.of(topic.village).filter(topic=topic).first()
    return "" if kept is None else kept.words or _("有一段，还没有写下来")


def _seconds(lines: list[Resident], most: int) -> Part:
    made = Seconding.objects.filter(resident__in=lines).select_related("topic").order_by("-pk")
    told = [
        _filled((_("议题"), one.topic.title), (_("附议时间"), moment(one.at))) for one in made[:most]
    ]  # fmt: skip
    return Part("seconds", _("您替户里附议的"), _("一户只算一次，说明是户里谁附议的。"), told, made.count())


def _petitions(lines: list[Resident], most: int) -> Part:
    started = Petition.objects.filter(started_by__in=lines).select_related("village", "preset").order_by("-pk")
    told = [
        _filled(
            (_("村（社区）"), one.village.name),
            (_("要开什么会"), one.preset.body_name),
            (_("要商量什么"), one.title),
            (_("为什么要开会"), one.reason),
            (_("状态"), str(one.get_state_display())),
            (_("发起时间"), moment(one.started_at)),
        )
        for one in started[:most]
    ]
    purpose = _("让大家签名、村（居）委会召集会议，随村里档案保存。发起人只有委员会和监督委员会看得到。")
    return Part("petitions", _("您发起的请求"), purpose, told, started.count())


def _petition_signatures(lines: list[Resident], most: int) -> Part:
    given = PetitionSignature.objects.filter(resident__in=lines).select_related("petition", "sheet").order_by("-pk")
    told = [
        _filled(
            (_("请求"), one.petition.title),
            (_("签名时间"), moment(one.at)),
            (_("怎么签的"), _("在纸上签，别人录入的") if one.sheet_id else _("在网上签")),
            (_("为什么无效"), one.void_reason),
        )
        for one in given[:most]
    ]
    purpose = _("算签名够不够，一个人只算一次。只有委员会和监督委员会看得到是谁。够数以前可以撤回。")
    return Part("petition_signatures", _("您在请求上的签名"), purpose, told, given.count())


def _follow_ups(user: User, lines: list[Resident], most: int) -> Part:
    owed = FollowUp.objects.filter(Q(owner__in=lines) | Q(owner_account=user)).select_related("village").order_by("-pk")
    told = [
        _filled(
            (_("村（社区）"), one.village.name),
            (_("要办的事"), one.title),
            (_("期限"), one.due.isoformat()),
            (_("状态"), str(one.get_state_display())),
        )
        for one in owed[:most]
    ]
    return Part("follow_ups", _("您负责落实的事"), _("会上定的，公布谁负责、办得怎么样。"), told, owed.count())


def _ratings(lines: list[Resident], most: int) -> Part:
    given = FollowUpRating.objects.filter(resident__in=lines).select_related("follow_up").order_by("-pk")
    told = [
        _filled((_("什么事"), one.follow_up.title), (_("评价"), str(one.get_answer_display()))) for one in given[:most]
    ]  # fmt: skip
    return Part("ratings", _("您对办好的事的评价"), _("只公布人数，不公布谁怎么评。"), told, given.count())
