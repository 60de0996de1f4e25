import pytest
from django.db import transaction

from audit.models import AuditEntry
from consultation import attendance, temperature, voting
from consultation.errors import AlreadyVoted, Invalid, MotionNotOpen, NotCheckedIn, NotEntitled, WrongState
from consultation.models import Ballot, Decision, Mark, Meeting, Motion, RosterEntry
from residents.models import Resident
from tests.factories.consultation import close_vote, make_hall, open_vote

pytestmark = pytest.mark.django_db


def cast(motion, entry, choice="for", key="a", **fields):
    return voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=key, **fields)


# Casting


def test_a_ballot_is_counted_once_and_a_retry_is_the_same_success():
    hall = make_hall()
    motion = open_vote(hall)
    entry = hall.entries[0]
    first = cast(motion, entry)
    assert cast(motion, entry).pk == first.pk
    with pytest.raises(AlreadyVoted):
        cast(motion, entry, "against", "b")
    assert motion.marks.count() == motion.ballots.count() == 1


def test_a_retry_keeps_the_first_choice():
    """The same key again is the first ballot again, whatever else the request says."""
    hall = make_hall()
    motion = open_vote(hall)
    cast(motion, hall.entries[0], "for", "a")
    assert cast(motion, hall.entries[0], "against", "a").choice == "for"
    assert list(motion.ballots.values_list("choice", flat=True)) == ["for"]


def test_a_retry_after_the_closing_is_the_same_success_and_a_new_ballot_is_refused():
    hall = make_hall()
    motion = open_vote(hall)
    first = cast(motion, hall.entries[0])
    voting.close_motion(motion, by=None)
    assert cast(motion, hall.entries[0]).pk == first.pk
    with pytest.raises(AlreadyVoted):
        cast(motion, hall.entries[0], "against", "b")
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[1], "for", "c")
    assert Decision.objects.get(motion=motion).counts == {"for": 1, "against": 0, "abstain": 0}


def test_one_key_of_two_voters_is_two_ballots():
    hall = make_hall()
    motion = open_vote(hall)
    assert cast(motion, hall.entries[0], key="same").pk != cast(motion, hall.entries[1], key="same").pk


def test_who_comes_after_the_opening_votes_from_the_next_motion_on():
    hall = make_hall(present=5)
    motion = open_vote(hall)
    late = hall.entries[5]
    attendance.check_in(hall.meeting, [late], method="recorder", by=None)
    with pytest.raises(NotCheckedIn):
        cast(motion, late)
    voting.close_motion(motion, by=None)
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[0])
    following = open_vote(hall, text="第二项")
    cast(following, late)


def test_nobody_votes_in_the_meeting_of_another_village():
    hall, other = make_hall(), make_hall()
    motion = open_vote(hall)
    with pytest.raises(NotCheckedIn):
        cast(motion, other.entries[0])
    assert not Mark.objects.exists()


@pytest.mark.parametrize("choice", ["", "yes", "FOR", "for ", "赞成", "for\x00"])
def test_only_what_is_on_the_ballot_can_be_chosen(choice):
    hall = make_hall()
    motion = open_vote(hall)
    with pytest.raises(Invalid) as refusal:
        cast(motion, hall.entries[0], choice)
    assert (refusal.value.code, refusal.value.field) == ("invalid", "choice")
    assert not Mark.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 65])
def test_a_ballot_has_a_key(key):
    hall = make_hall()
    motion = open_vote(hall)
    with pytest.raises(Invalid) as refusal:
        cast(motion, hall.entries[0], key=key)
    assert refusal.value.field == "key"
    assert cast(motion, hall.entries[0], key="x" * 64).key == "x" * 64


def test_a_refused_ballot_leaves_no_mark():
    """A mark without a ballot would silence the voter for good."""
    hall = make_hall(present=5)
    motion = open_vote(hall)
    with pytest.raises(NotCheckedIn):
        cast(motion, hall.entries[5])
    voting.close_motion(motion, by=None)
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[0])
    assert (Mark.objects.count(), Ballot.objects.count()) == (0, 0)


def test_where_only_hands_count_no_phone_does_but_the_recorder_may_write_one_down():
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    with pytest.raises(NotEntitled):
        cast(motion, hall.entries[0])
    ballot = cast(motion, hall.entries[0], channel="recorder", by=hall.recorder)
    assert (ballot.channel, ballot.recorded_by) == ("recorder", hall.recorder)


def test_a_ballot_by_phone_names_no_recorder():
    hall = make_hall()
    motion = open_vote(hall)
    assert cast(motion, hall.entries[0], by=hall.recorder).recorded_by is None


