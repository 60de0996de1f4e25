"""Meetings in the stages the files have: past ones with their results, one open for voting now, one to come."""

from __future__ import annotations

import datetime
import random
import secrets
from typing import Any

from django.utils import timezone

from consultation import attendance, follow_ups, meetings, minutes, sheets, signing, voting
from consultation.follow_ups import State
from consultation.models import (
    Attendance,
    Decision,
    Meeting,
    MeetingSession,
    Minutes,
    Motion,
    Outcome,
    ProcedurePreset,
    Reply,
    RosterEntry,
)
from consultation.presets import referral_labels
from consultation.quorum import Share, required
from consultation.wording import explain_motion
from home.villages import meeting_page
from residents.models import Appointment, Resident, Role, User, Village, VillageGroup, Yard

from .files import Days
from .papers import lay_papers
from .places import SEED
from .speaking import hear, spend

OFFICERS = ("chair", "recorder", "scrutineer")


def person_named(village: Village, name: str) -> Resident:
    """The person of that name who was named in the files: they hold an account or stand out by a note."""
    people = Resident.objects.of(village).filter(name=name)
    return people.filter(claims__isnull=False).first() or people.exclude(note="").first() or people.get()


def _officers(village: Village, row: dict[str, Any]) -> dict[str, Resident]:
    named = {role: person_named(village, row[role]) for role in OFFICERS if row.get(role)}
    tellers = row.get("teller", [])
    if tellers:
        named["teller"] = person_named(village, tellers[0])
    return named


def _times(row: dict[str, Any], days: Days) -> tuple[datetime.datetime, datetime.datetime, datetime.datetime]:
    """Notice, start and end, in the village's time."""
    if "relative" in row:
        held = days.today + datetime.timedelta(days=row["relative"]["held"])
        notice = days.today + datetime.timedelta(days=row["relative"]["notice"])
    else:
        held, notice = days.date(row["held_on"]), days.date(row["notice_on"])
    if held is None or notice is None:
        raise ValueError(row["id"])
    if "started_minutes_ago" in row:
        start = timezone.now() - datetime.timedelta(minutes=row["started_minutes_ago"])
        return days.moment(notice, "09:00"), start, start + datetime.timedelta(hours=3)
    clock = row["time"]
    return days.moment(notice, "09:00"), days.moment(held, clock["start"]), days.moment(held, clock["end"])


def _call(row: dict[str, Any], days: Days) -> Meeting:
    village = Village.objects.get(slug=row["village"])
    notice, start, end = _times(row, days)
    agenda = [(item["title"], item["kind"], item["minutes"]) for item in row["agenda"]]
    meeting = meetings.call_meeting(
        village=village,
        preset=ProcedurePreset.objects.get(key=row["preset"]),
        title=row["title"],
        place=row.get("place") or "、".join(s["place"] for s in row.get("sessions", [])),
        starts_at=start,
        ends_at=end,
        officers=_officers(village, row),
        agenda=agenda,
        by=None,
        yard=Yard.objects.of(village).get(slug=row["yard"]) if row.get("yard") else None,
        remote_allowed=bool(row.get("remote_basis")) or None,
        remote_basis=row.get("remote_basis", ""),
        invited="、".join(row.get("invited", [])),
    )
    for number, session in enumerate(row.get("sessions", []), start=1):
        made = MeetingSession.objects.create(village=village, meeting=meeting, number=number, place=session["place"])
        made.groups.set(VillageGroup.objects.of(village).filter(number__in=session["groups"]))
    reason = row.get("proposal", {}).get("reason", "")
    meeting_page(meeting, body=[("paragraph", f"<p>{reason}</p>")] if reason else [])
    return meetings.publish_notice(meeting, by=None, at=notice, urgent_reason=row.get("urgent", ""))


