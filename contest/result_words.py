"""A ranking's arithmetic in plain words, entry by entry: from the locked document alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .locked import award_of, ranked
from .ranking import MIN_MAX, PRO_RATA_TO_TOP, Standing, shown


def fraction(text: str) -> Fraction:
    """What is stored as "numerator/denominator"."""
    return Fraction(text)


@dataclass(frozen=True)
class Line:
    """One entry of the ranking as everybody reads it; scores rounded to two places."""

    key: str
    place: int
    title: str
    village: str
    award: str
    final: str
    expert: str
    public: str
    votes: int
    raw: int
    removed: int
    words: list[str]  # the arithmetic, a sentence each


def told(document: Mapping[str, Any]) -> list[Line]:
    """The ranking, first place first. Raises RankingError for a document from which none follows."""
    standings = ranked(document)
    entries = {one["key"]: one for one in document["entries"]}
    votes = [one.votes for one in standings]
    return [
        Line(
            key=one.key, place=one.rank, title=entries[one.key]["title"], village=entries[one.key]["village"],
            award=award_of(document, one.rank), final=shown(one.final), expert=shown(one.expert),
            public=shown(one.public), votes=one.votes, raw=entries[one.key]["raw"],
            removed=entries[one.key]["removed"], words=arithmetic(document, one, votes),
        )
        for one in standings
    ]  # fmt: skip


def arithmetic(document: Mapping[str, Any], one: Standing, votes: list[int]) -> list[str]:
    """How an entry's score came about."""
    formula = document["formula"]
    share = formula["expert_share"]
    said = []
    if one.totals:
        said.append(_expert_words(one))
    if share != FULL_SHARE:
        said.append(_public_words(formula["public_method"], one, votes))
    said.append(
        _("总分：%(expert)s × %(share)s%% + %(public)s × %(rest)s%% = %(final)s。")
        % {
            "expert": shown(one.expert), "public": shown(one.public), "share": share, "rest": FULL_SHARE - share,
            "final": shown(one.final),
        }
    )  # fmt: skip
    return said


FULL_SHARE = 100


def _expert_words(one: Standing) -> str:
    totals = "、".join(_short(one.totals[judge]) for judge in sorted(one.totals))
    many = len(one.totals)
    start = ngettext("%(many)s 位评委给 %(totals)s", "%(many)s 位评委给 %(totals)s", many) % {
        "many": many, "totals": totals,
    }  # fmt: skip
    if not one.left_out:
        return _("%(start)s，平均 %(mean)s。") % {"start": start, "mean": shown(one.expert)}
    low, high = (one.totals[judge] for judge in one.left_out)
    return _("%(start)s，去掉最高 %(high)s、最低 %(low)s，平均 %(mean)s。") % {
        "start": start, "high": _short(high), "low": _short(low), "mean": shown(one.expert),
    }  # fmt: skip


def _short(total: Fraction) -> str:
    """85 rather than 85.00."""
    return shown(total).rstrip("0").rstrip(".") if total else "0"


def _public_words(method: str, one: Standing, votes: list[int]) -> str:
    said = {"votes": one.votes, "most": max(votes), "least": min(votes), "score": shown(one.public), "many": len(votes)}
    if method == PRO_RATA_TO_TOP and max(votes):
        return _("有效票 %(votes)s，最多的一件 %(most)s：%(votes)s ÷ %(most)s × 100 = %(score)s。") % said
    if method == MIN_MAX and max(votes) != min(votes):
        return (
            _(
                "有效票 %(votes)s，最多 %(most)s、最少 %(least)s："
                "（%(votes)s − %(least)s）÷（%(most)s − %(least)s）× 100 = %(score)s。"
            )
            % said
        )
    return _("有效票 %(votes)s，在 %(many)s 件里按票数折成公众分 %(score)s。") % said
