"""A public vote as it comes: honest voters of villages, and whoever makes accounts in bulk. All seeded.

What honest people are like is assumed, and written here where it can be argued with: 20 entries, 3 to 5 picks; most
make their account to vote; villagers name their own village's entry; families share a router and now and then a
telephone; a quarter is behind a carrier's few addresses, most of them for one county; one hall votes in ten minutes;
a link goes round in one village's group and brings its people within an hour.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from contest.signals import Cast, weigh

DAY = 86_400.0
DAYS = 6.5
ENTRIES = range(1, 21)
TARGET = 7
# Share of a day's votes by the hour it begins.
HOURS = [1, 0, 0, 0, 0, 1, 2, 4, 4, 4, 4, 5, 8, 5, 4, 4, 4, 6, 9, 13, 14, 10, 5, 2]


@dataclass(frozen=True)
class Honest:
    """How the honest ones are in a scenario."""

    count: int = 1000
    on_roll: float = 0.35  # of villagers at home and on the road
    hall_on_roll: float = 0.5
    hall: int = 60
    hall_entry: int = 3
    link: int = 80  # who come by a link in their village's group, from a home each
    link_entry: int = 11


class Crowd:
    """Ballots with numbers, devices and places as they come."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.casts: list[Cast] = []
        self._names = 0

    def name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def when(self) -> float:
        hour = self.random.choices(range(24), HOURS)[0]
        return min(self.random.randrange(7) * DAY + hour * 3600 + self.random.random() * 3600, DAYS * DAY)

    def picks(self, *sure: int) -> frozenset[int]:
        """Those that are sure, and others by how well known they are."""
        wanted = self.random.randint(3, 5)
        found = set(sure)
        while len(found) < wanted:
            found.add(self.random.choices(ENTRIES, [1 / (n + 2) ** 0.6 for n in range(len(ENTRIES))])[0])
        return frozenset(found)

    def cast(self, at: float, address: str, network: str, picks: frozenset[int], **more: object) -> None:
        fields = {"device": self.name("d"), "age_under": 10, "on_roll": False} | more
        one = Cast(id=len(self.casts) + 1, at=at, address=address, network=network, picks=picks, **fields)
        self.casts.append(one)


def honest(crowd: Crowd, people: Honest) -> None:
    """Households, people on the road and a hall."""
    rnd = crowd.random
    carriers = [(crowd.name("cgnat"), f"cg-net{n // 4}", n % 4) for n in range(12)]
    hall_at, address = 2 * DAY + 19.5 * 3600, crowd.name("hall")
    for _ in range(people.hall):
        at = hall_at + rnd.random() * 600
        crowd.cast(at, address, "net-hall", crowd.picks(people.hall_entry), on_roll=rnd.random() < people.hall_on_roll)
    for _ in range(people.link):
        at = 4 * DAY + 20 * 3600 + min(rnd.expovariate(1 / 1500), 7200)
        picks = crowd.picks(people.link_entry) if rnd.random() < 0.9 else crowd.picks()
        network = f"net{people.link_entry}-{rnd.randrange(3)}"
        crowd.cast(at, crowd.name("home"), network, picks, on_roll=rnd.random() < people.on_roll)
    while len(crowd.casts) < people.count:
        village = rnd.choice(ENTRIES) if rnd.random() < 0.6 else None
        county = (village or rnd.randrange(20)) % 4
        size = rnd.choices([1, 2, 3, 4, 5], [35, 35, 17, 9, 4])[0]
        home, network = crowd.name("home"), f"net{village or rnd.randrange(30)}-{rnd.randrange(3)}"
        shared = crowd.name("d") if size > 1 and rnd.random() < 0.08 else None
        evening = crowd.when()
        for member in range(min(size, people.count - len(crowd.casts))):
            own = village is not None and rnd.random() < 0.9
            road = rnd.random() < 0.25
            place = rnd.choice([one for one in carriers if one[2] == county])
            crowd.cast(
                crowd.when() if road else min(evening + rnd.random() * 5400, DAYS * DAY),
                place[0] if road else home,
                place[1] if road else network,
                crowd.picks(village) if own else crowd.picks(),
                device=shared if shared and member < 3 else crowd.name("d"),
                age_under=rnd.choices([10, 60, 1440, 10080, None], [60, 8, 8, 8, 16])[0],
                on_roll=village is not None and rnd.random() < people.on_roll,
            )


