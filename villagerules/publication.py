"""Publishing what was voted, and repealing it: two people each time. What is in force follows from the days alone.

No page of Wagtail decides here: a page shows whatever version is in force (VillageRulesPage.get_context).
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from consultation.models import Motion, Outcome
from residents.models import Proposal, User, Village
from residents.rights import Act
from residents.two_people import NotWaiting, TwoPeopleError, handler, propose
from ui.dates import plain_date

from .adopting import fitness
from .drafting import figure
from .errors import Incomplete, RulesError, WrongState
from .following import follow_published, follow_soon
from .keeping import waiting_for
from .life_cycle import State, begin, finish, today_in
from .models import RuleVersion
from .reading_pages import rules_page
from .reviewing import needs_filing, require_standing

LATEST_EFFECT = 366  # days from publication


class Refused(TwoPeopleError):
    """A rule said no when the second person confirmed."""

    def __init__(self, error: RulesError) -> None:
        super().__init__(error.message)
        self.code = error.code


def displayed_until(version: RuleVersion) -> datetime.date | None:
    """The last day on which it hangs on the board: 15 days or more (VL 35, UL 34), as the county's figure says."""
    days = figure(version, "results_displayed")
    if version.published_on is None or days is None or days.days is None:
        return None
    return version.published_on + datetime.timedelta(days=days.days)


def _publishable(version: RuleVersion, *, by: User | None) -> RuleVersion:
    line = begin(version, "publish_rules", by=by)
    if line.state == State.ADOPTED and needs_filing(line):
        raise WrongState(_("还没有备案，备案以后才能公布。"))
    require_standing(line)
    return line


@transaction.atomic
def propose_publication(version: RuleVersion, *, effective_on: datetime.date, where: str, by: User) -> Proposal:
    """Ask a second person to publish; `where` is the board or place where it hangs, beside the portal.

    Raises WrongState where it is not filed, was not voted so, or waits already; Incomplete for a day out of place.
    """
    line = _publishable(version, by=by)
    if waiting_for(line) is not None:
        raise WrongState(_("已经提交过，正等第二人确认。"))
    today = today_in(line.village)
    if not today <= effective_on <= today + datetime.timedelta(days=LATEST_EFFECT):
        raise Incomplete(_("施行日期要在今天到一年以内，不能比公布早。"))
    if not where.strip():
        raise Incomplete(_("请写明张贴在哪里，例如“村务公开栏”。"))
    facts = {"title": line.shown_title, "number": line.number, "on": plain_date(effective_on)}
    return propose(
        kind=Proposal.Kind.PUBLISH_RULES,
        village=line.village,
        summary=_("公布“%(title)s”第 %(number)s 版，%(on)s起施行") % facts,
        payload={
            "version": line.pk,
            "sha256": line.voted_hash,
            "effective_on": effective_on.isoformat(),
            "where": where.strip()[:200],
            "words": [
                [str(_("全文")), line.address()],
                [str(_("施行日期")), facts["on"]],
                [str(_("在哪里公布")), where.strip()[:200]],
            ],
        },
        by=by,
    )


def _version_of(proposal: Proposal) -> RuleVersion:
    version = RuleVersion.objects.filter(village=proposal.village, pk=proposal.payload["version"]).first()
    if version is None:
        raise NotWaiting(_("这一版已经不在了，请重新提交。"))
    return version


@handler(Proposal.Kind.PUBLISH_RULES, Act.PUBLISH_RULES, step_up=True)
def _publish(proposal: Proposal, by: User) -> None:
    version = _version_of(proposal)
    if version.voted_hash != proposal.payload["sha256"]:
        raise NotWaiting(_("提交以后表决的文本变了，请重新提交。"))
    on = datetime.date.fromisoformat(proposal.payload["effective_on"])
    try:
        publish_version(version, effective_on=on, where=proposal.payload["where"], by=by)
    except RulesError as error:
        raise Refused(error) from error


