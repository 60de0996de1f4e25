"""Words added to signed minutes: written by one, confirmed by another, in a chain that shows any change."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditEntry
from consultation import addenda, meetings, minutes
from consultation.errors import Invalid, NotAllowed, WrongState
from consultation.models import Addendum, Meeting, Minutes
from consultation.own_data import held_in_meetings
from residents import two_people
from tests.consultation.test_official_papers import client_of, text_of
from tests.factories.consultation import close_vote, make_hall, sign_all
from tests.factories.residents import appoint

pytestmark = pytest.mark.django_db

WORDS = "会后第二天，张家补充说水从后山来。\n已告诉到会的人。"


def signed():
    hall = make_hall()
    close_vote(hall, votes=(4, 1, 1))
    meetings.close_meeting(hall.meeting, by=None)
    hall.meeting = Meeting.objects.select_related("village", "roster").get(pk=hall.meeting.pk)
    appoint(hall.people[4], "supervisory_chair")
    draft = minutes.draft_minutes(hall.meeting, by=None)
    sign_all(minutes.check_minutes(draft, checker=hall.people[4], by=None))
    return hall


def record_of(hall):
    return Minutes.objects.select_related("meeting__village").get(meeting=hall.meeting)


def propose(hall, text=WORDS, *, by=None):
    return addenda.propose_addendum(record_of(hall), text=text, by=by or hall.recorder)


def confirm(proposal, by):
    with transaction.atomic():
        two_people.decide(proposal, by=by, accept=True)


def add(hall, text):
    confirm(propose(hall, text), hall.chair)
    return Addendum.objects.get(text=text)


def test_what_one_wrote_and_another_confirmed_stands_there_with_both_names():
    hall = signed()
    proposal = propose(hall, f"  {WORDS}\n")
    assert not Addendum.objects.exists()
    confirm(proposal, hall.account(4))
    kept = Addendum.objects.get()
    assert (kept.number, kept.text, kept.writer_name, kept.confirmer_name) == (
        1, WORDS, hall.people[1].name, hall.people[4].name,
    )  # fmt: skip
    entry = AuditEntry.objects.filter(action="add_to_minutes").get()
    assert (entry.detail["digest"], entry.actor_id) == (kept.digest, hall.account(4).pk)


def test_both_find_it_among_what_is_held_on_them():
    hall = signed()
    add(hall, "甲")
    for user, found in ((hall.recorder, 1), (hall.chair, 1), (hall.account(5), 0)):
        parts = {part.code: part for part in held_in_meetings(user, 10)}
        assert (parts["addenda"].count, len(parts["addenda"].entries)) == (found, found)


@pytest.mark.parametrize("place", [1, 5])
def test_neither_who_wrote_it_nor_a_villager_confirms_it(place):
    hall = signed()
    proposal = propose(hall)
    with pytest.raises(two_people.TwoPeopleError):
        confirm(proposal, hall.account(place))
    assert not Addendum.objects.exists()


@pytest.mark.parametrize("place", [2, 4, 5])
def test_only_chair_and_recorder_write(place):
    hall = signed()
    with pytest.raises(NotAllowed):
        propose(hall, by=hall.account(place))


@pytest.mark.parametrize("text", ["", " \n", "字" * 2001])
def test_an_addendum_says_something_and_not_too_much(text):
    with pytest.raises(Invalid) as refusal:
        propose(signed(), text)
    assert refusal.value.field == "text"


@pytest.mark.parametrize("state", ["draft", "checked"])
def test_what_is_not_signed_yet_is_put_right_itself(state):
    hall = signed()
    Minutes.objects.update(state=state)
    with pytest.raises(WrongState):
        propose(hall)


def test_the_chain_follows_the_signed_words_and_shows_every_change():
    hall = signed()
    made = record_of(hall)
    before = {name: getattr(made, name) for name in ("digest", "facts", "proceedings")}
    first, second, third = (add(hall, text) for text in ("甲", "乙", "丙"))
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert first.digest == addenda.digest_of(first, made.digest)
    assert second.digest == addenda.digest_of(second, first.digest)
    made = record_of(hall)
    assert {name: getattr(made, name) for name in before} == before
    assert addenda.chain_holds(made)
    for tampering in (
        lambda: Addendum.objects.filter(number=2).update(text="改过"),
        lambda: Addendum.objects.filter(number=2).update(confirmer_name="别人"),
        lambda: Addendum.objects.filter(number=1).delete(),
        lambda: Addendum.objects.filter(number=3).update(number=5),
        lambda: Minutes.objects.update(digest="0" * 64),
    ):
        with transaction.atomic():
            tampering()
            assert not addenda.chain_holds(record_of(hall))
            transaction.set_rollback(True)


def test_the_database_wants_two_people():
    hall = signed()
    kept = add(hall, "甲")
    with pytest.raises(IntegrityError), transaction.atomic():
        Addendum.objects.filter(pk=kept.pk).update(confirmed_by=kept.written_by_id)


def test_the_page_takes_it_in_and_everybody_reads_it_once_it_is_confirmed():
    hall = signed()
    minutes.publish_minutes(record_of(hall), by=None)
    page, paper = hall.meeting.address("minutes"), hall.meeting.address("minutes_paper")
    recorder, chair, visitor = client_of(hall.recorder), client_of(hall.chair), Client()
    assert "写一条补记" in recorder.get(page).text
    assert recorder.post(hall.meeting.address("add_to_minutes"), {"text": ""}).status_code == 422
    assert recorder.post(hall.meeting.address("add_to_minutes"), {"text": WORDS}).status_code == 303
    assert "属实，写进去" not in recorder.get(page).text
    assert "水从后山来" not in visitor.get(page).text + text_of(visitor.get(paper))
    (waiting,) = addenda.waiting_for(record_of(hall))
    answer = hall.meeting.address("decide_addendum", waiting.number)
    assert recorder.post(answer, {"answer": "confirm"}).status_code == 409
    assert chair.post(answer, {"answer": "confirm"}).status_code == 303
    assert chair.post(answer, {"answer": "confirm"}).status_code == 404  # it is done
    shown, printed = visitor.get(page).text, text_of(visitor.get(paper))
    for said in (shown, printed):
        assert "水从后山来" in said
        assert "第 1 号补记" in said
    assert "写一条补记" not in shown
    assert f"校验值：{Addendum.objects.get().digest}" in printed
