"""A secret vote shows nobody anything but the turnout, and afterwards nothing but totals."""

from __future__ import annotations

import hashlib
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse

from consultation import paper, secret_ballots, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Decision, Mark, Meeting, Photo
from consultation.pictures import token_of
from tests.access.addresses import addresses, path_of
from tests.access.rows import MEETING, VILLAGE
from tests.access.world import make_world, signed_in
from tests.factories.consultation import Hall, make_hall, open_vote
from tests.factories.residents import appoint, make_account, make_resident

from .crawl import assert_alike, frames_of, masked, rounds, seen_by
from .questions import IN_ORDER, ONE_OF_THREE, TWO_OF_THREE, YES_OR_NO

pytestmark = pytest.mark.django_db

BULLETIN = ("", "bulletin.json", "numbers/")
PAPERS, PHONES = 5, 12
# The short run follows fewer links, asks for less that is not the meeting's, and not for those who see what others see.
SHORT, LONG = 4, 25
SHORT_LETTERS = ("V", "R", "N", "K", "H", "O")


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.SECOND_FACTOR_REQUIRED = True
    with mock.patch("django.test.client.store_rendered_templates", return_value=None):
        yield


def put_in(motion, chosen):
    """One ballot for each entry, its secret always the same."""
    for entry, choice in chosen.items():
        secret = hashlib.sha256(f"{entry.pk}".encode()).digest()[:16]
        secret_ballots.cast_secret(
            motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret)
        )


class Village:
    """The world of the access tests, its meeting voting secretly: seven of nine have voted."""

    def __init__(self, rows, question):
        self.world = make_world()
        place = self.world.own
        voting.close_motion(place.meeting.motions.get(), by=None)
        self.meeting = Meeting.objects.get(pk=place.meeting.pk)
        self.hall = Hall(place.village, self.meeting, place.people)
        self.clients = dict(self.world.clients)
        self.clients["N"] = signed_in(make_account(place.people[5]))  # was there, has not voted
        self.question = question
        question.put_to(self.meeting)
        self.motion = open_vote(self.hall, text="谁当代表", secret=True, **question.fields)
        self.voters = [self.hall.entries[number] for number in (0, 1, 2, 3, 4, 6, 7)]
        self.values = self.world.values("own") | {"motion": self.motion.number}
        self.known = [
            path_of(address, self.values)
            for address in addresses()
            if address.name in rows and rows[address.name].method == "get" and "photo" not in address.name
        ]
        self.known += [f"{reverse('consultation:bulletins', args=[place.village.slug])}2/{rest}" for rest in BULLETIN]
        self.starts = [place.village.page.url, self.meeting.get_absolute_url(), self.meeting.address("console"), "/me/"]

    def look(self, most):
        def looking(who, client):
            starts = [*self.starts, *(["/admin/"] if who in "EPGO" else [])]
            shown = seen_by(client, starts, self.known, most=most)
            shown["JSON"] = client.get(self.meeting.address("board"), headers={"accept": "application/json"}).text
            shown["JSON"] = masked(shown["JSON"])
            return shown | (frames_of(self.meeting) if who == "R" else {})

        return looking


def hold(village, letters, most):
    """Opposite ballots while the motion is open; then other people's of the same totals, counted."""
    clients = {letter: village.clients[letter] for letter in letters}
    asked = village.question
    one, other = rounds(
        clients,
        [
            lambda: put_in(village.motion, dict.fromkeys(village.voters, asked.one)),
            lambda: put_in(village.motion, dict.fromkeys(village.voters, asked.other)),
        ],
        village.look(most),
    )
    assert len(one) > 15 * len(clients)
    assert_alike(one, other)

    assert asked.counted(asked.turned) == asked.counted(asked.back)
    turned, back = (dict(zip(village.voters, choices, strict=True)) for choices in (asked.turned, asked.back))
    return clients, turned, back


def counted(village, chosen):
    def act():
        put_in(village.motion, chosen)
        voting.close_motion(village.motion, by=None)

    return act


