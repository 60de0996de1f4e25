"""Papers laid before a meeting: what is taken in, who reads it, what becomes of it."""

from __future__ import annotations

import io
import re
import zipfile

import docx
import openpyxl
import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import AuditEntry
from consultation import document_files, documents, meetings
from consultation.document_files import read_document
from consultation.errors import DocumentRefused, Invalid, WrongState
from consultation.models import Meeting, MeetingDocument
from tests.consultation.test_photos import SECRET, files_in, with_location
from tests.factories.consultation import call, make_hall
from tests.factories.residents import appoint, make_account, make_resident, make_village

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    field = MeetingDocument._meta.get_field("file")
    monkeypatch.setattr(field, "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


@pytest.fixture
def hall():
    return make_hall(6, live=False)


@pytest.fixture
def chair(hall):
    return client_of(hall.chair)


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def upload(name="预算.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def word(text="山塘清淤方案", link=""):
    paper = docx.Document()
    paper.add_paragraph(text)
    if link:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        paper.part.relate_to(link, kind, is_external=True)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def excel():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def with_part(content, name, data=b"x"):
    """The same parcel with one part more, or with another in its place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return out.getvalue()


# what is taken in


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("预算.pdf", PDF, "pdf"), ("方案.DOCX", word(), "docx"), ("明细.xlsx", excel(), "xlsx")],
)
def test_papers_are_kept_as_they_were_sent(hall, name, content, kind):
    kept = documents.add_document(hall.meeting, upload(name, content), by=None)
    with kept.file.open("rb") as file:
        assert file.read() == content
    assert (kept.number, kept.kind, kept.size, kept.title) == (1, kind, len(content), name.split(".")[0])
    assert kept.village_only
    assert re.fullmatch(rf"documents/[0-9a-f]{{2}}/[0-9a-f]{{32}}\.{kind}", kept.file.name)


def test_a_picture_is_made_anew(hall):
    kept = documents.add_document(hall.meeting, upload("图纸.jpg", with_location()), by=None)
    with kept.file.open("rb") as file:
        content = file.read()
    assert kept.kind == "jpg"
    assert SECRET not in content
    assert b"HUAWEI" not in content


def test_a_link_that_somebody_presses_may_stay():
    assert read_document(upload("方案.docx", word(link="https://example.cn/"))).kind == "docx"


HOSTILE_RELS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="https://bad.example/t.dotm" TargetMode="External"/></Relationships>'
)
WITH_DTD = b'<!DOCTYPE x [<!ENTITY e "eeee">]><Relationships>&e;</Relationships>'
MACRO_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    b'PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "bad_type"),
        ("a.svg", b"<svg/>", "bad_type"),
        ("a.html", b"<p>", "bad_type"),
        ("a.zip", excel(), "bad_type"),
        ("a.pdf", word(), "bad_type"),  # not what its name says
        ("a.docx", PDF, "bad_type"),
        ("a.docx", excel(), "refused_file"),
        ("a", PDF, "bad_type"),
        ("a.pdf", b"%PDF-1.7 cut off", "refused_file"),
        ("a.docx", word()[:-40], "refused_file"),
        ("a.docx", with_part(word(), "word/vbaProject.bin"), "refused_file"),
        ("a.docx", with_part(word(), "word/embeddings/book.xlsx"), "refused_file"),
        ("a.docx", with_part(word(), "word/embeddings/x.bin", b"PK\x03\x04" + b"0" * 9), "refused_file"),
        ("a.docx", with_part(word(), "word/_rels/settings.xml.rels", HOSTILE_RELS), "refused_file"),
        ("a.docx", with_part(word(), "word/_rels/settings.xml.rels", WITH_DTD), "refused_file"),
        ("a.docx", with_part(word(), "word/_rels/settings.xml.rels", b"<a"), "refused_file"),
        ("a.docx", with_part(word(), "[Content_Types].xml", MACRO_TYPES), "refused_file"),
        ("a.docx", with_part(word(), "word/media/a.bin", b"0" * 40_000_000), "refused_file"),  # a bomb by its ratio
        ("a.jpg", b"\xff\xd8\xff not a picture", "refused_file"),
        ("a.png", with_location(), "bad_type"),
    ],
)
def test_what_is_not_taken(hall, private, name, content, code):
    with pytest.raises(DocumentRefused) as refused:
        documents.add_document(hall.meeting, upload(name, content), by=None)
    assert refused.value.code == code
    assert not MeetingDocument.objects.exists()
    assert not files_in(private)


def test_too_large_is_said_before_it_is_read(monkeypatch):
    monkeypatch.setattr(document_files, "LARGEST_BYTES", 100)
    monkeypatch.setattr(SimpleUploadedFile, "read", lambda *_size: pytest.fail("read"))
    sent = upload(content=PDF + b" " * 100)
    with pytest.raises(DocumentRefused) as refused:
        read_document(sent)
    assert refused.value.code == "too_large"


def test_the_same_file_lies_there_once(hall):
    one = documents.add_document(hall.meeting, upload(), by=None)
    assert documents.add_document(hall.meeting, upload("同一份.pdf"), by=None) == one
    other = make_hall(4, live=False)
    assert documents.add_document(other.meeting, upload(), by=None) != one


def test_so_many_for_a_meeting_and_so_much_of_a_person(hall, monkeypatch, private):
    monkeypatch.setattr(documents, "A_MEETING", 2)
    for number in range(2):
        documents.add_document(hall.meeting, upload(content=PDF + b"%%%d" % number), by=hall.chair)
    with pytest.raises(Invalid):
        documents.add_document(hall.meeting, upload(content=PDF + b"%more"), by=hall.chair)
    monkeypatch.setattr(documents, "A_MEETING", 9)
    monkeypatch.setattr(documents, "A_PERSON", 3 * len(PDF))
    with pytest.raises(Invalid):
        documents.add_document(hall.meeting, upload(content=PDF + b"%more"), by=hall.chair)
    assert documents.add_document(hall.meeting, upload(content=PDF + b"%more"), by=hall.recorder).number == 3
    assert len(files_in(private)) == 3


@pytest.mark.parametrize("name", ["a\u202eb.pdf", "x" * 150 + ".pdf", ".pdf"])
def test_a_name_that_cannot_be_shown_gives_way(hall, name):
    try:
        kept = documents.add_document(hall.meeting, upload(name), by=None)
    except DocumentRefused as error:
        assert error.code == "bad_type"  # noqa: PT017  a file of no name has no ending either
    else:
        assert kept.title == "会议材料"


# what becomes of it


def test_until_the_meeting_begins_one_may_be_taken_back(hall, private, django_capture_on_commit_callbacks):
    one = documents.add_document(hall.meeting, upload(), by=None)
    two = documents.add_document(hall.meeting, upload("方案.docx", word()), by=None)
    with django_capture_on_commit_callbacks(execute=True):
        documents.remove_document(one, by=hall.chair)
    assert len(files_in(private)) == 1
    assert AuditEntry.objects.filter(action="remove_document").count() == 1
    meetings.open_meeting(hall.meeting, by=None)
    with pytest.raises(WrongState):
        documents.remove_document(two, by=hall.chair)
    assert list(documents.documents_of(hall.meeting, inside=True)) == [two]
    documents.show_document(two, village_only=False, by=hall.chair)
    documents.show_document(two, village_only=False, by=hall.chair)
    assert AuditEntry.objects.filter(action="show_document").count() == 1


def test_a_meeting_that_was_called_off_takes_none(hall, private):
    meetings.cancel_meeting(hall.meeting, by=None, reason="下雨")
    with pytest.raises(WrongState):
        documents.add_document(hall.meeting, upload(), by=None)
    assert not files_in(private)


def test_the_files_go_with_the_village(hall, private, django_capture_on_commit_callbacks):
    documents.add_document(hall.meeting, upload(), by=None)
    with django_capture_on_commit_callbacks(execute=True):
        MeetingDocument.objects.of(hall.village).delete()
    assert not files_in(private)


# the doors


def test_the_village_reads_what_everybody_may_not(hall):
    inner = documents.add_document(hall.meeting, upload("预算.pdf"), by=None)
    open_one = documents.add_document(hall.meeting, upload("方案.docx", word()), by=None, village_only=False)
    page = text_of(Client().get(hall.meeting.get_absolute_url()))
    assert "方案" in page
    assert "预算" not in page
    assert "有 1 份材料只给本村（社区）的人看" in page
    answer = Client().get(open_one.get_absolute_url())
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(inner.get_absolute_url()).status_code == 302
    stranger = client_of(make_account(make_resident(make_village())))
    assert stranger.get(inner.get_absolute_url()).status_code == 404
    neighbour = client_of(hall.account(4))
    assert neighbour.get(inner.get_absolute_url()).content == PDF
    page = text_of(neighbour.get(hall.meeting.get_absolute_url()))
    assert "预算" in page
    assert "加材料" not in page


def test_papers_of_a_meeting_in_preparation_are_as_hidden_as_it(hall):
    hidden = call(hall.village, hall.people)
    paper = documents.add_document(hidden, upload(), by=None, village_only=False)
    assert Client().get(paper.get_absolute_url()).status_code == 404
    assert client_of(hall.account(4)).get(paper.get_absolute_url()).status_code == 404
    assert client_of(hall.chair).get(paper.get_absolute_url()).status_code == 200


def test_a_committee_lays_a_paper_before_the_meeting(hall):
    appoint(hall.people[4], "committee_member")
    client = client_of(hall.account(4))
    way = hall.meeting.address("documents")
    assert way in text_of(client.get(hall.meeting.get_absolute_url()))
    answer = client.post(way, {"file": upload(), "title": "清淤预算", "village_only": "on"})
    assert (answer.status_code, answer["Location"]) == (303, way)
    kept = MeetingDocument.objects.of(hall.village).get()
    assert (kept.title, kept.village_only, kept.uploaded_by) == ("清淤预算", True, hall.account(4))
    assert client.post(f"{way}1/show/", {"to": "everybody"}).status_code == 303
    assert Client().get(kept.get_absolute_url()).status_code == 200
    assert client.post(f"{way}1/remove/").status_code == 303
    assert not MeetingDocument.objects.exists()


def test_a_refusal_keeps_what_was_typed(hall, chair):
    way = hall.meeting.address("documents")
    answer = chair.post(way, {"file": upload("老文件.doc", b"\xd0\xcf\x11\xe0"), "title": "清淤预算"})
    assert answer.status_code == 415
    page = text_of(answer)
    assert "另存为 PDF" in page
    assert 'value="清淤预算"' in page
    assert re.search(r'name="village_only"(?![^>]*checked)', page)
    assert chair.post(way, {"title": "没有文件"}).status_code == 422


def test_neighbours_and_other_villages_lay_nothing_before_it(hall):
    way = hall.meeting.address("documents")
    assert client_of(hall.account(4)).post(way, {"file": upload()}).status_code in (303, 403)
    assert client_of(make_hall(4, live=False).chair).post(way, {"file": upload()}).status_code == 404
    assert not MeetingDocument.objects.exists()


def test_a_paper_of_another_meeting_is_not_found_here(hall, chair):
    other = meetings.publish_notice(call(hall.village, hall.people), by=None)
    documents.add_document(other, upload(), by=None)
    way = hall.meeting.address("documents")
    assert chair.get(f"{way}1/").status_code == 404
    assert chair.post(f"{way}1/remove/").status_code == 404
    assert MeetingDocument.objects.count() == 1


def test_a_file_that_is_gone_is_not_found(hall, chair):
    kept = documents.add_document(hall.meeting, upload(), by=None)
    kept.file.storage.delete(kept.file.name)
    assert chair.get(kept.get_absolute_url()).status_code == 404


def test_somebody_who_sends_too_many_waits(hall, chair, monkeypatch):
    monkeypatch.setattr("ui.limits.UPLOADS_AN_HOUR", 1)
    way = hall.meeting.address("documents")
    assert chair.post(way, {"file": upload()}).status_code == 303
    assert chair.post(way, {"file": upload("b.docx", word())}).status_code == 429
    assert Meeting.objects.get(pk=hall.meeting.pk).documents.count() == 1
