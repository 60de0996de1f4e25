"""Regions, villages with their pages, and whole rolls: the people named in the files and made-up neighbours."""

from __future__ import annotations

import datetime
import random
from typing import Any

from django.utils import timezone

from home.villages import VillageWords, create_village
from residents.fictitious import Person, households, people, resident
from residents.models import Appointment, Claim, Household, Region, Resident, Role, User, Village, VillageGroup, Yard

from .files import Days

# Fixed, so that every demo holds the same people.
SEED = 20211
TERM_BEGAN = 2 * 365


def load_regions(rows: list[dict[str, Any]]) -> dict[str, Region]:
    """The tree by code: a code's parent is the longest known beginning of it."""
    regions: dict[str, Region] = {}
    for row in sorted(rows, key=lambda row: len(row["code"])):
        code = row["code"]
        parent = next((regions[code[:n]] for n in (6, 4, 2) if code[:n] in regions and n < len(code)), None)
        regions[code], _created = Region.objects.get_or_create(
            code=code, defaults={"parent": parent, "level": row["level"], "name": row["name"]}
        )
    return regions


def account(phone: str | None, name: str, username: str = "") -> User:
    """A demo account; it signs in by the demo page only."""
    user, created = User.objects.get_or_create(username=username or f"demo-{phone}", defaults={"display_name": name})
    if created:
        user.set_unusable_password()
        user.save()
    return user


def load_village(row: dict[str, Any], regions: dict[str, Region], days: Days) -> Village:
    """One village with its roll, unless it is there already."""
    existing = Village.objects.filter(slug=row["slug"]).first()
    if existing is not None:
        return existing
    fields = {
        "region": regions[row["region"]],
        "slug": row["slug"],
        "code": row["code"],
        "kind": row["kind"],
        "name": row["name"],
        "population": row["population"],
        "resident_population": row["resident_population"],
        "over_60": row["over_60"],
    }
    intro = f"<p>{''.join(line.strip() for line in row['intro'].splitlines())}</p>"
    contact = f"{row['people'][0]['name']} 0730-555{row['code'][-4:]}"
    words = VillageWords(row["tagline"], intro, "、".join(row["features"]), contact)
    village = create_village(fields=fields, words=words)
    _Roll(village, row, days).load()
    return village