def test_a_secret_choice_never_enters_the_table_of_named_ballots():
    hall = make_hall()
    motion = open_vote(hall)
    Motion.objects.filter(pk=motion.pk).update(secret=True)
    with pytest.raises(Invalid):
        cast(motion, hall.entries[0])
    with pytest.raises(Invalid):
        cast(motion, hall.entries[0], channel="recorder", by=hall.recorder)
    assert not Ballot.objects.exists()


def test_what_is_undone_around_a_ballot_undoes_the_ballot():
    hall = make_hall()
    motion = open_vote(hall)
    with transaction.atomic():
        cast(motion, hall.entries[0])
        transaction.set_rollback(True)
    assert (Mark.objects.count(), Ballot.objects.count()) == (0, 0)
    assert cast(motion, hall.entries[0], "against", "b").choice == "against"


def test_a_refused_ballot_spoils_nothing_around_it():
    """The constraint's error stays inside: on PostgreSQL it would end the whole transaction."""
    hall = make_hall()
    motion = open_vote(hall)
    with transaction.atomic():
        cast(motion, hall.entries[0])
        with pytest.raises(AlreadyVoted):
            cast(motion, hall.entries[0], "against", "b")
        cast(motion, hall.entries[1], "against", "c")
    assert sorted(motion.ballots.values_list("choice", flat=True)) == ["against", "for"]


# Tabling and opening


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_a_motion_has_words(text):
    with pytest.raises(Invalid) as refusal:
        voting.table_motion(meeting=make_hall().meeting, text=text, by=None)
    assert refusal.value.field == "text"


@pytest.mark.parametrize("method", ["none", "", "semaphore"])
def test_only_methods_that_are_offered_are_taken(method):
    with pytest.raises(Invalid) as refusal:
        voting.table_motion(meeting=make_hall().meeting, text="路灯", method=method, by=None)
    assert refusal.value.field == "method"


def test_a_meeting_has_at_most_200_motions():
    hall = make_hall()
    Motion.objects.bulk_create(
        Motion(village=hall.village, meeting=hall.meeting, number=number, text="路灯") for number in range(1, 200)
    )
    assert voting.table_motion(meeting=hall.meeting, text="第二百项", by=None).number == 200
    with pytest.raises(Invalid):
        voting.table_motion(meeting=hall.meeting, text="再加一项", by=None)


def test_a_motion_turns_the_hall_to_its_agenda_item():
    hall = make_hall()
    item = hall.meeting.agenda.get(number=2)
    open_vote(hall, agenda_item=item)
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    assert (meeting.phase, meeting.item_number, meeting.openings) == ("voting", 2, 1)


def test_opening_freezes_words_rule_roster_and_presence():
    hall = make_hall(6, present=5)
    motion = open_vote(hall, text="晒谷坪设临时停车处")
    assert motion.definition == {
        "text": "晒谷坪设临时停车处",
        "kind": "yes_no",
        "method": "online",
        "secret": False,
        "changeable": False,
        "options": [],
        "rules": hall.meeting.procedure,
        "roster": hall.meeting.roster.digest,
        "proxies": "",
        "entitled": 6,
        "present": 5,
    }
    assert motion.definition_hash == voting.digest_of(motion.definition)
    assert len(motion.definition_hash) == 64
    stored = Motion.objects.get(pk=motion.pk)
    assert voting.digest_of(stored.definition) == motion.definition_hash


def test_an_opening_is_noted_shown_and_ends_what_was_asked_in_passing(django_capture_on_commit_callbacks):
    hall = make_hall(6, present=5)
    asked = temperature.take_temperature(hall.meeting, "先修上游？", by=None)
    motion = voting.table_motion(meeting=hall.meeting, text="清塘", method="online", by=None)
    with django_capture_on_commit_callbacks() as told:
        motion = voting.open_motion(motion, by=None)
    assert told
    noted = AuditEntry.objects.get(action="open_motion").detail
    assert noted == {"meeting": 1, "motion": 1, "present": 5, "definition": motion.definition_hash}
    asked.refresh_from_db()
    assert asked.ended_at is not None


def test_the_hash_of_a_definition_does_not_depend_on_the_order_of_its_keys():
    assert voting.digest_of({"a": 1, "b": "路灯"}) == voting.digest_of({"b": "路灯", "a": 1})
    assert voting.digest_of({"a": 1}) != voting.digest_of({"a": 2})


def test_a_running_motion_is_not_withdrawn_and_one_not_begun_leaves_nothing():
    hall = make_hall()
    waiting = voting.table_motion(meeting=hall.meeting, text="水渠", by=None)
    running = open_vote(hall)
    with pytest.raises(WrongState):
        voting.withdraw_motion(running, by=None)
    voting.withdraw_motion(waiting, by=None)
    assert list(hall.meeting.motions.all()) == [running]


