import pytest

from consultation import voting
from consultation.errors import AlreadyVoted, MotionNotOpen, NotCheckedIn
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def test_a_ballot_is_counted_once_and_a_retry_is_the_same_success():
    hall = make_hall()
    motion = open_vote(hall)
    entry = hall.entries[0]
    first = voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")
    assert voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a").pk == first.pk
    with pytest.raises(AlreadyVoted):
        voting.cast_ballot(motion=motion, entry=entry, choice="against", key="b")
    assert motion.marks.count() == motion.ballots.count() == 1


def test_who_comes_after_the_opening_votes_from_the_next_motion_on():
    hall = make_hall(present=5)
    motion = open_vote(hall)
    late = hall.entries[5]
    from consultation import meetings

    meetings.check_in(hall.meeting, [late], method="recorder", by=None)
    with pytest.raises(NotCheckedIn):
        voting.cast_ballot(motion=motion, entry=late, choice="for", key="a")
    voting.close_motion(motion, by=None)
    with pytest.raises(MotionNotOpen):
        voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="a")
    following = open_vote(hall, text="第二项")
    voting.cast_ballot(motion=following, entry=late, choice="for", key="a")
