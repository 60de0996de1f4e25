import datetime
import json

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import AuditEntry
from consultation import attendance, meetings, minutes, sheets, signing, voting
from consultation.errors import CameLate, Invalid, NoQuorum, NoticeTooShort, SamePerson, WrongState
from consultation.models import Attendance, Meeting, Officer, ProcedurePreset, RosterEntry
from consultation.presets import seed_presets
from tests.factories.consultation import HOUSEHOLDS, INDIVIDUALS, call, close_vote, make_hall, open_vote, sign_all
from tests.factories.residents import make_household, make_resident, make_village

pytestmark = pytest.mark.django_db

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
COLLECTIVE = "collective_members_assembly"


def village_of(number=3):
    village = make_village()
    return village, [make_resident(village) for _ in range(number)]


# Calling


def test_meetings_are_numbered_within_their_village():
    here, people = village_of()
    there, others = village_of()
    assert [call(here, people).number, call(here, people).number, call(there, others).number] == [1, 2, 1]


def test_what_is_called_is_there_as_it_was_said_and_nobody_knows_of_it_yet():
    village, people = village_of()
    meeting = call(
        village, people, agenda=[("通报账目", "report", 10), ("表决路灯", "voting", 20)], invited="驻村工作队"
    )
    assert (meeting.state, meeting.invited, meeting.rules) == ("preparing", "驻村工作队", {})
    assert list(meeting.agenda.values_list("number", "title", "kind", "minutes")) == [
        (1, "通报账目", "report", 10),
        (2, "表决路灯", "voting", 20),
    ]
    assert {(officer.role, officer.resident) for officer in meeting.officers.all()} == {
        ("chair", people[0]),
        ("recorder", people[1]),
        ("scrutineer", people[2]),
    }
    assert list(Meeting.objects.of(village).announced()) == []


@pytest.mark.parametrize("missing", ["chair", "recorder"])
def test_a_meeting_needs_a_chair_and_a_recorder(missing):
    village, people = village_of()
    officers = {"chair": people[0], "recorder": people[1]}
    del officers[missing]
    with pytest.raises(Invalid) as refusal:
        call(village, people, officers=officers)
    assert refusal.value.field == missing
    assert not Meeting.objects.exists()


def test_one_person_holds_one_office():
    village, people = village_of()
    with pytest.raises(SamePerson):
        call(village, people, officers={"chair": people[0], "recorder": people[1], "scrutineer": people[0]})


def test_a_meeting_ends_after_it_starts():
    village, people = village_of()
    now = timezone.now()
    with pytest.raises(Invalid) as refusal:
        call(village, people, starts_at=now, ends_at=now)
    assert refusal.value.field == "ends_at"


def test_a_community_does_not_meet_by_the_law_of_villages():
    village = make_village(kind="community")
    people = [make_resident(village) for _ in range(2)]
    with pytest.raises(Invalid) as refusal:
        call(village, people)
    assert refusal.value.field == "preset"


def test_an_agenda_has_at_most_a_hundred_items():
    village, people = village_of()
    call(village, people, agenda=[("议题", "discussion", 1)] * 100)
    with pytest.raises(Invalid) as refusal:
        call(village, people, agenda=[("议题", "discussion", 1)] * 101)
    assert refusal.value.field == "agenda"


def test_remote_presence_at_a_binding_decision_needs_a_stated_basis():
    """Both organisation laws are silent on it: off by default, on with its basis."""
    village, people = village_of()
    assert call(village, people).remote_allowed is False
    with pytest.raises(Invalid) as refusal:
        call(village, people, remote_allowed=True)
    assert refusal.value.field == "remote_basis"
    assert call(village, people, remote_allowed=True, remote_basis="自治章程第十二条").remote_allowed is True


def test_where_the_law_itself_allows_remote_presence_its_article_is_the_basis():
    village, people = village_of()
    meeting = call(village, people, preset=COLLECTIVE)
    assert (meeting.remote_allowed, meeting.remote_basis) == (True, meeting.preset.citation)


