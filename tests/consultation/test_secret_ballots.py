"""Secret ballots: once only, counted exactly, and no way from the list of marks to a choice."""

import json
import secrets
import sqlite3
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger, capture_logs

from audit.models import AuditEntry
from consultation import attendance, key_store, sealing, secret_ballots, settling, voting
from consultation.bulletin_text import board_code, code_number, leaves, merkle_root, sha256, slip_key
from consultation.bulletins import bulletin_of
from consultation.errors import AlreadyVoted, Invalid, KeyMissing, MotionNotOpen, NotCheckedIn, NotEntitled
from consultation.models import Ballot, Bulletin, Counted, Mark, Motion, Slip
from residents import two_people
from residents.models import Appointment, Role
from tests.factories.consultation import call, make_hall, open_vote

pytestmark = pytest.mark.django_db


def a_secret() -> bytes:
    return secrets.token_bytes(16)


def cast(motion, entry, choice="for", secret=None, **fields):
    secret = secret or a_secret()
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret), **fields
    )
    return secret


def secret_vote(households=5, **fields):
    hall = make_hall(households)
    return hall, open_vote(hall, secret=True, **fields)


def test_what_is_in_the_box_comes_out_and_nothing_of_it_stays():
    hall, motion = secret_vote()
    kept = [
        cast(motion, entry, choice)
        for entry, choice in zip(hall.entries, ["for"] * 3 + ["against", "abstain"], strict=True)
    ]
    assert Slip.objects.count() == Mark.objects.count() == 5
    assert not Ballot.objects.exists()
    voting.close_motion(motion, by=None)
    decision = Motion.objects.get().latest_decision
    assert decision.counts == {"for": 3, "against": 1, "abstain": 1}
    assert decision.outcome == "carried"
    assert not Slip.objects.exists()
    assert Counted.objects.count() == 5
    body = json.loads(bulletin_of(motion).body)
    assert body["codes"] == sorted(board_code(secret) for secret in kept)
    assert sorted(body["choices"]["1"]) == ["abstain", "against", "for", "for", "for"]
    assert body["root"] == merkle_root(leaves(body))


def test_the_same_slip_again_is_the_same_success_and_another_is_refused():
    hall, motion = secret_vote()
    kept = cast(motion, hall.entries[0])
    cast(motion, hall.entries[0], secret=kept)
    cast(motion, hall.entries[0], "against", secret=kept)  # a retry with something else in it changes nothing
    with pytest.raises(AlreadyVoted):
        cast(motion, hall.entries[0])
    voting.close_motion(motion, by=None)
    assert Motion.objects.get().latest_decision.counts == {"for": 1, "against": 0, "abstain": 0}
    cast(motion, hall.entries[0], secret=kept)  # its code is on the bulletin
    with pytest.raises(AlreadyVoted):
        cast(motion, hall.entries[0])
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[1])


def test_a_slip_of_somebody_else_lets_nobody_in():
    hall, motion = secret_vote()
    kept = cast(motion, hall.entries[0])
    with pytest.raises(Invalid) as refused:
        cast(motion, hall.entries[1], secret=kept)
    assert refused.value.field == "slip"
    assert Mark.objects.count() == 1


def test_who_is_not_there_and_the_recorder_are_refused():
    hall = make_hall(6, present=5)
    motion = open_vote(hall, secret=True)
    with pytest.raises(NotCheckedIn):
        cast(motion, hall.entries[5])
    with pytest.raises(NotEntitled):
        cast(motion, hall.entries[0], channel="recorder")
    with pytest.raises(Invalid) as refused:
        voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="k")
    assert refused.value.field == "key"
    assert not Mark.objects.exists()


def test_a_changeable_vote_is_changed_by_its_own_secret_only():
    hall, motion = secret_vote(changeable=True)
    kept = cast(motion, hall.entries[0], "for")
    cast(motion, hall.entries[0], "against", secret=kept, turn=2)
    cast(motion, hall.entries[0], "for", secret=kept, turn=1)  # the first one again, late
    with pytest.raises(AlreadyVoted):
        cast(motion, hall.entries[0], "for", turn=3)
    voting.close_motion(motion, by=None)
    assert Motion.objects.get().latest_decision.counts == {"for": 0, "against": 1, "abstain": 0}
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[0], "for", secret=kept, turn=3)


