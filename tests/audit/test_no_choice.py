"""The log of a whole meeting is the same whatever people choose, but for the totals that are announced anyway."""

from __future__ import annotations

import json
import re

import pytest

from audit.models import AuditEntry
from consultation import meetings, minutes, secret_ballots, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from tests.factories.audit import settle
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db

OPPOSITE = {"for": "against", "against": "for", "abstain": "abstain"}


def held(turn):
    """A meeting with a secret motion, one by name whose ballots are changed, and one by hands; `turn` maps choices."""
    hall = make_hall(5)
    codes = []
    motion = open_vote(hall, secret=True)
    for number, choice in enumerate(["for", "for", "for", "against", "abstain"]):
        secret = bytes([number]) * 16
        codes += [slip_key(secret), board_code(secret)]
        secret_ballots.cast_secret(
            motion=motion, entry=hall.entries[number], choice=turn[choice], slip=codes[-2], board=codes[-1]
        )
    voting.close_motion(motion, by=hall.chair)

    motion = open_vote(hall, text="修水渠", changeable=True)
    for number, choice in enumerate(["against", "for", "abstain"]):
        voting.cast_ballot(motion=motion, entry=hall.entries[number], choice=turn["for"], key=f"erst-{number}")
        voting.cast_ballot(motion=motion, entry=hall.entries[number], choice=turn[choice], key=f"dann-{number}")
    voting.pause_motion(motion, by=hall.chair)
    voting.resume_motion(motion, by=hall.chair)
    voting.close_motion(motion, by=hall.chair)

    motion = voting.close_motion(open_vote(hall, text="装路灯", method="hands"), by=hall.chair)
    counted = {turn["for"]: 3, turn["against"]: 1, "abstain": 1}
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts=counted, by=None)
    voting.announce_result(motion, by=hall.chair)

    minutes.draft_minutes(meetings.close_meeting(hall.meeting, by=hall.chair), by=hall.recorder)
    return hall, codes


def log_of(village):
    """All that its entries tell, without names, keys and hashes, which differ from one meeting to the next."""
    told = []
    for entry in AuditEntry.objects.filter(village_id=village.pk).order_by("pk"):
        detail = {key: value for key, value in entry.detail.items() if key not in ("entry", "motion_id")}
        subject = re.sub(r"村民\d+", "村民*", entry.subject)
        told.append([entry.action, subject, re.sub(r"[0-9a-f]{16,}", "*", json.dumps(detail, sort_keys=True))])
    return told


def test_opposite_choices_leave_the_same_log():
    logs = []
    for turn in ({choice: choice for choice in OPPOSITE}, OPPOSITE):
        hall, codes = held(turn)
        settle()
        logs.append(log_of(hall.village))
        everything = json.dumps(list(AuditEntry.objects.values("subject", "detail")))
        assert not [code for code in codes if code in everything]
    assert [line[0] for line in logs[0]].count("change_ballot") >= 2
    totals = [[json.loads(line[2])["counts"] for line in log if line[0] == "decide_motion"] for log in logs]
    assert totals[0] != totals[1]
    plain = [[line for line in log if line[0] != "decide_motion"] for log in logs]
    assert plain[0] == plain[1]
    assert {"open_motion", "close_motion", "enter_hands", "draft_minutes"} <= {line[0] for line in plain[0]}
