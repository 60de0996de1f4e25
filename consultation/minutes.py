"""The minutes: drafted from what was recorded, edited, checked, given back, published. Who signs: signing.py."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User

from .attendance import required_for
from .bulletin_reads import BulletinMark, marks_in
from .errors import Invalid, SamePerson, Stale, WrongState
from .heard import heard_in_words
from .locks import database_now
from .meetings import publish_results
from .models import Attendance, Ballot, Decision, Meeting, Minutes, Motion, Officer
from .participants import attending
from .pictures import discard_photo
from .wording import ballots_in_words, share_in_words, unit_words

MOST_PROCEEDINGS = Minutes._meta.get_field("proceedings").max_length or 0


def move(minutes: Minutes, state: Minutes.State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Minutes.MOVES[Minutes.State(minutes.state)]:
        raise WrongState(_("会议记录现在是“%(state)s”，不能这样做。") % {"state": minutes.get_state_display()})
    minutes.state = state


def _names(meeting: Meeting, role: str) -> str:
    holders = meeting.officers.filter(role=role).select_related("resident").order_by("since_at")
    return "、".join(officer.resident.name for officer in holders)


def _ever_present(meeting: Meeting) -> QuerySet[Attendance]:
    """Every voting unit that was there at some time."""
    return Attendance.objects.of(meeting.village).filter(meeting=meeting, voided_at__isnull=True)


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """What was recorded, by label, in the order of GB/T 9704 minutes: time, place, chair, numbers, then the motions."""
    rules = meeting.procedure
    stays = _ever_present(meeting)
    present = stays.values("entry").distinct().count()
    women = stays.filter(entry__gender="f").values("entry").distinct().count()
    methods = {
        row["method"]: row["number"] for row in stays.values("method").annotate(number=Count("entry", distinct=True))
    }
    entitled = meeting.roster.entitled_count
    marks = marks_in(meeting)
    started = timezone.localtime(meeting.opened_at or meeting.starts_at)
    ended = timezone.localtime(meeting.closed_at) if meeting.closed_at else None
    return {
        "time": _span(started, ended),
        "place": meeting.place,
        **_places(meeting),
        "body": rules["label"],
        "basis": f"《{rules['law']}》{rules['citation']}" if rules["verified"] else "",
        "chair": _names(meeting, Officer.Role.CHAIR),
        "recorder": _names(meeting, Officer.Role.RECORDER),
        "teller": _names(meeting, Officer.Role.TELLER),
        "scrutineer": _names(meeting, Officer.Role.SCRUTINEER),
        "invited": attending(meeting),
        "urgent_reason": meeting.urgent_reason,
        "remote_basis": meeting.remote_basis if meeting.remote_allowed else "",
        "entitled": entitled,
        "present": present,
        "women": women,
        "absent": entitled - present,
        "methods": methods,
        "required": required_for(meeting),
        "quorum": share_in_words(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]),
        "unit": unit_words(rules["electorate"]),
        "motions": [_motion_facts(decision, marks.get(decision.motion_id)) for decision in _decisions(meeting)],
    }


def _places(meeting: Meeting) -> dict[str, Any]:
    """Of a meeting in several places: how many were at each; who went from one to another is told at the last."""
    sessions = list(meeting.sessions.all())
    stays = _ever_present(meeting).order_by("in_at", "pk").values_list("entry", "session") if sessions else []
    last = Counter(dict(stays).values())
    return {"places": [{"place": one.place, "present": last[one.pk]} for one in sessions]} if sessions else {}


def _span(started: datetime.datetime, ended: datetime.datetime | None) -> str:
    """From when to when; the second day too where it went past midnight."""
    if ended is None:
        return started.strftime("%Y-%m-%d %H:%M")
    same_day = ended.date() == started.date()
    return started.strftime("%Y-%m-%d %H:%M—") + ended.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")


def _decisions(meeting: Meeting) -> list[Decision]:
    """The standing decision of each motion, in order."""
    decisions = Decision.objects.of(meeting.village).filter(motion__meeting=meeting).select_related("motion")
    latest = {d.motion_id: d for d in decisions.order_by("motion__number", "version")}
    return list(latest.values())


def _motion_facts(decision: Decision, bulletin: BulletinMark | None) -> dict[str, Any]:
    motion: Motion = decision.motion
    return {
        "number": motion.number,
        "text": motion.text,
        "method": str(motion.get_method_display()),
        "secret": motion.secret,
        "lines": decision.lines,
        "outcome": decision.outcome,
        "outcome_label": decision.outcome_label,
        "arithmetic": decision.arithmetic,
        **({"words": decision.words} if decision.words else {}),
        "note": motion.note,
        **({"ballots": ballots} if (ballots := ballots_in_words(motion, decision.cast)) else {}),
        **({"referred_to": motion.referred_to} if motion.referred_to else {}),
        "bulletin": {"number": bulletin.number, "root": bulletin.root} if bulletin else None,
    }


@transaction.atomic
def draft_minutes(meeting: Meeting, *, by: User | None) -> Minutes:
    """Make the draft from what was recorded. Raises WrongState unless the meeting was held and is over."""
    if meeting.state in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE, Meeting.State.CANCELLED):
        raise WrongState(_("散会以后才能写会议记录。"))
    with translation.override("zh-hans"):  # the record is in the village's language
        facts = facts_of(meeting)
        agenda = "\n".join(f"{item.number}. {item.title}" for item in meeting.agenda.all())
        proceedings = _("议程：\n%(agenda)s\n\n讨论情况：\n") % {"agenda": agenda}
        proceedings += heard_in_words(meeting, room=MOST_PROCEEDINGS - len(proceedings))
    minutes, created = Minutes.objects.get_or_create(
        meeting=meeting, defaults={"village": meeting.village, "facts": facts, "proceedings": proceedings}
    )
    if created:
        record(action="draft_minutes", subject=meeting, village_id=meeting.village_id, actor=by, number=meeting.number)
    return minutes


def locked(minutes: Minutes) -> Minutes:
    """The row anew, held until the end of the transaction."""
    return Minutes.objects.select_for_update(of=("self",)).select_related("meeting__village").get(pk=minutes.pk)


@transaction.atomic
def edit_minutes(minutes: Minutes, *, revision: int, proceedings: str, opinion: str, by: User | None) -> Minutes:
    """Save the recorder's words. Raises Stale when somebody saved since `revision`, WrongState once checked."""
    minutes = locked(minutes)
    if minutes.state != Minutes.State.DRAFT:
        raise WrongState(_("记录已经核对，不能再改。要改请先让监督委员会退回。"))
    if minutes.revision != revision:
        raise Stale
    minutes.proceedings, minutes.opinion = proceedings, opinion
    minutes.revision += 1
    minutes.save()
    record(
        action="edit_minutes", subject=minutes.meeting, village_id=minutes.village_id, actor=by,
        number=minutes.meeting.number, revision=minutes.revision,
    )  # fmt: skip
    return minutes