def test_a_vote_that_is_final_is_not_changed_by_anything():
    hall, motion = secret_vote()
    kept = cast(motion, hall.entries[0], "for")
    with pytest.raises(AlreadyVoted):
        cast(motion, hall.entries[0], "against", secret=kept, turn=2)


def test_slips_have_one_length_and_open_under_their_own_key_only():
    hall, motion = secret_vote()
    for entry, choice in zip(hall.entries, ["for", "abstain", "against", "for", "for"], strict=True):
        cast(motion, entry, choice)
    payloads = [bytes(payload) for payload in Slip.objects.values_list("payload", flat=True)]
    assert len({len(payload) for payload in payloads}) == 1
    one, other = Slip.objects.all()[:2]
    one.payload, other.payload = other.payload, one.payload
    one.save()
    other.save()
    voting.close_motion(motion, by=None)
    assert Motion.objects.get().state == "disputed"
    assert not Counted.objects.exists()
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize("damage", ["lost slip", "extra slip", "broken slip", "lost mark"])
def test_a_box_that_does_not_agree_with_the_list_is_disputed_and_shows_nothing(damage):
    hall, motion = secret_vote()
    for entry in hall.entries[:3]:
        cast(motion, entry)
    if damage == "lost slip":
        Slip.objects.first().delete()
    elif damage == "extra slip":
        Slip.objects.create(key="0" * 64, village=motion.village, motion=motion, payload=b"x" * 220)
    elif damage == "broken slip":
        Slip.objects.filter(pk=Slip.objects.first().pk).update(payload=b"x" * 220)
    else:
        Mark.objects.first().delete()
    motion = voting.close_motion(motion, by=None)
    assert motion.state == "disputed"
    marks, papers, broken = {
        "lost slip": (3, 2, 0), "extra slip": (3, 3, 1), "broken slip": (3, 2, 1), "lost mark": (2, 3, 0)
    }[damage]  # fmt: skip
    assert motion.note == f"投票的有 {marks} 人，箱子里能打开的票有 {papers} 张，打不开的有 {broken} 张。"
    assert not motion.decisions.exists()
    assert not Counted.objects.exists()
    assert Slip.objects.exists()


def officers(hall):
    """Two people of the supervisory committee."""
    for place in (3, 4):
        Appointment.objects.create(
            village=hall.village, resident=hall.people[place], role=Role.SUPERVISORY_MEMBER, from_on="2020-01-01"
        )
    return hall.account(3), hall.account(4)


def test_two_officers_count_what_a_disputed_box_holds_or_declare_it_void():
    hall, motion = secret_vote()
    first, second = officers(hall)
    for entry in hall.entries[:3]:
        cast(motion, entry)
    Slip.objects.first().delete()
    motion = voting.close_motion(motion, by=None)
    proposal = settling.propose_settling(motion, decision="count", reason="丢了一张", by=first)
    with pytest.raises(two_people.SamePerson):
        two_people.decide(proposal, by=first, accept=True)
    two_people.decide(proposal, by=second, accept=True)
    motion.refresh_from_db()
    assert (motion.state, motion.note) == ("published", "")
    assert motion.latest_decision.counts["for"] == 2
    assert json.loads(bulletin_of(motion).body)["reason"] == "丢了一张"


def test_an_open_vote_declared_void_leaves_no_slip():
    hall, motion = secret_vote()
    first, second = officers(hall)
    cast(motion, hall.entries[0])
    proposal = settling.propose_settling(motion, decision="annul", reason="念错了题目", by=first)
    two_people.decide(proposal, by=second, accept=True)
    motion.refresh_from_db()
    assert motion.state == "annulled"
    assert not Slip.objects.exists()
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[1])


@pytest.mark.django_db(transaction=True)
def test_the_key_is_destroyed_after_the_count_and_that_is_noted():
    hall, motion = secret_vote()
    ref = motion.key_ref
    assert key_store.get_key_store().read(ref)
    cast(motion, hall.entries[0])
    voting.close_motion(motion, by=None)
    with pytest.raises(key_store.KeyStoreError):
        key_store.get_key_store().read(ref)
    motion.refresh_from_db()
    assert motion.key_ref == ""
    assert AuditEntry.objects.filter(action="destroy_key").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_that_could_not_be_destroyed_goes_the_next_time(monkeypatch):
    _hall, motion = secret_vote()
    store = key_store.get_key_store()

    def refuses(ref):
        raise key_store.KeyStoreError

    log = CapturingLogger()
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "destroy", lambda self, ref: refuses(ref))
        patch.setattr(sealing, "log", log)
        voting.close_motion(motion, by=None)
    assert [(call.method_name, *call.args, call.kwargs) for call in log.calls] == [
        ("error", "key_not_destroyed", {"motion": motion.pk})
    ]
    motion.refresh_from_db()
    assert motion.state == "published"
    assert motion.key_ref
    assert sealing.tidy_up() == 1
    motion.refresh_from_db()
    assert not motion.key_ref