def _arrive(meeting: Meeting, row: dict[str, Any], dice: random.Random, *, at: datetime.datetime) -> list[RosterEntry]:
    """Check in the stated number, by the stated methods, the stated number of women; officers and accounts first."""
    entries = list(meeting.roster.entries.select_related("resident"))
    known = set(meeting.officers.values_list("resident_id", flat=True)) | set(
        Resident.objects.of(meeting.village).filter(claims__isnull=False).values_list("pk", flat=True)
    )
    first = [entry for entry in entries if entry.resident_id in known]
    others = [entry for entry in entries if entry.resident_id not in known]
    dice.shuffle(others)
    wanted_women = row.get("present_women", row["present"] // 2)
    here: list[RosterEntry] = first[: row["present"]]
    for gender, number in (("f", wanted_women), ("m", row["present"] - wanted_women)):
        missing = number - sum(entry.gender == gender for entry in here)
        here += [entry for entry in others if entry.gender == gender][: max(missing, 0)]
    rest = [entry for entry in others if entry not in here]
    here = (here + rest)[: row["present"]]
    methods = [name for name, number in row["check_in"].items() for _ in range(number)]
    sessions = list(meeting.sessions.prefetch_related("groups"))
    session_of = {group.number: session for session in sessions for group in session.groups.all()}
    Attendance.objects.bulk_create(
        Attendance(
            village=meeting.village,
            meeting=meeting,
            entry=entry,
            method=methods[n] if n < len(methods) else "recorder",
            session=session_of.get(entry.group_number),
            in_at=at + datetime.timedelta(seconds=3 * n),
        )
        for n, entry in enumerate(here)
    )
    return here


def _past_decision(
    motion: Motion, row: dict[str, Any], meeting: Meeting, present: int, decided: datetime.datetime
) -> None:
    """A result of the files: its counts as they stand there, the arithmetic worked out from the preset."""
    rules = meeting.procedure
    entitled = meeting.roster.entitled_count
    must = required(entitled, Share(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]))
    base = entitled if rules["threshold_of"] == "electorate" else present
    needed = required(base, Share(rules["threshold_op"], rules["threshold_num"], rules["threshold_den"]))
    counts = dict(row.get("tally") or {option["key"]: option["votes"] for option in row.get("options", [])})
    if row.get("options") and row.get("abstain"):
        counts["abstain"] = row["abstain"]
    winner = row.get("winner", "")
    going_on = row.get("going_on", "")
    arithmetic = (
        explain_motion(
            motion, winner=winner, going_on=going_on, rules=rules, entitled=entitled, present=present, required=must,
            needed=needed, counts=counts, outcome=row["outcome"],
        )
        if counts
        else ""
    )  # fmt: skip
    Decision.objects.create(
        village=meeting.village,
        motion=motion,
        outcome=Outcome(row["outcome"]),
        entitled=entitled,
        present=present,
        required=must,
        needed=needed,
        counts=counts,
        channels=row.get("by_channel", {}),
        cast=row.get("cast", sum(counts.values())),
        winner=winner,
        going_on=going_on,
        arithmetic=arithmetic,
        decided_at=decided,
    )


def _past_motions(meeting: Meeting, row: dict[str, Any], decided: datetime.datetime) -> None:
    labels = referral_labels()
    items = {item.number: item for item in meeting.agenda.all()}
    made: dict[str, Motion] = {}
    for number, put in enumerate(row["motions"], start=1):
        motion = Motion.objects.create(
            village=meeting.village,
            meeting=meeting,
            agenda_item=items.get(put.get("agenda", 0)),
            number=number,
            text=put["text"],
            kind=put.get("kind", Motion.Kind.YES_NO),
            method=put["method"],
            secret=put.get("secret", False),
            options=[{"key": o["key"], "text": o["text"]} for o in put.get("options", [])],
            state=Motion.State.PUBLISHED,
            opened_at=decided,
            closed_at=decided,
            opening=number,
            entitled_count=meeting.roster.entitled_count,
            present_count=row["present"],
            runoff_of=made.get(put.get("runoff_of", "")),
            replaces=made.get(put.get("replaces", "")),
            referred_to=labels.get(put.get("referred_to", ""), ""),
            note=put.get("note", ""),
        )
        made[put["id"]] = motion
        _past_decision(motion, put, meeting, row["present"], decided)