@transaction.atomic
def check_minutes(minutes: Minutes, *, checker: Resident, by: User | None, note: str = "") -> Minutes:
    """The supervisory committee has compared the minutes with what happened (VL 37, UL 36 of 2025)."""
    minutes = locked(minutes)
    if minutes.meeting.officers.filter(resident=checker, role__in=["chair", "recorder"]).exists():
        raise SamePerson(_("主持人和记录员不能核对自己的会议记录，请监督委员会其他人核对。"))
    move(minutes, Minutes.State.CHECKED)
    minutes.checked_by, minutes.checked_at, minutes.check_note = checker, database_now(), note[:500]
    minutes.revision += 1
    minutes.save()
    record(
        action="check_minutes", subject=minutes.meeting, village_id=minutes.village_id, actor=by,
        number=minutes.meeting.number, checker=checker.name,
    )  # fmt: skip
    return minutes


@transaction.atomic
def return_minutes(minutes: Minutes, *, by: User | None, note: str) -> Minutes:
    """Give the minutes back to the recorder, with what is wrong. Signatures given so far go with it."""
    minutes = locked(minutes)
    if not note.strip():
        raise Invalid(_("请写明哪里要改。"), field="reason")
    if minutes.state == Minutes.State.CHECKED:
        move(minutes, Minutes.State.DRAFT)
    elif minutes.state != Minutes.State.DRAFT:
        raise WrongState(_("签好字的记录不能退回。"))
    undone = _undo_signatures(minutes)
    minutes.check_note, minutes.checked_by, minutes.checked_at = note[:500], None, None
    minutes.revision += 1
    minutes.save()
    record(
        action="return_minutes", subject=minutes.meeting, village_id=minutes.village_id, actor=by,
        number=minutes.meeting.number, note=minutes.check_note, **({"signatures": undone} if undone else {}),
    )  # fmt: skip
    return minutes