@pytest.mark.django_db(transaction=True)
def test_a_count_stands_when_cleaning_up_after_it_fails(monkeypatch):
    hall, motion = secret_vote()
    cast(motion, hall.entries[0])

    def full() -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(sealing, "_clean_storage", full)
    voting.close_motion(motion, by=None)
    motion.refresh_from_db()
    assert motion.state == "published"


@pytest.mark.django_db(transaction=True)
def test_a_log_that_somebody_still_reads_is_noted_and_emptied_by_night():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own log")
    hall, motion = secret_vote()
    cast(motion, hall.entries[0])
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(name, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM consultation_slip").fetchone()
    with capture_logs() as logged:
        voting.close_motion(motion, by=None)
        reader.execute("ROLLBACK")
        reader.close()
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == ["storage_not_cleaned"]
    assert Path(f"{name}-wal").stat().st_size > 0
    with capture_logs() as logged:
        sealing.tidy_up()
    assert logged == []
    assert Path(f"{name}-wal").stat().st_size == 0


def test_without_its_key_nobody_casts_and_nothing_is_counted():
    hall, motion = secret_vote()
    kept = cast(motion, hall.entries[0])
    key_store.get_key_store().destroy(motion.key_ref)
    cast(motion, hall.entries[0], secret=kept)  # who is in the box already hears the truth
    with pytest.raises(KeyMissing):
        cast(motion, hall.entries[1])
    with pytest.raises(KeyMissing):
        voting.close_motion(motion, by=None)
    motion.refresh_from_db()
    assert motion.state == "open"
    assert Mark.objects.count() == 1


def test_a_motion_whose_key_cannot_be_stored_does_not_open(monkeypatch):
    hall = make_hall(5)
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", method="online", secret=True, by=None)

    def full(self, ref):
        raise key_store.KeyStoreError

    monkeypatch.setattr(type(key_store.get_key_store()), "make", full)
    with pytest.raises(KeyMissing):
        voting.open_motion(motion, by=None)
    motion.refresh_from_db()
    assert motion.state == "announced"


def test_a_site_that_had_keys_opens_no_secret_vote_while_their_directories_are_away(settings, tmp_path):
    settings.BALLOT_KEYS_DIR, settings.BALLOT_KEYS_COPY_DIR = tmp_path / "one", tmp_path / "two"
    hall, motion = secret_vote()  # the first one of the site makes them
    cast(motion, hall.entries[0])
    assert voting.close_motion(motion, by=None).state == "published"
    (tmp_path / "one").rename(tmp_path / "unmounted")
    with pytest.raises(KeyMissing, match="无记名表决不能开始"):
        open_vote(hall, secret=True)
    assert not (tmp_path / "one").exists()
    (tmp_path / "unmounted").rename(tmp_path / "one")
    assert open_vote(hall, secret=True).state == "open"


def test_secrecy_needs_people_to_hide_among():
    hall = make_hall(2)
    with pytest.raises(Invalid, match="不到 3 人") as refused:
        voting.table_motion(meeting=hall.meeting, text="路灯", method="online", secret=True, by=None)
    assert refused.value.field == "secret"
    few = make_hall(3)
    assert voting.table_motion(meeting=few.meeting, text="路灯", method="online", secret=True, by=None).secret
    assert "只有 9 人" in voting.secret_warning(9)
    assert voting.secret_warning(10) == ""


def test_before_the_roster_is_fixed_a_secret_vote_may_be_planned_and_too_few_who_came_do_not_open_it():
    hall = make_hall(6, present=4)
    planned = call(hall.village, hall.people)
    assert voting.table_motion(meeting=planned, text="路灯", method="online", secret=True, by=None).secret
    motion = voting.table_motion(
        meeting=hall.meeting, text="路灯", method="online", secret=True, counts_shown=True, by=None
    )
    assert not motion.counts_shown
    hall.meeting.rules |= {"quorum_op": ">=", "quorum_num": 1, "quorum_den": 6}
    hall.meeting.save()
    for entry in hall.entries[2:4]:
        attendance.check_out(hall.meeting, entry, by=None)
    with pytest.raises(Invalid, match="不到 3 人"):
        voting.open_motion(motion, by=None)
    motion.refresh_from_db()
    assert (motion.state, motion.key_ref) == ("announced", "")


@pytest.mark.parametrize("method", ["hands", "hands_and_online"])
def test_hands_are_not_secret(method):
    hall = make_hall(4)
    with pytest.raises(Invalid) as refused:
        voting.table_motion(meeting=hall.meeting, text="路灯", method=method, secret=True, by=None)
    assert refused.value.field == "method"


def test_a_paused_vote_takes_nothing_and_goes_on():
    hall, motion = secret_vote()
    cast(motion, hall.entries[0])
    voting.pause_motion(motion, by=None)
    with pytest.raises(MotionNotOpen, match="暂停"):
        cast(motion, hall.entries[1])
    voting.resume_motion(motion, by=None)
    cast(motion, hall.entries[1])
    assert Mark.objects.count() == 2


def test_a_recorded_choice_can_be_changed_where_the_motion_says_so():
    hall = make_hall(4)
    motion = open_vote(hall, changeable=True)
    entry = hall.entries[0]
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="one")
    voting.cast_ballot(motion=motion, entry=entry, choice="against", key="two")
    assert voting.cast_ballot(motion=motion, entry=entry, choice="for", key="one").choice == "against"
    voting.close_motion(motion, by=None)
    assert motion.decisions.get().counts == {"for": 0, "against": 1, "abstain": 0}
    change = AuditEntry.objects.get(action="change_ballot")
    assert "against" not in json.dumps(change.detail)


