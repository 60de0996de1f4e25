"""A county full of made-up rules, kept: `python -m bench.rules_seed --rules N` fills the database of its settings.

Filled once and kept in `.data/bench/`: a quarter of a million articles take longer to write than to measure. Another
file is made where the words, this module, or the tables are no longer the same.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import django

from .clauses import WORDS, Clause, chapters_of, clauses_of
from .processes import PROJECT, module, run

KEPT = PROJECT / ".data" / "bench"
SEED_SECONDS = 1800
ARTICLES = 25  # of each village's rules
LONG_ARTICLES, SHORT_ARTICLES = 40, 4
SINCE = datetime.date(2025, 1, 1)
VILLAGES_EACH = 20  # of a township
AT_ONCE = 500  # villages
FIRST_PAGE = 100  # among its neighbours


def kept_file(rules: int) -> Path:
    """Where a filled database of that many rules lies, or is to lie."""
    seen = hashlib.sha256()
    for path in [
        WORDS,
        Path(__file__),
        Path(__file__).with_name("clauses.py"),
        *PROJECT.glob("villagerules/similar_index.py"),
        *PROJECT.glob("villagerules/likeness.py"),
        *sorted(PROJECT.glob("portal/search/*.py")),
        PROJECT / "ui" / "chinese_words.py",
    ]:
        seen.update(path.read_bytes())
    for path in sorted(PROJECT.glob("*/migrations/0*.py")):
        seen.update(path.name.encode())
    return KEPT / f"rules-{rules}-{seen.hexdigest()[:12]}.sqlite3"


def kept_database(rules: int, env: Mapping[str, str]) -> Path:
    """The filled database, made now where it is not there; `env` is the portal's. Failed when that does not work."""
    path = kept_file(rules)
    if path.exists():
        return path
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"rules-{rules}-*"):
        old.unlink()
    begun = path.with_suffix(f".{os.getpid()}")
    there = {**env, "DATABASE_URL": f"sqlite:///{begun}"}
    try:
        run(module("django", "migrate", "--verbosity", 0), there, SEED_SECONDS)
        run(module("bench.rules_seed", "--rules", rules), there, SEED_SECONDS)
        begun.rename(path)
    finally:
        for left in KEPT.glob(f"{begun.name}*"):
            left.unlink()
    return path


# In the process of its own


def fill(rules: int) -> None:
    """Villages with one document in force each, and two more: a long one in two versions, and a short one."""
    from django.db import transaction

    with transaction.atomic():
        for first in range(1, rules + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, rules)
            _write(
                {
                    number: clauses_of(number, village=_name(number), articles=ARTICLES)
                    for number in range(first, last + 1)
                }
            )
        for number, articles in ((rules + 1, LONG_ARTICLES), (rules + 2, SHORT_ARTICLES)):
            _write({number: clauses_of(number, village=_name(number), articles=articles)})
        _write(
            {rules + 1: clauses_of(rules + 1, village=_name(rules + 1), articles=LONG_ARTICLES, edition=2)}, number=2
        )


