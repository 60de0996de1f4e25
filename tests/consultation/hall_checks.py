"""What holds after every step, in this meeting and in those before it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from hypothesis.stateful import invariant

from consultation import checker
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Attendance, Ballot, Bulletin, Counted, Decision, Mark, Motion, Slip

from .hall_machine import LATER, HallMachine
from .plain_vote import Vote

ASKED = (
    "pk", "meeting", "number", "state", "text", "new_text", "secret", "method", "kind", "present_count",
    "entitled_count", "definition__text",
)  # fmt: skip


def by_motion(rows: Any) -> defaultdict[int, list[Any]]:
    """Rows whose first column is the motion; the rest of each."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for motion, *rest in rows:
        found[motion].append(tuple(rest) if len(rest) > 1 else rest[0])
    return found


class Checks(HallMachine):
    def mine(self, model: Any) -> Any:
        return model.objects.of(self.base["hall"].village).order_by()

    @invariant()
    def all_is_as_the_plain_halls_say(self) -> None:
        self.those_there_are_those_there()
        self.every_unit_once_and_everything_counted()
        self.the_results_are_what_the_plain_count_says()

    def those_there_are_those_there(self) -> None:
        here = defaultdict(list)
        stays = self.mine(Attendance).present().values_list("meeting", "entry", "session")
        for meeting, entry, session in stays:
            here[meeting].append((entry, session))
        for part in self.parts:
            places = [session.pk for session in part.places] or [None, None]
            where = {unit: None if place is None else places[place] for unit, place in part.plain.where.items()}
            expected = [(part.entries[unit].pk, where.get(unit)) for unit in part.plain.present]
            assert sorted(here[part.meeting.pk], key=str) == sorted(expected, key=str)  # nobody twice, nowhere else

    def every_unit_once_and_everything_counted(self) -> None:
        motions = {(row["meeting"], row["number"]): row for row in self.mine(Motion).values(*ASKED)}
        assert len(motions) == sum(len(part.plain.votes) for part in self.parts)
        marks = by_motion(self.mine(Mark).values_list("motion", "entry", "paper"))
        ballots = by_motion(self.mine(Ballot).values_list("motion", "entry", "choice"))
        slips = by_motion(self.mine(Slip).values_list("motion", "key"))
        self.pks = {at: row["pk"] for at, row in motions.items()}
        for part, vote in self.everything():
            motion = motions[part.meeting.pk, vote.number]
            pk = motion["pk"]
            assert motion["state"] == vote.state
            self._words(motion, vote)
            expected = [(part.entries[one].pk, False) for one in vote.voted]
            expected += [(part.entries[one].pk, True) for one in vote.out]
            cast = marks[pk]
            assert sorted(cast) == sorted(expected)  # one unit once, whatever the way
            if vote.opening:
                assert len(cast) <= motion["present_count"] == len(vote.there)
                assert len(vote.there) * 3 >= motion["entitled_count"] * 2 == vote.entitled * 2
            assert dict(ballots[pk]) == {part.entries[one].pk: said for one, said in vote.choices.items()}
            assert sorted(slips[pk]) == sorted(slip_key(self.secret(word)) for word in vote.slips)
            if vote.state in LATER:
                now = set(cast), Counter(vote.choices.values())
                assert self.kept.setdefault(pk, now) == now  # nothing is added after closing

    def _words(self, motion: dict[str, Any], vote: Vote) -> None:
        assert motion["new_text"] == vote.new_text
        assert (motion["secret"], motion["method"], motion["kind"]) == (vote.secret, vote.method, vote.kind)
        if vote.amends is None:
            assert motion["text"] == vote.text
        if vote.opening:
            assert motion["definition__text"] == motion["text"]

    def the_results_are_what_the_plain_count_says(self) -> None:
        versions = dict(self.mine(Decision).order_by("version").values_list("motion", "version"))
        rows = self.mine(Bulletin).values_list("motion", "version", "body")
        bodies = {(motion, version): body for motion, version, body in rows}
        assert self.bodies.items() <= bodies.items()  # what was published stays as it was
        for part, vote in self.everything():
            pk = self.pks[part.meeting.pk, vote.number]
            assert versions.pop(pk, None) == (vote.versions if vote.state == "published" else None)
            if vote.state == "published" and (pk, vote.versions) not in self.bodies:
                decision = Decision.objects.select_related("motion").get(motion=pk, version=vote.versions)
                self._result(vote, decision, bodies[pk, vote.versions])
        assert not versions
        self.bodies = bodies

    def _result(self, vote: Vote, decision: Decision, body: str) -> None:
        assert decision.counts == vote.total
        assert (decision.outcome, decision.winner, decision.going_on) == vote.outcome()
        assert (decision.present, decision.entitled) == (len(vote.there), vote.entitled)
        assert decision.cast <= decision.present
        said = json.loads(body)
        assert said["totals"] == vote.total
        counted = Counter(said["choices"]["1"])
        for sheet in said["sheets"]:
            counted.update(sheet["counts"] or {})
        assert {one: counted[one] for one in vote.names} == vote.total
        assert len(said["sheets"]) == len(vote.sheets)
        if vote.secret:
            assert said["codes"] == sorted(board_code(self.secret(word)) for word in vote.listed)
            assert Counted.objects.filter(motion=decision.motion).count() == vote.phones.total()
        else:
            assert said["marks"] == len(vote.voted)

    def teardown(self) -> None:
        """Everything published stands before the checker that people take home."""
        if not hasattr(self, "parts"):
            return
        bodies = self.mine(Bulletin).order_by("number").values_list("body", flat=True)
        if bodies:
            with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
                path = Path(folder) / "bulletins.jsonl"
                path.write_text("".join(f"{body}\n" for body in bodies), encoding="utf-8")
                answers = list(checker._script().report(path.read_bytes(), many=True))
                assert all(holds for holds, *_said in answers), answers