def test_bulletins_of_a_village_are_one_chain():
    hall = make_hall(4)
    for number in range(3):
        motion = open_vote(hall, secret=bool(number % 2))
        (
            cast(motion, hall.entries[0])
            if motion.secret
            else voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="k")
        )
        voting.close_motion(motion, by=None)
    chain = list(Bulletin.objects.of(hall.village))
    assert [one.number for one in chain] == [1, 2, 3]
    assert [one.previous_hash for one in chain] == ["", chain[0].body_hash, chain[1].body_hash]
    assert all(sha256(one.body) == one.body_hash for one in chain)


def test_nothing_about_a_voter_is_written_beside_a_choice():
    """Every table: a row that names a unit or a person says nothing of slips, codes or choices."""
    hall, motion = secret_vote()
    kept = [cast(motion, entry) for entry in hall.entries]
    known = (
        {board_code(secret) for secret in kept}
        | {slip_key(secret) for secret in kept}
        | {secret.hex() for secret in kept}
    )
    allowed = {"consultation_slip", "consultation_bulletin"}
    voting.close_motion(motion, by=None)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in allowed:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  our own tables' names
            text = repr(cursor.fetchall())
            assert not any(code in text for code in known), table


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.lists(st.sampled_from(["for", "against", "abstain"]), max_size=6))
def test_the_count_is_what_was_put_in(choices):
    hall, motion = secret_vote(6)
    for entry, choice in zip(hall.entries, choices, strict=False):
        cast(motion, entry, choice)
    voting.close_motion(motion, by=None)
    counts = Motion.objects.get(pk=motion.pk).latest_decision.counts
    assert counts == {choice: choices.count(choice) for choice in ("for", "against", "abstain")}


def test_a_code_is_twelve_digits_for_people():
    assert code_number("0" * 64) == "0000 0000 0000"
    assert code_number("00000000000000ff" + "0" * 48) == "0000 0000 0255"


def test_arrivals_after_the_opening_wait_for_the_next(monkeypatch):
    hall = make_hall(6, present=5)
    motion = open_vote(hall, secret=True)
    attendance.check_in(hall.meeting, [hall.entries[5]], method="recorder", by=None)
    with pytest.raises(NotCheckedIn):
        cast(motion, hall.entries[5])


def test_two_units_with_the_same_key_change_their_choice():
    """A script of one's own may give every paper the same key; both voters change, and neither disturbs the other."""
    hall = make_hall(4)
    motion = open_vote(hall, changeable=True)
    for entry in hall.entries[:2]:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key="same")
    for number, entry in enumerate(hall.entries[:2]):
        changed = voting.cast_ballot(motion=motion, entry=entry, choice="against", key=f"other {number}")
        assert changed.choice == "against"
    for entry in hall.entries[:2]:
        assert voting.cast_ballot(motion=motion, entry=entry, choice="for", key="same").choice == "against"


