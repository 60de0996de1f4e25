"""What a meeting's page and its console show of the floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from consultation import floor, speaking, temperature
from consultation.board import Board
from consultation.eligibility import own_entries
from consultation.floor import may_moderate
from consultation.floor_forms import (
    AnswerForm,
    GuestForm,
    HeardQuestionForm,
    QuestionForm,
    RejectForm,
    SpeechRulesForm,
    SummaryForm,
    TemperatureForm,
)
from consultation.models import Attendance, FloorQuestion, Meeting, RosterEntry, Speech
from residents.models import User

FOUND_AT_MOST = 12


@dataclass(frozen=True)
class OwnUnit:
    """A unit the account acts for, that is there: where it stands in the line of speakers."""

    entry: RosterEntry
    state: str  # none, waiting or speaking
    before: int


def own_units(papers: Iterable[Mapping[str, Any]], board: Board | None) -> list[OwnUnit]:
    """From the ballot papers of the page, which have read who is there; a grant lets nobody speak for another."""
    line = board.floor if board is not None else None
    units = []
    for paper in papers:
        entry = paper["entry"]
        stays = [one for one in entry.attendances.all() if one.voided_at is None and one.out_at is None]
        if entry.held or not any(one.method != Attendance.Method.PROXY for one in stays):
            continue
        before = line.place_of(entry.number) if line is not None else -1
        speaks = line is not None and line.speech is not None and line.speech.entry_id == entry.pk
        units.append(OwnUnit(entry, "speaking" if speaks else "waiting" if before >= 0 else "none", max(before, 0)))
    return units


def found_speakers(meeting: Meeting, words: str) -> list[RosterEntry]:
    """Lines of the roster that are there and answer to a name, pinyin, initials or number."""
    if not words or not hasattr(meeting, "roster"):
        return []
    here = Attendance.objects.filter(entry=OuterRef("pk")).present().exclude(method=Attendance.Method.PROXY)
    entries = meeting.roster.entries.named_like(words).annotate(here=Exists(here)).select_related("resident")
    return list(entries.order_by("-here", "number")[:FOUND_AT_MOST])


@dataclass(frozen=True)
class Spoken:
    """A speech that has begun, with the form for what was said."""

    speech: Speech
    form: SummaryForm


def spoken_of(meeting: Meeting, typed: tuple[int, SummaryForm] | None = None) -> list[Spoken]:
    """The newest first; `typed`: the number of a speech and its form that was refused."""
    speeches = meeting.speeches.spoken().select_related("entry", "item").order_by("-started_at", "-number")
    found = []
    for one in speeches:
        form = SummaryForm(initial={"summary": one.summary, "revision": one.revision}, auto_id=f"said-{one.number}-%s")
        found.append(Spoken(one, typed[1] if typed is not None and typed[0] == one.number else form))
    return found


def floor_desk(user: User, meeting: Meeting, words: str = "", **forms: Any) -> dict[str, Any]:
    """The console's part for the chair and the recorder; empty for the others."""
    if not may_moderate(user, meeting):
        return {}
    minutes = speaking.minutes_each(meeting)
    rules = {"minutes": minutes, "new_voices_first": meeting.new_voices_first}
    return {
        "spoken": spoken_of(meeting, forms.get("summary")) if meeting.floor else [],
        "open_all": "summary" in forms,
        "may_write": floor.may_still_write(meeting) if meeting.floor else False,
        "minutes": minutes,
        "words": words,
        "found": found_speakers(meeting, words),
        "guest_form": forms.get("guest") or GuestForm(auto_id="speaker-%s"),
        "rules_form": forms.get("rules") or SpeechRulesForm(initial=rules, auto_id="speech-%s"),
        "before": meeting.state in (Meeting.State.PREPARING, Meeting.State.NOTICED),
    }


def own_questions(user: User, meeting: Meeting) -> list[FloorQuestion]:
    """What the account's units have asked, with what became of it, the newest first."""
    if not meeting.floor:
        return []
    return list(meeting.questions.filter(entry__in=own_entries(user, meeting)).order_by("-number"))


def asking(user: User, meeting: Meeting, units: Iterable[OwnUnit], *, inside: bool) -> dict[str, Any]:
    """A page's part for questions: to ask one, one's own, and those that were answered."""
    there = list(units)
    answered = (FloorQuestion.State.ANSWERED, FloorQuestion.State.ORAL)
    found = meeting.questions.filter(state__in=answered).select_related("entry") if inside and meeting.floor else []
    return {
        "question_form": QuestionForm() if there and meeting.is_live else None,
        "own_questions": own_questions(user, meeting) if inside else [],
        "answered_questions": list(found),
    }


@dataclass(frozen=True)
class Asked:
    """A question as the console shows it, with its forms."""

    question: FloorQuestion
    reject: RejectForm
    answer: AnswerForm
    open: str  # which of the two was refused


def question_desk(user: User, meeting: Meeting, **forms: Any) -> dict[str, Any]:
    """The console's part for the chair and the recorder; empty for the others."""
    if not may_moderate(user, meeting) or not hasattr(meeting, "roster"):
        return {}
    rows = []
    for one in meeting.questions.select_related("entry", "item") if meeting.floor else []:
        number, answer = one.number, {"answer": one.answer, "revision": one.revision}
        of_reject, of_answer = forms.get("reject", (0, None)), forms.get("answer", (0, None))
        refused = "reject" if of_reject[0] == number else "answer" if of_answer[0] == number else ""
        rows.append(
            Asked(
                one,
                of_reject[1] if refused == "reject" else RejectForm(auto_id=f"why-{number}-%s"),
                of_answer[1] if refused == "answer" else AnswerForm(initial=answer, auto_id=f"answer-{number}-%s"),
                refused,
            )
        )
    fresh = [row for row in rows if row.question.state == FloorQuestion.State.NEW]
    shown = [row for row in rows if row.question.state == FloorQuestion.State.SHOWN]
    return {
        "fresh": fresh,
        "shown": shown,
        "settled": [row for row in rows if row not in fresh and row not in shown],
        "may_write": floor.may_still_write(meeting) if rows else False,
        "heard_form": forms.get("heard") or HeardQuestionForm(meeting=meeting, auto_id="heard-%s"),
        "hears": "heard" in forms,
    }


def leaning(units: Iterable[OwnUnit], board: Board | None) -> dict[str, Any]:
    """A page's part for the chair's question: what each unit has pressed, if one runs."""
    asked = board.floor.temperature if board is not None and board.floor is not None else None
    running = asked if asked is not None and asked.running else None
    there = list(units)
    said = temperature.said_by(running, [unit.entry for unit in there])
    return {
        "temperature": running,
        "leanings": [(unit, said.get(unit.entry.pk, "")) for unit in there],
    }


def temperature_desk(meeting: Meeting) -> dict[str, Any]:
    """The console's part for the chair."""
    return {
        "temperature_form": TemperatureForm(auto_id="temperature-%s"),
        "temperatures": list(meeting.temperatures.order_by("-number")) if meeting.floor else [],
    }
