"""Merging two villages by two people: not while a meeting is under way; the old pages stay and point on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.meetings import cancel_meeting
from consultation.models import FollowUp, Meeting, Minutes, Petition, Topic
from residents.merging import MergeError, Merger, merge_rolls, merger_of
from residents.models import Proposal, Region, User, Village
from residents.rights import Act
from residents.two_people import NotWaiting, handler, propose
from residents.views.region_offices import villages_of
from villagerules.models import RuleSuggestion

# Until these are done their officers, whose offices would end, are still needed.
_UNDER_WAY = (Meeting.State.NOTICED, Meeting.State.LIVE, Meeting.State.CLOSED)
_UNSIGNED = (Minutes.State.DRAFT, Minutes.State.CHECKED)
NAMED_MOST = 5


@dataclass(frozen=True)
class MergerPlan:
    """What a merger would do, as the page and the second person read it."""

    source: Village
    target: Village
    merger: Merger

    def words(self) -> list[tuple[str, str]]:
        told = self.merger
        return [
            (_("并入"), _("%(source)s → %(target)s") % {"source": self.source.name, "target": self.target.name}),
            (_("转到新名册"), _("%(people)s 人、%(homes)s 户") % {"people": told.people, "homes": told.households}),
            (_("小组、屋场"), _("%(groups)s 个、%(yards)s 个") % {"groups": told.groups, "yards": told.yards}),
            (_("跟着转的账号"), str(told.accounts)),
            (_("到这一天结束的职务"), str(told.offices)),
            (_("照旧能看的"), _("原来的页面、会议、结果和村规，都注明已经并入")),
            *((_("提醒"), words) for words in told.notes),
        ]


def standing_villages(region: Region) -> QuerySet[Village]:
    """Those of the region that can still become one."""
    return villages_of(region).standing()  # type: ignore[attr-defined, no-any-return]


def plan_merger(source: Village, target: Village) -> MergerPlan:
    """What merging them today would do. Raises MergeError for what has to be done first."""
    busy = list(Meeting.objects.of(source).filter(state__in=_UNDER_WAY).order_by("starts_at"))
    if busy:
        raise MergeError(
            _("%(village)s还有没办完的会议：%(named)s。请先开完、公布结果，或者取消。")
            % {"village": source.name, "named": _named(busy)}
        )
    open_topics = Topic.objects.of(source).open().count()
    if open_topics:
        raise MergeError(
            _("%(village)s还有 %(count)s 件议题没有答复，请先答复。") % {"village": source.name, "count": open_topics}
        )
    suggested = RuleSuggestion.objects.of(source).to_answer().count()
    if suggested:
        raise MergeError(
            _("%(village)s还有 %(count)s 条附议够了的修订提议没有答复，请先答复。")
            % {"village": source.name, "count": suggested}
        )
    demanded = Petition.objects.of(source).waiting().count()
    if demanded:
        raise MergeError(
            _("%(village)s还有 %(count)s 件请求签名够数、没有召集会议，请先召集。")
            % {"village": source.name, "count": demanded}
        )
    merger = merger_of(source, target, on=timezone.localdate())
    unsigned = Minutes.objects.of(source).filter(state__in=_UNSIGNED).count()
    if unsigned:
        words = _("有 %(count)s 份会议记录还没有签字，合并以后就签不了了。") % {"count": unsigned}
        merger = replace(merger, notes=[*merger.notes, words])
    undone = FollowUp.objects.of(source).open().count()
    if undone:
        words = _("有 %(count)s 件落实事项还没有办结，合并以后就报不了办理情况了。") % {"count": undone}
        merger = replace(merger, notes=[*merger.notes, words])
    return MergerPlan(source, target, merger)


def _named(meetings: Sequence[Meeting]) -> str:
    return "、".join(meeting.title for meeting in meetings[:NAMED_MOST])


def propose_merger(region: Region, plan: MergerPlan, *, reason: str, by: User) -> Proposal:
    """Ask a second person. Raises MergeError when somebody asked already."""
    same = f"merge:{plan.source.pk}:{plan.target.pk}"
    waiting = Proposal.objects.waiting().filter(kind=Proposal.Kind.MERGE_VILLAGES, payload__same=same)
    if waiting.exists():
        raise MergeError(_("同样的事已经有人提出，正等第二人确认，不用再提。"))
    return propose(
        kind=Proposal.Kind.MERGE_VILLAGES,
        region=region,
        summary=_("%(source)s并入%(target)s") % {"source": plan.source.name, "target": plan.target.name},
        payload={
            "source": plan.source.pk,
            "target": plan.target.pk,
            "reason": reason,
            "same": same,
            "words": [[label, text] for label, text in [*plan.words(), (_("依据"), reason)]],
        },
        by=by,
    )


@handler(Proposal.Kind.MERGE_VILLAGES, Act.CREATE_VILLAGE, step_up=True)
def _merge(proposal: Proposal, by: User) -> None:
    told = proposal.payload
    assert proposal.region is not None  # noqa: S101  villages are merged in a region
    here = standing_villages(proposal.region).in_bulk([told["source"], told["target"]])
    if len(here) != 2:
        raise NotWaiting(_("其中一个村（社区）已经并入别的村（社区）了，请退回。"))
    source, target = here[told["source"]], here[told["target"]]
    try:
        plan_merger(source, target)
        for meeting in Meeting.objects.of(source).filter(state=Meeting.State.PREPARING):
            reason = _("%(source)s并入%(target)s") % {"source": source.name, "target": target.name}
            cancel_meeting(meeting, by=by, reason=reason)
        merge_rolls(
            source, target, on=timezone.localdate(), by=proposal.proposed_by, confirmed_by=by, reason=told["reason"]
        )
    except MergeError as refused:
        raise NotWaiting(str(refused)) from refused