# The notice


def noon(on):
    return datetime.datetime.combine(on, datetime.time(12), SHANGHAI)


def called_for(starts_at, **fields):
    village, people = village_of()
    return call(village, people, starts_at=starts_at, ends_at=starts_at + datetime.timedelta(hours=2), **fields)


DAY = datetime.date(2026, 5, 20)


@pytest.mark.parametrize(
    ("notice_at", "in_time"),
    [
        (noon(DAY - datetime.timedelta(days=11)), True),
        (noon(DAY - datetime.timedelta(days=10)), True),
        # Days are calendar days of the village, not 24 hours: the last minute of the tenth day before counts.
        (datetime.datetime(2026, 5, 10, 23, 59, tzinfo=SHANGHAI), True),
        (datetime.datetime(2026, 5, 11, 0, 0, tzinfo=SHANGHAI), False),
        (noon(DAY - datetime.timedelta(days=9)), False),
        (noon(DAY), False),
        (noon(DAY + datetime.timedelta(days=1)), False),
    ],
)
def test_the_villagers_assembly_is_called_ten_days_ahead(notice_at, in_time):
    meeting = called_for(datetime.datetime(2026, 5, 20, 0, 1, tzinfo=SHANGHAI))
    if in_time:
        assert meetings.publish_notice(meeting, by=None, at=notice_at).state == "noticed"
    else:
        with pytest.raises(NoticeTooShort) as refusal:
            meetings.publish_notice(meeting, by=None, at=notice_at)
        assert (refusal.value.code, refusal.value.field) == ("invalid", "urgent_reason")
        meeting.refresh_from_db()
        assert meeting.state == "preparing"
        assert not hasattr(meeting, "roster")


def test_days_are_those_of_the_village_wherever_the_site_is():
    meeting = called_for(datetime.datetime(2026, 5, 20, 0, 30, tzinfo=SHANGHAI))
    type(meeting.village).objects.filter(pk=meeting.village_id).update(time_zone="Asia/Urumqi")
    meeting.refresh_from_db()
    # There it is still the evening of the 19th: nine days after the morning of the 10th.
    with pytest.raises(NoticeTooShort):
        meetings.publish_notice(meeting, by=None, at=noon(DAY - datetime.timedelta(days=10)))


def test_special_circumstances_allow_a_meeting_at_once_with_a_reason():
    meeting = called_for(noon(DAY))
    noticed = meetings.publish_notice(meeting, by=None, at=noon(DAY), urgent_reason=" 山洪预警 ")
    assert (noticed.state, noticed.urgent_reason) == ("noticed", "山洪预警")


def test_blanks_are_no_reason():
    meeting = called_for(noon(DAY))
    with pytest.raises(NoticeTooShort):
        meetings.publish_notice(meeting, by=None, at=noon(DAY), urgent_reason=" \n ")


def test_a_notice_in_time_keeps_no_reason_for_urgency():
    meeting = called_for(noon(DAY))
    at = noon(DAY - datetime.timedelta(days=10))
    assert meetings.publish_notice(meeting, by=None, at=at, urgent_reason="山洪预警").urgent_reason == ""


def test_where_the_law_knows_no_urgency_no_reason_helps():
    meeting = called_for(noon(DAY), preset=COLLECTIVE, remote_allowed=False)
    with pytest.raises(NoticeTooShort) as refusal:
        meetings.publish_notice(meeting, by=None, at=noon(DAY), urgent_reason="山洪预警")
    assert refusal.value.field == "starts_at"


def test_the_rules_are_those_of_the_day_of_the_notice():
    hall = make_hall()
    ProcedurePreset.objects.filter(key=HOUSEHOLDS).update(quorum_num=1, quorum_den=100, label="改过的")
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    assert meeting.procedure["label"] == "村民会议（户代表）"
    assert attendance.required_for(meeting) == 4


