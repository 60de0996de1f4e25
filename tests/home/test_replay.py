"""The demo's finished meetings, held once more by the rules themselves: what the files say is what is decided."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consultation import attendance, meetings, secret_ballots, sheets, tabling, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.errors import NoQuorum
from consultation.models import Mark, Meeting, Motion, PaperIssue, ProcedurePreset
from consultation.options import keyed
from consultation.practice import add_households
from consultation.presets import seed_presets
from home.demo.files import read
from residents.models import Appointment, Household, Resident, Role, Yard
from tests.factories.residents import make_village

pytestmark = pytest.mark.django_db

ROWS: list[dict[str, Any]] = read("consultations.yaml")["meetings"]
FINISHED = [row for row in ROWS if row["status"] not in ("live", "noticed")]
# Whom the files pass a matter on to, and whose matter it then is by law.
RESERVED_FOR = {
    "villagers_representative_assembly": "villagers_assembly",
    "owners_vote": "owners_vote",
    "collective_members_assembly": "collective_members_assembly",
}
OFFICES = {"assembly_members": Role.REPRESENTATIVE, "delegates": Role.YARD_DELEGATE}
IN_OFFICE = datetime.date(2026, 1, 1)
KINDS = {"yes_no", "choice", "multi_choice"}


def _roll(preset: ProcedurePreset, size: int) -> tuple[list[Resident], Yard]:
    """A village whose electorate for this kind of meeting has that many units."""
    village = make_village(kind=preset.applies_to, is_practice=True)
    homes = add_households(village, size)
    yard = Yard.objects.create(village=village, name="屋场", slug="yard")
    Household.objects.of(village).update(yard=yard)
    people = [home.representative for home in homes if home.representative is not None]
    if preset.electorate in OFFICES:
        office = {"village": village, "role": OFFICES[preset.electorate], "yard": yard, "from_on": IN_OFFICE}
        Appointment.objects.bulk_create(Appointment(resident=one, **office) for one in people)
    return people, yard


def _call(row: dict[str, Any]) -> Meeting:
    """Called, noticed on its day, opened, and as many checked in by each way as the files say."""
    preset = ProcedurePreset.objects.get(key=row["preset"])
    people, yard = _roll(preset, row["electorate_size"])
    zone = ZoneInfo("Asia/Shanghai")

    def at(day: datetime.date, clock: str) -> datetime.datetime:
        return datetime.datetime.combine(day, datetime.time.fromisoformat(clock), zone)

    meeting = meetings.call_meeting(
        village=people[0].village,
        preset=preset,
        title=row["title"],
        place=row.get("place", "会场"),
        starts_at=at(row["held_on"], row["time"]["start"]),
        ends_at=at(row["held_on"], row["time"]["end"]),
        officers=dict(zip(("chair", "recorder", "scrutineer"), people, strict=False)),
        agenda=[(item["title"], item["kind"], item["minutes"]) for item in row["agenda"]],
        yard=yard,
        remote_allowed=bool(row.get("remote_basis")) or None,
        remote_basis=row.get("remote_basis", ""),
        by=None,
    )
    meeting = meetings.publish_notice(meeting, by=None, at=at(row["notice_on"], "09:00"))
    meeting = meetings.open_meeting(meeting, by=None)
    waiting = iter(meeting.roster.entries.select_related("roster"))
    for method, number in row["check_in"].items():
        entries = [next(waiting) for _unit in range(number)]
        if entries:
            attendance.check_in(meeting, entries, method=method, by=None)
    return meeting


def _counts(put: dict[str, Any]) -> dict[str, int]:
    if put.get("options"):
        return {one["key"]: one["votes"] for one in put["options"]} | {"abstain": put.get("abstain", 0)}
    return put.get("tally") or {}


def _table(meeting: Meeting, put: dict[str, Any], made: dict[str, Motion]) -> Motion:
    if "runoff_of" in put:
        return tabling.table_runoff(made[put["runoff_of"]], by=None)
    told = put["method"] == "none"  # passed on without a vote: the hall is asked, and nobody raises a hand
    return tabling.table_motion(
        meeting=meeting,
        text=put["text"],
        kind=put.get("kind", "yes_no"),
        options=[one["text"] for one in put.get("options", [])],
        method="hands" if told else put["method"],
        secret=put.get("secret", False),
        agenda_item=meeting.agenda.get(number=put["agenda"]),
        reserved_for=RESERVED_FOR.get(put.get("referred_to", ""), ""),
        by=None,
    )


def _cast(motion: Motion, counts: dict[str, int], entries: Iterator[Any]) -> None:
    for choice, number in counts.items():
        for _vote in range(number):
            entry = next(entries)
            secret = entry.pk.to_bytes(16, "big")
            if motion.secret:
                secret_ballots.cast_secret(
                    motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret)
                )
            else:
                voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=secret.hex())


def _vote(meeting: Meeting, put: dict[str, Any], motion: Motion) -> Motion:
    """Opened, voted by phone where the files say so, the rest on a sheet that two people type, announced."""
    motion = voting.open_motion(motion, by=None)
    entries = iter(list(meeting.roster.entries.filter(attendances__isnull=False).select_related("roster")))
    by_way = put.get("by_channel") or {"online" if motion.method == Motion.Method.ONLINE else "sheet": _counts(put)}
    _cast(motion, by_way.get("online", {}), entries)
    counted: dict[str, int] = next((counts for way, counts in by_way.items() if way != "online"), {})
    if motion.by_paper:
        holders = [next(entries) for _paper in range(sum(counted.values()))]
        common = {"village": motion.village, "motion": motion}  # by hundreds: handing out is tested elsewhere
        Mark.objects.bulk_create(Mark(**common, entry=one, paper=True) for one in holders)
        PaperIssue.objects.bulk_create(PaperIssue(**common, entry=one) for one in holders)
    motion = voting.close_motion(motion, by=None)
    for office in ("recorder", "chair") if sheets.methods_of(motion) else ():
        reader = meeting.officers.get(role=office).resident
        (method,) = sheets.methods_of(motion)
        sheets.enter_reading(motion, method=method, reader=reader, numbers=counted, by=None)
    if sheets.methods_of(motion):
        voting.announce_result(motion, by=None)
    return Motion.objects.get(pk=motion.pk)


def test_every_motion_of_the_files_can_be_replayed() -> None:
    """None is left out: a kind of vote that the files begin to use has to be taught to this replay."""
    puts = [put for row in FINISHED for put in row["motions"]]
    assert len(puts) == 17
    assert {put.get("kind", "yes_no") for put in puts} <= KINDS
    assert {put["referred_to"] for put in puts if put["outcome"] == "referred"} <= set(RESERVED_FOR)


@pytest.mark.parametrize("row", FINISHED, ids=lambda row: row["id"])
def test_held_again_it_comes_to_what_the_files_say(row: dict[str, Any]) -> None:
    seed_presets()
    meeting = _call(row)
    assert meeting.roster.entitled_count == row["electorate_size"]
    assert attendance.present_count(meeting) == row["present"]
    assert attendance.required_for(meeting) == row["quorum_required"]
    if row["status"] == "adjourned":
        with pytest.raises(NoQuorum):
            attendance.confirm_quorum(meeting, by=None)
        assert meetings.adjourn_meeting(meeting, by=None, reason="到会人数不够").state == "adjourned"
        return
    meeting = attendance.confirm_quorum(meeting, by=None)
    made: dict[str, Motion] = {}
    for put in row["motions"]:
        made[put["id"]] = _vote(meeting, put, _table(meeting, put, made))
        decision = made[put["id"]].latest_decision
        assert decision is not None
        found = (decision.outcome, decision.winner, decision.going_on)
        assert found == (put["outcome"], put.get("winner", ""), put.get("going_on", "")), put["text"]
        if put["method"] != "none":
            assert {key: number for key, number in decision.counts.items() if number} == {
                key: number for key, number in _counts(put).items() if number
            }
            assert sum(decision.counts.values()) == row["present"]
        assert bool(made[put["id"]].referred_to) == (put["outcome"] == "referred")
        if put.get("options"):
            assert made[put["id"]].options == keyed([one["text"] for one in put["options"]])
    assert meetings.close_meeting(meeting, by=None).state == "closed"
