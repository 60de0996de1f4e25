"""Topics many hands reach for at once: a household stays one, an answer stays one, no merge waits for another."""

from __future__ import annotations

import pytest
from django.utils import timezone

from consultation import topic_reads, topics
from consultation.models import Seconding, Topic
from consultation.topics import Answer, State
from tests.factories.residents import make_household, make_resident, make_village
from tests.factories.topics import make_topic, second_by
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")


def said(state, **fields):
    return Answer(state, "这样办。", published_title="灯", **fields)


def test_a_whole_family_at_once_is_one_household():
    village = make_village()
    topic = make_topic(village)
    families = [make_household(village) for _number in range(4)]
    people = [make_resident(village, household=families[number % 4]) for number in range(16)]
    answers = all_at_once([lambda one=one: topics.second(topic, person=one, by=None) for one in people])
    assert sorted(answers) == [False] * 12 + [True] * 4
    assert topic_reads.seconds_count(topic, on=timezone.localdate()) == 5
    assert Seconding.objects.filter(topic=topic).count() == 5


def test_two_members_of_the_committee_give_one_answer():
    topic = make_topic(make_village())
    answers = all_at_once(
        [
            lambda state=state: topics.answer(topic, said(state), by=None)
            for state in (State.ACCEPTED, State.REJECTED) * 3
        ]
    )
    assert kinds(answers) == {"Topic": 1, "WrongState": 5}
    [given] = [one for one in answers if isinstance(one, Topic)]
    assert Topic.objects.get().state == given.state


def test_two_topics_merged_into_each_other_leave_one_that_lives():
    village = make_village()
    one, other = make_topic(village, title="灯"), make_topic(village, title="路灯")
    second_by(one, 2)
    second_by(other, 2)
    answers = all_at_once(
        [
            lambda a=a, b=b: topics.answer(a, said(State.MERGED, into=b), by=None)
            for a, b in ((one, other), (other, one))
        ]
    )
    assert kinds(answers) == {"Invalid": 1, "Topic": 1}
    alive = Topic.objects.open().get()
    assert topic_reads.seconds_count(alive, on=timezone.localdate()) == 6


def test_seconds_while_the_answer_comes_are_counted_or_refused():
    village = make_village()
    topic = make_topic(village)
    people = [make_resident(village) for _number in range(10)]
    acts = [lambda one=one: topics.second(topic, person=one, by=None) for one in people]
    acts.insert(5, lambda: topics.answer(topic, said(State.ACCEPTED), by=None))
    answers = all_at_once(acts, threads=6)
    topic.refresh_from_db()
    assert topic.seconds_count == 1 + answers.count(True)
    assert set(kinds(answers)) <= {"Topic", "WrongState", "bool"}


def test_topics_raised_at_once_get_numbers_of_their_own():
    village = make_village()
    people = [make_resident(village) for _number in range(8)]
    make_topic(village)
    all_at_once([lambda one=one: make_topic(village, one) for one in people])
    numbers = Topic.objects.of(village).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 10))