def test_a_village_without_a_roll_gets_no_notice():
    seed_presets()
    village, people = village_of()
    meeting = call(village, people, preset="villagers_representative_assembly")
    with pytest.raises(Invalid):
        meetings.publish_notice(meeting, by=None)


def test_a_household_without_a_voter_is_named():
    village, people = village_of()
    empty = make_household(village)
    with pytest.raises(Invalid, match=str(empty)):
        meetings.publish_notice(call(village, people), by=None)


# The roster


def frozen(meeting):
    fields = ("number", "unit", "resident_id", "household_id", "name", "pinyin", "gender", "birth_year", "group_number")
    return list(RosterEntry.objects.filter(roster__meeting=meeting).values_list(*fields))


def test_the_roster_stays_as_it_was_however_the_roll_goes_on_living():
    hall = make_hall(4)
    before, roster = frozen(hall.meeting), hall.meeting.roster
    today = timezone.localdate()
    renamed, gone, replaced, moved = hall.people
    renamed.name = "改名人"
    renamed.save()
    gone.until_on = today
    gone.save()
    heir = make_resident(hall.village, household=replaced.household)
    replaced.household.representative = heir
    replaced.household.save()
    moved.household.group = make_household(hall.village, group=9).group
    moved.household.save()
    make_resident(hall.village)

    assert frozen(hall.meeting) == before
    roster.refresh_from_db()
    assert (roster.entitled_count, len(before)) == (4, 4)
    # Who has left the roll since still counts and still votes in this meeting.
    motion = open_vote(hall)
    assert voting.cast_ballot(motion=motion, entry=hall.entries[1], choice="for", key="a").choice == "for"
    assert motion.entitled_count == 4


def test_a_household_counts_once_however_many_live_in_it():
    village, people = village_of()
    for person in people:
        make_resident(village, household=person.household)
    meeting = meetings.publish_notice(call(village, people), by=None)
    assert [(entry.unit, entry.resident) for entry in meeting.roster.entries.all()] == [
        ("household", person) for person in people
    ]


def test_by_heads_every_adult_counts():
    village, people = village_of()
    spouse = make_resident(village, household=people[0].household)
    make_resident(village, household=people[0].household, born_on=timezone.localdate())  # a newborn
    meeting = meetings.publish_notice(call(village, people, preset=INDIVIDUALS), by=None)
    assert {entry.resident for entry in meeting.roster.entries.all()} == {*people, spouse}
    assert {entry.unit for entry in meeting.roster.entries.all()} == {"person"}


def test_namesakes_are_told_apart_and_checked_in_apart():
    village = make_village()
    elder = make_resident(
        village, name="王建国", born_on=datetime.date(1951, 2, 3), household=make_household(village, group=3)
    )
    younger = make_resident(
        village, name="王建国", born_on=datetime.date(1988, 2, 3), household=make_household(village, group=7)
    )
    third = make_resident(village, name="王建华")
    meeting = meetings.open_meeting(meetings.publish_notice(call(village, [elder, younger, third]), by=None), by=None)
    found = list(meeting.roster.entries.named_like("wjg"))
    assert [entry.told_apart for entry in found] == ["3组 · 1951年生", "7组 · 1988年生"]
    assert list(meeting.roster.entries.named_like(" 王 建国 ")) == found
    assert list(meeting.roster.entries.named_like("wangjiang")) == found
    assert [entry.resident for entry in meeting.roster.entries.named_like("3")] == [third]
    assert list(meeting.roster.entries.named_like("  ")) == []

    attendance.check_in(meeting, [found[1]], method="recorder", by=None)
    assert [stay.entry.resident for stay in Attendance.objects.present()] == [younger]


# Coming and going


def test_who_is_there_already_stays_as_they_are():
    hall = make_hall(present=2)
    first = hall.entries[0].attendances.get()
    assert attendance.check_in(hall.meeting, hall.entries[:3], method="recorder", by=None) == 1
    assert hall.entries[0].attendances.get() == first
    assert attendance.present_count(hall.meeting) == 3