def _load_past(row: dict[str, Any], days: Days) -> Meeting:
    """A meeting that is over: attendance, decisions and published minutes as recorded."""
    dice = random.Random(f"{SEED}{row['id']}")  # noqa: S311  which made-up people came
    meeting = _call(row, days)
    _notice, start, end = _times(row, days)
    _arrive(meeting, row, dice, at=start - datetime.timedelta(minutes=30))
    _past_motions(meeting, row, end - datetime.timedelta(minutes=20))
    published = days.date(row["results_published_on"])
    assert published is not None  # noqa: S101  past meetings have it
    adjourned = row["status"] == "adjourned"
    Meeting.objects.filter(pk=meeting.pk).update(
        state=Meeting.State.ADJOURNED if adjourned else Meeting.State.RESULTS_PUBLISHED,
        state_reason="到会人数不够" if adjourned else "",
        opened_at=start,
        closed_at=end,
        openings=len(row["motions"]),
        results_published_at=days.moment(published, "10:00"),
    )
    meeting.refresh_from_db()
    record = minutes.draft_minutes(meeting, by=None)
    checker = Resident.objects.of(meeting.village).filter(appointments__role="supervisory_chair").first()
    Minutes.objects.filter(pk=record.pk).update(
        proceedings=record.proceedings + (row.get("minutes") or "").strip(),
        opinion=(row.get("opinion") or "").strip(),
        state=Minutes.State.CHECKED,
        checked_by=checker,
        checked_at=end,
    )
    record.refresh_from_db()
    for officer in signing.signers_of(meeting):
        signing.sign_minutes(record, signer=officer.resident, by=None, at=end)
    Minutes.objects.filter(pk=record.pk).update(
        state=Minutes.State.PUBLISHED, published_at=days.moment(published, "10:00")
    )
    for promised in row.get("follow_ups", []):
        _promise(meeting, promised, days)
    return meeting


def _promise(meeting: Meeting, row: dict[str, Any], days: Days) -> None:
    """Through the real functions, each at its own time."""
    village = meeting.village
    assert meeting.closed_at is not None  # noqa: S101  it is over
    due, today = days.date(row["due"]), days.today
    assert due is not None  # noqa: S101  each has its day
    offices = follow_ups.owners_in(village, on=today).values()
    owner = next((one for one in offices if one.name.startswith(f"{row['owner']}（")), None)
    if owner is None:
        person = person_named(village, row["owner"])
        owner = follow_ups.Owner(person.name, person)
    made = follow_ups.assign_follow_up(meeting, title=row["title"], owner=owner, due=due, by=None, at=meeting.closed_at)
    said = row.get("report")
    chair = _committee_account(village)
    if not said or chair is None:
        return
    ended = min(due - datetime.timedelta(days=2), today - datetime.timedelta(days=1))
    day = max(ended, timezone.localdate(meeting.closed_at) + datetime.timedelta(days=1))
    follow_ups.report(made, follow_ups.Told(State(row["status"]), said), by=chair, at=days.moment(day, "16:00"))


def _committee_account(village: Village) -> User | None:
    held = Appointment.objects.of(village).filter(role=Role.COMMITTEE_CHAIR, resident__claims__state="confirmed")
    office = held.select_related("resident").first()
    claim = office.resident.claims.confirmed().filter(relation="self").first() if office is not None else None
    return claim.user if claim is not None else None


