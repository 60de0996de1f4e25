"""The read side: what anyone in the hall may see now.

`read_pulse` is the one aggregate query of a tick; `read_board` the whole board, made when the structure changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from ui.charts import Bar, percent

from .agenda_times import Treated, treated_now
from .bulletin_reads import BulletinMark, marks_in
from .floor_reads import Floor, read_floor
from .models import AgendaItem, Decision, Meeting, MeetingSession, Motion, Outcome
from .options import ABSTAIN, Form, form_of, picks_of
from .quorum import Share, required
from .wording import (
    ballots_in_words,
    explain_motion,
    majority_in_words,
    ranking_in_words,
    share_in_words,
    unit_words,
)

WALL_LINE = 24  # characters of a line on the hall's screen


@dataclass(frozen=True)
class Pulse:
    """The numbers of one meeting at one moment; `version` is the database's clock in milliseconds."""

    version: int
    state: str
    phase: str
    item_number: int
    entitled: int
    present: int
    motion_count: int
    motion_id: int | None = None
    motion_state: str = ""
    motion_present: int = 0
    counts_shown: bool = False
    sheets: int = 0
    cast: int = 0
    counts: tuple[int, int, int] = (0, 0, 0)
    # Of a motion between options, instead of `counts`: votes by option, of a ranking points.
    option_counts: Mapping[str, int] | None = None
    quorum: tuple[str, int, int] = (">", 1, 2)
    officers: int = 0
    floor: int = 0
    answered: int | None = None  # how many have answered the chair's question; None while none runs
    places: tuple[tuple[int, int], ...] = ()  # of a meeting in several: its number, how many are there

    @property
    def structure(self) -> tuple[object, ...]:
        """What, when it changes, changes the board itself and not just its numbers."""
        return (
            self.state, self.phase, self.item_number, self.motion_count, self.motion_id, self.motion_state,
            self.sheets, self.officers, self.floor,
        )  # fmt: skip

    @property
    def required(self) -> int:
        return required(self.entitled, Share(*self.quorum))

    @property
    def shown_counts(self) -> dict[str, int] | None:
        """Counts only where the motion shows them while it runs, or once its result is out."""
        if self.motion_id is None or not (self.counts_shown or self.motion_state == Motion.State.PUBLISHED):
            return None
        if self.option_counts is not None:
            return dict(self.option_counts)
        return dict(zip(("for", "against", "abstain"), self.counts, strict=True))

    @property
    def quiet(self) -> bool:
        """The options are shown, how many chose which is not."""
        return self.shown_counts is None

    def as_tally(self) -> dict[str, Any]:
        """The small frame of docs/live-protocol.md."""
        told: dict[str, Any] = {
            "type": "tally",
            "version": self.version,
            "motion": self.motion_id,
            "cast": self.cast,
            "entitled": self.entitled,
            "present": self.present,
            "required": self.required,
            "counts": self.shown_counts,
        }
        if self.answered is not None:
            told["answered"] = self.answered
        if self.places:
            told["places"] = {str(number): present for number, present in self.places}
        return told


_JOINED = {"sqlite": "GROUP_CONCAT(said, ',')", "postgresql": "STRING_AGG(said, ',')"}
_GATHER = {
    "sqlite": ("json_group_object(choice, number)", "json_group_array(json(option_counts))"),
    "postgresql": ("json_object_agg(choice, number)", "json_agg(option_counts)"),
}
_CLOCK = {
    "sqlite": "CAST(ROUND((JULIANDAY('now') - 2440587.5) * 86400000) AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000 AS BIGINT)",
}