def test_nobody_of_another_meeting_is_checked_in():
    hall, other = make_hall(present=0), make_hall(present=0)
    with pytest.raises(Invalid):
        attendance.check_in(hall.meeting, [hall.entries[0], other.entries[0]], method="recorder", by=None)
    assert not Attendance.objects.exists()


def test_remote_presence_only_where_the_meeting_allows_it():
    hall = make_hall(present=0)
    with pytest.raises(Invalid):
        attendance.check_in(hall.meeting, hall.entries[:1], method="remote", by=None)
    Meeting.objects.filter(pk=hall.meeting.pk).update(remote_allowed=True)
    assert attendance.check_in(hall.meeting, hall.entries[:1], method="remote", by=None) == 1


def test_no_motion_before_the_quorum_and_exactly_two_thirds_is_one():
    hall = make_hall(6, present=3)
    with pytest.raises(NoQuorum):
        attendance.confirm_quorum(hall.meeting, by=None)
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", method="online", by=None)
    with pytest.raises(NoQuorum) as refusal:
        voting.open_motion(motion, by=None)
    assert refusal.value.code == "wrong_state"
    assert "实到 3，至少要到 4" in str(refusal.value.message)
    motion.refresh_from_db()
    assert (motion.state, motion.opening, motion.definition_hash) == ("announced", None, "")

    attendance.check_in(hall.meeting, hall.entries[3:4], method="recorder", by=None)
    assert attendance.confirm_quorum(hall.meeting, by=None).phase == "quorum_confirmed"
    assert voting.open_motion(motion, by=None).present_count == 4


def test_a_quorum_that_left_is_no_quorum_for_the_next_motion():
    hall = make_hall(6, present=4)
    close_vote(hall)
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    with pytest.raises(NoQuorum):
        open_vote(hall, text="第二项")


def test_who_comes_late_counts_and_votes_from_the_next_motion_on():
    hall = make_hall(6, present=4)
    late = hall.entries[5]
    first = open_vote(hall)
    attendance.check_in(hall.meeting, [late], method="recorder", by=None)
    with pytest.raises(CameLate, match="下一项"):
        voting.cast_ballot(motion=first, entry=late, choice="for", key="a")
    first.refresh_from_db()
    assert first.present_count == 4
    voting.close_motion(first, by=None)
    second = open_vote(hall, text="第二项")
    assert second.present_count == 5
    assert voting.cast_ballot(motion=second, entry=late, choice="for", key="a").entry == late


def test_who_leaves_still_counts_in_the_running_motion_and_no_longer_in_the_next():
    hall = make_hall(6)
    leaver = hall.entries[0]
    first = open_vote(hall)
    attendance.check_out(hall.meeting, leaver, by=None)
    assert voting.cast_ballot(motion=first, entry=leaver, choice="for", key="a").entry == leaver
    assert voting.close_motion(first, by=None).latest_decision.present == 6
    second = open_vote(hall, text="第二项")
    assert second.present_count == 5
    with pytest.raises(voting.NotCheckedIn):
        voting.cast_ballot(motion=second, entry=leaver, choice="for", key="b")


def test_who_comes_back_is_there_again_once():
    hall = make_hall(6)
    entry = hall.entries[0]
    attendance.check_out(hall.meeting, entry, by=None)
    assert attendance.check_in(hall.meeting, [entry], method="recorder", by=None) == 1
    assert attendance.present_count(hall.meeting) == 6
    motion = open_vote(hall)
    assert motion.present_count == 6
    # Going out and coming back while the motion runs changes nothing for it.
    attendance.check_out(hall.meeting, entry, by=None)
    attendance.check_in(hall.meeting, [entry], method="recorder", by=None)
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")
    assert voting.close_motion(motion, by=None).latest_decision.present == 6


def test_who_is_not_there_cannot_leave():
    hall = make_hall(present=1)
    with pytest.raises(WrongState):
        attendance.check_out(hall.meeting, hall.entries[1], by=None)


