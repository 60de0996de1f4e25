"""What the console shows of counts by people: for each kind of sheet its form, where it stands, what it may come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consultation.balance import Papers, parts_of
from consultation.forms import CountForm, ResultForm, labels_of
from consultation.models import Motion, PaperIssue, Sheet
from consultation.options import looks_like_a_place
from consultation.paper import papers_of, places_of
from consultation.pictures import token_of
from consultation.places import hands_missing
from consultation.sheets import methods_of, room_of


@dataclass(frozen=True)
class Place:
    """One sheet as it stands. `readings` are shown only once two of them differ; until then nobody sees a number."""

    name: str
    papers: Papers
    sheet: Sheet | None
    parts: tuple[tuple[str, Any], ...] = ()  # what is counted between options, and what it is called

    @property
    def figures(self) -> list[tuple[Any, int]]:
        """The numbers of a confirmed count between options; of a ranking without the places that nobody gave."""
        return self._figures(self.sheet) if self.state == Sheet.State.CONFIRMED else []

    def _figures(self, counts: Any) -> list[tuple[Any, int]]:
        numbers = [(part, label, counts.number(part)) for part, label in self.parts]
        return [(label, number) for part, label, number in numbers if number or not looks_like_a_place(part)]

    @property
    def state(self) -> str:
        return self.sheet.state if self.sheet else ""

    @property
    def readings(self) -> list[Any]:
        """The last count of each person, once the sheet is a mismatch."""
        if self.sheet is None or self.sheet.state != Sheet.State.MISMATCH:
            return []
        latest = {reading.reader_id: reading for reading in self.sheet.readings.all()}
        for reading in latest.values():
            reading.figures = self._figures(reading)
        return list(latest.values())

    @property
    def first_name(self) -> str:
        return self.sheet.readings.all()[0].reader.name if self.sheet else ""

    @property
    def photo_token(self) -> str:
        shown = self.sheet is not None and self.sheet.state == Sheet.State.CONFIRMED and self.sheet.photo is not None
        return token_of(self.sheet.photo) if shown else ""


@dataclass(frozen=True)
class Desk:
    """One kind of count of the motion that is being counted."""

    method: str
    form: CountForm
    base: int
    places: list[Place]

    @property
    def done(self) -> bool:
        return all(place.state == Sheet.State.CONFIRMED for place in self.places)

    @property
    def waits(self) -> bool:
        """Somebody has counted, and a second person is awaited."""
        return any(place.state == Sheet.State.ENTERED for place in self.places)

    @property
    def takes_more(self) -> bool:
        """Until the count of the whole is confirmed; where it is split, a place may still be added."""
        whole = any(place.state == Sheet.State.CONFIRMED and not place.name for place in self.places)
        return not self.done or (bool(self.form.places) and not whole)


def form_for(motion: Motion, method: str, *arguments: Any) -> CountForm:
    """An empty form, or what was typed into it (`arguments`: the posted data and files)."""
    kind = ResultForm if method == Sheet.Method.BELENIOS else CountForm
    places = list(motion.meeting.sessions.all()) if method != Sheet.Method.BELENIOS else []
    parts, labels = parts_of(motion.form, method), labels_of(motion)
    named = {key: f"{key} {label}" for key, label in motion.choices}
    return kind(*arguments, parts=parts, most=motion.present_count, labels=labels, options=named, places=places)


def desks_of(motion: Motion, typed: dict[str, CountForm]) -> dict[str, Desk]:
    """By method, while the motion is being counted; `typed` holds forms that were refused, to be shown again."""
    if motion.state != Motion.State.CLOSING:
        return {}
    room = room_of(motion)
    kept = motion.sheets.select_related("session", "photo").prefetch_related("readings__reader")
    sheets = list(kept.order_by("session__number"))
    found = {}
    for method in methods_of(motion):
        places = [
            Place(sheet.session.place if sheet.session else "", _papers(motion, sheet), sheet, _parts(motion, method))
            for sheet in sheets
            if sheet.method == method
        ]
        places += _uncounted(motion, method, [sheet for sheet in sheets if sheet.method == method])
        form = typed.get(method) or form_for(motion, method)
        found[method] = Desk(method, form, room.left_for(method), places)
    return found


def _parts(motion: Motion, method: str) -> tuple[tuple[str, Any], ...]:
    labels = labels_of(motion)
    return tuple((part, labels[part]) for part in parts_of(motion.form, method)) if motion.form.keys else ()


def _papers(motion: Motion, sheet: Sheet) -> Papers:
    return papers_of(motion, sheet.session) if sheet.method == Sheet.Method.PAPER else Papers()


def _uncounted(motion: Motion, method: str, sheets: list[Sheet]) -> list[Place]:
    """Places that nobody has counted yet, though they have to be; elsewhere the one count that everything waits for."""
    papers = method == Sheet.Method.PAPER
    missing = places_of(motion) - {sheet.session_id for sheet in sheets} if papers else hands_missing(motion)
    if not missing and not sheets:
        return [Place("", Papers(), None)]
    named = {place.pk: place for place in motion.meeting.sessions.all()}
    return [
        Place(named[key].place if key else "", papers_of(motion, named.get(key)) if papers else Papers(), None)
        for key in sorted(missing, key=lambda key: named[key].number if key else 0)
    ]


def handed_out(motion: Motion | None) -> dict[str, int] | None:
    """How many papers are out, spoiled and back unused, for the table while the motion is open; None without papers."""
    if motion is None or not motion.by_paper:
        return None
    states = list(PaperIssue.objects.filter(motion=motion).values_list("state", flat=True))
    return {state: states.count(state) for state in PaperIssue.State.values}
