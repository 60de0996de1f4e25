"""A large sheet is read outside of the request, tells how far it is, and waits an hour for an answer."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from residents import import_confirming, sheet_uploads
from residents.models import Proposal, Resident, SheetUpload, VillageGroup
from residents.roll_imports import propose_import
from residents.sheets.applying import ImportRefused
from residents.views import roll_import
from tests.factories.residents import appoint, make_account, make_resident, make_village

from .sheets import rolls

pytestmark = pytest.mark.django_db
CROWD = [[row[0] + 100, *row[1:]] for row in rolls.rows(rolls.people(12), tidy=True)]


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


@pytest.fixture
def large(monkeypatch):
    """Every sheet is a large one."""
    monkeypatch.setattr(roll_import, "AT_ONCE_ROWS", 0)
    monkeypatch.setattr(import_confirming, "LARGE", 1)


@pytest.fixture
def no_worker(monkeypatch):
    """Nobody comes to the work that is laid down."""
    monkeypatch.setattr(roll_import.compare_sheet, "enqueue", lambda *_: None, raising=False)


def at(name, village, **more):
    return reverse(f"residents:{name}", kwargs={"village": village.slug, **more})


def send(client, village, content=None):
    file = SimpleUploadedFile("名册.xlsx", content if content is not None else rolls.as_xlsx(CROWD))
    return client.post(at("import", village), {"file": file})["Location"]


def test_a_sheet_outlives_the_process_that_took_it_and_lies_sealed(village, first):
    location = send(first, village)
    cache.clear()  # another process knows nothing of this one's memory
    kept = SheetUpload.objects.get()
    assert CROWD[0][2].encode() not in bytes(kept.content_sealed) + bytes(kept.outcome_sealed)
    assert first.get(location).context["told"].add == 12


def test_after_an_hour_it_is_gone(village, first):
    location = send(first, village)
    SheetUpload.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert first.get(location)["Location"] == at("import", village)
    send(first, village)
    assert SheetUpload.objects.count() == 1


def test_a_large_sheet_is_compared_by_the_worker(village, first, large, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        location = send(first, village)
    assert SheetUpload.objects.get().state == "ready"
    assert first.get(location).context["told"].add == 12


def test_the_page_shows_how_far_it_is_and_asks_again_without_a_script(village, first, large):
    location = send(first, village)
    page = first.get(location)
    assert page["Refresh"] == "2"
    assert "正在排队" in page.content.decode()
    SheetUpload.objects.update(state="checking", stepped_at=timezone.now(), done=300, total=1200)
    page = first.get(location)
    assert "300 / 1200 行" in page.content.decode()
    assert "Refresh" in page


def test_how_far_it_is_is_written_down_on_the_way(village, first, large, monkeypatch):
    send(first, village)
    said = []
    monkeypatch.setattr(sheet_uploads, "STEP_SECONDS", 0)
    say = sheet_uploads._say

    def listen(upload, state, **fields):
        said.append((state, fields.get("total")))
        say(upload, state, **fields)

    monkeypatch.setattr(sheet_uploads, "_say", listen)
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    assert said == [("checking", 12), ("comparing", 12), ("ready", None)]


def test_where_no_worker_comes_the_page_does_it_itself(village, first, large):
    location = send(first, village)
    SheetUpload.objects.update(created_at=timezone.now() - datetime.timedelta(seconds=10))
    assert first.get(location).context["told"].add == 12


def test_work_that_died_with_its_process_is_begun_again_and_living_work_is_left_alone(village, first, large):
    location = send(first, village)
    SheetUpload.objects.update(state="checking", stepped_at=timezone.now())
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    assert SheetUpload.objects.get().state == "checking"
    SheetUpload.objects.update(stepped_at=timezone.now() - datetime.timedelta(minutes=2))
    assert first.get(location).context["told"].add == 12


def test_what_only_shows_while_reading_is_told_too(village, first, large, monkeypatch):
    from residents.sheets import people

    location = send(first, village)
    monkeypatch.setattr(people, "MAX_ROWS", 3)
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    page = first.get(location)
    assert (page.status_code, "超过 20,000 行" in page.content.decode()) == (413, True)


def test_a_fault_leaves_nobody_waiting(village, first, large, monkeypatch):
    location = send(first, village)
    monkeypatch.setattr(sheet_uploads, "plan_import", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sheet_uploads.work_on(SheetUpload.objects.get().pk)
    assert "请重新上传" in first.get(location).content.decode()


def test_a_large_import_is_written_by_the_worker(village, first, second, large, django_capture_on_commit_callbacks):
    location = send(first, village)
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    first.post(location)
    assert not SheetUpload.objects.exists()
    decide = at("decide_proposal", village, number=1)
    assert first.post(decide, {"answer": "confirm"}).status_code == 409  # told at once, not by the worker
    with django_capture_on_commit_callbacks() as laid_down:
        second.post(decide, {"answer": "confirm"})
        second.post(decide, {"answer": "confirm"})
    assert len(laid_down) == 1
    page = second.get(at("proposals", village))
    assert page["Refresh"] == "3"
    assert "正在写入名册" in page.content.decode()
    assert Resident.objects.of(village).count() == 2
    laid_down[0]()
    assert Resident.objects.of(village).count() == 14
    assert Proposal.objects.get().state == "done"
    assert "Refresh" not in second.get(at("proposals", village))


def test_what_the_worker_is_refused_with_can_be_read(village, first, second, large, django_capture_on_commit_callbacks):
    location = send(first, village)
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    first.post(location)
    make_resident(village, name=CROWD[0][2], born_on=rolls.people(12)[0].born_on)
    with django_capture_on_commit_callbacks(execute=True):
        second.post(at("decide_proposal", village, number=1), {"answer": "confirm"})
    assert Proposal.objects.get().state == "proposed"
    assert "有了变化" in second.get(at("proposals", village)).content.decode()
    second.post(at("decide_proposal", village, number=1), {"answer": "return", "reason": "重新上传"})
    assert Proposal.objects.get().state == "refused"


def test_who_lost_the_office_meanwhile_confirms_nothing(
    village, first, second, large, django_capture_on_commit_callbacks
):
    from residents.models import Appointment

    location = send(first, village)
    sheet_uploads.work_on(SheetUpload.objects.get().pk)
    first.post(location)
    with django_capture_on_commit_callbacks() as laid_down:
        second.post(at("decide_proposal", village, number=1), {"answer": "confirm"})
    Appointment.objects.filter(resident__name="乙管理").update(until_on=datetime.date(2026, 1, 1))
    laid_down[0]()
    assert Proposal.objects.get().state == "proposed"
    assert Resident.objects.of(village).count() == 2


def test_the_same_sheet_is_proposed_once_and_one_without_effect_never(village, first):
    location = send(first, village)
    kept = SheetUpload.objects.get()
    outcome = sheet_uploads.outcome_of(kept)
    first.post(location)
    with pytest.raises(ImportRefused, match="已经提交过"):
        propose_import(village, outcome.people, outcome.preview, whole=False, by=kept.user)
    assert Proposal.objects.count() == 1


def test_the_second_person_reads_who_is_meant(village, first, second):
    first.post(send(first, village))
    page = second.get(at("proposals", village)).content.decode()
    assert CROWD[0][2] in page
    assert "等 12 人" in page