def _reply(meeting: Meeting, row: dict[str, Any]) -> None:
    """Some have read the notice and some of these said whether they come; those with accounts are left to do it."""
    dice = random.Random(f"{SEED}{row['id']} replies")  # noqa: S311  which made-up people answer
    silent = meeting.roster.entries.filter(resident__claims=None)
    read = dice.sample(list(silent), k=silent.count() // 2)
    said = [Reply.Answer.COMES] * 7 + [Reply.Answer.CANNOT] + [""] * 4
    assert meeting.noticed_at is not None  # noqa: S101  its notice is out
    Reply.objects.bulk_create(
        Reply(
            village=meeting.village,
            meeting=meeting,
            entry=entry,
            read_at=at,
            answer=answer,
            answered_at=at if answer else None,
        )
        for entry, answer, at in ((entry, dice.choice(said), meeting.noticed_at) for entry in read)
    )


def _shares(tally: dict[str, int], dice: random.Random) -> list[str]:
    choices = [choice for choice, number in tally.items() for _ in range(number)]
    dice.shuffle(choices)
    return choices


def _table(meeting: Meeting, put: dict[str, Any]) -> Motion:
    return voting.table_motion(
        meeting=meeting,
        text=put["text"],
        kind=put.get("kind", Motion.Kind.YES_NO),
        options=[option["text"] for option in put.get("options", [])],
        most=put.get("most", 1),
        method=put["method"],
        secret=put["secret"],
        agenda_item=meeting.agenda.get(number=put["agenda"]),
        by=None,
    )


def _load_live(row: dict[str, Any], days: Days) -> Meeting:
    """The meeting that is being held now, by the same rules a real one runs under."""
    dice = random.Random(f"{SEED}{row['id']}")  # noqa: S311  which made-up people came
    meeting = _call(row, days)
    start = meeting.starts_at
    meeting = meetings.open_meeting(meeting, by=None)
    here = _arrive(meeting, row, dice, at=start)
    Meeting.objects.filter(pk=meeting.pk).update(opened_at=start)
    meeting = attendance.confirm_quorum(meeting, by=None)
    hear(meeting, row, here)
    for put in row["motions"]:
        motion = _table(meeting, put)
        if put["outcome"] == "tabled":  # for whoever tries the demo to put to the vote
            continue
        motion = voting.open_motion(motion, by=None)
        if put["outcome"] == "pending":
            # Those with accounts are left to vote by whoever tries the demo.
            others = [entry for entry in here if not entry.resident.claims.exists()]
            for entry in others[: put["cast"]]:
                voting.cast_ballot(
                    motion=motion, entry=entry, choice=dice.choice(["for", "for", "against"]), key=secrets.token_hex(8)
                )
            continue
        by_phone = put["by_channel"]["online"]
        for entry, choice in zip(here, _shares(by_phone, dice), strict=False):
            voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=secrets.token_hex(8))
        motion = voting.close_motion(motion, by=None)
        for reader in (meeting.officers.get(role="recorder"), meeting.officers.get(role="scrutineer")):
            sheets.enter_hands(motion, reader=reader.resident, counts=put["by_channel"]["hands"], by=None)
        voting.announce_result(motion, by=None)
    spend(meeting, row["agenda"])
    return meeting


def _move(meeting: Meeting, row: dict[str, Any], days: Days) -> Meeting:
    """Bring a meeting of an earlier demo day to this one; what people entered stays."""
    if timezone.localdate(meeting.starts_at) < days.today + datetime.timedelta(days=row["relative"]["held"]):
        meeting.noticed_at, meeting.starts_at, meeting.ends_at = _times(row, days)
        if meeting.opened_at is not None:
            meeting.opened_at = meeting.starts_at
        meeting.save(update_fields=["noticed_at", "starts_at", "ends_at", "opened_at"])
    return meeting


def load_meeting(row: dict[str, Any], days: Days) -> Meeting:
    """One meeting by its title in its village, unless it is there already; what is relative moves to the demo day."""
    known = Meeting.objects.filter(village__slug=row["village"], title=row["title"])
    if row["status"] == "live":
        running = known.live().filter(motions__state=Motion.State.OPEN).first()
        return _move(running, row, days) if running else _load_live(row, days)
    existing = known.first()
    if existing is not None:
        return _move(existing, row, days) if existing.state == Meeting.State.NOTICED else existing
    if row["status"] == "noticed":
        meeting = _call(row, days)
        for put in row["motions"]:
            _table(meeting, put)
        _reply(meeting, row)
        lay_papers(meeting, row.get("papers", []))
        return meeting
    return _load_past(row, days)


def link_continued(rows: list[dict[str, Any]]) -> None:
    """Meetings that go on where an adjourned one stopped."""
    titles = {row["id"]: (row["village"], row["title"]) for row in rows}
    for row in rows:
        if "continues" in row:
            village, title = titles[row["continues"]]
            earlier = Meeting.objects.get(village__slug=village, title=title)
            Meeting.objects.filter(village__slug=row["village"], title=row["title"]).update(continues=earlier)