def test_a_mistaken_check_in_is_taken_back_with_its_reason_and_never_deleted():
    hall = make_hall()
    entry = hall.entries[0]
    attendance.undo_check_in(hall.meeting, entry, by=hall.recorder, reason="签错人")
    stay = entry.attendances.get()
    assert (stay.void_reason, stay.voided_at is not None, stay.out_at) == ("签错人", True, None)
    assert attendance.present_count(hall.meeting) == 5
    motion = open_vote(hall)
    with pytest.raises(voting.NotCheckedIn):
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")


def test_no_check_in_is_taken_back_while_a_motion_runs():
    hall = make_hall()
    motion = open_vote(hall, method="hands_and_online")
    for _step in ("open", "closing"):
        with pytest.raises(WrongState):
            attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason="签错人")
        if motion.state == "open":
            motion = voting.close_motion(motion, by=None)
    assert attendance.present_count(hall.meeting) == 6


def test_no_check_in_is_taken_back_after_a_vote():
    hall = make_hall()
    close_vote(hall, votes=(1, 0, 0))
    with pytest.raises(WrongState):
        attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason="签错人")
    attendance.undo_check_in(hall.meeting, hall.entries[1], by=None, reason="没有投过票")
    # A later stay without a vote of its own may be taken back.
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    attendance.check_in(hall.meeting, hall.entries[:1], method="recorder", by=None)
    attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason="已经走了")
    assert attendance.present_count(hall.meeting) == 4


# Leading


def test_handing_over_ends_the_earlier_right_at_once():
    hall = make_hall()
    successor = hall.people[4]
    meetings.hand_over(hall.meeting, role="chair", to=successor, by=hall.chair)
    serving = hall.meeting.officers.serving()
    assert [officer.resident for officer in serving.filter(role="chair")] == [successor]
    earlier = hall.meeting.officers.get(role="chair", resident=hall.people[0])
    assert earlier.until_at == hall.meeting.officers.get(resident=successor).since_at
    assert Officer.objects.filter(meeting=hall.meeting).count() == 4


def test_who_leads_does_not_also_record():
    hall = make_hall()
    with pytest.raises(SamePerson):
        meetings.hand_over(hall.meeting, role="recorder", to=hall.people[0], by=None)
    assert [o.resident for o in hall.meeting.officers.serving().filter(role="recorder")] == [hall.people[1]]


def test_nobody_of_another_village_leads():
    hall, other = make_hall(), make_hall()
    with pytest.raises(Invalid):
        meetings.hand_over(hall.meeting, role="chair", to=other.people[5], by=None)


def test_the_agenda_turns_for_everyone_and_stands_still_during_a_vote():
    hall = make_hall()
    assert meetings.go_to_item(hall.meeting, 1, by=None).phase == "report"
    assert meetings.go_to_item(hall.meeting, 2, by=None).item_number == 2
    with pytest.raises(Invalid):
        meetings.go_to_item(hall.meeting, 3, by=None)
    open_vote(hall)
    with pytest.raises(WrongState):
        meetings.go_to_item(hall.meeting, 1, by=None)


# Ending


def test_no_meeting_ends_during_a_vote():
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    for _step in ("open", "closing"):
        with pytest.raises(WrongState):
            meetings.close_meeting(hall.meeting, by=None)
        with pytest.raises(WrongState):
            meetings.adjourn_meeting(hall.meeting, by=None, reason="停电")
        if motion.state == "open":
            motion = voting.close_motion(motion, by=None)
    assert Meeting.objects.get(pk=hall.meeting.pk).state == "live"


def test_putting_off_and_calling_off_need_a_reason_that_everyone_sees():
    hall = make_hall(live=False)
    for end in (meetings.adjourn_meeting, meetings.cancel_meeting):
        with pytest.raises(Invalid) as refusal:
            end(hall.meeting, by=None, reason="  ")
        assert refusal.value.field == "reason"
    assert meetings.adjourn_meeting(hall.meeting, by=None, reason="只到了三户").state_reason == "只到了三户"


