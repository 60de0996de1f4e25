"""The quick way of a ballot, on real transactions: it takes what the rule takes; everything else goes to the rule."""

import itertools
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultation import attendance, paper, voting
from consultation.ballot_box import drop_in_at_once
from consultation.errors import MeetingError
from consultation.models import Ballot, Mark, Motion, SpentKey
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.usefixtures("committed_db")

BY_PHONE = {"online", "hands_and_online", "paper_and_online"}


def cast(motion, entry, choice="for", key="a", channel="online"):
    """What comes of a ballot: the stored one's fields, or the refusal's kind and sentence."""
    try:
        ballot = voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=key, channel=channel)
    except MeetingError as refused:
        return type(refused).__name__, str(refused.message), refused.field
    stored = Ballot.objects.get(pk=ballot.pk)
    names = ("village_id", "motion_id", "entry_id", "choice", "channel", "key", "recorded_by_id")
    for name in names:
        assert getattr(stored, name) == getattr(ballot, name)
    return tuple(getattr(stored, name) for name in names)


@pytest.fixture
def both(monkeypatch):
    """`both(prepare, motion, entry, …)`: what comes of one ballot, the quick way tried first and never tried; and how
    many it took. `prepare()` puts the box in order before each."""
    taken = []

    def counting(*arguments, **options):
        ballot = drop_in_at_once(*arguments, **options)
        taken.append(ballot is not None)
        return ballot

    def ask(prepare, *arguments, **options):
        taken.clear()
        prepare()
        monkeypatch.setattr(voting, "drop_in_at_once", counting)
        quick = cast(*arguments, **options), Mark.objects.count(), Ballot.objects.count()
        number = sum(taken)
        prepare()
        monkeypatch.setattr(voting, "drop_in_at_once", lambda *_, **__: None)
        slow = cast(*arguments, **options), Mark.objects.count(), Ballot.objects.count()
        assert quick == slow, (arguments, options)
        return quick[0], number

    return ask


def empty_the_box():
    Ballot.objects.all().delete()
    Mark.objects.all().delete()
    SpentKey.objects.all().delete()


def test_a_first_ballot_comes_to_the_same_by_either_way(both):
    """Every state, method and secrecy, of units there, gone since, taken back, late and absent."""
    hall = make_hall(8, present=6)
    motion = open_vote(hall)
    there, leaver, voided, late, absent = hall.entries[0], *hall.entries[3:5], *hall.entries[6:8]
    attendance.check_out(hall.meeting, leaver, by=None)
    attendance.check_in(hall.meeting, [late], method="recorder", by=None)
    voided.attendances.update(voided_at=motion.opened_at)
    units = {entry: f"{entry.number}" for entry in (there, leaver, voided, late, absent)}
    quick = set()
    for state, method, secret in itertools.product(Motion.State.values, Motion.Method.values, (False, True)):
        Motion.objects.update(state=state, method=method, secret=secret)
        for entry in units if state == "open" else (there, absent):
            if both(empty_the_box, motion, entry)[1]:
                quick.add((state, method, secret, entry.number))
    # It is no quick way if it leaves the everyday ballot to the long one.
    assert quick == {("open", method, False, entry.number) for method in BY_PHONE for entry in (there, leaver)}


def test_a_motion_that_was_never_opened_is_left_to_the_rule(both):
    hall = make_hall(3)
    motion = voting.table_motion(meeting=hall.meeting, text="未开始", by=None)
    assert both(empty_the_box, motion, hall.entries[0]) == (cast(motion, hall.entries[0]), 0)


@pytest.mark.parametrize("choice", ["abstain", "A", "for"])
def test_between_options_nothing_goes_the_quick_way(both, choice):
    hall = make_hall(3)
    motion = open_vote(hall, kind="choice", options=["修", "不修"])
    came, taken = both(empty_the_box, motion, hall.entries[0], choice=choice)
    assert (came[0] if choice == "for" else came[3], taken) == ("Invalid" if choice == "for" else choice, 0)