@transaction.atomic
def publish_version(version: RuleVersion, *, effective_on: datetime.date, where: str, by: User | None) -> RuleVersion:
    """Publish the text that was voted, from today; from its day on it is in force and the one before no longer.

    Raises WrongState unless the vote stands, the text has the hash that was voted, it is filed where it must be, and
    its day of effect is not past.
    """
    line = _publishable(version, by=by)
    today = today_in(line.village)
    if effective_on < today:
        raise WrongState(_("施行日期已经过了，请退回，重新定施行日期。"))
    line.published_on, line.effective_on, line.published_where = today, effective_on, where
    finish(
        line, "publish_rules", by=by, state=State.PUBLISHED, sha256=line.voted_hash,
        effective_on=effective_on.isoformat(),
        result=_("%(where)s，%(on)s起施行") % {"where": where, "on": plain_date(effective_on)},
    )  # fmt: skip
    rules_page(line.rules)
    follow_published(line)
    return line


def repeal_motions(version: RuleVersion) -> list[Motion]:
    """Announced motions of the village that were carried and name the document; the newest first."""
    named = carried_motions(version.village, text__contains=version.rules.title)
    return [one for one in named if one.pk != version.motion_id]


def carried_motions(village: Village, **fields: object) -> list[Motion]:
    """The newest announced motions of the village that were carried; `fields` narrow them down."""
    found = (
        Motion.objects.of(village)
        .filter(state=Motion.State.PUBLISHED, kind=Motion.Kind.YES_NO, **fields)
        .select_related("meeting__preset", "meeting__village")
        .prefetch_related("decisions")
        .order_by("-closed_at")[:50]
    )
    return [one for one in found if _carried(one)]


def _carried(motion: Motion) -> bool:
    decision = motion.latest_decision
    return decision is not None and decision.outcome == Outcome.CARRIED


def _repealable(version: RuleVersion, motion: Motion, on: datetime.date, *, by: User | None) -> RuleVersion:
    line = begin(version, "repeal_rules", by=by)
    if line.repealed_on is not None:
        raise WrongState(_("这一版已经废止了。"))
    if motion.pk not in {one.pk for one in repeal_motions(line)}:
        raise Incomplete(_("请选一项写明“%(title)s”、已经通过的表决事项。") % {"title": line.rules.title})
    body = str(motion.meeting.procedure["body"])
    fit = fitness(line, body)
    if fit.why and body != line.adopted_by:  # who adopted it on a stated basis may end it
        raise WrongState(fit.why)
    if line.effective_on is not None and on < line.effective_on:
        raise Incomplete(_("废止日期不能比施行日期早。"))
    return line


@transaction.atomic
def propose_repeal(version: RuleVersion, motion: Motion, *, on: datetime.date, by: User) -> Proposal:
    """Ask a second person to end it on a day, by a carried motion that names it. Raises WrongState, Incomplete."""
    line = _repealable(version, motion, on, by=by)
    if waiting_for(line) is not None:
        raise WrongState(_("已经提交过，正等第二人确认。"))
    if on < today_in(line.village):
        raise Incomplete(_("废止日期不能早于今天。"))
    facts = {"title": line.shown_title, "number": line.number, "on": plain_date(on)}
    return propose(
        kind=Proposal.Kind.REPEAL_RULES,
        village=line.village,
        summary=_("废止“%(title)s”第 %(number)s 版，自%(on)s起") % facts,
        payload={
            "version": line.pk,
            "motion": motion.pk,
            "on": on.isoformat(),
            "words": [[str(_("全文")), line.address()], [str(_("表决事项")), motion.text[:200]]],
        },
        by=by,
    )


@handler(Proposal.Kind.REPEAL_RULES, Act.PUBLISH_RULES, step_up=True)
def _repeal(proposal: Proposal, by: User) -> None:
    motion = Motion.objects.filter(village=proposal.village, pk=proposal.payload["motion"]).first()
    if motion is None:
        raise NotWaiting(_("这项表决已经不在了，请重新提交。"))
    try:
        repeal(_version_of(proposal), motion, on=datetime.date.fromisoformat(proposal.payload["on"]), by=by)
    except RulesError as error:
        raise Refused(error) from error


@transaction.atomic
def repeal(version: RuleVersion, motion: Motion, *, on: datetime.date, by: User | None) -> RuleVersion:
    """From that day on it is no longer in force; it stays readable."""
    line = _repealable(version, motion, on, by=by)
    line.repealed_on, line.repeal_motion = on, motion
    follow_soon()
    return finish(
        line, "repeal_rules", by=by, on=on.isoformat(), meeting=motion.meeting.number, motion=motion.number,
        result=_("自%(on)s起废止：%(motion)s") % {"on": plain_date(on), "motion": motion.text[:200]},
    )  # fmt: skip