def _undo_signatures(minutes: Minutes) -> list[str]:
    """They stood for words that will change; who had signed, for the log."""
    given = list(minutes.signatures.select_related("photo"))
    for signature in given:
        signature.delete()
        if signature.photo is not None:
            discard_photo(signature.photo)
    minutes.digest = ""
    return [f"{signature.role} {signature.name}" for signature in given]


@transaction.atomic
def publish_minutes(minutes: Minutes, *, by: User | None) -> Minutes:
    """Put results and minutes on the village's page; visitors see results, not names of residents."""
    minutes = locked(minutes)
    move(minutes, Minutes.State.PUBLISHED)
    minutes.published_at = database_now()
    minutes.save()
    if minutes.meeting.state in (Meeting.State.CLOSED, Meeting.State.ADJOURNED):
        publish_results(minutes.meeting, by=by)
    record(
        action="publish_minutes", subject=minutes.meeting, village_id=minutes.village_id, actor=by,
        number=minutes.meeting.number,
    )  # fmt: skip
    return minutes


def later_results(minutes: Minutes) -> list[dict[str, Any]]:
    """What was decided or corrected after the signature: the signed words stay, this stands under them."""
    if not minutes.digest:
        return []
    signed = {motion["number"]: motion for motion in minutes.facts.get("motions", ())}
    found = []
    marks = marks_in(minutes.meeting)
    with translation.override("zh-hans"):  # compared with words that were written in the village's language
        for decision in _decisions(minutes.meeting):
            if decision.motion.state != Motion.State.PUBLISHED:
                continue
            now = _motion_facts(decision, marks.get(decision.motion_id))
            before = signed.get(now["number"], {})
            if any(now.get(key) != before.get(key) for key in ("lines", "outcome", "arithmetic", "words")):
                found.append(
                    now | {"reason": decision.reason, "on": minutes.meeting.village.local_date(decision.decided_at)}
                )
    return found


def arrivals(meeting: Meeting) -> list[dict[str, Any]]:
    """Everybody who was there at some time, by number, with how they first signed in: for `may_read_arrivals` only."""
    stays = _ever_present(meeting).select_related("entry").order_by("entry__number", "in_at", "pk")
    first: dict[int, Attendance] = {}
    for stay in stays:
        first.setdefault(stay.entry_id, stay)
    return [
        {"number": stay.entry.number, "name": stay.entry.name, "group": stay.entry.group_number,
         "method": str(stay.get_method_display())}
        for stay in first.values()
    ]  # fmt: skip


def named_ballots(meeting: Meeting) -> list[dict[str, Any]]:
    """Who voted what in the open votes by phone: for the village only, never for visitors."""
    motions: dict[int, dict[str, Any]] = {}
    ballots = (
        Ballot.objects.of(meeting.village)
        .filter(motion__meeting=meeting, motion__secret=False, motion__state=Motion.State.PUBLISHED)
        .select_related("motion", "entry")
        .order_by("motion__number", "entry__number")
    )
    for ballot in ballots:
        put = ballot.motion
        motion = motions.setdefault(put.pk, {"text": put.text, "offered": put.counted_parts, "choices": {}})
        for pick in put.form.parts(ballot.choice):
            motion["choices"].setdefault(pick, []).append(ballot.entry.name)
    return [
        {
            "text": motion["text"],
            "lines": [
                {"label": label, "names": motion["choices"][key]}
                for key, label in motion["offered"]
                if key in motion["choices"]
            ],
        }
        for motion in motions.values()
    ]