class _Roll:
    """The roll of one village, with exactly the households and adults that its file states."""

    def __init__(self, village: Village, row: dict[str, Any], days: Days) -> None:
        self.village = village
        self.row = row
        self.today = days.today
        self.dice = random.Random(f"{SEED}{row['slug']}")  # noqa: S311  names of made-up people
        self.since = days.today - datetime.timedelta(days=TERM_BEGAN)

    def load(self) -> None:
        groups = VillageGroup.objects.bulk_create(
            VillageGroup(village=self.village, number=n) for n in range(1, self.row["groups"] + 1)
        )
        sizes, yards = self._shares(groups)
        homes = Household.objects.bulk_create(households(self.village, groups, yards, sizes), batch_size=500)
        self._yards_without_groups(homes)
        members, spare = self._members(homes)
        named = self._place_named(homes, members)
        everyone = [person for home in members.values() for person in home]
        Resident.objects.bulk_create(everyone, batch_size=500)
        for home in homes:
            wanted = named["household_rep"].get(home.pk)
            # Women and men in turn, where the household has one.
            turn = [member for member in members[home.pk] if member.gender == "fm"[home.number % 2]]
            home.representative = wanted or (turn or members[home.pk])[0]
        Household.objects.bulk_update(homes, ["representative"], batch_size=500)
        self._appoint(named["rows"], spare, homes)

    def _shares(self, groups: list[VillageGroup]) -> tuple[list[int], dict[int, Yard | None]]:
        """Households per group: a yard's groups share its number, the others share what is left."""
        sizes = dict.fromkeys(range(1, len(groups) + 1), 0)
        yards: dict[int, Yard | None] = {}
        left = self.row["households"]
        for row in self.row["yards"]:
            numbers = row.get("groups", [])
            yard = Yard.objects.create(village=self.village, slug=row["slug"], name=row["name"])
            if not numbers:
                continue
            yard.groups.set([groups[n - 1] for n in numbers])
            for position, number in enumerate(numbers):
                sizes[number] = row["households"] // len(numbers) + (position < row["households"] % len(numbers))
                yards[number] = yard
            left -= row["households"]
        free = [number for number in sizes if number not in yards]
        for position, number in enumerate(free):
            sizes[number] = left // len(free) + (position < left % len(free))
        return list(sizes.values()), yards

    def _yards_without_groups(self, homes: list[Household]) -> None:
        """An estate is made of buildings, not of groups: its households are taken in order."""
        free = [home for home in homes if home.yard_id is None]
        for row in self.row["yards"]:
            if row.get("groups"):
                continue
            yard = Yard.objects.of(self.village).get(slug=row["slug"])
            mine, free = free[: row["households"]], free[row["households"] :]
            Household.objects.filter(pk__in=[home.pk for home in mine]).update(yard=yard)
            for home in mine:
                home.yard = yard

    def _members(self, homes: list[Household]) -> tuple[dict[int, list[Resident]], list[Resident]]:
        """Adults dealt out over the households; one phone for many a family, none for some of the old."""
        adults = self.row["adults"]
        share = min(self.row["over_60"] / adults, 0.9)
        persons = list(people(adults, dice=self.dice, today=self.today, over_60_share=share))
        members: dict[int, list[Resident]] = {home.pk: [] for home in homes}
        made = []
        for number, person in enumerate(persons):
            home = homes[number % len(homes)]
            members[home.pk].append(self._neighbour(home, person, number, members[home.pk]))
            made.append(members[home.pk][-1])
        return members, made

    def _neighbour(self, home: Household, person: Person, number: int, family: list[Resident]) -> Resident:
        age = (self.today - person.born_on).days // 365
        phone = ""
        if age < 75 or number % 3:
            # A fifth of the families shares one phone.
            shared = family and home.number % 5 == 0
            phone = f"1541{self.row['code'][-6:-3]}{home.number:04d}"[:11] if shared else f"1542{number:07d}"
        return resident(self.village, home, person, phone=phone, is_head=not family)

    def _place_named(self, homes: list[Household], members: dict[int, list[Resident]]) -> dict[str, Any]:
        """Put the people of the file in the place of made-up ones, in a household of their group or yard."""
        placed: list[tuple[dict[str, Any], Resident]] = []
        household_rep: dict[int, Resident] = {}
        taken: set[int] = set()
        shared: dict[str, Household] = {}
        for row in self.row["people"]:
            home = shared.get(row["phone"] or "") or self._home_for(row, homes, taken)
            taken.add(home.pk)
            if row["phone"]:
                shared[row["phone"]] = home
            slot = next(
                n for n, member in enumerate(members[home.pk]) if not any(member is person for _row, person in placed)
            )
            born = self.today.replace(month=3, day=8) - datetime.timedelta(days=int(row["age"] * 365.25))
            person = resident(
                self.village,
                home,
                Person(row["name"], row["gender"], born),
                phone=row["phone"] or "",
                is_head=slot == 0,
                note=row.get("note", ""),
            )
            members[home.pk][slot] = person
            placed.append((row, person))
            # The first of the file's people in a household votes for it.
            household_rep.setdefault(home.pk, person)
        return {"rows": placed, "household_rep": household_rep}

    def _home_for(self, row: dict[str, Any], homes: list[Household], taken: set[int]) -> Household:
        yard = row.get("yard")
        for home in homes:
            fits_group = "group" not in row or home.group.number == row["group"]
            fits_yard = yard is None or (home.yard is not None and home.yard.slug == yard)
            if home.pk not in taken and fits_group and fits_yard:
                return home
        raise ValueError(f"no household for {row['name']}")

    def _appoint(
        self, placed: list[tuple[dict[str, Any], Resident]], spare: list[Resident], homes: list[Household]
    ) -> None:
        """Offices of the file, then made-up committee members and representatives up to the stated numbers."""
        yards = {yard.slug: yard for yard in Yard.objects.of(self.village)}
        groups = {group.number: group for group in VillageGroup.objects.of(self.village)}
        appointments = []
        for row, person in placed:
            for role in [row["role"], *([row["also"]] if "also" in row else [])]:
                if role not in ("resident", "household_rep"):
                    appointments.append(
                        self._office(
                            person, role, duty=row.get("duty", ""),
                            yard=yards.get(row.get("yard", "")), group=groups.get(row.get("group", 0)),
                        )
                    )  # fmt: skip
            if row["phone"]:
                self._account_for(row, person)
        appointments += self._keepers_of_the_roll(placed)
        taken = {person.pk for _row, person in placed if person.pk}
        candidates = [person for person in spare if person.pk and person.pk not in taken]
        self.dice.shuffle(candidates)
        held = [row["role"] for row, _person in placed] + [row["also"] for row, _person in placed if "also" in row]
        committee = sum(role in ("committee_chair", "committee_member") for role in held)
        for _ in range(self.row["committee_size"] - committee):
            appointments.append(self._office(candidates.pop(), Role.COMMITTEE_MEMBER))
        appointments += self._representatives(candidates, held, placed)
        for row in self.row["yards"]:
            if "buildings" in row:
                appointments += self._delegates(yards[row["slug"]], row["buildings"] * 3, held, candidates)
        Appointment.objects.bulk_create(appointments)

    def _keepers_of_the_roll(self, placed: list[tuple[dict[str, Any], Resident]]) -> list[Appointment]:
        """Two people with accounts, because it takes two to change the roll; no supervisor, who reads only."""
        order = [Role.COMMITTEE_CHAIR, Role.PARTY_SECRETARY, Role.COMMITTEE_MEMBER, Role.GROUP_LEADER, "representative"]
        named = [(row["role"], person) for row, person in placed if row["phone"] and row["role"] in order]
        named.sort(key=lambda pair: order.index(pair[0]))
        return [self._office(person, Role.VILLAGE_ADMIN) for _role, person in named[:2]]

    def _representatives(
        self, candidates: list[Resident], held: list[str], placed: list[tuple[dict[str, Any], Resident]]
    ) -> list[Appointment]:
        """As many as the file states, women among them as stated."""
        women_named = sum(row["role"] == "representative" and row["gender"] == "f" for row, _person in placed)
        women = self.row["women_representatives"] - women_named
        men = self.row["representatives"] - held.count("representative") - women
        chosen = []
        for gender, number in (("f", women), ("m", men)):
            fitting = [person for person in candidates if person.gender == gender][:number]
            for person in fitting:
                candidates.remove(person)
            chosen += fitting
        return [self._office(person, Role.REPRESENTATIVE) for person in chosen]

    def _delegates(self, yard: Yard, number: int, held: list[str], candidates: list[Resident]) -> list[Appointment]:
        here = [person for person in candidates if person.household.yard_id == yard.pk]
        here.sort(key=lambda person: person.gender == "m")
        women, men = here[: number // 2], here[number // 2 :]
        here = women + [person for person in men if person.gender == "m"]
        return [
            self._office(person, Role.YARD_DELEGATE, yard=yard)
            for person in here[: number - held.count("yard_delegate")]
        ]

    def _office(self, person: Resident, role: str, **more: Any) -> Appointment:
        return Appointment(village=self.village, resident=person, role=role, from_on=self.since, **more)

    def _account_for(self, row: dict[str, Any], person: Resident) -> None:
        """An account by the phone; one that a family shares helps its second member."""
        user = account(row["phone"], row["name"])
        first = not Claim.objects.of(self.village).filter(user=user).exists()
        Claim.objects.create(
            village=self.village,
            user=user,
            resident=person,
            relation=Claim.Relation.SELF if first else Claim.Relation.HELPER,
            state=Claim.State.CONFIRMED,
            decided_at=timezone.now(),
        )


def load_staff(rows: list[dict[str, Any]], regions: dict[str, Region], days: Days) -> None:
    """Township, county and city staff; they are on no roll."""
    since = days.today - datetime.timedelta(days=TERM_BEGAN)
    for number, row in enumerate(rows):
        user = account(row.get("phone"), row["name"], "" if row.get("phone") else f"demo-judge-{number}")
        Appointment.objects.get_or_create(
            user=user,
            region=regions[row["region"]],
            role=row["role"],
            defaults={"from_on": since, "duty": row.get("field", "")},
        )
