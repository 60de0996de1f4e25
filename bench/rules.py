"""Rules read and compared among ten thousand others: `python -m bench.rules`, on a database that rules_seed filled.

Prints one JSON object of seconds and ratios: each beside a plainer way, in the same process.
"""

from __future__ import annotations

import difflib
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import django

from .rules_seed import LONG_ARTICLES

ROUNDS = 15
ASKED = 25  # articles whose nearest are looked for
SCANNED = 2_000  # articles that difflib goes through for one of them, scaled up to all
NEAREST = 5
SEARCHED = ("垃圾", "红白理事会", "彩礼", "电动车", "灭火器", "化粪池", "鞭炮", "赡养老人")


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Of so many rounds, the first, which fills caches, left out."""
    taken = []
    for _round in range(rounds + 1):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def long_versions() -> tuple[Any, Any]:
    """Two versions of one document of forty articles, the older one first."""
    from villagerules.models import RuleVersion

    found = (
        RuleVersion.objects.filter(article_count=LONG_ARTICLES).select_related("village", "rules").order_by("number")
    )
    old, new = found
    return old, new


def page(version: Any) -> float:
    """Seconds for a visitor's page of this version, made anew each time."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})

    def read() -> None:
        answer = client.get(version.get_absolute_url(), secure=True)
        if answer.status_code != 200:
            raise SystemExit(f"the page answered {answer.status_code}")

    return median_seconds(read)


def comparing(old: Any, new: Any) -> tuple[float, float]:
    """Seconds to compare two versions article by article, and to compare their whole texts by difflib."""
    from villagerules.canonical import canonical_text
    from villagerules.changes import pieces_of
    from villagerules.comparison import compare

    was, now = pieces_of(old), pieces_of(new)
    text, other = canonical_text(old), canonical_text(new)
    plain = difflib.SequenceMatcher
    return (
        median_seconds(lambda: compare(was, now)),
        median_seconds(lambda: plain(None, text, other, autojunk=False).get_opcodes(), rounds=5),
    )


def looking_up() -> dict[str, float]:
    """The nearest articles in other villages, beside difflib over all of them (scaled up from a part).

    `found` is the part, in percent, of the nearest that going through every wording finds, too.
    """
    from django.db import connection
    from django.utils import timezone
    from rapidfuzz import fuzz, process

    from villagerules.likeness import plain
    from villagerules.models import Article, ClauseText
    from villagerules.similar import LEVELS, similar_articles

    today, count = timezone.localdate(), Article.objects.count()
    step = max(count // ASKED, 1)
    asked = list(Article.objects.order_by("pk")[step // 2 :: step][:ASKED])
    others = list(Article.objects.order_by("-pk").values_list("text", flat=True)[:SCANNED])
    wordings = dict(ClauseText.objects.values_list("pk", "plain"))
    seconds, met, nearest = [], 0, 0
    connection.ensure_connection()
    for article in asked:
        began = time.perf_counter()
        near = similar_articles(article.text, village=None, on=today)
        seconds.append(time.perf_counter() - began)
        least = 100 * LEVELS[1][0]
        whole = process.extract(plain(article.text), wordings, scorer=fuzz.ratio, score_cutoff=least, limit=NEAREST)
        # As near is as good: of many wordings that are equally alike, any will do.
        likenesses = sorted((one.likeness for one in near), reverse=True)
        nearest += len(whole)
        met += sum(mine >= score / 100 - 1e-9 for mine, (_words, score, _key) in zip(likenesses, whole, strict=False))

    def scan() -> None:
        text = asked[0].text
        for other in others:
            difflib.SequenceMatcher(None, text, other, autojunk=False).ratio()

    one = statistics.median(seconds)
    naive = median_seconds(scan, rounds=1) * count / len(others)
    return {
        "similar_ms": round(1000 * one, 1),
        "similar_slowest_ms": round(1000 * max(seconds), 1),
        "difflib_s": round(naive, 1),
        "difflib_against_similar": round(naive / one),
        "similar_found": round(100 * met / nearest, 1) if nearest else 100.0,
    }


def searching() -> dict[str, float]:
    """The site's search for everyday words, all told, beside the database looking into each text for the same word."""
    from django.utils import timezone

    from home.searching import search
    from villagerules.models import Article

    today = timezone.localdate()
    taken = {word: median_seconds(partial(search, word, on=today), rounds=5) for word in SEARCHED}
    plain = {word: median_seconds(Article.objects.filter(text__contains=word).count, rounds=3) for word in SEARCHED}
    if not all(search(word, on=today).hits for word in SEARCHED):
        raise SystemExit("a word that is searched for is found nowhere")
    mine, theirs = statistics.median(taken.values()), statistics.median(plain.values())
    return {
        "search_ms": round(1000 * mine, 1),
        "search_slowest_ms": round(1000 * max(taken.values()), 1),
        "like_against_search": round(theirs / mine, 1),
    }


def main() -> None:
    django.setup()
    from villagerules.models import Article, RuleVersion

    old, new = long_versions()
    short = RuleVersion.objects.select_related("village", "rules").order_by("article_count").first()
    compared, by_difflib = comparing(old, new)
    long_page, short_page = page(new), page(short)
    told = {
        "articles": Article.objects.count(),
        "page_ms": round(1000 * long_page, 1),
        "page_against_short": round(long_page / short_page, 2),
        "compare_ms": round(1000 * compared, 1),
        "compare_against_difflib": round(compared / by_difflib, 3),
    }
    told |= looking_up() | searching()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