# Deciding


def test_without_hands_the_result_follows_the_closing():
    hall = make_hall()
    motion = close_vote(hall, votes=(4, 1, 1))
    assert motion.state == "published"
    decision = motion.latest_decision
    assert (decision.outcome, decision.entitled, decision.present, decision.required, decision.needed) == (
        "carried",
        6,
        6,
        4,
        4,
    )
    assert decision.counts == {"for": 4, "against": 1, "abstain": 1}
    assert decision.channels == {"online": {"for": 4, "against": 1, "abstain": 1}}
    assert decision.arithmetic == (
        "应到 6 户代表，实到 6，达到三分之二以上（至少 4），有效；"
        "赞成 4，超过到会人员的半数（至少 4）；反对 1，弃权 1，通过。"
    )
    assert Meeting.objects.get(pk=hall.meeting.pk).phase == "announced"


@pytest.mark.parametrize(
    ("votes", "outcome", "ending"),
    [
        ((3, 2, 1), "lost", "赞成 3，没有超过到会人员的半数（至少 4）；反对 2，弃权 1，未通过。"),
        ((3, 3, 0), "tied", "赞成 3，没有超过到会人员的半数（至少 4）；反对 3，弃权 0，赞成反对相等，未通过。"),
        ((0, 0, 0), "lost", "赞成 0，没有超过到会人员的半数（至少 4）；反对 0，弃权 0，未通过。"),
    ],
)
def test_what_is_not_carried_says_why(votes, outcome, ending):
    decision = close_vote(make_hall(), votes=votes).latest_decision
    assert decision.outcome == outcome
    assert decision.arithmetic == f"应到 6 户代表，实到 6，达到三分之二以上（至少 4），有效；{ending}"


def test_a_result_stays_as_it_was_decided():
    """Whatever happens to people, rules and even stored ballots afterwards: the decision is a copy, not a query."""
    hall = make_hall()
    decision = close_vote(hall, votes=(4, 1, 1)).latest_decision
    before = Decision.objects.filter(pk=decision.pk).values().get()
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    RosterEntry.objects.filter(roster__meeting=hall.meeting).update(name="改名人")
    Resident.objects.of(hall.village).update(name="改名人")
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules={})
    Ballot.objects.filter(motion=decision.motion).update(choice="against")
    assert Decision.objects.filter(pk=decision.pk).values().get() == before


def test_a_result_is_announced_once():
    hall = make_hall()
    motion = close_vote(hall)
    for again in (voting.announce_result, voting.close_motion):
        with pytest.raises(WrongState):
            again(motion, by=None)
    assert Decision.objects.filter(motion=motion).count() == 1


def test_a_correction_is_a_new_version_and_the_older_one_stays_readable():
    motion = close_vote(make_hall(), votes=(4, 1, 1))
    first = motion.latest_decision
    second = Decision.objects.create(
        village=motion.village,
        motion=motion,
        version=2,
        outcome="lost",
        entitled=6,
        present=6,
        required=4,
        needed=4,
        counts={"for": 3, "against": 2, "abstain": 1},
        reason="计票单抄错",
    )
    motion.refresh_from_db()
    assert motion.latest_decision == second
    assert list(motion.decisions.order_by("version")) == [first, second]
    assert Decision.objects.get(pk=first.pk).counts == {"for": 4, "against": 1, "abstain": 1}


def test_each_motion_of_a_meeting_is_decided_by_its_own_presence():
    hall = make_hall(6, present=4)
    first = close_vote(hall, votes=(3, 1, 0))
    attendance.check_in(hall.meeting, hall.entries, method="recorder", by=None)
    second = close_vote(hall, votes=(3, 1, 0), text="第二项")
    assert [(m.latest_decision.present, m.latest_decision.outcome) for m in (first, second)] == [
        (4, "carried"),
        (6, "lost"),
    ]


def test_nothing_happens_out_of_its_time():
    hall = make_hall(live=False)
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", by=None)
    assert (motion.counts_shown, motion.secret, motion.changeable) == (False, False, False)
    with pytest.raises(WrongState, match="会议没有在进行"):
        voting.open_motion(motion, by=None)
    with pytest.raises(WrongState, match="没有暂停"):
        voting.resume_motion(motion, by=None)
    with pytest.raises(WrongState, match="请先停止表决"):
        voting.announce_result(motion, by=None)
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="closed")
    with pytest.raises(WrongState, match="会议已经结束"):
        voting.table_motion(meeting=hall.meeting, text="水渠", by=None)
