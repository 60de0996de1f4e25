"""manage.py rank_contest SLUG --json: the ranking with each entry's arithmetic."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contest.models import Contest
from contest.ranking import RankingError
from contest.result_words import told
from contest.results import newest


class Command(BaseCommand):
    help = "Print a contest's ranking: the newest version of the locked one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        contest = Contest.objects.filter(slug=options["slug"]).first()
        if contest is None:
            raise CommandError(f"no contest {options['slug']!r}")
        ranking = newest(contest)
        if ranking is None:
            raise CommandError("its scores are not locked; until then nobody sees them")
        document = ranking.document
        try:
            lines = told(document)
        except RankingError as error:
            raise CommandError(f"no ranking: {error}") from error
        if options["json"]:
            said = {
                "contest": contest.slug,
                "version": ranking.version,
                "digest": ranking.digest,
                "ranking": [dataclasses.asdict(one) for one in lines],
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=1))
            return
        for one in lines:
            self.stdout.write(f"{one.place:>4}  {one.final:>6}  {one.title}  {one.award}")
            for words in one.words:
                self.stdout.write(f"              {words}")