# By hand, because it is the one query of every tick: the ORM would take longer to write it than the database to
# answer it. The running motion is shown, else the one closed last.
_PULSE = """
WITH shown AS (
  SELECT id, state, present_count, counts_shown, secret, kind, options, most FROM consultation_motion
  WHERE meeting_id = %s AND (state IN ('open', 'paused', 'closing', 'interrupted') OR closed_at IS NOT NULL)
  ORDER BY CASE WHEN state IN ('open', 'paused', 'closing') THEN 0 WHEN state = 'interrupted' THEN 1 ELSE 2 END,
           closed_at DESC
  LIMIT 1
), sheet AS (
  SELECT COUNT(*) AS all_sheets, COALESCE(SUM(for_count), 0) AS f, COALESCE(SUM(against_count), 0) AS g,
         COALESCE(SUM(abstain_count), 0) AS a,
         -- Papers have their marks since they were handed out.
         COALESCE(SUM(CASE method WHEN 'paper' THEN 0
                      ELSE for_count + against_count + abstain_count + valid_count + blank_count + invalid_count
                      END), 0) AS voters
  FROM consultation_sheet WHERE motion_id = (SELECT id FROM shown) AND state = 'confirmed'
), counted AS (
  SELECT COALESCE(SUM(CASE choice WHEN 'for' THEN 1 ELSE 0 END), 0) AS f,
         COALESCE(SUM(CASE choice WHEN 'against' THEN 1 ELSE 0 END), 0) AS g,
         COALESCE(SUM(CASE choice WHEN 'abstain' THEN 1 ELSE 0 END), 0) AS a
  FROM consultation_counted WHERE motion_id = (SELECT id FROM shown)
), ballot AS (
  SELECT COALESCE(SUM(CASE choice WHEN 'for' THEN 1 ELSE 0 END), 0) AS f,
         COALESCE(SUM(CASE choice WHEN 'against' THEN 1 ELSE 0 END), 0) AS g,
         COALESCE(SUM(CASE choice WHEN 'abstain' THEN 1 ELSE 0 END), 0) AS a
  FROM consultation_ballot WHERE motion_id = (SELECT id FROM shown)
), offered AS (
  SELECT id FROM shown WHERE kind IN ('choice', 'multi_choice', 'ranked')
), picked AS (
  SELECT choice, COUNT(*) AS number FROM (
    SELECT choice FROM consultation_ballot WHERE motion_id = (SELECT id FROM offered)
    UNION ALL SELECT choice FROM consultation_counted WHERE motion_id = (SELECT id FROM offered)
  ) every_one GROUP BY choice
)
SELECT {clock}, m.state, m.phase, m.item_number, m.rules,
  COALESCE((SELECT entitled_count FROM consultation_roster WHERE meeting_id = m.id), 0),
  (SELECT COUNT(*) FROM consultation_attendance WHERE meeting_id = m.id AND out_at IS NULL AND voided_at IS NULL),
  (SELECT COUNT(*) FROM consultation_motion WHERE meeting_id = m.id),
  shown.id, shown.state, shown.present_count, shown.counts_shown, shown.secret,
  (SELECT COUNT(*) FROM consultation_sheet WHERE motion_id = shown.id),
  (SELECT COUNT(*) FROM consultation_mark WHERE motion_id = shown.id) + sheet.voters,
  ballot.f + counted.f + sheet.f, ballot.g + counted.g + sheet.g, ballot.a + counted.a + sheet.a, sheet.all_sheets,
  (SELECT COALESCE(MAX(id), 0) FROM consultation_officer WHERE meeting_id = m.id), m.floor,
  (SELECT {joined} FROM (
     SELECT CAST(place.number AS TEXT) || ':' || CAST(COUNT(here.id) AS TEXT) AS said
     FROM consultation_meetingsession place LEFT JOIN consultation_attendance here
       ON here.session_id = place.id AND here.out_at IS NULL AND here.voided_at IS NULL
     WHERE place.meeting_id = m.id GROUP BY place.number
   ) AS places),
  shown.kind, shown.options, shown.most, (SELECT {picks} FROM picked),
  (SELECT {sheets} FROM consultation_sheet WHERE motion_id = (SELECT id FROM offered) AND state = 'confirmed'),
  CASE WHEN m.floor > 0 THEN (
    SELECT COUNT(said.id) FROM consultation_temperature asked
    LEFT JOIN consultation_temperatureanswer said ON said.temperature_id = asked.id
    WHERE asked.meeting_id = m.id AND asked.ended_at IS NULL GROUP BY asked.id
  ) END
FROM consultation_meeting m LEFT JOIN shown ON 1 = 1, sheet, counted, ballot
WHERE m.id = %s
"""
_SENTENCE = {
    vendor: _PULSE.format(clock=_CLOCK[vendor], joined=_JOINED[vendor], picks=picks, sheets=sheets)
    for vendor, (picks, sheets) in _GATHER.items()
}


def _places(said: str | None) -> tuple[tuple[int, int], ...]:
    pairs = (pair.split(":") for pair in (said or "").split(",") if pair)
    return tuple(sorted((int(number), int(present)) for number, present in pairs))


