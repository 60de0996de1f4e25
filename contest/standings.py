"""How the public vote stands, as coarse as everybody may know it before the result."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext_lazy as _

from .models import Contest, ContestVote, Entry, Stage
from .stages import stage
from .votes_counted import valid_votes

BALLOTS_FEWEST = 30  # before that a third would tell how single people voted
ENTRIES_FEWEST = 6
FRESH_SECONDS = 600  # one who looks before and after a ballot learns nothing of it


class Third(models.TextChoices):
    LEADING = "leading", _("领先")
    MIDDLE = "middle", _("居中")
    BEHIND = "behind", _("靠后")


class Hidden(models.TextChoices):
    NO_VOTE = "no_vote", _("投票还没有开始。")
    UNTIL_CLOSE = "until_close", _("投票期间不显示票数高低，结束以后再看。")
    NEAR_END = "near_end", _("快结束了，这段时间不显示票数高低，免得影响大家。")
    TOO_FEW = "too_few", _("票还不多，暂不显示高低。")


@dataclass(frozen=True)
class Standings:
    """`hidden` says why nothing is shown; otherwise entries by third, by number within one."""

    hidden: Hidden | None
    entries: Mapping[Third, list[Entry]]


def hidden_because(contest: Contest, at: datetime.datetime) -> Hidden | None:
    """Why nobody may see how the vote stands at that moment (aware); near the end always."""
    vote = stage(contest, Stage.Key.PUBLIC_VOTE)
    if vote is None or at < vote.opens_at:
        return Hidden.NO_VOTE
    if at < vote.closes_at:
        if contest.counts_shown != Contest.Counts.LIVE:
            return Hidden.UNTIL_CLOSE
        if at >= vote.closes_at - datetime.timedelta(hours=contest.hidden_hours):
            return Hidden.NEAR_END
    return None


def thirds(counts: Mapping[int, int]) -> dict[int, Third]:
    """By the share of the entries that have more: equal ones stand in one third."""
    many = len(counts)
    ahead = {key: sum(other > count for other in counts.values()) for key, count in counts.items()}
    order = list(Third)
    return {key: order[min(2, before * 3 // many)] for key, before in ahead.items()}


def standings(contest: Contest, at: datetime.datetime) -> Standings:
    """What everybody may see at that moment; ten minutes old at most."""
    hidden = hidden_because(contest, at)
    if hidden is not None:
        return Standings(hidden, {})
    entries = list(contest.entries.on_show().select_related("village").order_by("number"))
    kept = cache.get_or_set(f"contest-thirds:{contest.pk}", lambda: _thirds_now(contest, entries), FRESH_SECONDS)
    if not kept:
        return Standings(Hidden.TOO_FEW, {})
    return Standings(None, {third: [one for one in entries if kept.get(one.pk) == third] for third in Third})


def _thirds_now(contest: Contest, entries: list[Entry]) -> dict[int, str]:
    if len(entries) < ENTRIES_FEWEST or ContestVote.objects.filter(contest=contest).counted().count() < BALLOTS_FEWEST:
        return {}
    votes = valid_votes(contest)
    return {key: third.value for key, third in thirds({one.pk: votes.get(one.pk, 0) for one in entries}).items()}
