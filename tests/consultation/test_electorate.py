"""Who counts in a body's base on a day, and why the others do not, as a county's scripts ask for it."""

import datetime
import json

import pytest
from django.core.management import CommandError, call_command

from consultation.presets import seed_presets
from residents.models import Resident
from tests.factories.residents import appoint, make_household, make_resident, make_village

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 5, 20)


@pytest.fixture(autouse=True)
def presets():
    seed_presets()


def ask(village, body, capsys, *options):
    call_command("electorate", village.code, "--body", body, "--on", DAY.isoformat(), "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_each_who_is_left_out_is_named_with_the_reason(capsys):
    village = make_village()
    home = make_household(village)
    make_resident(village, household=home, name="邓建国")
    make_resident(village, household=home, name="邓小满", born_on=DAY - datetime.timedelta(days=4000))
    make_resident(village, household=home, name="邓明", born_on=None)
    make_resident(village, household=home, name="外来人", is_local=False)
    for name, because in (("邓去", "moved_out"), ("邓逝", "deceased")):
        make_resident(village, household=home, name=name, until_on=DAY, left_because=because)
    told = ask(village, "villagers_assembly_individual", capsys)
    assert (told["units"], told["quorum"]) == (1, 1)
    reasons = {line["who"].split("（")[0]: line["reason"] for line in told["left_out"]}
    assert reasons == {
        "邓小满": "未满18周岁",
        "邓明": "名册上没有出生日期，补上以后才能计入",
        "外来人": "户籍不在本村，作决定的会议不计入；协商时可以参加",
        "邓去": "已迁出",
        "邓逝": "已去世",
    }


def test_in_a_community_who_lives_there_counts(capsys):
    village = make_village(kind="community")
    make_resident(village, is_local=False)
    assert ask(village, "residents_assembly_individual", capsys)["units"] == 1


def test_quorums_of_households_differ_between_villages_and_communities(capsys):
    for kind, body, needed in (
        ("village", "villagers_assembly_household", 4),
        ("community", "residents_assembly_household", 4),
    ):
        village = make_village(kind=kind)
        for _number in range(6):
            make_resident(village)
        assert ask(village, body, capsys)["quorum"] == needed
    village = make_village(kind="village")
    for _number in range(9):
        make_resident(village)
    assert ask(village, "villagers_assembly_household", capsys)["quorum"] == 6  # two thirds are included


def test_a_household_without_a_representative_counts_in_the_base_and_is_told(capsys):
    village = make_village()
    make_resident(village)
    orphan = make_resident(village, name="阳桂莲")
    orphan.household.representative = None
    orphan.household.save()
    told = ask(village, "villagers_assembly_household", capsys)
    assert told["units"] == 2
    assert [line["reason"] for line in told["left_out"]] == ["本户还没有户代表，指定以后才能计入"]


def test_others_of_a_household_are_left_out_because_one_speaks_for_them(capsys):
    village = make_village()
    head = make_resident(village, name="邓建国")
    make_resident(village, household=head.household, name="阳桂莲")
    told = ask(village, "villagers_assembly_household", capsys)
    assert [(line["who"].split("（")[0], line["reason"]) for line in told["left_out"]] == [
        ("阳桂莲", "本户由邓建国代表")
    ]


def test_the_assembly_of_representatives_is_its_members_each_once(capsys):
    village = make_village()
    both, one, _none = (make_resident(village) for _number in range(3))
    appoint(both, "representative")
    appoint(both, "committee_member")
    appoint(one, "representative")
    told = ask(village, "villagers_representative_assembly", capsys)
    assert (told["units"], told["quorum"], len(told["left_out"])) == (2, 2, 1)


def test_a_group_counts_its_own(capsys):
    village = make_village()
    make_resident(village, household=make_household(village, group=1))
    make_resident(village, household=make_household(village, group=2))
    told = ask(village, "group_meeting_individual", capsys, "--group", "2")
    assert (told["units"], [line["reason"] for line in told["left_out"]]) == (1, ["不是2组的人"])


def test_what_is_missing_or_unknown_is_told_in_words():
    village = make_village()
    for arguments, words in (
        (["000000000000", "--body", "group_meeting_individual"], "没有代码是"),
        ([village.code, "--body", "nonsense"], "没有 nonsense 这种会议类型"),
        ([village.code, "--body", "group_meeting_individual"], "请选择是哪个小组"),
        ([village.code, "--body", "group_meeting_individual", "--group", "9"], "没有第 9 组"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("electorate", *arguments)
    assert not Resident.objects.exists()