def read_pulse(meeting_id: int) -> Pulse | None:
    """One query; None when there is no such meeting. A pulse holds all commits up to its version."""
    with connection.cursor() as cursor:
        cursor.execute(_SENTENCE[connection.vendor], [meeting_id, meeting_id])
        row = cursor.fetchone()
    if row is None:
        return None
    rules = _read(row[4])
    return Pulse(
        version=int(row[0]),
        state=row[1],
        phase=row[2],
        item_number=row[3],
        quorum=(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]) if rules else (">", 1, 2),
        entitled=row[5],
        present=row[6],
        motion_count=row[7],
        motion_id=row[8],
        motion_state=row[9] or "",
        motion_present=row[10] or 0,
        counts_shown=bool(row[11]) and not row[12],
        sheets=row[13] + row[18],
        cast=row[14] if row[8] is not None else 0,
        counts=(int(row[15]), int(row[16]), int(row[17])) if row[8] is not None else (0, 0, 0),
        officers=row[19],
        floor=row[20],
        places=_places(row[21]),
        option_counts=_options_of(row),
        answered=row[27],
    )


def _read(value: Any) -> Any:
    """JSON as the database gave it: as text or read already."""
    return json.loads(value) if isinstance(value, str) else value


def _options_of(row: Sequence[Any]) -> dict[str, int] | None:
    form = form_of(row[22] or "", _read(row[23]) or (), row[24] or 1)
    if not form.keys:
        return None
    counts = dict.fromkeys(form.choices, 0)
    abstained = {"abstain": int(row[17]) - (_read(row[25]) or {}).get("abstain", 0)}  # what only sheets say
    for part in (form.spread(_read(row[25]) or {}), *(_read(row[26]) or ()), abstained):
        for key, number in part.items():
            counts[key] += number
    return form.scores(counts) | {ABSTAIN: counts[ABSTAIN]}


def _bars(form: Form, lines: Sequence[Mapping[str, Any]], present: int) -> list[Bar]:
    """As wide as the part of all that an option could get from those present."""
    return [_bar(form, line, present) for line in lines]