def test_two_who_agree_on_one_number_spoil_nothing():
    hall, motion = secret_vote()
    shared = board_code(a_secret())
    for entry in hall.entries[:2]:
        secret_ballots.cast_secret(motion=motion, entry=entry, choice="for", slip=slip_key(a_secret()), board=shared)
    voting.close_motion(motion, by=None)
    body = json.loads(bulletin_of(motion).body)
    assert len(set(body["codes"])) == 2
    assert shared in body["codes"]
    recorded = open_vote(hall)
    for entry in hall.entries[:2]:
        voting.cast_ballot(motion=recorded, entry=entry, choice="for", key="one")
    voting.close_motion(recorded, by=None)
    assert len(set(json.loads(bulletin_of(recorded).body)["codes"])) == 2


def test_a_change_of_mind_while_nobody_can_vote_is_refused_and_the_paper_before_it_is_not():
    hall, motion = secret_vote(changeable=True)
    kept = cast(motion, hall.entries[0], "for")
    cast(motion, hall.entries[0], "against", secret=kept, turn=2)
    voting.pause_motion(motion, by=None)
    cast(motion, hall.entries[0], "against", secret=kept, turn=2)  # the answer was lost: it lies in the box
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[0], "for", secret=kept, turn=3)
    voting.resume_motion(motion, by=None)
    voting.close_motion(motion, by=None)
    assert motion.decisions.get().counts == {"for": 0, "against": 1, "abstain": 0}
    cast(motion, hall.entries[0], "for", secret=kept)
    with pytest.raises(MotionNotOpen):  # whether it came in time only the box could have told
        cast(motion, hall.entries[0], "against", secret=kept, turn=2)


def test_the_first_change_of_mind_is_refused_too_while_nobody_can_vote():
    hall, motion = secret_vote(changeable=True)
    kept = cast(motion, hall.entries[0], "for")
    voting.pause_motion(motion, by=None)
    cast(motion, hall.entries[0], "for", secret=kept)
    with pytest.raises(MotionNotOpen):
        cast(motion, hall.entries[0], "against", secret=kept, turn=2)


def test_one_turn_is_one_choice():
    hall, motion = secret_vote(changeable=True)
    kept = cast(motion, hall.entries[0], "for")
    cast(motion, hall.entries[0], "against", secret=kept, turn=2)
    cast(motion, hall.entries[0], "abstain", secret=kept, turn=2)
    cast(motion, hall.entries[1], "for", turn=1000)
    voting.close_motion(motion, by=None)
    assert motion.decisions.get().counts == {"for": 1, "against": 1, "abstain": 0}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("choice", {"choice": "yes"}), ("slip", {"turn": 0}), ("slip", {"turn": 1001}), ("slip", {"slip": "a" * 63}),
        ("slip", {"board": "g" * 64}), ("slip", {"slip": "a" * 64 + "\n"}),
    ],
)  # fmt: skip
def test_what_is_no_paper_is_refused_by_its_field(field, wrong):
    hall, motion = secret_vote(changeable=True)
    right = {"choice": "for", "slip": "a" * 64, "board": "b" * 64, "turn": 1}
    with pytest.raises(Invalid) as refused:
        secret_ballots.cast_secret(motion=motion, entry=hall.entries[0], **right | wrong)
    assert refused.value.field == field
    assert not Mark.objects.exists()


def test_a_slip_that_went_bad_is_no_matter_of_its_voter():
    hall, motion = secret_vote(changeable=True)
    kept = cast(motion, hall.entries[0])
    Slip.objects.update(payload=b"x" * 220)
    cast(motion, hall.entries[0], "against", secret=kept, turn=2)
    assert voting.close_motion(motion, by=None).state == "disputed"


def test_within_a_transaction_around_it_the_key_goes_and_the_storage_waits():
    """Neither database cleans its files inside a transaction; a key that is not needed goes all the same."""
    hall, motion = secret_vote()
    ref = motion.key_ref
    cast(motion, hall.entries[0])
    voting.close_motion(motion, by=None)
    assert sealing.tidy_up() == 1
    assert Motion.objects.get().key_ref == ""
    with pytest.raises(key_store.KeyStoreError):
        key_store.get_key_store().read(ref)
    assert sealing.tidy_up() == 0
