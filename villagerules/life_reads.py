"""What people read of rules that are being made: what is next, what the township found, what happened."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.dates import plain_date

from .comparison import Change, Piece, compare
from .drafting import last_day
from .life_cycle import STEPS, State, open_period
from .lineage import Known, lineages_for
from .models import Review, RuleStep, RuleVersion
from .publication import displayed_until
from .reading import read_rules
from .reviewing import amended_at_meeting, clearance, filing_due, is_overdue
from .structure import RulesText

# In these the words still change from one day to the next: only who works on them reads them.
UNSETTLED = (State.DRAFTING, State.REVIEW_RETURNED)
_NEXT = {
    State.SOLICITING: gettext_lazy("大家可以提意见：要加什么、删什么、改什么。"),
    State.DRAFTING: gettext_lazy("委员会正在改草案。每条意见都有了答复，才公示。"),
    State.PUBLIC_COMMENT: gettext_lazy("草案正在公示，哪一条有意见都可以提。"),
    State.TOWNSHIP_REVIEW: gettext_lazy("乡镇（街道）正在看合不合法。"),
    State.REVIEW_RETURNED: gettext_lazy("乡镇（街道）退回了，委员会按审查意见改。"),
    State.CLEARED: gettext_lazy("审核通过了，文字锁定。下一步由党组织研究，再开会表决。"),
    State.PARTY_DISCUSSION: gettext_lazy("下一步提交会议表决。"),
    State.SCHEDULED: gettext_lazy("已经列入会议，等大家表决。"),
    State.ADOPTED: gettext_lazy("表决通过了，下一步备案、公布。"),
    State.VOTED_DOWN: gettext_lazy("表决没有通过。现行的继续有效。"),
    State.FILED: gettext_lazy("已经备案，下一步公布。"),
    State.CORRECTION_ORDERED: gettext_lazy("乡镇（街道）责令改正，另起了一版来改。"),
    State.PUBLISHED: gettext_lazy("已经公布。"),
}


def what_is_next(version: RuleVersion) -> list[str]:
    """A few plain sentences."""
    said = [str(_NEXT[State(version.state)])]
    period = open_period(version)
    if period is not None:
        said.append(_("%(day)s是最后一天。") % {"day": last_day(version, period)})
    due = filing_due(version) if version.state == State.ADOPTED else None
    if due is not None:
        words = _("备案已经过期：最晚%(day)s。") if is_overdue(version) else _("最晚%(day)s报备案。")
        said.append(words % {"day": plain_date(due)})
    until = displayed_until(version)
    if version.published_where and until is not None:
        said.append(
            _("张贴在%(where)s，至少到%(day)s。") % {"where": version.published_where, "day": plain_date(until)}
        )
    return said


def history(version: RuleVersion) -> list[dict[str, Any]]:
    """What happened, when, by whom, with what result: the newest first. Articles that one person edited one after the
    other on a day stand on one line."""
    told: list[dict[str, Any]] = []
    for step in RuleStep.objects.filter(version=version)[::-1]:
        last = told[-1]["step"] if told else None
        if last is not None and _goes_on(step, last, version):
            told[-1]["results"].insert(0, step.result)
            continue
        told.append({"step": step, "label": STEPS[step.action].label, "results": [step.result] if step.result else []})
    return told


def _goes_on(step: RuleStep, later: RuleStep, version: RuleVersion) -> bool:
    edits = step.action == later.action == "revise_text" and step.result and later.result
    on = version.village.local_date
    return bool(edits) and step.by_name == later.by_name and on(step.at) == on(later.at)


def reviews_for(version: RuleVersion) -> Iterable[Review]:
    """The rounds of this version, and the order by which it was begun, if it was; the newest first."""
    ordered = Review.objects.of(version.village).filter(
        version__rules=version.rules_id, version__number__lt=version.number, state=Review.State.ORDERED
    )
    mine = version.reviews.all()
    return (
        (mine | ordered).order_by("-version__number", "-round").select_related("version").prefetch_related("findings")
    )


@dataclass(frozen=True)
class Amended:
    """How the text that the meeting amended differs from the cleared one."""

    changes: list[Change]


def amended(version: RuleVersion) -> Amended | None:
    """None where the meeting changed nothing, or its text is not entered yet."""
    cleared = clearance(version)
    if cleared is None or not amended_at_meeting(version) or version.voted_hash == cleared.text_hash:
        return None
    old, new = read_rules(cleared.text, style=version.style).rules, version.whole_text()
    was, now = _parts(old), _parts(new)
    known = [Known(uuid.uuid4(), title, text) for _label, title, text in was]
    lineages = lineages_for([(title, text) for _label, title, text in now], known)
    before = [
        Piece(one.lineage, label, title, text) for one, (label, title, text) in zip(known, _parts(old), strict=True)
    ]
    after = [Piece(one, label, title, text) for one, (label, title, text) in zip(lineages, _parts(new), strict=True)]
    return Amended([change for change in compare(before, after) if not change.untouched])


def _parts(text: RulesText) -> list[tuple[str, str, str]]:
    return [
        *((one.label, one.title, one.text) for one in text.articles),
        *((one.heading, one.title, "\n".join(one.lines)) for one in text.stanzas),
    ]