@pytest.mark.parametrize("channel", Ballot.Channel.values)
def test_only_the_phone_goes_the_quick_way(both, channel):
    hall = make_hall(3)
    motion = open_vote(hall, method="hands_and_online")
    fields, taken = both(empty_the_box, motion, hall.entries[0], channel=channel)
    assert fields[4] == channel
    assert taken == (channel == "online")


def test_a_second_ballot_comes_to_the_same_by_either_way(both):
    """Over every mark a unit may have, changeable or not, with the same key, a spent one and a new one."""
    hall = make_hall(3)
    motion = open_vote(hall, method="paper_and_online")
    entry = hall.entries[0]

    def prepare(mark, state, changeable):
        Motion.objects.update(state="open", changeable=True)
        paper_out = Mark.objects.filter(paper=True).first()
        if paper_out is not None:
            paper.return_unused(motion=motion, entry=entry, by=None)
        empty_the_box()
        if mark == "paper":
            paper.issue_paper(motion=motion, entry=entry, by=None)
        else:
            cast(motion, entry, key="spent")
            cast(motion, entry, key="a")
        Motion.objects.update(state=state, changeable=changeable)

    kinds = set()
    for mark, state, changeable, key in itertools.product(
        ("paper", "ballot"), ("open", "paused", "closing"), (False, True), ("a", "spent", "new")
    ):
        came, taken = both(partial(prepare, mark, state, changeable), motion, entry, choice="against", key=key)
        assert not taken
        kinds.add(came[0] if isinstance(came[0], str) else came[3])
    assert kinds == {"HoldsPaper", "MotionNotOpen", "AlreadyVoted", "for", "against"}


def at_once(motion, entry, choice="for"):
    return drop_in_at_once(motion, entry, choice=choice, key="a")


def test_a_second_ballot_of_one_unit_leaves_nothing_and_the_connection_sound():
    hall = make_hall(3)
    motion = open_vote(hall)
    assert at_once(motion, hall.entries[0]) is not None
    with pytest.raises(IntegrityError):
        at_once(motion, hall.entries[0], choice="against")
    assert at_once(motion, hall.entries[1]) is not None
    assert list(motion.ballots.order_by("pk").values_list("choice", flat=True)) == ["for", "for"]
    assert motion.marks.count() == 2


def test_a_ballot_that_breaks_after_its_mark_leaves_no_mark():
    hall = make_hall(3)
    motion = open_vote(hall)
    Ballot.objects.create(
        village=hall.village, motion=motion, entry=hall.entries[0], choice="for", channel="online", key="a"
    )
    with pytest.raises(IntegrityError):
        at_once(motion, hall.entries[0])
    assert motion.marks.count() == 0
    with transaction.atomic():
        assert not connection.needs_rollback


def test_within_a_transaction_a_ballot_is_left_to_it():
    hall = make_hall(3)
    motion = open_vote(hall)
    with transaction.atomic():
        assert at_once(motion, hall.entries[0]) is None
        assert cast(motion, hall.entries[0])[3] == "for"
        transaction.set_rollback(True)
    assert motion.marks.count() == motion.ballots.count() == 0


def test_where_nothing_is_committed_by_itself_a_ballot_is_left_to_the_rule():
    """Its answer would be given before the commit, which the caller holds in hand."""
    hall = make_hall(3)
    motion = open_vote(hall)
    transaction.set_autocommit(False)
    try:
        assert at_once(motion, hall.entries[0]) is None
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    assert motion.marks.count() == 0


def test_a_ballot_is_two_questions_to_the_database():
    """On PostgreSQL; on SQLite, where a statement is a call, the second is a transaction of two."""
    hall = make_hall(3)
    motion = open_vote(hall)
    client = Client()
    client.force_login(hall.account(0))
    address, fields = motion.meeting.address("cast", 1), {"entry": 1, "choice": "for", "key": "a"}
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(address, fields, headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert len(asked) == {"postgresql": 2, "sqlite": 5}[connection.vendor]
    connection.close()
    assert motion.ballots.count() == motion.marks.count() == 1
