"""Making a contest, changing it while nobody relies on it yet, announcing and archiving it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log import record
from consultation.locks import database_now
from residents.models import Region, User, Village

from . import content, publishing
from .errors import ContestRefused, Incomplete, NotAllowed, WrongState
from .models import Award, Contest, ContestTemplate, Criterion, Entry, Stage
from .rights import may_host

# May change until the scores are locked: nobody's entry, ballot or sheet hangs on them.
WORDS = frozenset({"title", "organizers", "scope", "recusal_rule", "hidden_hours", "ballots_per_device"})
# What others rely on from the first entry on.
RELIED_ON = frozenset(
    {
        "form", "conditions", "kinds", "months_in_force", "predecessor_counts", "must_be_filed", "entries_per_village",
        "grace_seconds", "expert_share", "public_method", "expert_method", "tie_rule", "voters", "picks_min",
        "picks_max", "may_change", "counts_shown", "time_zone",
    }
)  # fmt: skip
SETTINGS = WORDS | RELIED_ON
# Two that may run side by side, in either order.
_BESIDE = frozenset({Stage.Key.PUBLIC_VOTE, Stage.Key.EXPERT_REVIEW})


@transaction.atomic
def create_contest(
    *,
    host: Region | Village,
    title: str,
    slug: str,
    by: User | None,
    template: ContestTemplate | None = None,
    first_day: datetime.date | None = None,
) -> Contest:
    """A draft, from a template or from nothing, with its page as a draft; a template's stages begin on `first_day`
    (default today by the host's own calendar). `by` None: a command. Raises NotAllowed, Incomplete.
    """
    if by is not None and not may_host(by, host):
        raise NotAllowed(_("评选由当地的主办人员来办，您没有这里的这项权限。"))
    told = template.content if template is not None else {}
    contest = Contest(**{"form": Contest.Form.RULES} | content.settings_in(told), title=title.strip(), slug=slug)
    contest.region, contest.village = (None, host) if isinstance(host, Village) else (host, None)
    _save(contest)
    first = first_day or contest.local(database_now()).date()
    Criterion.objects.bulk_create(content.criteria_in(told, contest))
    Award.objects.bulk_create(content.awards_in(told, contest))
    Stage.objects.bulk_create(content.stages_in(told, contest, first_day=first))
    publishing.page_of(contest)
    _note(contest, "create_contest", by=by, template=template.slug if template is not None else "")
    return contest


def _save(contest: Contest) -> None:
    """Raises Incomplete with the first thing that is wrong, and its field."""
    try:
        contest.full_clean()
        with transaction.atomic():
            contest.save()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Incomplete(messages[0], "" if field == "__all__" else field) from error
    except IntegrityError as error:
        raise Incomplete(_("这样存不进去：请检查网址代号有没有用过，最少选几件是不是不超过最多选几件。")) from error


def locked(contest: Contest, *, by: User | None) -> Contest:
    """Its row, read again under a lock, for somebody who may run it. Raises NotAllowed."""
    found = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
    if by is not None and not may_host(by, found.host):
        raise NotAllowed(_("这次评选由主办方的人来办，您没有这项权限。"))
    return found


def frozen_because(contest: Contest, at: datetime.datetime | None = None) -> str:
    """Why what others rely on can't be changed any more; empty while it can."""
    if contest.state == Contest.State.DRAFT:
        return ""
    if contest.state != Contest.State.ANNOUNCED:
        return _("分数已经锁定，规则不能再改。")
    now = at or database_now()
    if contest.votes.exists():
        return _("已经有人投票了，规则不能再改。")
    if Entry.objects.filter(contest=contest).exclude(state=Entry.State.DRAFT).exists():
        return _("已经有村（社区）申报了，规则不能再改。")
    begun = contest.stages.exclude(key=Stage.Key.ANNOUNCED).filter(opens_at__lte=now).order_by("opens_at").first()
    if begun is not None:
        return _("“%(stage)s”已经开始，规则不能再改。") % {"stage": begun.label}
    return ""


@transaction.atomic
def change_settings(
    contest: Contest, values: Mapping[str, Any], *, by: User | None, at: datetime.datetime | None = None
) -> Contest:
    """Change fields of SETTINGS. Raises NotAllowed, WrongState once what changes is relied on, Incomplete."""
    line = locked(contest, by=by)
    changed = {name: value for name, value in values.items() if getattr(line, name) != value}
    unknown = changed.keys() - SETTINGS
    if unknown:
        raise Incomplete(_("不能改这一项：%(names)s。") % {"names": ", ".join(sorted(unknown))})
    if not changed:
        return line
    reason = frozen_because(line, at)
    if line.state not in (Contest.State.DRAFT, Contest.State.ANNOUNCED) or (reason and changed.keys() & RELIED_ON):
        raise WrongState(reason)
    for name, value in changed.items():
        setattr(line, name, value)
    _save(line)
    if line.is_public:
        publishing.show_page(line)
    _note(line, "change_contest", by=by, fields=sorted(changed))
    return line


@transaction.atomic
def set_criteria(contest: Contest, rows: Sequence[Mapping[str, Any]], *, by: User | None) -> None:
    """These instead of what there is, in this order: key, label, max, description. Raises as change_settings."""
    _replace(contest, {"criteria": rows}, content.criteria_in, "criteria", by=by)


@transaction.atomic
def set_awards(contest: Contest, rows: Sequence[Mapping[str, Any]], *, by: User | None) -> None:
    """These instead of what there is, best first: name, count. Raises as change_settings."""
    _replace(contest, {"awards": rows}, content.awards_in, "awards", by=by)


@transaction.atomic
def set_stages(contest: Contest, rows: Sequence[Mapping[str, Any]], *, by: User | None) -> None:
    """These instead of what there is, in this order: key, label, opens, closes (aware moments), quota, checks.

    While it is being prepared; afterwards dates are moved one by one (moving.py). Raises as change_settings.
    """
    if contest.state != Contest.State.DRAFT:
        raise WrongState(_("评选已经发布，阶段不能增减。要改时间，请用“改时间”，会先告诉您影响到谁。"))
    _replace(contest, {"stages": rows}, content.stages_in, "stages", by=by)


def _replace(
    contest: Contest, told: Mapping[str, Any], made_of: Callable[..., list[Any]], name: str, *, by: User | None
) -> None:
    line = locked(contest, by=by)
    reason = frozen_because(line)
    if reason:
        raise WrongState(reason)
    fresh = made_of(told, line)
    getattr(line, name).all().delete()
    try:
        for one in fresh:
            one.full_clean()
            one.save()
    except ValidationError as error:
        raise Incomplete(next(iter(error.message_dict.values()))[0]) from error
    _note(line, "change_contest", by=by, fields=[name])


def problems(contest: Contest, at: datetime.datetime | None = None) -> list[str]:
    """What is missing before it can be announced, each one sentence; empty when nothing is."""
    now, stages = at or database_now(), list(contest.stages.all())
    keys = {one.key: one for one in stages}
    found = []
    if not contest.organizers:
        found.append(_("还没有写主办单位。"))
    if not contest.conditions:
        found.append(_("还没有写申报条件。"))
    if Stage.Key.SUBMISSION not in keys:
        found.append(_("还没有申报阶段。"))
    elif keys[Stage.Key.SUBMISSION].closes_at <= now:
        found.append(_("申报的结束时间已经过了，请改时间。"))
    if contest.public_share and Stage.Key.PUBLIC_VOTE not in keys:
        found.append(_("公众分占百分之%(share)s，可是没有公众投票阶段。") % {"share": contest.public_share})
    if contest.expert_share and Stage.Key.EXPERT_REVIEW not in keys:
        found.append(_("专家分占百分之%(share)s，可是没有专家评审阶段。") % {"share": contest.expert_share})
    if contest.expert_share and not contest.criteria.exists():
        found.append(_("专家要打分，可是还没有评分项。"))
    if not contest.awards.exists():
        found.append(_("还没有奖项。"))
    if Stage.Key.PUBLIC_NOTICE not in keys:
        found.append(_("还没有公示阶段：结果公布以前要公示，让大家提异议。"))
    return found + disorder(stages)


def disorder(stages: Sequence[Stage]) -> list[str]:
    """Where the dates contradict the order of the stages, each one sentence. Stages may overlap, as checks do with
    the submission; a later one may not begin before an earlier one begins, or be over before it is over."""
    found = []
    in_order = sorted(stages, key=lambda one: one.position)
    for number, one in enumerate(in_order):
        for before in in_order[:number]:
            if {one.key, before.key} == _BESIDE:
                continue
            if one.opens_at < before.opens_at or one.closes_at < before.closes_at:
                found.append(
                    _("“%(one)s”排在“%(before)s”后面，时间却在前面。") % {"one": one.label, "before": before.label}
                )
            elif one.key == Stage.Key.PUBLIC_NOTICE and one.opens_at < before.closes_at:
                found.append(
                    _("“%(before)s”还没有结束，“%(one)s”就开始了。") % {"one": one.label, "before": before.label}
                )
    return found


@transaction.atomic
def announce(contest: Contest, *, by: User | None, at: datetime.datetime | None = None) -> Contest:
    """Everybody sees it and its page from now on. Raises NotAllowed, WrongState, ContestRefused with all that lacks."""
    line = locked(contest, by=by)
    if line.state != Contest.State.DRAFT:
        raise WrongState(_("这次评选已经发布过了。"))
    lacking = problems(line, at)
    if lacking:
        raise ContestRefused("invalid", " ".join(lacking))
    line.state = Contest.State.ANNOUNCED
    line.save(update_fields=["state"])
    publishing.show_page(line)
    _note(line, "announce_contest", by=by)
    return line


@transaction.atomic
def archive(contest: Contest, *, by: User | None) -> Contest:
    """Its results are published and it is over. Raises NotAllowed, WrongState."""
    line = locked(contest, by=by)
    if line.state != Contest.State.PUBLISHED:
        raise WrongState(_("结果公布以后才能归档。"))
    line.state = Contest.State.ARCHIVED
    line.save(update_fields=["state"])
    _note(line, "archive_contest", by=by)
    return line


def _note(contest: Contest, action: str, *, by: User | None, **detail: object) -> None:
    record(action=action, subject=contest, village_id=contest.village_id, actor=by, contest=contest.slug, **detail)
