"""What stands around a text on its page: what is looked for in it, who decided it, in what words it is passed on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from consultation.models import Bulletin, Decision, Meeting, Minutes, Motion
from ui.dates import plain_date

from .finding import Hit, find_in, words_asked
from .models import RuleVersion


@dataclass(frozen=True)
class Found:
    """What somebody looks for in a text. `words` is empty where nothing is looked for."""

    words: str
    hits: list[Hit]

    @property
    def count(self) -> int:
        return sum(hit.count for hit in self.hits)


def look_for(version: RuleVersion, asked: str) -> Found:
    words = words_asked(asked)
    return Found(words, find_in(version.whole_text(), words) if words else [])


class Standing(StrEnum):
    """Whether a published version holds on some day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    SUPERSEDED = "superseded"
    REPEALED = "repealed"


@dataclass(frozen=True)
class Holds:
    """How a published version stands, and the version of its document that holds, if one does."""

    standing: Standing
    now: RuleVersion | None


def holds(version: RuleVersion, *, on: datetime.date) -> Holds | None:
    """None for a draft: nothing of it holds."""
    if not version.is_public:
        return None
    now = version.rules.version_in_force(on)
    if now == version:
        standing = Standing.IN_FORCE
    elif version.effective_on is None or version.effective_on > on:
        standing = Standing.COMING
    elif version.repealed_on is not None and version.repealed_on <= on:
        standing = Standing.REPEALED
    else:
        standing = Standing.SUPERSEDED
    return Holds(standing, now)


@dataclass(frozen=True)
class Decided:
    """The vote by which a version came about, as it was announced, and where its record is read."""

    meeting: Meeting
    decision: Decision
    minutes: bool  # published
    bulletin: Bulletin | None


def decided(version: RuleVersion) -> Decided | None:
    """None where the portal did not hold the vote, or its result is not published."""
    motion = version.motion
    if motion is None or motion.state != Motion.State.PUBLISHED:
        return None
    decision = motion.latest_decision
    if decision is None:
        return None
    minutes = Minutes.objects.of(version.village).filter(meeting=motion.meeting, published_at__isnull=False).exists()
    bulletin = Bulletin.objects.of(version.village).filter(motion=motion).order_by("-version").first()
    return Decided(motion.meeting, decision, minutes, bulletin)


def words_to_pass_on(version: RuleVersion, *, plain_words: str = "") -> str:
    """A few lines for a chat group, without the address."""
    lines = [version.shown_title]
    if version.effective_on is not None:
        count = _("%(number)s 段") if version.style == RuleVersion.Style.RHYME else _("%(number)s 条")
        facts = {"day": plain_date(version.effective_on), "count": count % {"number": version.article_count}}
        lines.append(_("%(day)s起施行，共%(count)s。") % facts)
    lines += [line.strip() for line in plain_words.splitlines() if line.strip()]
    return "\n".join(lines)
