"""Who votes for whom when both do at once, on real transactions."""

import secrets

import pytest

from consultation import attendance, kiosk, proxies, voting
from consultation.models import Attendance, Ballot, Kiosk, Mark, Proxy
from tests.factories.acting import grant, make_kiosk, make_photo, proxy_hall
from tests.factories.consultation import make_hall, open_vote
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")


def caster(motion, entry, key, *, oneself=False):
    def act():
        if not oneself:
            return voting.cast_ballot(motion=motion, entry=entry, choice="for", key=key)
        with proxies.voting_oneself(motion, entry, by=None):
            return voting.cast_ballot(motion=motion, entry=entry, choice="against", key=key)

    return act


def represented_hall(pairs=8):
    """`pairs` absent people, each represented by one who is there."""
    hall = proxy_hall(4 * pairs, present=3 * pairs)
    entries = hall.entries
    for number in range(pairs):
        grant(hall, entries[3 * pairs + number], entries[number])
    return hall, entries[3 * pairs :]


def test_holder_and_grantor_voting_at_once_are_one_ballot_even_while_the_chair_closes():
    hall, away = represented_hall()
    motion = open_vote(hall)
    acts = []
    for entry in away:
        acts += [caster(motion, entry, f"held-{entry.pk}"), caster(motion, entry, f"own-{entry.pk}", oneself=True)]
    acts.insert(len(acts) - 2, lambda: voting.close_motion(motion, by=None))
    answers = all_at_once(acts)
    told = kinds(answers)
    assert set(told) <= {"Ballot", "AlreadyVoted", "MotionNotOpen", "Motion"}
    accepted = [answer for answer in answers if isinstance(answer, Ballot)]
    assert Ballot.objects.filter(motion=motion).count() == Mark.objects.filter(motion=motion).count() == len(accepted)
    own = {ballot.entry_id for ballot in accepted if ballot.choice == "against"}
    ended = set(Proxy.objects.exclude(ended_at=None).values_list("grantor_id", flat=True))
    assert own == ended
    assert motion.decisions.get().cast == len(accepted)


def test_a_grantor_coming_in_while_the_holder_votes_is_counted_once():
    hall, away = represented_hall()
    motion = open_vote(hall)
    acts = []
    for entry in away:
        acts += [
            caster(motion, entry, f"held-{entry.pk}"),
            lambda entry=entry: attendance.check_in(hall.meeting, [entry], method="recorder", by=None),
        ]
    answers = all_at_once(acts)
    assert kinds(answers) == {"Ballot": 8, "int": 8}
    assert not Proxy.objects.standing().exists()
    assert list(Attendance.objects.filter(entry__in=away).present().values_list("method", flat=True).distinct()) == [
        "recorder"
    ]
    assert Mark.objects.filter(motion=motion).count() == 8
    voting.close_motion(motion, by=None)
    assert open_vote(hall).present_count == 32


def test_grants_at_once_stay_within_the_cap():
    hall = proxy_hall(8, present=0)
    entries = hall.entries
    photos = [make_photo(hall.village) for _ in range(7)]
    acts = [
        lambda line=line, photo=photo: proxies.grant_proxy(
            hall.meeting, grantor=line, holder=entries[0], photo=photo, by=None
        )
        for line, photo in zip(entries[1:], photos, strict=True)
    ]
    assert kinds(all_at_once(acts)) == {"Invalid": 4, "Proxy": 3}


def test_one_link_joins_one_tablet_and_one_voter_is_called_to_one():
    hall = make_hall()
    _row, token = kiosk.start_kiosk(hall.meeting, by=None)
    joined = all_at_once([lambda: kiosk.pair(hall.meeting, token)] * 6)
    assert len([kept for kept in joined if kept is not None]) == 1
    open_vote(hall)
    tablets = [make_kiosk(hall)[0] for _ in range(4)]
    answers = all_at_once([lambda row=row: kiosk.call_up(row, hall.entries[0]) for row in tablets])
    assert kinds(answers) == {"Kiosk": 1, "WrongState": 3}


def test_tablets_and_phones_at_once_while_the_chair_closes():
    hall = make_hall(9)
    motion = open_vote(hall)
    rows = []
    for entry in hall.entries[:6]:
        row, _kept = make_kiosk(hall)
        rows.append(kiosk.call_up(row, entry))
    acts = []
    for row in rows:
        acts += [
            lambda row=row: kiosk.cast_at_kiosk(row, call=row.call, choice="for", secret=secrets.token_hex(16))
        ] * 2
        acts.append(caster(motion, row.entry, f"phone-{row.pk}"))
    acts.insert(12, lambda: voting.close_motion(motion, by=None))
    answers = all_at_once(acts)
    assert not [one for one in answers if isinstance(one, Exception) and not hasattr(one, "code")]
    motion.refresh_from_db()
    assert motion.state == "published"
    stored = Ballot.objects.filter(motion=motion)
    assert stored.count() == motion.marks.count() == motion.decisions.get().cast
    assert not Kiosk.objects.exclude(call="").exists()
    # Each tablet that was told a code has its ballot in the box.
    told = {one for one in answers if isinstance(one, str)}
    assert len(told) == stored.filter(channel="kiosk").count()