@pytest.mark.parametrize(
    ("question", "letters", "most"),
    [
        (YES_OR_NO, SHORT_LETTERS, SHORT), (TWO_OF_THREE, "RH", 1),
        pytest.param(IN_ORDER, "RH", 1, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_opposite_ballots_show_everybody_the_same(question, letters, most):
    village = Village(MEETING, question)
    clients, turned, back = hold(village, letters, most)
    few = {letter: clients[letter] for letter in "RH"}
    one, other = rounds(few, [counted(village, turned), counted(village, back)], village.look(most))
    assert_alike(one, other)


@pytest.mark.long
@pytest.mark.parametrize("question", [YES_OR_NO, TWO_OF_THREE, IN_ORDER])
def test_opposite_ballots_show_everybody_the_same_wherever_they_go(question):
    village = Village({**VILLAGE, **MEETING}, question)
    clients, turned, back = hold(village, tuple(village.clients), LONG)
    one, other = rounds(clients, [counted(village, turned), counted(village, back)], village.look(LONG))
    assert_alike(one, other)


@pytest.fixture(
    params=[YES_OR_NO, *(pytest.param(one, marks=pytest.mark.long) for one in (ONE_OF_THREE, TWO_OF_THREE, IN_ORDER))]
)
def small(request, tmp_path, monkeypatch):
    """Twelve phones and five papers of one secret vote, and people of every kind who look."""
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))
    hall = make_hall(PAPERS + PHONES)
    request.param.put_to(hall.meeting)
    motion = open_vote(hall, method="paper_and_online", secret=True, **request.param.fields)
    guard = make_resident(hall.village)
    appoint(guard, "supervisory_member")
    accounts = {"H": hall.chair, "K": hall.recorder, "S": make_account(guard), "R": hall.account(9)}
    clients = {"V": Client()} | {letter: signed_in(account) for letter, account in accounts.items()}
    for entry in hall.entries[:PAPERS]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    photo = Photo(village=hall.village, sha256="0" * 64)
    photo.file.save("photo.jpg", ContentFile(b"jpeg"))
    return request.param, hall, motion, clients, photo


def split(question, hall, motion, photo, papers):
    """Ten choose one thing and seven the other; of the papers so many the one."""

    def act():
        phones = [question.one] * (10 - papers) + [question.other] * (2 + papers)
        put_in(motion, dict(zip(hall.entries[PAPERS:], phones, strict=True)))
        stopped = voting.close_motion(motion, by=None)
        numbers = question.counted([question.one] * papers + [question.other] * (PAPERS - papers))
        numbers |= {"valid": PAPERS} if motion.form.several else {}
        for person, shown in zip(hall.people, (photo, None), strict=False):
            sheets.enter_reading(stopped, method="paper", reader=person, numbers=numbers, by=None, photo=shown)
        total = question.counted([question.one] * 10 + [question.other] * 7)
        counts = voting.announce_result(stopped, by=None).counts
        assert counts == {choice: total[choice] for choice in motion.form.choices}
        assert Mark.objects.filter(motion=motion, paper=True).count() == PAPERS
        assert [decision.channels for decision in Decision.objects.filter(motion=motion)] == [{}]

    return act


def test_few_papers_are_shown_apart_to_nobody(small):
    """However the ten are divided between phones and papers, every page says the same."""
    question, hall, motion, clients, photo = small
    bulletins = reverse("consultation:bulletins", args=[hall.village.slug])
    names = ("board", "hall", "console", "minutes", "notice")
    known = [hall.meeting.address(name) for name in names]
    known += [bulletins, f"{bulletins}bulletins.jsonl", *(f"{bulletins}1/{rest}" for rest in BULLETIN)]
    picture = reverse("consultation:photo", args=[hall.village.slug, token_of(photo)])

    def look(who, client):
        shown = seen_by(client, [hall.meeting.get_absolute_url()], known, most=6)
        assert (client.get(picture).status_code == 200) is (who in "HK"), who
        assert any("/photos/" in text for text in shown.values()) is (who in "HK"), who
        return shown | frames_of(hall.meeting)

    acts = [split(question, hall, motion, photo, papers) for papers in (4, 1)]
    one, other = rounds(clients, acts, look)
    assert_alike(one, other)