def test_an_ended_meeting_has_its_time_and_no_phase():
    closed = meetings.close_meeting(make_hall().meeting, by=None)
    assert (closed.state, closed.phase) == ("closed", "")
    assert closed.opened_at < closed.closed_at


# What is written down about all this: one entry per act, in the same transaction.


def two_readings(hall, motion):
    sheets.enter_hands(motion, reader=hall.people[0], counts={"for": 3}, by=hall.chair)
    sheets.enter_hands(motion, reader=hall.people[1], counts={"for": 3}, by=hall.recorder)


def checked(hall):
    meetings.close_meeting(hall.meeting, by=None)
    hall.meeting.refresh_from_db()
    draft = minutes.draft_minutes(hall.meeting, by=None)
    return minutes.check_minutes(draft, checker=hall.people[4], by=None)


def prepare_nothing(hall):
    return None


def prepare_open(hall, method="online"):
    return open_vote(hall, method=method)


def prepare_counting(hall):
    return voting.close_motion(open_vote(hall, method="hands"), by=None)


def prepare_counted(hall):
    motion = prepare_counting(hall)
    two_readings(hall, motion)
    return motion


# act: (what comes before, the act itself, the entries it leaves)
RECORDED = {
    "call": (prepare_nothing, lambda hall, _: call(hall.village, hall.people, by=hall.chair), ["call_meeting"]),
    "notice": (
        lambda hall: call(hall.village, hall.people),
        lambda hall, meeting: meetings.publish_notice(meeting, by=hall.chair),
        ["publish_notice"],
    ),
    "open": (
        lambda hall: meetings.publish_notice(call(hall.village, hall.people), by=None),
        lambda hall, meeting: meetings.open_meeting(meeting, by=hall.chair),
        ["open_meeting"],
    ),
    "check in": (
        lambda hall: attendance.check_out(hall.meeting, hall.entries[0], by=None),
        lambda hall, _: attendance.check_in(hall.meeting, hall.entries, method="recorder", by=hall.recorder),
        ["check_in"],
    ),
    "nobody new": (
        prepare_nothing,
        lambda hall, _: attendance.check_in(hall.meeting, hall.entries, method="recorder", by=hall.recorder),
        [],
    ),
    "undo": (
        prepare_nothing,
        lambda hall, _: attendance.undo_check_in(hall.meeting, hall.entries[0], by=hall.recorder, reason="签错"),
        ["undo_check_in"],
    ),
    "check out": (
        prepare_nothing,
        lambda hall, _: attendance.check_out(hall.meeting, hall.entries[0], by=hall.recorder),
        ["check_out"],
    ),
    "confirm quorum": (
        prepare_nothing,
        lambda hall, _: attendance.confirm_quorum(hall.meeting, by=hall.chair),
        ["confirm_quorum"],
    ),
    "go to item": (
        prepare_nothing,
        lambda hall, _: meetings.go_to_item(hall.meeting, 1, by=hall.chair),
        ["go_to_item"],
    ),
    "hand over": (
        prepare_nothing,
        lambda hall, _: meetings.hand_over(hall.meeting, role="chair", to=hall.people[4], by=hall.chair),
        ["hand_over"],
    ),
    "table": (
        prepare_nothing,
        lambda hall, _: voting.table_motion(meeting=hall.meeting, text="路灯", by=hall.chair),
        ["table_motion"],
    ),
    "open motion": (
        lambda hall: voting.table_motion(meeting=hall.meeting, text="路灯", by=None),
        lambda hall, motion: voting.open_motion(motion, by=hall.chair),
        ["open_motion"],
    ),
    "withdraw": (
        lambda hall: voting.table_motion(meeting=hall.meeting, text="路灯", by=None),
        lambda hall, motion: voting.withdraw_motion(motion, by=hall.chair),
        ["withdraw_motion"],
    ),
    # A cast is never logged, only the opening and closing around it.
    "cast": (
        prepare_open,
        lambda hall, motion: voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="a"),
        [],
    ),
    "cast for somebody": (
        prepare_open,
        lambda hall, motion: voting.cast_ballot(
            motion=motion, entry=hall.entries[0], choice="for", key="a", channel="recorder", by=hall.recorder
        ),
        [],
    ),
    "close motion": (
        prepare_open,
        lambda hall, motion: voting.close_motion(motion, by=hall.chair),
        ["close_motion", "decide_motion"],
    ),
    "close for hands": (
        lambda hall: prepare_open(hall, "hands"),
        lambda hall, motion: voting.close_motion(motion, by=hall.chair),
        ["close_motion"],
    ),
    "enter hands": (prepare_counting, two_readings, ["enter_hands", "enter_hands"]),
    "announce": (
        prepare_counted,
        lambda hall, motion: voting.announce_result(motion, by=hall.chair),
        ["decide_motion"],
    ),
    "close": (prepare_nothing, lambda hall, _: meetings.close_meeting(hall.meeting, by=hall.chair), ["close_meeting"]),
    "adjourn": (
        prepare_nothing,
        lambda hall, _: meetings.adjourn_meeting(hall.meeting, by=hall.chair, reason="停电"),
        ["adjourn_meeting"],
    ),
    "cancel": (
        lambda hall: call(hall.village, hall.people),
        lambda hall, meeting: meetings.cancel_meeting(meeting, by=hall.chair, reason="下大雨"),
        ["cancel_meeting"],
    ),
    "sign minutes": (
        checked,
        lambda hall, draft: signing.sign_minutes(draft, signer=hall.people[0], by=hall.chair),
        ["sign_minutes"],
    ),
    "publish minutes": (
        lambda hall: sign_all(checked(hall)),
        lambda hall, draft: minutes.publish_minutes(draft, by=hall.chair),
        ["publish_results", "publish_minutes"],
    ),
}


