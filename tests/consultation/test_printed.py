"""The minutes and the notice as PDF: where the machine can set one, for whom, and that it fetches nothing."""

import shutil
import subprocess

import pytest
from django.test import Client
from PIL import ImageFile

from tests.consultation.test_official_papers import client_of, draft, fetch, held, published
from tests.factories.residents import make_account, make_resident, make_village
from ui import pdf

pytestmark = pytest.mark.django_db

can = pytest.mark.skipif(not pdf.can_make_pdf(), reason="no pango or no Chinese font on this machine")
reads = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")


def stranger():
    return make_account(make_resident(make_village()))


def words(content):
    told = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True, timeout=60)
    return "".join(told.stdout.decode().split())


@can
@reads
def test_the_pdf_says_what_the_page_says_its_reader():
    hall = held()
    published(hall)
    inside = fetch(hall, "minutes_pdf", client_of(hall.chair))
    assert inside.status_code == 200
    assert inside["Content-Type"] == "application/pdf"
    assert inside["Cache-Control"] == "no-store"
    assert "张家说水大" in words(inside.content)
    outside = fetch(hall, "minutes_pdf", client_of(stranger()))
    assert "张家说水大" not in words(outside.content)
    assert "谁说了什么，只给本村（社区）的人看" in words(outside.content)


@can
@reads
def test_the_notice_is_set_too():
    hall = held()
    assert hall.meeting.title in words(fetch(hall, "notice_pdf", client_of(hall.chair)).content)


def test_whoever_may_not_read_the_page_finds_no_pdf(monkeypatch):
    monkeypatch.setattr(pdf, "can_make_pdf", lambda: True)
    hall = held()
    draft(hall)
    assert fetch(hall, "minutes_pdf", client_of(stranger())).status_code == 404
    assert fetch(hall, "notice_pdf", Client()).status_code == 404  # signed in only


@pytest.mark.parametrize("here", [True, False])
def test_where_none_can_be_made_none_is_offered(monkeypatch, here):
    monkeypatch.setattr(pdf, "can_make_pdf", lambda: here)
    hall = held()
    published(hall)
    for page in ("minutes", "notice"):
        offered = hall.meeting.address(f"{page}_pdf") in fetch(hall, page, client_of(hall.chair)).content.decode()
        assert offered is here
    if not here:
        assert fetch(hall, "minutes_pdf", client_of(hall.chair)).status_code == 404


def test_one_is_made_at_a_time_and_so_many_an_hour(monkeypatch):
    monkeypatch.setattr(pdf, "can_make_pdf", lambda: True)
    monkeypatch.setattr(pdf, "pdf_of", lambda page: b"%PDF")
    monkeypatch.setattr(pdf, "PATIENCE", 0.01)
    hall = held()
    client = client_of(hall.chair)
    with pdf._one_at_a_time:
        refused = fetch(hall, "notice_pdf", client)
    assert refused.status_code == 503
    assert "过一会儿" in refused.content.decode()
    answers = [fetch(hall, "notice_pdf", client).status_code for _ in range(20)]
    assert answers == [200] * 19 + [429]


@can
def test_nothing_is_fetched(monkeypatch):
    """Neither from the network nor from the disk, whatever a page names."""
    import weasyprint.urls

    asked = []

    def note(self, url, headers=None):
        asked.append(url)
        raise ValueError

    monkeypatch.setattr(weasyprint.urls.URLFetcher, "fetch", note)
    page = """<link rel="stylesheet" href="/static/x.css"><img src="http://127.0.0.1/x.png"><img src="file:///etc/passwd">
        <p style="background: url(https://example.org/x.png)">村</p>"""
    assert pdf.pdf_of(page).startswith(b"%PDF")
    assert asked == []


@can
def test_photos_stay_whole_beside_it():
    """WeasyPrint lets the process take half a picture when it is imported; nobody's photo may pass so."""
    pdf.can_make_pdf.cache_clear()
    assert pdf.can_make_pdf()
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
