"""Made-up people for demonstrations and practice: common names, no real ones, the numbers asked for."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .models import Household, Resident, Village, VillageGroup, Yard
from .names import pinyin_keys
from .phones import phone_hash, seal_phone

# untranslated: parts of Chinese names
SURNAMES = "邓阳曾邹罗刘贺谭龙吴石涂艾汤肖祝孟唐蔡夏柳何段宋蒋沈胡万金常李王张陈杨周黄彭谢郭曹袁"  # untranslated: names
MEN = "建国志勇国庆长顺明辉海波文斌立新永福春生德望冬生社保爱民子航启明正华松柏大江国强跃进世平"  # untranslated: names
WOMEN = "桂莲小满菊英秋萍翠娥春香七妹水秀玉兰红梅丽华淑珍玉梅小梅凤英美云金花秀芝雪梅建英晓燕"  # untranslated: names


@dataclass(frozen=True)
class Person:
    """One made-up person: `gender` "m" or "f"."""

    name: str
    gender: str
    born_on: datetime.date


def _given(pool: str, dice: random.Random) -> str:
    pairs = [pool[i : i + 2] for i in range(0, len(pool) - 1, 2)]
    return dice.choice(pairs) if dice.random() < 0.8 else dice.choice(pool)


def people(count: int, *, dice: random.Random, today: datetime.date, over_60_share: float = 0.3) -> Iterator[Person]:
    """`count` adults, both sexes, namesakes among them; `over_60_share` of them (0 to 1) are over sixty."""
    for _ in range(count):
        gender = dice.choice("mf")
        name = dice.choice(SURNAMES) + _given(MEN if gender == "m" else WOMEN, dice)
        age = dice.randint(60, 88) if dice.random() < over_60_share else dice.randint(19, 59)
        yield Person(name, gender, today - datetime.timedelta(days=age * 365 + dice.randint(100, 360)))


def resident(
    village: Village, household: Household, person: Person, *, phone: str = "", is_head: bool = False, note: str = ""
) -> Resident:
    """A resident ready to be saved."""
    full, first = pinyin_keys(person.name)
    return Resident(
        village=village,
        household=household,
        name=person.name,
        pinyin=full,
        initials=first,
        gender=person.gender,
        born_on=person.born_on,
        is_head=is_head,
        phone_sealed=seal_phone(phone),
        phone_hash=phone_hash(phone),
        note=note,
    )


def households(
    village: Village, groups: Sequence[VillageGroup], yards: dict[int, Yard | None], sizes: Sequence[int]
) -> list[Household]:
    """Unsaved households numbered from 1; `sizes[i]` households in group i; `yards` by group number."""
    made: list[Household] = []
    for group, size in zip(groups, sizes, strict=True):
        for _ in range(size):
            yard = yards.get(group.number)
            made.append(Household(village=village, group=group, yard=yard, number=len(made) + 1))
    return made