@pytest.mark.parametrize("act", RECORDED)
def test_every_act_leaves_its_entry_and_one_that_did_not_happen_leaves_none(act):
    before, do, expected = RECORDED[act]
    hall = make_hall()
    accounts = (hall.chair, hall.recorder)
    prepared = before(hall)
    last = AuditEntry.objects.latest("id").pk

    def left():
        return AuditEntry.objects.filter(pk__gt=last).order_by("id")

    with transaction.atomic():
        do(hall, prepared)
        transaction.set_rollback(True)
    assert not left().exists()

    do(hall, prepared)
    assert [entry.action for entry in left()] == expected
    assert {entry.village_id for entry in left()} <= {hall.village.pk}
    assert {entry.actor_id for entry in left()} <= {account.pk for account in accounts}


def values(thing):
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield key
            yield from values(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from values(value)
    else:
        yield thing


def test_no_entry_holds_a_choice():
    """Ballots by phone, by the recorder and by hands are there to leak; the log knows only what was announced."""
    hall = make_hall()
    motion = open_vote(hall, method="hands_and_online")
    voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="against", key="ein-schluessel")
    voting.cast_ballot(
        motion=motion, entry=hall.entries[1], choice="abstain", key="b", channel="recorder", by=hall.recorder
    )
    motion = voting.close_motion(motion, by=hall.chair)
    before = AuditEntry.objects.latest("id").pk
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 3}, by=None)
    readings = AuditEntry.objects.filter(pk__gt=before)
    assert len(readings) == 2
    for entry in readings:  # typed blind: the log must not tell the second what the first typed
        assert not {"for", "against", "abstain", "counts"} & set(values(entry.detail))

    voting.announce_result(motion, by=hall.chair)
    decided = AuditEntry.objects.get(action="decide_motion")
    assert decided.detail["counts"] == {"for": 3, "against": 1, "abstain": 1}
    for entry in AuditEntry.objects.exclude(pk=decided.pk):
        assert not {"for", "against", "abstain", "choice"} & set(values(entry.detail))
    everything = json.dumps(list(AuditEntry.objects.values_list("subject", "detail")), ensure_ascii=False)
    assert "ein-schluessel" not in everything
