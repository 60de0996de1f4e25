"""Whom a consultation concerns, and who attends without a vote."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation import meetings, minutes, participants
from consultation.errors import Invalid, WrongState
from consultation.models import ProcedurePreset
from consultation.presets import seed_presets
from residents.models import Yard
from tests.factories.consultation import call, make_hall
from tests.factories.residents import appoint, make_account, make_household, make_resident, make_village
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 6, 1)
YARD = "yard_consultation"


@pytest.fixture
def village():
    """Households 1 and 2 in group 1, 3 and 4 in group 2."""
    village = make_village()
    homes = [make_household(village, group=group) for group in (1, 1, 2, 2)]
    for home, name in zip(homes, ("张大山", "李小河", "王石桥", "李小河"), strict=True):
        make_resident(village, household=home, name=name)
    return village


def numbers(homes):
    return [home.number for home in homes]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("1\n3号户", [1, 3]),
        ("张大山\n 4户 ", [1, 4]),
        ("2组", [3, 4]),
        ("第2组\n4\n王石桥", [3, 4]),  # each once
        ("李小河 1960\n1", None),
        ("", []),
    ],
)
def test_households_are_found_as_a_committee_names_them(village, lines, found):
    if found is None:
        with pytest.raises(Invalid):
            participants.read_homes(lines, village, on=TODAY)
    else:
        assert numbers(participants.read_homes(lines, village, on=TODAY)) == found


def test_a_number_of_the_villages_own_books_comes_first(village):
    home = village.households.get(number=3)
    home.own_number = "1"
    home.save()
    assert numbers(participants.read_homes("1", village, on=TODAY)) == [3]


def test_every_line_that_names_none_or_several_is_told(village):
    with pytest.raises(Invalid) as refused:
        participants.read_homes("99\n1\n李小河\n9组\n赵无此人", village, on=TODAY)
    told = str(refused.value.message).splitlines()
    assert [line.partition("：")[0] for line in told] == ["第 1 行", "第 3 行", "第 4 行", "第 5 行"]
    assert "2户、4户" in told[1]


def test_nobody_of_another_village_is_found(village):
    other = make_village()
    make_resident(other, name="外村人")
    with pytest.raises(Invalid):
        participants.read_homes("外村人", village, on=TODAY)


# The roster --------------------------------------------------------------------------------------------------------


def called(village, **fields):
    people = [home.representative for home in village.households.select_related("representative")]
    meeting = call(village, people, preset=YARD, **fields)
    return sorted(entry.household.number for entry in meetings.publish_notice(meeting, by=None).roster.entries.all())


def picked(village, *numbers):
    return list(village.households.filter(number__in=numbers))


def test_those_picked_are_the_roster_alone_or_beside_the_yard(village):
    assert called(village, affected=picked(village, 1, 4)) == [1, 4]
    yard = Yard.objects.create(village=village, name="油坊", slug="youfang")
    village.households.filter(number=2).update(yard=yard)
    assert called(village, yard=yard, affected=picked(village, 4)) == [2, 4]
    assert called(village, yard=yard) == [2]


def test_a_consultation_says_whom_it_concerns_and_a_binding_assembly_picks_nobody(village):
    with pytest.raises(Invalid):
        called(village)
    people = [home.representative for home in village.households.all()]
    with pytest.raises(Invalid) as refused:
        call(village, people, preset="villagers_assembly_household", affected=picked(village, 1))
    assert refused.value.field == "homes"


# Guests ------------------------------------------------------------------------------------------------------------


def test_a_guest_a_line_with_where_they_come_from():
    lines = "张工 镇水利站技术员\n\n李明，驻村工作队\n王芳（社工站）\n赵平"
    assert participants.read_guests(lines) == [
        ("张工", "镇水利站技术员"), ("李明", "驻村工作队"), ("王芳", "社工站"), ("赵平", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("lines", ["长" * 61, "张工 " + "长" * 61, "\n".join(f"来宾{n}" for n in range(31))])
def test_too_long_a_line_and_too_many_are_refused(lines):
    with pytest.raises(Invalid):
        participants.read_guests(lines)


def test_the_minutes_list_those_who_came_and_no_count_knows_them():
    hall = make_hall(5)
    participants.ask_guests(hall.meeting, [("张工", "镇水利站"), ("李明", "")])
    before = minutes.facts_of(hall.meeting)
    participants.guest_came(hall.meeting, 2, here=True, by=None)
    participants.add_guest(hall.meeting, name="王芳", position="社工站", by=None)
    after = minutes.facts_of(hall.meeting)
    assert (before["invited"], after["invited"]) == ("", "李明、王芳（社工站）")
    assert {key: after[key] for key in ("entitled", "present", "absent")} == {
        key: before[key] for key in ("entitled", "present", "absent")
    }


def test_guests_come_while_the_meeting_is_on():
    hall = make_hall(5, live=False)
    participants.ask_guests(hall.meeting, [("张工", "")])
    with pytest.raises(WrongState):
        participants.guest_came(hall.meeting, 1, here=True, by=None)


# Doors -------------------------------------------------------------------------------------------------------------


def test_the_form_keeps_what_was_typed_and_says_which_lines_are_wrong(village):
    people = [home.representative for home in village.households.all()]
    seed_presets()
    appoint(people[0], "committee_chair")
    chair = Client()
    chair.force_login(make_account(people[0]), backend="residents.backends.AccountBackend")
    address = reverse("consultation:call", args=[village.slug])
    sent = {
        "preset": ProcedurePreset.objects.get(key=YARD).pk, "title": "塘怎么清", "starts": "19:00", "ends": "20:00",
        "held_on": (timezone.localdate() + datetime.timedelta(days=9)).isoformat(), "place": "晒谷坪",
        "agenda": "商量\n表决", "method": "hands_and_online", "chair": "张大山", "recorder": "王石桥",
        "homes": "1\n88", "guests": "张工 水利站",
    }  # fmt: skip
    page = chair.post(address, sent)
    assert page.status_code == 422
    assert "第 2 行：名册里没有 88 号户。" in page.content.decode()
    assert page.context["form"]["homes"].value() == "1\n88"
    assert chair.post(address, sent | {"homes": "1\n3组\n2组"}).status_code == 422
    assert chair.post(address, sent | {"homes": "1\n2组"}).status_code == 302
    meeting = village.meetings.get()
    assert numbers(meeting.affected.order_by("number")) == [1, 3, 4]
    assert "张工（水利站）" in chair.get(meeting.get_absolute_url()).content.decode()
    again = chair.get(f"{address}?like={meeting.number}").context["form"].initial
    assert (again["homes"], again["guests"]) == ("1\n3\n4", "张工 水利站")


def test_the_table_ticks_guests_off_and_takes_in_others(client):
    hall = make_hall(5)
    participants.ask_guests(hall.meeting, [("张工", "镇水利站")])
    recorder = hall.meeting.officers.get(role="recorder").resident
    sign_in(client, hall.account(hall.people.index(recorder)), "password", "mfa")
    client.post(hall.meeting.address("guest_came", 1))
    assert participants.attending(hall.meeting) == "张工（镇水利站）"
    client.post(hall.meeting.address("guest_came", 1), {"here": "no"})
    assert participants.attending(hall.meeting) == ""
    wrong = client.post(hall.meeting.address("add_guest"), {"guest-name": "", "guest-position": "社工站"})
    assert wrong.status_code == 422
    assert "社工站" in wrong.content.decode()
    client.post(hall.meeting.address("add_guest"), {"guest-name": "王芳", "guest-position": "社工站"})
    assert participants.attending(hall.meeting) == "王芳（社工站）"
