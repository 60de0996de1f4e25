"""A sheet into the roll, and the electorate of a large roll: `python -m bench.rolls --rows N --people M`.

Runs on the portal's own database and prints one JSON object of seconds, beside openpyxl's plain read of the sheet.
"""

import argparse
import datetime
import io
import json
import resource
import time
from collections.abc import Callable
from typing import Any, TypeVar

import django
import openpyxl

Result = TypeVar("Result")
TODAY = datetime.date(2026, 11, 26)
HOUSEHOLD = 4  # people of one


class Clock:
    """Seconds of each step by its name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def take(self, name: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        result = work()
        self.seconds[name] = round(time.perf_counter() - began, 3)
        return result


def village(number: int, groups: int = 8) -> Any:
    from residents.models import Region, Village, VillageGroup

    region = Region.objects.create(level="township", code=f"98{number:07d}", name="量镇")
    made = Village.objects.create(
        region=region, slug=f"bench-{number}", code=f"98{number:010d}", kind="village", name="量村", pinyin="liangcun",
        initials="lc",
    )  # fmt: skip
    VillageGroup.objects.bulk_create(VillageGroup(village=made, number=n) for n in range(1, groups + 1))
    return made


def import_sheet(clock: Clock, rows: int) -> None:
    """As a committee's upload goes: open, read, compare, and compare and write again when it is confirmed."""
    from residents.sheets.applying import import_people
    from residents.sheets.files import roll_sheet
    from residents.sheets.people import read_people
    from residents.sheets.plan import plan_import
    from tests.residents.sheets import rolls

    content = rolls.as_xlsx(rolls.rows(rolls.people(rows, groups=8)))
    place = village(rows)

    def plainly() -> int:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        return sum(1 for _row in book.worksheets[0].iter_rows(values_only=True))

    clock.take("openpyxl", plainly)
    sheet, layout = clock.take("open", lambda: roll_sheet("名册.xlsx", content))
    people = clock.take("read", lambda: read_people(sheet, layout, today=TODAY))
    plan = clock.take("compare", lambda: plan_import(place, people, on=TODAY))
    clock.take("write", lambda: import_people(place, people, on=TODAY, expected=plan.digest))
    again = clock.take("again", lambda: plan_import(place, people, on=TODAY, whole=True))
    if (again.unchanged, again.problems) != (rows, []):
        raise SystemExit(f"the same sheet again changed something: {again.unchanged} of {rows} unchanged")


def electorates(clock: Clock, count: int) -> None:
    """Who counts, of a roll of that many, person by person and by households, with a reason for everybody else."""
    from django.db import transaction

    from residents.bulk_rows import insert_rows, update_rows
    from residents.models import Household, Resident, VillageGroup
    from residents.roll import entitled

    place = village(count + 1)
    groups = list(VillageGroup.objects.of(place))
    oldest = datetime.date(1940, 1, 1)
    with transaction.atomic():
        homes = [
            Household(village=place, group=groups[number % len(groups)], number=number + 1)
            for number in range(count // HOUSEHOLD)
        ]
        insert_rows(homes)
        people = [
            Resident(
                village=place, household=homes[number % len(homes)], name=f"人{number}", pinyin=f"ren{number}",
                initials=f"r{number}"[:40], gender="m", born_on=oldest + datetime.timedelta(days=number * 7919 % 31000),
                is_local=number % 9 != 0,
            )
            for number in range(count)
        ]  # fmt: skip
        insert_rows(people)
        for home, first in zip(homes, people, strict=False):
            home.representative = first
        update_rows(homes, ["representative"])
    persons = clock.take("persons", lambda: entitled(place, electorate="adults", on=TODAY))
    by_home = clock.take("households", lambda: entitled(place, electorate="households", on=TODAY))
    if len(persons.units) + len(persons.left_out) != count or not by_home.units:
        raise SystemExit("somebody of the roll neither counts nor is left out with a reason")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.rolls", description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--people", type=int, required=True)
    options = parser.parse_args()
    django.setup()
    clock = Clock()
    import_sheet(clock, options.rows)
    electorates(clock, options.people)
    seconds = clock.seconds
    whole = sum(seconds[name] for name in ("open", "read", "compare", "write"))
    told = {
        "rows": options.rows,
        "people": options.people,
        "seconds": seconds,
        "import": round(whole, 2),
        "import_against_openpyxl": round(whole / seconds["openpyxl"], 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
