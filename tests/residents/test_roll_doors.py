"""The committee's way: a sheet goes up, is looked at, and a second person lets it into the roll."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from residents.models import Proposal, Resident, RollChange, RollLook, SheetMapping, VillageGroup
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village

from .sheets import rolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    village = make_village()
    for number in range(1, 5):
        VillageGroup.objects.create(village=village, number=number)
    return village


def admin_of(village, name):
    person = make_resident(village, name=name)
    appoint(person, "village_admin")
    client = Client()
    client.force_login(make_account(person))
    return client


@pytest.fixture
def first(village):
    return admin_of(village, "甲管理")


@pytest.fixture
def second(village):
    return admin_of(village, "乙管理")


def at(name, village, **more):
    return reverse(f"residents:{name}", kwargs={"village": village.slug, **more})


TABLE = rolls.rows(rolls.people(6), tidy=True)
CROWD = [[row[0] + 100, *row[1:]] for row in TABLE]


def send(client, village, content=None, name="名册.xlsx", **more):
    file = SimpleUploadedFile(name, content if content is not None else rolls.as_xlsx(CROWD))
    return client.post(at("import", village), {"file": file, **more})


def test_a_sheet_enters_the_roll_when_a_second_person_confirms(village, first, second):
    answer = send(first, village)
    page = first.get(answer["Location"])
    assert page.context["told"].add == 6
    assert first.post(answer["Location"])["Location"] == at("proposals", village)
    assert not RollChange.objects.of(village).exists()
    proposal = Proposal.objects.of(village).get()
    assert b"139" not in bytes(proposal.sealed)
    decide = at("decide_proposal", village, number=proposal.number)
    assert first.post(decide, {"answer": "confirm"}).status_code == 409
    assert not RollChange.objects.of(village).exists()
    assert second.post(decide, {"answer": "confirm"})["Location"] == at("proposals", village)
    assert Resident.objects.of(village).filter(name=CROWD[0][2]).count() == 1
    row = RollChange.objects.of(village).first()
    assert (row.by.display_name, row.confirmed_by.display_name) == ("甲管理", "乙管理")
    proposal.refresh_from_db()
    assert (proposal.state, bytes(proposal.sealed)) == ("done", b"")
    assert second.post(decide, {"answer": "confirm"}).status_code == 409


def test_a_second_account_of_the_same_person_is_no_second_person(village, first):
    first.post(send(first, village)["Location"])
    twin = Client()
    twin.force_login(make_account(Resident.objects.of(village).get(name="甲管理"), user=make_user()))
    answer = twin.post(at("decide_proposal", village, number=1), {"answer": "confirm"})
    assert answer.status_code == 409
    assert not RollChange.objects.of(village).exists()


def test_a_roll_that_changed_meanwhile_is_not_written_over(village, first, second):
    location = send(first, village)["Location"]
    first.post(location)
    make_resident(village, name=CROWD[0][2], born_on=rolls.people(6)[0].born_on)
    answer = second.post(at("decide_proposal", village, number=1), {"answer": "confirm"})
    assert answer.status_code == 409
    assert "有了变化" in answer.content.decode()
    assert Proposal.objects.get().state == "proposed"


def test_sending_back_needs_a_reason_and_withdrawing_none(village, first, second):
    first.post(send(first, village)["Location"])
    decide = at("decide_proposal", village, number=1)
    second.post(decide, {"answer": "return"})
    assert Proposal.objects.get().state == "proposed"
    second.post(decide, {"answer": "return", "reason": "第三组还没核对"})
    assert (Proposal.objects.get().state, Proposal.objects.get().note) == ("refused", "第三组还没核对")
    first.post(send(first, village)["Location"])
    first.post(at("decide_proposal", village, number=2), {"answer": "return"})
    assert Proposal.objects.get(number=2).state == "withdrawn"


def test_problems_are_shown_with_the_sheet_to_mend(village, first):
    bad = [list(row) for row in CROWD]
    bad[2][1] = "九组"
    answer = send(first, village, rolls.as_xlsx(bad))
    page = first.get(answer["Location"])
    assert page.status_code == 422
    assert "第 4 行，组别" in page.content.decode()
    first.post(answer["Location"])
    assert not Proposal.objects.exists()
    sheet = first.get(answer["Location"] + "problems.xlsx")
    mended = openpyxl.load_workbook(io.BytesIO(sheet.content)).active
    assert "没有“9”这个组" in mended.cell(4, len(rolls.HEADINGS) + 1).value
    assert mended.cell(2, 3).value == CROWD[0][2]


def test_unknown_headings_are_matched_by_hand_once(village, first):
    headings = [*rolls.HEADINGS[:2], "名儿", *rolls.HEADINGS[3:-1], "姓名"]  # the real names stand elsewhere
    table = [[*row[:2], "", *row[3:-1], row[2]] for row in CROWD]
    content = rolls.as_xlsx(table, headings=headings)
    step = send(first, village, content)["Location"]
    assert step.endswith("/columns/")
    form = first.get(step).context["form"]
    chosen = {f"column_{n}": form.fields[f"column_{n}"].initial for n in range(len(headings))}
    wrong = first.post(step, {**chosen, "column_9": ""})
    assert (wrong.status_code, "哪一列是姓名" in wrong.content.decode()) == (422, True)
    assert first.post(step, chosen)["Location"] == step.removesuffix("columns/")
    assert first.get(step.removesuffix("columns/")).context["told"].add == 6
    assert SheetMapping.objects.of(village).count() == 1
    assert not send(first, village, content)["Location"].endswith("/columns/")


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("名册.docx", b"PK\x03\x04", 415, "只能上传"),
        ("名册.xlsx", b"PK\x03\x04broken", 422, "打不开"),
        ("名册.csv", "甲,乙".encode(), 422, "没有找到表头"),
    ],
)
def test_a_wrong_file_is_told_at_its_field(village, first, name, content, status, words):
    answer = send(first, village, content, name)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_sheet_belongs_to_who_sent_it(village, first, second):
    location = send(first, village)["Location"]
    assert second.get(location)["Location"] == at("import", village)


def test_the_roll_downloaded_and_sent_again_changes_nothing(village, first, second):
    first.post(send(first, village)["Location"])
    second.post(at("decide_proposal", village, number=1), {"answer": "confirm"})
    assert first.post(at("roll_download", village)).status_code == 422
    sheet = first.post(at("roll_download", village), {"reason": "换届前核对"})
    assert RollLook.objects.get().reason == "换届前核对"
    assert AuditEntry.objects.filter(action="export_roll").count() == 1
    told = first.get(send(first, village, sheet.content, whole="on")["Location"]).context["told"]
    assert (told.add, told.change, told.leave, told.unchanged) == (0, 0, 0, 8)
    assert told.problems == []


def test_words_that_a_spreadsheet_would_run_are_disarmed(village, first):
    make_resident(village, name="=1+1", note="@cmd")
    sheet = first.post(at("roll_download", village), {"reason": "核对"})
    cells = [cell.value for row in openpyxl.load_workbook(io.BytesIO(sheet.content)).active.iter_rows() for cell in row]
    assert "'=1+1" in cells
    assert not [value for value in cells if isinstance(value, str) and value[0] in "=@+-"]


def test_the_list_finds_people_and_shows_no_phone_in_full(village, first):
    from residents.phones import phone_hash, seal_phone

    make_resident(village, name="阳桂莲", phone_sealed=seal_phone("13912345678"), phone_hash=phone_hash("13912345678"))
    page = first.get(at("roll", village), {"q": "ygl"}).content.decode()
    assert "阳桂莲" in page
    assert "139****5678" in page
    assert "13912345678" not in page
    assert "甲管理" not in page.split("roll-list")[1]


@pytest.mark.parametrize("name", ["roll", "import", "import_blank", "proposals"])
def test_only_the_villages_own_administrators_come_in(village, first, name):
    assert first.get(at(name, village)).status_code == 200
    neighbour = Client()
    neighbour.force_login(make_account(make_resident(village)))
    stranger = admin_of(make_village(), "外村管理")
    assert neighbour.get(at(name, village)).status_code == 403
    assert stranger.get(at(name, village)).status_code == 404
    assert Client().get(at(name, village)).status_code == 302
