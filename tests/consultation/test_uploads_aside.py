"""Files that are sent in are looked through before a transaction begins: on SQLite every ballot would wait for it."""

from __future__ import annotations

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from consultation import document_files, documents, follow_ups, pictures, proxies
from consultation.models import MeetingDocument, Photo
from tests.consultation.test_photos import with_location
from tests.factories.acting import proxy_hall
from tests.factories.consultation import make_hall
from tests.factories.follow_ups import held, promise
from tests.factories.topics import make_topic


def upload():
    return SimpleUploadedFile("IMG_0001.jpg", with_location())


def raise_a_topic():
    hall = make_hall(3)
    return lambda: make_topic(hall.village, hall.people[0], photos=[upload(), upload()])


def report_on_a_follow_up():
    hall = make_hall(3)
    owed, user = promise(held(hall.meeting), hall.people[1]), hall.account(1)
    told = follow_ups.Told(follow_ups.State.DOING, "在办", photos=[upload(), upload()])
    return lambda: follow_ups.report(owed, told, by=user)


def lay_a_paper_before_a_meeting():
    hall = make_hall(3)
    return lambda: [documents.add_document(hall.meeting, upload(), by=None) for _ in range(2)]


def grant_a_proxy():
    hall = proxy_hall(4, present=1)
    first, second, third, fourth = hall.entries
    return lambda: [
        proxies.grant_with_photo(hall.meeting, grantor=grantor, holder=holder, upload=upload(), by=None)
        for grantor, holder in ((second, first), (third, fourth))
    ]


@pytest.mark.parametrize(
    "way",
    [raise_a_topic, report_on_a_follow_up, lay_a_paper_before_a_meeting, grant_a_proxy],
    ids=lambda way: way.__name__,
)
def test_nobody_waits_for_a_picture_to_be_made_anew(committed_db, monkeypatch, tmp_path, way):
    for model in (Photo, MeetingDocument):
        monkeypatch.setattr(model._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))
    waiting = []

    def watched(name, content, made=pictures.make_anew):
        waiting.append(connection.in_atomic_block)
        return made(name, content)

    monkeypatch.setattr(pictures, "make_anew", watched)
    monkeypatch.setattr(document_files, "make_anew", watched)
    act = way()
    assert not waiting
    act()
    assert waiting == [False, False]
