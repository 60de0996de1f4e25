"""A topic said instead of typed: what is taken, who hears it, and that somebody writes it down."""

from __future__ import annotations

import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from consultation import topics
from consultation.models import Officer, Photo, Recording, Topic
from consultation.recordings import LARGEST_BYTES, kind_of
from tests.factories.consultation import make_hall
from tests.factories.residents import appoint, make_account, make_resident, make_village
from tests.factories.topics import make_topic

pytestmark = pytest.mark.django_db

SOUND = b"\x1a\x45\xdf\xa3" + b"opus" * 300


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    for model in (Photo, Recording):
        monkeypatch.setattr(model._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def at(name, topic):
    return reverse(f"consultation:{name}", args=[topic.village.slug, topic.number])


def said(village, person=None, content=SOUND, **fields):
    voice = SimpleUploadedFile("voice.webm", content)
    return make_topic(village, person, voice=voice, **{"title": "", "text": ""} | fields)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x1a\x45\xdf\xa3...", "webm"), (b"OggS....", "ogg"), (b"\0\0\0\x20ftypM4A ", "m4a"), (b"ID3\x04...", "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"), (b"RIFF\0\0\0\0WAVEfmt ", "wav"), (b"#!AMR\n..", "amr"),
        (b"", ""), (b"MZ\x90", ""), (b"<html>", ""), (b"\xff\xd8\xff\xe0", ""), (b"RIFF\0\0\0\0WEBP", ""),
    ],
)  # fmt: skip
def test_what_it_is_is_told_by_its_content(content, kind):
    assert kind_of(content) == kind


def test_nothing_needs_typing_by_who_speaks():
    village = make_village()
    person = make_resident(village)
    client = client_of(make_account(person))
    sent = {"category": "facilities", "title": "", "text": "", "voice": SimpleUploadedFile("v.webm", SOUND)}
    where = reverse("consultation:new_topic", args=[village.slug])
    assert client.post(where, sent).status_code == 303
    topic = Topic.objects.get()
    assert (topic.title, topic.recording.kind) == ("语音议题", "webm")
    del sent["voice"]
    answer = client.post(where, sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "text"}


def test_the_same_recording_twice_is_one_topic_and_another_is_another(private):
    village = make_village()
    person = make_resident(village)
    assert said(village, person) == said(village, person)
    assert said(village, person, content=SOUND + b"more") != Topic.objects.get(number=1)
    assert len([path for path in private.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize(
    ("content", "status"), [(b"MZ not a sound", 415), (b"\x1a\x45\xdf\xa3" + b"x" * LARGEST_BYTES, 413)]
)
def test_what_is_no_recording_or_too_long_is_refused(content, status, private):
    village = make_village()
    client = client_of(make_account(make_resident(village)))
    sent = {"category": "facilities", "title": "灯", "text": "坏了", "voice": SimpleUploadedFile("v.webm", content)}
    answer = client.post(reverse("consultation:new_topic", args=[village.slug]), sent)
    assert answer.status_code == status
    assert "voice" in answer.context["form"].errors
    assert not Topic.objects.exists()
    assert not [path for path in private.rglob("*") if path.is_file()]


def test_who_said_it_and_those_who_write_or_answer_hear_it():
    hall = make_hall(live=False)
    village = hall.village
    person, member = make_resident(village), make_resident(village)
    appoint(member, "committee_member")
    topic = said(village, person)
    where = at("topic_recording", topic)
    for user in (make_account(person), make_account(member), hall.recorder):
        answer = client_of(user).get(where)
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, SOUND, "audio/webm")
        assert "sandbox" in answer["Content-Security-Policy"]
    assert client_of(hall.chair).get(where).status_code == 403
    assert client_of(make_account(make_resident(village))).get(where).status_code == 403
    assert client_of(make_account(make_resident(make_village()))).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    assert Officer.objects.of(village).filter(role="recorder").exists()


def test_an_iphone_gets_the_part_it_asks_for():
    village = make_village()
    person = make_resident(village)
    topic = said(village, person)
    client = client_of(make_account(person))
    answer = client.get(at("topic_recording", topic), headers={"range": "bytes=0-1"})
    assert (answer.status_code, answer.content) == (206, SOUND[:2])
    assert answer["Content-Range"] == f"bytes 0-1/{len(SOUND)}"
    answer = client.get(at("topic_recording", topic), headers={"range": "bytes=4-"})
    assert answer.content == SOUND[4:]
    for odd in ("bytes=9999999-", "bytes=-5", "lines=0-1", "bytes=5-2"):
        assert client.get(at("topic_recording", topic), headers={"range": odd}).content == SOUND


def test_the_recorder_writes_down_what_was_said():
    hall = make_hall(live=False)
    topic = said(hall.village)
    neighbour = client_of(make_account(make_resident(hall.village)))
    assert "等记录员写下来" in neighbour.get(topic.get_absolute_url()).content.decode()
    client = client_of(hall.recorder)
    page = client.get(at("write_down_topic", topic)).content.decode()
    assert re.search(r'<audio[^>]+src="[^"]+/recording/"', page)
    assert client.post(at("write_down_topic", topic), {"title": "井边的灯", "words": ""}).status_code == 422
    words = {"title": "井边的灯", "words": "灯坏哒，晚上打水看不见。"}
    assert client.post(at("write_down_topic", topic), words).status_code == 303
    topic.refresh_from_db()
    assert (topic.title, topic.recording.written_by) == ("井边的灯", hall.recorder)
    page = neighbour.get(topic.get_absolute_url()).content.decode()
    assert "灯坏哒，晚上打水看不见。" in page
    assert hall.recorder.get_full_name() in page
    assert "<audio" not in page
    assert AuditEntry.objects.filter(village_id=hall.village.pk, action="write_down_topic").count() == 1


def test_a_title_somebody_chose_stays():
    topic = said(make_village(), title="我的事")
    topics.write_down(topic, words="听到的话", title="别的", by=make_account(make_resident(topic.village)))
    topic.refresh_from_db()
    assert topic.title == "我的事"


def test_residents_do_not_write_down():
    topic = said(make_village())
    resident = client_of(make_account(make_resident(topic.village)))
    assert resident.post(at("write_down_topic", topic), {"words": "假的"}).status_code == 403


def test_no_words_without_their_time():
    topic = said(make_village())
    with pytest.raises(IntegrityError), transaction.atomic():
        Recording.objects.filter(topic=topic).update(words="什么")