@dataclass(frozen=True)
class Attack:
    """Accounts made for one entry: how many, over how many addresses, when, with which picks."""

    count: int = 5000
    addresses: int = 200
    hours: float = 2.0  # over which they come; all week for the drip
    begins: float = 3 * DAY + 14 * 3600
    by_evening: bool = False  # times as honest people's
    picks: str = "any"  # "any": the entry and others; "same": one set; "three": one of three sets
    age: int | None = 10
    spread: str = "even"  # how many an address gets: "even" or "uneven"
    networks: int = 60
    devices: int = 0  # 0: a new one each time
    beside: str = ""  # "carriers": behind the addresses that honest people have too
    target: int = TARGET


def attack(crowd: Crowd, plan: Attack) -> set[int]:
    """The ids of the ballots that it adds."""
    rnd = crowd.random
    places = [(crowd.name("bot"), f"bot-net{n % plan.networks}") for n in range(plan.addresses)]
    if plan.beside == "carriers":
        places = sorted({(one.address, one.network) for one in crowd.casts if one.address.startswith("cgnat")})
    weights = [rnd.expovariate(1) for _ in places] if plan.spread == "uneven" else None
    sets = [crowd.picks(plan.target) for _ in range({"same": 1, "three": 3}.get(plan.picks, 0))]
    devices = [crowd.name("botd") for _ in range(plan.devices)]
    mine = set()
    for number in range(plan.count):
        address, network = rnd.choices(places, weights)[0] if weights else places[number % len(places)]
        at = crowd.when() if plan.by_evening else plan.begins + rnd.random() * plan.hours * 3600
        picks = rnd.choice(sets) if sets else crowd.picks(plan.target)
        more = {"device": rnd.choice(devices)} if devices else {}
        crowd.cast(at, address, network, picks, age_under=plan.age, **more)
        mine.add(len(crowd.casts))
    return mine


DRIP = Attack(by_evening=True)
ATTACKS: dict[str, Attack] = {
    "burst of 2 h, any picks": Attack(),
    "burst of 2 h, one set of picks": Attack(picks="same"),
    "burst of 10 min": Attack(hours=1 / 6),
    "drip all week, any picks": DRIP,
    "drip all week, three sets": replace(DRIP, picks="three"),
    "drip, addresses uneven": replace(DRIP, spread="uneven"),
    "drip, addresses uneven, three sets": replace(DRIP, spread="uneven", picks="three"),
    "drip, each address in a network of its own": replace(DRIP, networks=200, spread="uneven"),
    "drip, accounts made days before": replace(DRIP, age=10080),
    "drip for the entry the hall votes for": replace(DRIP, target=3),
    "40 telephones, 125 ballots each": replace(DRIP, devices=40),
    "300 ballots over 5 addresses, drip": replace(DRIP, count=300, addresses=5),
}
# What the goals do not speak of: fewer, or behind other addresses than their 200. Printed, so that all know.
BEYOND: dict[str, Attack] = {
    "5,000 addresses of homes, burst of 2 h": Attack(addresses=5000, networks=4000),
    "5,000 addresses of homes, drip": replace(DRIP, addresses=5000, networks=4000),
    "behind the carriers honest people have": replace(DRIP, beside="carriers"),
    "300 ballots over 200 addresses, drip": replace(DRIP, count=300),
}


def scenario(plan: Attack | None, people: Honest = Honest(), *, seed: int) -> tuple[list[Cast], set[int]]:
    """All ballots, and the ids of the made ones."""
    crowd = Crowd(seed)
    honest(crowd, people)
    made = attack(crowd, plan) if plan is not None else set()
    return crowd.casts, made


def outcome(casts: list[Cast], made: set[int], *, looks: int, per_device: int = 3) -> tuple[float, float]:
    """The share of made ballots held at the end, and of honest ones held at any of `looks` times along the way."""
    casts = sorted(casts, key=lambda one: one.at)
    ever: set[int] = set()
    held: set[int] = set()
    for look in range(1, looks + 1):
        here = [one for one in casts if one.at <= DAYS * DAY * look / looks]
        held = {key for key, one in weigh(here, per_device=per_device).items() if one.held}
        ever |= held
    good = {one.id for one in casts} - made
    return len(held & made) / max(1, len(made)), len(ever & good) / len(good)
