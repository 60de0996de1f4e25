"""The nearest articles of other villages: what is in force there and says much the same."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.models import Village

from .comparison import Span, spans_of
from .likeness import digest_of, keys_of, most_alike, plain
from .models import Article, ClauseKey, ClauseText, ClauseUse, RuleVersion

# Least likeness for each word; below the last nothing is shown.
NEARLY_SAME = 0.85
LEVELS: tuple[tuple[float, str, Promise], ...] = (
    (NEARLY_SAME, "same", _("几乎一样")),
    (0.65, "near", _("很像")),
    (0.45, "far", _("有点像")),
)
LEAST = LEVELS[-1][0]
WEIGHED = 200  # wordings that share keys and are compared sign by sign
COUNTED = 2_000  # the same where villages are counted
KEPT = 40  # of them, before those are left out that only one's own village uses
AT_ONCE = 12  # wordings whose villages are looked up together
MOST_USES = 5_000


@dataclass(frozen=True)
class Similar:
    """A wording of others. `article` is one that says so, `villages` how many do; `level` and `words` how alike it is;
    `spans` what differs: side -1 is only in one's own, 1 only in theirs."""

    article: Article
    villages: int
    likeness: float
    level: str
    words: Promise
    spans: tuple[Span, ...]

    @property
    def version(self) -> RuleVersion:
        return self.article.chapter.version


def similar_articles(text: str, *, village: Village | None, on: datetime.date, most: int = 10) -> Sequence[Similar]:
    """Wordings in force on that day in other villages than `village`, the most alike first; four queries, more only
    where many wordings are no longer in force anywhere else."""
    ranked = _alike(plain(text))[:KEPT]
    alike = dict(ranked)
    by_text: dict[int, list[tuple[int, int]]] = {}
    for start in range(0, len(ranked), AT_ONCE):
        by_text |= _uses([digest for digest, _likeness in ranked[start : start + AT_ONCE]], village, on)
        if len(by_text) >= most:
            break
    counts = {digest: len({place for _article, place in found}) for digest, found in by_text.items()}
    chosen = sorted(counts, key=lambda digest: (-alike[digest], -counts[digest], digest))[:most]
    articles = Article.objects.select_related("chapter__version__rules", "chapter__version__village__region")
    first = articles.in_bulk([by_text[digest][0][0] for digest in chosen])
    return [
        Similar(
            one := first[by_text[digest][0][0]], counts[digest], alike[digest], *level_of(alike[digest]),
            spans_of(text, one.text),
        )
        for digest in chosen
    ]  # fmt: skip


def _uses(texts: Sequence[int], village: Village | None, on: datetime.date) -> dict[int, list[tuple[int, int]]]:
    """(article, village) of those in other villages that say so on that day, by the wording's digest."""
    uses = ClauseUse.objects.filter(text__in=texts).filter(_in_force(on)).order_by("village__code", "pk")
    if village is not None:
        uses = uses.exclude(village=village)
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for digest, article, place in uses.values_list("text", "article", "village")[:MOST_USES]:
        found[digest].append((article, place))
    return dict(found)


def _alike(words: str, *, weighed: int = WEIGHED) -> list[tuple[int, float]]:
    """Digests of wordings that are alike enough, the most alike first."""
    keys = keys_of(words)
    shared = ClauseKey.objects.filter(key__in=keys).values("text").annotate(shared=Count("*"))
    candidates = [row["text"] for row in shared.order_by("-shared", "text")[:weighed]]
    texts = dict(ClauseText.objects.filter(pk__in=[digest_of(words), *candidates]).values_list("pk", "plain"))
    return most_alike(words, texts, least=LEAST, most=weighed)


def _in_force(on: datetime.date) -> Q:
    """The index may be some hours behind; what is in force is asked of the days themselves."""
    stands = Exists(RuleVersion.objects.in_force(on).filter(pk=OuterRef("version")).order_by())
    return Q(stands, village__is_practice=False, village__merged_into=None)


def level_of(likeness: float) -> tuple[str, Promise]:
    """Its name and how it is said, for a likeness of LEAST or more."""
    return next((name, words) for least, name, words in LEVELS if likeness >= least)


def villages_saying(text: str, *, on: datetime.date) -> int:
    """In how many villages an article in force is nearly the same."""
    alike = [digest for digest, likeness in _alike(plain(text), weighed=COUNTED) if likeness >= NEARLY_SAME]
    uses = ClauseUse.objects.filter(text__in=alike).filter(_in_force(on))
    return int(uses.aggregate(count=Count("village", distinct=True))["count"])
