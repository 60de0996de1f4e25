"""What is said in the demo's live meeting: speeches with the recorder's words, who waits, what somebody asks."""

from __future__ import annotations

import datetime
from typing import Any

from consultation import questions, speaking
from consultation.models import FloorQuestion, Meeting, RosterEntry, Speech


def hear(meeting: Meeting, told: dict[str, Any], here: list[RosterEntry]) -> None:
    """By the real functions, then at the minutes the files tell; by made-up people: accounts are left free."""
    speakers = [entry for entry in here if not entry.resident.claims.exists()]
    rows = told.get("speeches", [])
    for row, entry in zip(told.get("questions", []), speakers[len(rows) :], strict=False):
        question = questions.ask_question(meeting, row["text"], entry=entry)
        asked = meeting.starts_at + datetime.timedelta(minutes=row["asked"])
        item = meeting.agenda.get(number=row["agenda"])
        FloorQuestion.objects.filter(pk=question.pk).update(asked_at=asked, item=item)
    for row, entry in zip(rows, speakers, strict=False):
        speech = speaking.ask_to_speak(meeting, entry=entry)
        asked = meeting.starts_at + datetime.timedelta(minutes=row["asked"])
        times = {"asked_at": asked}
        if "summary" in row:
            speaking.call(meeting, speech.number, seen=0)
            speaking.write_summary(meeting, speech.number, row["summary"], revision=0)
            speaking.end_speech(meeting, speech.number)
            began = asked + datetime.timedelta(minutes=1)
            times |= {"started_at": began, "ended_at": began + datetime.timedelta(minutes=row["minutes"])}
        Speech.objects.filter(pk=speech.pk).update(item=meeting.agenda.get(number=row["agenda"]), **times)


def spend(meeting: Meeting, agenda: list[dict[str, Any]]) -> None:
    """The minutes that the files tell of items treated before the one of now, which goes on from there."""
    used = [row.get("used", 0) for row in agenda]
    for item, minutes in zip(meeting.agenda.all(), used, strict=True):
        item.treated_seconds = 60 * minutes
        if item.treated_since is not None:
            item.treated_since = meeting.starts_at + datetime.timedelta(minutes=sum(used))
        item.save(update_fields=["treated_seconds", "treated_since"])
