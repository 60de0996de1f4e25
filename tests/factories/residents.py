"""Places and people, as few as a test needs. Nothing is random but the counter."""

from __future__ import annotations

import datetime
import itertools

from residents.models import Appointment, Claim, Household, Region, Resident, User, Village, VillageGroup
from residents.names import pinyin_keys
from residents.phone_accounts import account_for, phone_shown
from residents.phones import phone_hash, seal_phone

_number = itertools.count(1)
BORN = datetime.date(1980, 3, 8)
SINCE = datetime.date(2020, 1, 1)


def make_region(level: str = "township", parent: Region | None = None, **fields: object) -> Region:
    n = next(_number)
    return Region.objects.create(
        **{"level": level, "parent": parent, "code": f"9{n:08d}", "name": f"测试镇{n}"} | fields
    )


def make_village(**fields: object) -> Village:
    n = next(_number)
    defaults = {"slug": f"cun-{n}", "code": f"8{n:011d}", "kind": "village", "name": f"测试{n}村"}
    region = fields.pop("region", None) or make_region()
    full, first = pinyin_keys(str(fields.get("name", defaults["name"])))
    return Village.objects.create(**defaults | {"region": region, "pinyin": full, "initials": first} | fields)


def make_household(village: Village, *, group: int = 1) -> Household:
    place, _created = VillageGroup.objects.get_or_create(village=village, number=group)
    number = village.households.count() + 1
    return Household.objects.create(village=village, group=place, number=number)


def make_resident(village: Village, *, household: Household | None = None, **fields: object) -> Resident:
    """An adult on the roll; of a household of their own, which they represent, unless one is given."""
    home = household or make_household(village)
    n = next(_number)
    defaults = {"name": f"村民{n}", "gender": "m", "born_on": BORN}
    full, first = pinyin_keys(str(fields.get("name", defaults["name"])))
    person = Resident.objects.create(
        **defaults | {"village": village, "household": home, "pinyin": full, "initials": first} | fields
    )
    if home.representative is None:
        home.representative = person
        home.save()
    return person


def make_user(**fields: object) -> User:
    n = next(_number)
    return User.objects.create(**{"username": f"user-{n}", "display_name": f"账号{n}"} | fields)


def make_account(resident: Resident, *, relation: str = "self", user: User | None = None) -> User:
    """An account that is (or helps) this resident."""
    account = user or make_user(display_name=resident.name)
    Claim.objects.create(
        village=resident.village, user=account, resident=resident, relation=relation, state="confirmed"
    )
    return account


def appoint(person: Resident, role: str) -> Appointment:
    return Appointment.objects.create(village=person.village, resident=person, role=role, from_on=SINCE)


def phone_fields(phone: str) -> dict[str, object]:
    """A number as a line of the roll keeps it: `make_resident(village, **phone_fields("15400000001"))`."""
    return {"phone_sealed": seal_phone(phone), "phone_hash": phone_hash(phone)}


def make_phone_account(phone: str) -> User:
    """An account whose number was shown by a code, and that is nobody on any roll yet."""
    user = account_for(phone)
    phone_shown(user)
    return user
