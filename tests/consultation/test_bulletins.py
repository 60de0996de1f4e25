"""What a bulletin says, word for word, and what of it is shown apart."""

from __future__ import annotations

import json
import secrets

import pytest

from consultation import paper, secret_ballots, sheets, voting
from consultation.bulletin_text import board_code, canonical, leaves, merkle_root, sha256, slip_key
from consultation.bulletins import _mixed_in, bulletin_of, counts_apart, marks_of
from consultation.models import Bulletin, Motion, Sheet
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def body_of(motion):
    return json.loads(bulletin_of(motion).body)


def test_every_word_of_a_recorded_one():
    hall = make_hall(9, present=8)
    place = hall.meeting.sessions.create(village=hall.village, number=1, place="小学操场")
    motion = open_vote(hall, method="paper_and_online", text="修水渠")
    for entry in hall.entries[:4]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=None)
    motion.papers.filter(entry__in=hall.entries[2:4]).update(session=place)
    for number, entry in enumerate(hall.entries[4:7]):
        voting.cast_ballot(motion=motion, entry=entry, choice=("for", "for", "abstain")[number], key=f"k{number}")
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        typed = {"for": 1, "against": 1}
        sheets.enter_reading(motion, method="paper", reader=person, numbers=typed, session=place, by=None)
    for person in hall.people[2:4]:
        typed = {"blank": 1, "not_returned": 1}
        sheets.enter_reading(motion, method="paper", reader=person, numbers=typed, by=None)
    voting.announce_result(motion, by=None)
    motion.refresh_from_db()

    body = body_of(motion)
    assert sorted(body["choices"].pop("1")) == ["abstain", "for", "for"]
    root, definition = body.pop("root"), body.pop("definition")
    rules = hall.meeting.procedure
    paper_sheet = {"method": "paper", "base": 5}
    assert body == {
        "format": "village-bulletin-1",
        "village": {"code": hall.village.code, "name": hall.village.name},
        "number": 1,
        "previous": "",
        "meeting": {"number": hall.meeting.number, "title": "村民会议"},
        "motion": motion.number,
        "version": 1,
        "corrects": "",
        "reason": "",
        "closed_at": motion.closed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "definition_hash": sha256(canonical(definition)),
        "roster": hall.meeting.roster.digest,
        "entitled": 9,
        "present": 8,
        "marks": 3,
        "codes": sorted(board_code(f"k{number}".encode()) for number in range(3)),
        "choices": {},
        "sheets": [
            paper_sheet
            | {
                "place": "", "counts": {"for": 0, "against": 0, "abstain": 0}, "blank": 1, "invalid": 0, "issued": 3,
                "spoiled": 1, "not_returned": 1, "returned": 1, "base": 3, "entered_by": hall.people[2].name,
                "confirmed_by": hall.people[3].name,
            },
            paper_sheet
            | {
                "place": "小学操场", "counts": {"for": 1, "against": 1, "abstain": 0}, "blank": 0, "invalid": 0,
                "issued": 2, "spoiled": 0, "not_returned": 0, "returned": 2, "entered_by": hall.people[0].name,
                "confirmed_by": hall.people[1].name,
            },
        ],
        "totals": {"for": 3, "against": 1, "abstain": 1},
        "rule": {
            "quorum": [">=", 2, 3], "threshold": [">", 1, 2], "threshold_of": "present", "law": rules["law"],
            "citation": rules["citation"],
        },
        "required": 6,
        "needed": 5,
        "outcome": "lost",
    }  # fmt: skip
    kept = Bulletin.objects.get()
    assert root == kept.root == merkle_root(leaves(json.loads(kept.body)))
    assert (kept.body_hash, kept.previous_hash, kept.version) == (sha256(kept.body), "", 1)
    assert definition == {
        "text": "修水渠", "kind": "yes_no", "method": "paper_and_online", "secret": False, "changeable": False,
        "options": [], "rules": rules, "roster": hall.meeting.roster.digest, "proxies": "", "entitled": 9, "present": 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "phones", "papers", "apart"),
    [
        (False, 1, [1], True), (True, 1, [], True), (True, 0, [3], True), (True, 3, [0], True),
        (True, 10, [10], True), (True, 9, [10], False), (True, 10, [9], False), (True, 30, [12, 1], False),
        (True, 0, [12, 10], True), (True, 0, [9, 10], False),
    ],
)  # fmt: skip
def test_few_papers_are_counted_together_with_the_others(secret, phones, papers, apart):
    counted = [Sheet(method="paper", for_count=number) for number in papers]
    assert counts_apart(Motion(secret=secret), phones, counted) is apart


@pytest.mark.parametrize(("phones", "apart"), [(9, False), (10, True)])
def test_of_few_nothing_is_shown_apart_anywhere(phones, apart):
    hall = make_hall(22)
    motion = open_vote(hall, method="paper_and_online", secret=True)
    for entry in hall.entries[:10]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    for entry in hall.entries[10 : 10 + phones]:
        own = entry.pk.to_bytes(16, "big")
        secret_ballots.cast_secret(
            motion=motion, entry=entry, choice="against", slip=slip_key(own), board=board_code(own)
        )
    assert marks_of(motion) == phones
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        numbers = {"for": 7, "abstain": 2, "invalid": 1}
        sheets.enter_reading(motion, method="paper", reader=person, numbers=numbers, by=None)
    decision = voting.announce_result(motion, by=None)
    body = body_of(motion)
    counts = {"for": 7, "against": 0, "abstain": 2}
    assert body["sheets"][0]["counts"] == (counts if apart else None)
    mixed = ["abstain"] * (0 if apart else 2) + ["against"] * phones + ["for"] * (0 if apart else 7)
    assert sorted(body["choices"]["1"]) == mixed
    assert decision.channels == (
        {"online": {"for": 0, "against": phones, "abstain": 0}, "paper": counts} if apart else {}
    )
    assert decision.counts == {"for": 7, "against": phones, "abstain": 2}


def test_choices_lie_in_an_order_that_the_dice_gave(monkeypatch):
    """Neither that of the roster nor that of casting: here the dice sort backwards."""

    class Dice:
        def shuffle(self, choices):
            choices.sort(reverse=True)

    monkeypatch.setattr(secrets, "SystemRandom", Dice)
    hall = make_hall(8)
    motion = open_vote(hall)
    for entry, choice in zip(hall.entries, ("abstain", "for", "against"), strict=False):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    voting.close_motion(motion, by=None)
    assert body_of(motion)["choices"]["1"] == ["for", "against", "abstain"]

    hidden = open_vote(hall, secret=True)
    for entry, choice in zip(hall.entries, ("abstain", "for", "against"), strict=False):
        own = entry.pk.to_bytes(16, "big")
        secret_ballots.cast_secret(motion=hidden, entry=entry, choice=choice, slip=slip_key(own), board=board_code(own))
    voting.close_motion(hidden, by=None)
    assert body_of(hidden)["choices"]["1"] == ["for", "against", "abstain"]

    mixed = [Sheet(for_count=1, abstain_count=2)]
    assert _mixed_in(["abstain", "against", "for"], mixed) == ["for"] * 2 + ["against"] + ["abstain"] * 3
