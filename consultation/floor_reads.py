"""What everybody in the hall may see of the floor: who speaks, who is next. Read once for each board."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from .models import Attendance, FloorQuestion, Meeting, Speech, Temperature

NAMED_NEXT = 3  # of those who wait, by name on the board
QUESTIONS_SHOWN = 5  # of those to be answered, on the board; the page has all
State = Speech.State


def line_of(meeting: Meeting) -> list[Speech]:
    """Everybody who waits, speaks or has spoken, in the order they asked; one query. `place`: which of several places
    (分会场) they are at now.
    """
    states = (State.WAITING, State.SPEAKING, State.DONE)
    here = Attendance.objects.filter(entry=OuterRef("entry")).present().values("session__place")[:1]
    found = Speech.objects.of(meeting.village).filter(meeting=meeting, state__in=states).annotate(place=Subquery(here))
    return list(found.select_related("entry", "item").defer("summary").order_by("number"))


def _who(speech: Speech) -> tuple[int | None, str]:
    return speech.entry_id, speech.guest


def heard_in(line: Iterable[Speech]) -> set[tuple[int | None, str]]:
    """Who has had the floor already."""
    return {_who(one) for one in line if one.state != State.WAITING}


def queue_of(line: Sequence[Speech], *, new_voices_first: bool) -> list[Speech]:
    """Those who wait, the next first; `first_time` says of each whether they have not spoken yet."""
    heard = heard_in(line)
    waiting = [one for one in line if one.state == State.WAITING]
    for one in waiting:
        one.first_time = _who(one) not in heard  # type: ignore[attr-defined]
    if new_voices_first:
        waiting.sort(key=lambda one: _who(one) in heard)  # stable: among equals as they asked
    return waiting


def milliseconds(moment: datetime.datetime) -> int:
    """As a board's version has it."""
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True)
class Floor:
    """Who has the floor and who is next, the same for everybody."""

    speech: Speech | None
    queue: Sequence[Speech]
    version: int
    question: FloorQuestion | None = None  # on the hall's screen
    questions: Sequence[FloorQuestion] = ()  # shown, to be answered
    temperature: Temperature | None = None  # running, or its sums on the screen

    @property
    def takes_screen(self) -> bool:
        return self.speech is not None or self.question is not None or self.temperature is not None

    @property
    def temperature_first(self) -> bool:
        """While it runs nothing else is on the screen; its sums make room for whoever speaks."""
        return self.temperature is not None and (
            self.temperature.running or (self.speech is None and self.question is None)
        )

    @property
    def started(self) -> int:
        """When the speech began, by the clock that boards' versions are read from."""
        return milliseconds(self.speech.started_at) if self.speech and self.speech.started_at else 0

    @property
    def minutes(self) -> int:
        """What the speech may take; 0: no limit."""
        return self.speech.seconds // 60 if self.speech else 0

    @property
    def next_few(self) -> Sequence[Speech]:
        return self.queue[:NAMED_NEXT]

    @property
    def others(self) -> int:
        return max(0, len(self.queue) - NAMED_NEXT)

    @property
    def places(self) -> str:
        """The line by numbers of the roster (0: a guest), from which a phone tells its owner's own place."""
        return " ".join(str(one.entry.number if one.entry else 0) for one in self.queue)

    def place_of(self, number: int) -> int:
        """How many stand before the unit with that number of the roster; -1 when it does not wait."""
        places = [one.entry.number if one.entry else 0 for one in self.queue]
        return places.index(number) if number in places else -1


def questions_of(meeting: Meeting) -> list[FloorQuestion]:
    """On the screen, or shown and not answered yet, in order; one query."""
    shown = FloorQuestion.objects.of(meeting.village).filter(meeting=meeting)
    shown = shown.filter(Q(on_screen=True) | Q(state=FloorQuestion.State.SHOWN))
    return list(shown.select_related("entry").order_by("number"))


def read_floor(meeting: Meeting, version: int) -> Floor | None:
    """None, without asking anything, while nobody has used it. `version` is the `floor` of the pulse."""
    if not version:
        return None
    line, questions = line_of(meeting), questions_of(meeting)
    return Floor(
        speech=next((one for one in line if one.state == State.SPEAKING), None),
        queue=queue_of(line, new_voices_first=meeting.new_voices_first),
        version=version,
        temperature=Temperature.objects.of(meeting.village)
        .filter(Q(ended_at=None) | Q(on_screen=True), meeting=meeting)
        .order_by("-number")
        .first(),
        question=next((one for one in questions if one.on_screen), None),
        questions=[one for one in questions if not one.on_screen][:QUESTIONS_SHOWN],
    )
