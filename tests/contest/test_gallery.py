"""What everybody sees of entries, and what nobody does but those whom it concerns."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from contest.models import EntryFilm
from tests.factories.contest import make_contest, make_entry

pytestmark = pytest.mark.django_db


def test_only_what_is_on_show_stands_in_the_gallery_and_answers(client) -> None:
    contest = make_contest(now=timezone.now())
    shown, hidden = make_entry(contest, title="垃圾不落地"), make_entry(contest, title="没人看得见", state="submitted")
    page = client.get(contest.address("gallery")).content.decode()
    assert "垃圾不落地" in page
    assert "没人看得见" not in page
    assert client.get(shown.get_absolute_url()).status_code == 200
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_a_visitor_finds_the_same_order_again_and_words_are_found(client) -> None:
    contest = make_contest(now=timezone.now())
    for n in range(30):
        make_entry(contest, frozen_text="喜事不比阔" if n == 7 else "")
    client.get(contest.address("gallery"))  # the browser gets its name
    first = client.get(contest.address("gallery")).context["entries"]
    assert first == client.get(contest.address("gallery")).context["entries"]
    rest = client.get(contest.address("gallery"), {"page": 2}).context["entries"]
    assert len({one.number for one in [*first, *rest]}) == 30
    assert [one.number for one in client.get(contest.address("gallery"), {"q": "比阔"}).context["entries"]] == [8]


def test_a_film_is_handed_out_as_a_film_and_nothing_else(client) -> None:
    entry = make_entry(make_contest(now=timezone.now()))
    film = EntryFilm(village=entry.village, entry=entry)
    film.file.save("x.mp4", SimpleUploadedFile("x.mp4", b"film"))
    answer = client.get(entry.contest.address("entry_film", entry.number))
    assert b"".join(answer.streaming_content) == b"film"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("video/mp4", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