def _best_first(form: Form, lines: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """A counted ranking is shown in the order that came out."""
    return sorted(lines, key=lambda line: (line["key"] == ABSTAIN, -line["count"])) if form.ranked else lines


def _bar(form: Form, line: Mapping[str, Any], present: int) -> Bar:
    key, label, count = line["key"], line["label"], line["count"]
    if not form.ranked or key == ABSTAIN:
        return Bar(key, label, count, percent(count, present))
    best = len(form.keys) - 1
    note = _("%(first)s 票排第 1") % line if "first" in line else ""
    return Bar(key, label, count, percent(count, present * best), unit=_("分"), note=note, times=best)


@dataclass(frozen=True)
class Result:
    """A frozen decision as it is shown, its arithmetic in the reader's language."""

    motion: Motion
    outcome: str
    outcome_label: str
    entitled: int
    present: int
    required: int
    needed: int
    counts: dict[str, int]
    explained: str
    bars: list[Bar]
    chosen: str = ""  # of several options, those that won
    goes_on: str = ""  # those that a runoff is held among
    won_keys: tuple[str, ...] = ()  # both of these
    ballots: str = ""  # how many there were, where one may pick several
    version: int = 1
    reason: str = ""  # why it was corrected, or counted after an interruption
    bulletin: BulletinMark | None = None

    @property
    def stamp(self) -> str:
        """Two or three characters on the result."""
        if not self.motion.is_voted:
            words = {Outcome.CONSENSUS: _("一致"), Outcome.UNSETTLED: _("未定"), Outcome.NOTED: _("知悉")}
            return words.get(Outcome(self.outcome), _("转办"))
        if self.motion.form.ranked:
            return {Outcome.CARRIED: _("意见"), Outcome.TIED: _("并列")}.get(Outcome(self.outcome), _("未排出"))
        if self.motion.form.keys:
            return _("选定") if self.outcome == Outcome.CARRIED else _("未选出")
        return _("通过") if self.outcome == Outcome.CARRIED else _("未通过")


def shown_result(decision: Decision, rules: Mapping[str, Any], bulletin: BulletinMark | None = None) -> Result:
    """`rules` is the meeting's frozen procedure, `bulletin` where the count can be checked."""
    explained = decision.words or decision.arithmetic
    if explained and not decision.words and translation.get_language() != settings.LANGUAGE_CODE:
        explained = explain_motion(
            decision.motion,
            rules=rules,
            entitled=decision.entitled,
            present=decision.present,
            required=decision.required,
            needed=decision.needed,
            counts=decision.counts,
            outcome=decision.outcome,
            winner=decision.winner,
            going_on=decision.going_on,
            referred_to=str(decision.motion.definition.get("referred_to", "")),
        )
    form = decision.motion.form
    lines = decision.lines if form.keys else []
    return Result(
        motion=decision.motion,
        outcome=decision.outcome,
        outcome_label=decision.outcome_label,
        entitled=decision.entitled,
        present=decision.present,
        required=decision.required,
        needed=decision.needed,
        counts=decision.counts,
        explained=explained,
        bars=_bars(form, _best_first(form, lines), decision.present),
        chosen=decision.won,
        goes_on=decision.goes_on,
        won_keys=picks_of(decision.winner) + picks_of(decision.going_on),
        ballots=ballots_in_words(decision.motion, decision.cast),
        version=decision.version,
        reason=decision.reason,
        bulletin=bulletin,
    )


def results_of(meeting: Meeting) -> list[Result]:
    """The standing result of each motion that was announced, in order."""
    decisions = (
        Decision.objects.of(meeting.village)
        .published()
        .filter(motion__meeting=meeting)
        .select_related("motion")
        .order_by("motion__number", "version")
    )
    latest = {decision.motion_id: decision for decision in decisions}
    marks = marks_in(meeting) if latest else {}
    return [shown_result(decision, meeting.procedure, marks.get(motion)) for motion, decision in latest.items()]


@dataclass(frozen=True)
class Board:
    """The board with its words: the same for everyone in the hall, no personal data on it."""

    pulse: Pulse
    meeting: Meeting
    rules: dict[str, Any]
    unit: str
    quorum_words: str
    quorum_met: bool
    agenda: list[AgendaItem]
    motion: Motion | None
    decision: Result | None
    decided: list[Result]
    chair: str
    floor: Floor | None = None
    places: Sequence[tuple[MeetingSession, int]] = ()

    @property
    def voting(self) -> bool:
        """A vote is under way: then nothing else takes the screen."""
        running = (Motion.State.OPEN, Motion.State.PAUSED, Motion.State.CLOSING)
        return self.motion is not None and self.motion.state in running

    @property
    def treated(self) -> Treated | None:
        """How long the item of the moment has been treated."""
        return treated_now(self.agenda, self.pulse.version)

    @property
    def floor_first(self) -> bool:
        """Somebody has the floor, or a question is on the screen: the last result makes room."""
        return self.floor is not None and self.floor.takes_screen and not self.voting

    @property
    def basis(self) -> str:
        """The law's article, where it was checked; an unchecked one is not printed."""
        return f"《{self.rules['law']}》{self.rules['citation']}" if self.rules["verified"] else ""

    @property
    def quorum_basis(self) -> str:
        sentence = _("要到应到的%(share)s。") % {"share": self.quorum_words}
        return f"{sentence}{self.basis}"

    @property
    def options(self) -> list[Bar]:
        """What is to be chosen between, each with its votes as far as they are shown; nothing in a yes/no motion."""
        if self.motion is None or not self.motion.form.keys:
            return []
        counts = self.pulse.shown_counts or {}
        lines = [{"key": key, "label": label, "count": counts.get(key, 0)} for key, label in self.motion.choices]
        return _bars(self.motion.form, lines, self.motion.present_count)

    @property
    def many(self) -> str:
        """How much room the options take on the wall: by their number and the length of their words."""
        lines = sum(1 + len(option.label) // WALL_LINE for option in self.options)
        return next((name for most, name in ((5, ""), (10, "some"), (16, "many")) if lines <= most), "most")

    @property
    def majority_words(self) -> str:
        if self.motion is not None and self.motion.form.ranked:
            return ranking_in_words(self.motion.form)
        return majority_in_words(self.rules, of_options=bool(self.options))


def read_board(meeting: Meeting) -> Board:
    """The whole board of a meeting that has its roster."""
    pulse = read_pulse(meeting.pk)
    if pulse is None:
        raise Meeting.DoesNotExist
    motion = Motion.objects.filter(pk=pulse.motion_id or 0).select_related("agenda_item").first()
    decided = results_of(meeting)
    chair = meeting.officers.serving().filter(role="chair").select_related("resident").first()
    rules = meeting.procedure
    there = dict(pulse.places)
    return Board(
        pulse=pulse,
        meeting=meeting,
        rules=rules,
        unit=unit_words(rules["electorate"]),
        quorum_words=share_in_words(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]),
        quorum_met=pulse.present >= pulse.required,
        agenda=list(meeting.agenda.all()),
        motion=motion,
        decision=next((result for result in decided if result.motion == motion), None),
        decided=decided,
        chair=chair.resident.name if chair else "",
        floor=read_floor(meeting, pulse.floor),
        places=[(session, there[session.number]) for session in meeting.sessions.all()] if there else [],
    )
