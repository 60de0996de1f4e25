"""A township's villages are made by two people: by hand or from a sheet, all of them or none."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from home.models import VillagePage
from home.sites import operators
from home.village_making import VillageRow, plan_villages, suggested_slug
from residents.models import Appointment, PlaceCode, Proposal, Village, VillageGroup
from tests.factories.residents import SINCE, make_account, make_resident, make_user

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def town(county):
    return make_township(county)


@pytest.fixture
def reviewer(town):
    user = make_user(username="shenhe")
    Appointment.objects.create(region=town, user=user, role="township_reviewer", from_on=SINCE)
    return signed_in(user)


@pytest.fixture
def operator(county):
    user = make_user(username="yunying")
    user.groups.add(operators())
    return signed_in(user)


def signed_in(user):
    client = Client()
    client.force_login(user)
    client.account = user
    return client


def at(name, region, **more):
    app = "regions" if name in ("proposals", "decide_proposal", "offices") else "home"
    return reverse(f"{app}:{name}", kwargs={"region": region.code, **more})


def confirm(client, region):
    number = Proposal.objects.filter(region=region).latest("pk").number
    return client.post(at("decide_proposal", region, number=number), {"answer": "confirm"})


def filled(town, **more):
    return {"name": "听泉坳村", "kind": "village", "code": f"{town.code}201", "groups": "１２", **more}


def test_a_village_stands_with_pages_and_groups_once_a_second_person_confirms(town, reviewer, operator):
    make_user(username="cunguan", display_name="夏管理")
    answer = reviewer.post(at("new_village", town), filled(town, admin="cunguan"))
    assert answer["Location"] == at("proposals", town)
    assert confirm(reviewer, town).status_code == 409
    assert not Village.objects.exists()
    assert confirm(operator, town).status_code == 302
    village = Village.objects.get()
    assert (village.name, village.slug, village.region) == ("听泉坳村", "tingquanaocun", town)
    assert VillageGroup.objects.of(village).count() == 12
    assert VillagePage.objects.get(village=village).live
    assert PlaceCode.objects.get(village=village).code == village.code
    assert Appointment.objects.of(village).get().user.username == "cunguan"
    assert Client().get(village.page.url).status_code == 200
    assert AuditEntry.objects.filter(action="create_village", village_id=village.pk).count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "4399211012"}, "12 位数字"),
        ({"code": "990000101201"}, "前 9 位"),
        ({"code": "439921101001"}, "后 3 位"),
        ({"kind": "community"}, "后 3 位"),
        ({"slug": "听泉"}, "网址代号"),
        ({"admin": "nobody"}, "这个账号"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(town, reviewer, wrong, words):
    answer = reviewer.post(at("new_village", town), filled(town, **wrong))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "听泉坳村" in page
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "村" * 61}, {"groups": "-1"}, {"groups": "201"}, {"kind": "市"}]
)
def test_fields_keep_their_limits(town, reviewer, wrong):
    assert reviewer.post(at("new_village", town), filled(town, **wrong)).status_code == 422


def test_a_code_or_address_that_is_taken_is_refused(town, reviewer):
    make_village_page(town, name="橘灯村", slug="judeng", number=201)
    answer = reviewer.post(at("new_village", town), filled(town))
    assert "已经是橘灯村" in answer.content.decode()
    answer = reviewer.post(at("new_village", town), filled(town, code=f"{town.code}202", slug="judeng"))
    assert "已经有人用了" in answer.content.decode()


def test_the_former_code_of_another_village_is_refused(town, reviewer):
    village = make_village_page(town, name="橘灯村", slug="judeng", number=202)
    PlaceCode.objects.create(village=village, code=f"{town.code}201", until_on=SINCE)
    assert "以前是橘灯村的" in reviewer.post(at("new_village", town), filled(town)).content.decode()


def test_the_address_is_suggested_and_never_the_same_twice():
    assert suggested_slug("听泉坳村", set()) == "tingquanaocun"
    assert suggested_slug("听泉坳村", {"tingquanaocun", "tingquanaocun-2"}) == "tingquanaocun-3"
    assert suggested_slug("①", set())


def test_nobody_makes_themselves_administrator(town, reviewer, operator):
    assert reviewer.post(at("new_village", town), filled(town, admin="shenhe")).status_code == 409
    reviewer.post(at("new_village", town), filled(town, admin="yunying"))
    assert confirm(operator, town).status_code == 409
    assert not Village.objects.exists()


def test_what_was_taken_meanwhile_is_not_made(town, reviewer, operator):
    reviewer.post(at("new_village", town), filled(town))
    make_village_page(town, name="别的村", slug="biede", number=201)
    assert confirm(operator, town).status_code == 409
    assert Village.objects.count() == 1


@pytest.mark.parametrize("name", ["new_village", "import_villages", "blank_villages"])
def test_only_the_township_and_operators_come_in(town, county, reviewer, operator, name):
    village = make_village_page(town, name="橘灯村", slug="judeng", number=201)
    admin = make_resident(village)
    Appointment.objects.create(village=village, resident=admin, role="village_admin", from_on=SINCE)
    elsewhere = make_township(county, name="别处镇", number=102)
    assert reviewer.get(at(name, town)).status_code == 200
    assert operator.get(at(name, county)).status_code == 200
    assert reviewer.get(at(name, county)).status_code == 404
    assert reviewer.get(at(name, elsewhere)).status_code == 404
    assert signed_in(make_account(admin)).get(at(name, town)).status_code == 404
    assert Client().get(at(name, town)).status_code == 302


# From a sheet


def sheet(*rows, headings=("统计代码", "名称", "类别", "组数")):
    book = openpyxl.Workbook()
    book.active.append(["某镇村（社区）一览表"])
    book.active.append(list(headings))
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(client, region, content, name="村.xlsx"):
    return client.post(at("import_villages", region), {"file": SimpleUploadedFile(name, content)})


def test_a_whole_townships_villages_come_from_one_sheet_and_the_second_time_nothing_happens(town, reviewer, operator):
    content = sheet(
        (f"{town.code}201", "听泉坳村", "村", 12),
        (f"{town.code}202", "老榨坊 村", "行政村", None),
        (f"{town.code}001", "橘灯里社区", "", "８"),
    )
    where = send(reviewer, town, content)["Location"]
    page = reviewer.get(where)
    assert [row.name for row in page.context["make"]] == ["听泉坳村", "老榨坊村", "橘灯里社区"]
    assert not Village.objects.exists()
    assert reviewer.post(where)["Location"] == at("proposals", town)
    confirm(operator, town)
    assert list(Village.objects.values_list("name", "kind")) == [
        ("橘灯里社区", "community"), ("听泉坳村", "village"), ("老榨坊村", "village"),
    ]  # fmt: skip
    again = reviewer.get(send(reviewer, town, content)["Location"])
    assert (again.context["make"], again.context["unchanged"]) == ([], 3)
    assert reviewer.post(send(reviewer, town, content)["Location"]).status_code == 200
    assert Village.objects.count() == 3


def test_one_bad_row_and_nothing_is_made(town, reviewer):
    content = sheet(
        (f"{town.code}201", "听泉坳村", "村", 12),
        (f"{town.code}201", "听泉坳村", "村", 12),
        ("439921999203", "远村", "村", "许多"),
        (f"{town.code}204", "", "镇", 3),
    )
    where = send(reviewer, town, content)["Location"]
    page = reviewer.get(where)
    assert page.status_code == 422
    told = {(one.row, one.message[:4]) for one in page.context["problems"]}
    assert {row for row, _words in told} == {4, 5, 6}
    assert reviewer.post(where).status_code == 422
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("村.docx", b"PK\x03\x04", 415), ("村.csv", "甲,乙\n1,2".encode(), 422), ("村.csv", "代码,名称\n".encode(), 422)],
)
def test_a_wrong_file_is_told_at_its_field(town, reviewer, name, content, status):
    answer = send(reviewer, town, content, name)
    assert answer.status_code == status
    assert answer.context["form"].errors["file"]


def test_a_sheet_is_shown_to_whoever_sent_it(town, reviewer, operator):
    where = send(reviewer, town, sheet((f"{town.code}201", "听泉坳村", "村", 1)))["Location"]
    assert operator.get(where)["Location"] == at("import_villages", town)


def test_the_blank_sheet_can_be_filled_in_and_sent(town, reviewer):
    blank = reviewer.get(at("blank_villages", town))
    book = openpyxl.load_workbook(io.BytesIO(blank.content))
    page = book.worksheets[0]
    for column, value in enumerate([f"{town.code}201", "听泉坳村", "村", "3"], start=1):
        page.cell(2, column, value)
    out = io.BytesIO()
    book.save(out)
    told = reviewer.get(send(reviewer, town, out.getvalue())["Location"])
    assert [(row.name, row.groups) for row in told.context["make"]] == [("听泉坳村", 3)]


def test_a_county_brings_the_villages_of_all_its_townships(county, town, operator):
    other = make_township(county, name="别处镇", number=102)
    plan = plan_villages(
        county,
        [
            VillageRow(1, f"{town.code}201", "甲村", "village"),
            VillageRow(2, f"{other.code}201", "乙村", "village"),
        ],
    )
    assert not plan.problems
    assert len(plan.make) == 2


def test_the_preview_asks_few_questions_however_many_rows(town, django_assert_max_num_queries):
    rows = [VillageRow(number, f"{town.code}{200 + number}", f"第{number}村", "village") for number in range(1, 60)]
    with django_assert_max_num_queries(6):
        assert len(plan_villages(town, rows).make) == 59
