"""How much is measured: the sizes, and what time allows at each."""

from dataclasses import dataclass

LONE = 15


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the load driver: `watchers` screens; ballots singly, paced over `seconds`, in a crowd."""

    watchers: int
    ballots: int
    seconds: float
    crowd: int
    lone: int = 0
    drain: float = 20.0
    # Fewer ballots than voters, so that it ends: what is printed per 1,000 is scaled up.
    scaled: bool = False
    # Seconds that it takes with all its ballots, where that decides about their number.
    expected: float = 0.0

    @property
    def voters(self) -> int:
        """How many voters a rehearsal needs for this."""
        return max(self.watchers, self.lone + self.ballots + self.crowd)


@dataclass(frozen=True, slots=True)
class Plan:
    """All stages, by number of watchers; `limit` is the time for everything in seconds."""

    stages: dict[int, Stage]
    textbook: dict[int, Stage]
    flood_seconds: float
    page_seconds: float
    # Rows of the sheet that is imported, and people on the roll whose electorate is told.
    sheet_rows: int
    roll_people: int
    # Voters of each series of secret and recorded casts; ballots in the sealed box and on the checked bulletin.
    cast_voters: int
    sealed: int
    checked: int
    # Ballots of a contest that are there already, seconds at the pace of 10,000 in ten minutes, and as fast as it goes.
    contest_there: int
    contest_seconds: float
    contest_crowd: int
    # Villages whose rules lie in the kept database (rules_seed.py), 25 articles each.
    rules: int
    # PostgreSQL, Valkey and two kinds of server; and two processes of each against one.
    production: bool
    pair: bool
    limit: float
    # Seconds that an extra and the textbook's largest size need before the limit.
    reserve: float

    @property
    def sizes(self) -> list[int]:
        return list(self.stages)


def _by_size(*stages: Stage) -> dict[int, Stage]:
    return {stage.watchers: stage for stage in stages}


FULL = Plan(
    stages=_by_size(
        Stage(200, 200, 10, crowd=400, lone=LONE),
        Stage(1000, 1000, 10, crowd=400),
        Stage(5000, 2000, 10, crowd=400, scaled=True),
    ),
    textbook=_by_size(
        Stage(200, 200, 10, crowd=60, lone=LONE),
        Stage(1000, 100, 10, crowd=10, drain=45, scaled=True),
        Stage(5000, 50, 10, crowd=0, drain=120, scaled=True, expected=150),
    ),
    flood_seconds=4,
    page_seconds=4,
    sheet_rows=20_000,
    roll_people=50_000,
    cast_voters=600,
    sealed=50_000,
    checked=100_000,
    contest_there=10_000,
    contest_seconds=12,
    contest_crowd=300,
    rules=10_000,
    production=True,
    pair=True,
    limit=580,
    reserve=120,
)
QUICK = Plan(
    stages=_by_size(
        Stage(200, 60, 3, crowd=150, lone=6),
        Stage(1000, 300, 3, crowd=150),
    ),
    textbook=_by_size(
        Stage(200, 60, 3, crowd=30, lone=6),
        Stage(1000, 30, 3, crowd=10, scaled=True, expected=25),
    ),
    flood_seconds=2,
    page_seconds=1.5,
    sheet_rows=2_000,
    roll_people=10_000,
    cast_voters=200,
    sealed=5_000,
    checked=10_000,
    contest_there=2_000,
    contest_seconds=4,
    contest_crowd=100,
    rules=500,
    production=False,
    pair=False,
    limit=120,
    reserve=35,
)