def _name(number: int) -> str:
    """Three signs and 村: a different name for each of a thousand villages."""
    first, second, third = "石青龙白水双大高新长", "桥溪塘冲坪岭湾井田坝", "上下东南西北中前后口"
    return first[number % 10] + second[number // 10 % 10] + third[number // 100 % 10] + "村"


def _write(texts: Mapping[int, list[Clause]], *, number: int = 1) -> None:
    """One version for each village; villages, documents and all the rest are made with the first."""
    from residents.bulk_rows import insert_rows
    from villagerules.models import Article, Chapter, RuleVersion

    documents = _documents(list(texts)) if number == 1 else _documents_again(list(texts))
    versions = [
        RuleVersion(
            village=one.village, rules=one, number=number, state=RuleVersion.State.PUBLISHED, imported=True,
            article_count=len(texts[key]), adopted_by="villagers_assembly_household", adopted_on=SINCE,
            filed_on=SINCE, filing_number=f"量备〔2025〕{key}号", published_on=SINCE,
            effective_on=SINCE + datetime.timedelta(days=number),
        )
        for key, one in documents.items()
    ]  # fmt: skip
    insert_rows(versions)
    chapters: list[Any] = []
    articles: list[Any] = []
    waiting: list[tuple[Any, list[Clause], int]] = []
    for version, clauses in zip(versions, texts.values(), strict=True):
        done = 0
        for place, (title, inside) in enumerate(chapters_of(clauses), start=1):
            chapter = Chapter(village=version.village, version=version, number=place, title=title)
            chapters.append(chapter)
            waiting.append((chapter, inside, done))
            done += len(inside)
    insert_rows(chapters)
    for chapter, inside, done in waiting:
        articles += [
            Article(village=chapter.village, chapter=chapter, number=place, title=one.title, text=one.text)
            for place, one in enumerate(inside, start=done + 1)
        ]
    insert_rows(articles)


def _documents(numbers: list[int]) -> dict[int, Any]:
    from residents.bulk_rows import insert_rows
    from residents.models import Village
    from villagerules.models import VillageRules

    region = _township((numbers[0] - 1) // VILLAGES_EACH)
    villages = []
    for number in numbers:
        if (number - 1) % VILLAGES_EACH == 0:
            region = _township((number - 1) // VILLAGES_EACH)
        villages.append(
            Village(
                region=region,
                slug=f"bench-{number}",
                code=f"97{number:010d}",
                kind="village",
                name=_name(number),
                pinyin=f"cun{number}",
                initials="c",
            )
        )
    insert_rows(villages)
    documents = [
        VillageRules(village=one, slug="cungui", kind="village_rules", title=f"{one.name}村规民约") for one in villages
    ]
    insert_rows(documents)
    _pages(dict(zip(numbers, documents, strict=True)))
    return dict(zip(numbers, documents, strict=True))


def _pages(documents: Mapping[int, Any]) -> None:
    """The page on which each is read, all below the site's first: by rows, as no page is looked at while it is made."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection
    from django.utils import timezone
    from wagtail.models import Locale, Page, Site

    from residents.bulk_rows import insert_rows
    from villagerules.models import VillageRulesPage

    above = Site.objects.get(is_default_site=True).root_page
    kind, locale, now = ContentType.objects.get_for_model(VillageRulesPage), Locale.get_active(), timezone.now()
    rows = [
        Page(
            path=Page._get_path(above.path, above.depth + 1, FIRST_PAGE + number), depth=above.depth + 1, numchild=0,
            title=one.title, draft_title=one.title, slug=f"bench-{number}", url_path=f"{above.url_path}bench-{number}/",
            content_type=kind, locale=locale, live=True, first_published_at=now, last_published_at=now,
        )
        for number, one in documents.items()
    ]  # fmt: skip
    insert_rows(rows)
    fields = [field for field in VillageRulesPage._meta.local_concrete_fields if not field.null]
    plain = {field.name: field.get_db_prep_save(field.get_default(), connection) for field in fields}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {VillageRulesPage._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})",  # noqa: S608  our own names
            [
                list((plain | {"page_ptr": row.pk, "rules": one.pk}).values())
                for row, one in zip(rows, documents.values(), strict=True)
            ],
        )


def _documents_again(numbers: list[int]) -> dict[int, Any]:
    from villagerules.models import VillageRules

    return {one: VillageRules.objects.select_related("village").get(village__slug=f"bench-{one}") for one in numbers}


def _township(number: int) -> Any:
    from residents.models import Region

    county, _made = Region.objects.get_or_create(code="970000", defaults={"level": "county", "name": "量县"})
    code = f"97{number:07d}"
    found, _made = Region.objects.get_or_create(
        code=code, defaults={"level": "township", "name": f"量{number}镇", "parent": county}
    )
    return found


def _index() -> list[Callable[[], object]]:
    """What makes the texts quick to find, in this order, once they are there."""
    from django.core.management import call_command

    from villagerules.similar_index import follow_in_force

    return [follow_in_force, partial(call_command, "wagtail_update_index", verbosity=0)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.rules_seed", description=__doc__)
    parser.add_argument("--rules", type=int, required=True)
    rules = parser.parse_args().rules
    django.setup()
    from django.db import connection

    fill(rules)
    for work in _index():
        work()
    connection.close()  # all of it in the one file, which is moved to its place next


if __name__ == "__main__":
    main()
