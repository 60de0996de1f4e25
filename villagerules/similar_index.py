"""Keeping the index of alike articles to what is in force: by what the tables say, not by who wrote to them.

Rows that came in bulk, a day of effect that was reached, a repeal: all are seen by the same comparison. It runs after
each step that changes what is in force, and every night for the days that pass by themselves.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from residents.bulk_rows import insert_rows

from .likeness import digest_of, keys_of, plain
from .models import Article, ClauseKey, ClauseText, ClauseUse, RuleVersion, RuleVersionQuerySet

AT_ONCE = 200  # versions in one transaction
_LOCK = 0x5275_6C65  # of this index alone, among PostgreSQL's advisory locks


def follow_in_force(*, on: datetime.date | None = None) -> tuple[int, int]:
    """Take in what is in force on that day (else today) and take out what is not: how many versions of each.

    Safe to run in several processes at once; running it again changes nothing.
    """
    on = on or timezone.localdate()
    return _take_in(on), _take_out(on)


def _readable(on: datetime.date) -> RuleVersionQuerySet:
    """What everybody reads as in force: of standing villages that are no practice."""
    return RuleVersion.objects.in_force(on).filter(village__is_practice=False, village__merged_into=None)


def _take_in(on: datetime.date) -> int:
    used = ClauseUse.objects.filter(version=OuterRef("pk"))
    worded = Article.objects.filter(chapter__version=OuterRef("pk"))
    new = _readable(on).filter(~Exists(used), Exists(worded)).order_by()
    missing = list(new.values_list("pk", flat=True))
    for first in range(0, len(missing), AT_ONCE):
        with transaction.atomic():
            _alone()
            # Another process may have been here while this one waited.
            _write(new.filter(pk__in=missing[first : first + AT_ONCE]).values_list("pk", flat=True))
    return len(missing)


def _write(versions: Iterable[int]) -> None:
    articles = Article.objects.filter(chapter__version__in=list(versions))
    rows = list(articles.values_list("pk", "village_id", "chapter__version_id", "text"))
    words = {}
    uses = []
    for article, village, version, text in rows:
        said = plain(text)
        if said:
            digest = digest_of(said)
            words[digest] = said
            uses.append(ClauseUse(village_id=village, version_id=version, article_id=article, text_id=digest))
    known = set(ClauseText.objects.filter(pk__in=list(words)).values_list("pk", flat=True))
    fresh = {digest: said for digest, said in words.items() if digest not in known}
    ClauseText.objects.bulk_create(ClauseText(pk=digest, plain=said) for digest, said in fresh.items())
    insert_rows([ClauseKey(key=key, text_id=digest) for digest, said in fresh.items() for key in keys_of(said)])
    insert_rows(uses)


def _take_out(on: datetime.date) -> int:
    stays = _readable(on).filter(pk=OuterRef("version")).order_by()
    gone = list(ClauseUse.objects.filter(~Exists(stays)).order_by().values_list("version", flat=True).distinct())
    for first in range(0, len(gone), AT_ONCE):
        with transaction.atomic():
            _alone()
            ClauseUse.objects.filter(version__in=gone[first : first + AT_ONCE]).delete()
    with transaction.atomic():
        _alone()
        ClauseText.objects.filter(~Exists(ClauseUse.objects.filter(text=OuterRef("pk")))).delete()
    return len(gone)


def _alone() -> None:
    """One process at a time; on SQLite the transaction is that already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
