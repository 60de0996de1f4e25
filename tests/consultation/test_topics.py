"""Topics: raised, seconded by households, answered with a reason; what is reserved is only passed on."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import topic_reads, topics
from consultation.errors import Invalid, MeetingError, NotAllowed, WrongState
from consultation.models import Seconding, Topic, TopicCategory
from consultation.topics import Answer, State
from residents.legal_figures import figures_for
from residents.models import LegalFigure, Resident
from tests.factories.residents import make_account, make_household, make_resident, make_village
from tests.factories.topics import category, make_topic, second_by

pytestmark = pytest.mark.django_db

REASON = "已列入下月议事日程。"


@pytest.fixture
def village():
    return make_village()


def needs(count, *, days=15):
    LegalFigure.objects.filter(key="topic_seconds").update(least=count)
    LegalFigure.objects.filter(key="topic_answered").update(days=days)


def said(state, **fields):
    return Answer(**{"state": state, "reason": REASON, "published_title": "路灯"} | fields)


def count(topic):
    topic.refresh_from_db()
    return topic_reads.seconds_count(topic, on=timezone.localdate())


def actions(village):
    return Counter(AuditEntry.objects.filter(village_id=village.pk).values_list("action", flat=True))


def move_to(person, household):
    person.household = household
    person.save(update_fields=["household"])


# raising


def test_who_raises_it_seconds_it_for_the_own_household(village):
    topic = make_topic(village)
    assert (topic.number, topic.state, count(topic)) == (1, "proposed", 1)
    assert make_topic(village).number == 2
    assert actions(village) == {"raise_topic": 2}


def test_the_log_does_not_hold_the_residents_words(village):
    make_topic(village, title="张三家的狗")
    entry = AuditEntry.objects.get(village_id=village.pk)
    assert "张三" not in entry.subject + str(entry.detail)


def test_the_same_words_twice_are_one_topic(village):
    person = make_resident(village)
    assert make_topic(village, person) == make_topic(village, person)
    assert Topic.objects.of(village).count() == 1


def test_figures_are_copied_when_it_is_raised(village):
    needs(3, days=7)
    topic = make_topic(village)
    needs(1, days=99)
    topic.refresh_from_db()
    assert (topic.seconds_needed, topic.answer_days) == (3, 7)
    figures = figures_for("village", on=timezone.localdate())
    assert figures["topic_seconds"].source == "当地做法"


def test_only_the_roll_of_this_village_raises(village):
    with pytest.raises(NotAllowed):
        make_topic(village, make_resident(make_village()))
    gone = make_resident(village, until_on=timezone.localdate())
    with pytest.raises(NotAllowed):
        make_topic(village, gone)


def test_a_category_is_of_the_same_kind_of_place(village):
    with pytest.raises(Invalid):
        make_topic(village, category=category(make_village(kind="community"), "owners"))


def test_so_many_of_one_person_wait_at_once(village):
    person = make_resident(village)
    for number in range(topics.OPEN_AT_ONCE):
        make_topic(village, person, title=f"第{number}件")
    with pytest.raises(WrongState):
        make_topic(village, person, title="再一件")


# seconding


def test_the_first_other_household_starts_the_collecting(village):
    topic = make_topic(village)
    second_by(topic, 1)
    assert (topic.state, count(topic)) == ("collecting_seconds", 2)


def test_a_household_counts_once_whoever_of_it_seconds(village):
    topic = make_topic(village)
    one = make_resident(village)
    other = make_resident(village, household=one.household)
    assert topics.second(topic, person=one, by=None)
    assert not topics.second(topic, person=other, by=None)
    assert count(topic) == 2
    assert actions(village)["second_topic"] == 1


def test_any_member_takes_the_households_second_back(village):
    topic = make_topic(village)
    one = make_resident(village)
    other = make_resident(village, household=one.household)
    topics.second(topic, person=one, by=None)
    assert topics.take_back_second(topic, person=other, by=None)
    assert not topics.take_back_second(topic, person=one, by=None)
    assert count(topic) == 1


def test_the_household_that_raised_it_withdraws_instead(village):
    topic = make_topic(village)
    with pytest.raises(WrongState):
        topics.take_back_second(topic, person=topic.raised_by, by=None)


def test_who_moves_takes_no_second_along_twice(village):
    topic = make_topic(village)
    one = make_resident(village)
    stays = make_resident(village, household=one.household)
    new_home = make_resident(village)
    topics.second(topic, person=one, by=None)
    topics.second(topic, person=new_home, by=None)
    move_to(one, new_home.household)
    assert count(topic) == 2  # the raiser's and the new one: nobody of the old household seconds it now
    topics.second(topic, person=stays, by=None)
    assert count(topic) == 3


def test_who_moves_seconds_for_the_new_household_instead_of_the_old(village):
    topic = make_topic(village)
    [person] = second_by(topic, 1)
    move_to(person, make_household(village))
    assert count(topic) == 1
    assert topics.second(topic, person=person, by=None)
    assert count(topic) == 2
    assert Seconding.objects.get(topic=topic, resident=person).household == person.household


def test_who_leaves_the_roll_seconds_nothing(village):
    topic = make_topic(village)
    [person] = second_by(topic, 1)
    Resident.objects.filter(pk=person.pk).update(until_on=timezone.localdate())
    assert count(topic) == 1
    with pytest.raises(NotAllowed):
        topics.second(topic, person=person, by=None)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("second"), st.integers(0, 3)),
        st.tuples(st.just("back"), st.integers(0, 3)),
        st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("leave"), st.integers(0, 3)),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_household_counts_once_however_its_members_second_and_move(village, steps):
    """Held against a plain model: who last seconded for each household, and where everybody lives now."""
    with transaction.atomic():
        topic = make_topic(village)
        homes = [make_household(village) for _number in range(3)]
        people = [make_resident(village, household=homes[number % 3]) for number in range(4)]
        lives = {number: number % 3 for number in range(4)}
        holder: dict[int, int] = {}

        def stands(home):
            return home in holder and lives.get(holder[home]) == home

        for name, who, *where in steps:
            try:
                if name == "second":
                    topics.second(topic, person=people[who], by=None)
                elif name == "back":
                    topics.take_back_second(topic, person=people[who], by=None)
            except NotAllowed:
                assert who not in lives
                continue
            if name == "second" and not stands(lives[who]):
                holder = {home: one for home, one in holder.items() if one != who} | {lives[who]: who}
            elif name == "back":
                holder.pop(lives[who], None)
            elif name == "move" and who in lives:
                lives[who] = where[0]
                move_to(people[who], homes[where[0]])
            elif name == "leave":
                lives.pop(who, None)
                Resident.objects.filter(pk=people[who].pk).update(until_on=timezone.localdate())
        standing = {home for home in range(3) if stands(home)}
        assert count(topic) == 1 + len(standing)
        lines = Seconding.objects.filter(topic=topic).standing(timezone.localdate())
        assert {line.household_id for line in lines} == {homes[home].pk for home in standing} | {
            topic.raised_by.household_id
        }
        transaction.set_rollback(True)


def test_the_database_refuses_a_household_and_a_person_twice(village):
    topic = make_topic(village)
    [person] = second_by(topic, 1)
    line = Seconding.objects.get(topic=topic, resident=person)
    for fields in (
        {"household": line.household, "resident": make_resident(village, household=line.household)},
        {"household": make_household(village), "resident": person},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Seconding.objects.create(village=village, topic=topic, at=timezone.now(), **fields)


# the clock


def test_the_days_begin_with_the_last_household_that_is_needed(village):
    needs(3, days=10)
    topic = make_topic(village)
    second_by(topic, 1)
    assert topic.answer_by is None
    [last] = second_by(topic, 1)
    by = timezone.localdate() + datetime.timedelta(days=10)
    assert topic.answer_by == by
    topics.take_back_second(topic, person=last, by=None)
    topic.refresh_from_db()
    assert topic.answer_by == by


def test_where_one_household_is_enough_they_begin_at_once(village):
    needs(1, days=10)
    assert make_topic(village).answer_by == timezone.localdate() + datetime.timedelta(days=10)


def test_without_a_period_nothing_is_ever_late(village):
    needs(1, days=None)
    assert make_topic(village).answer_by is None


def test_the_last_day_is_still_in_time(village):
    needs(1, days=10)
    topic = make_topic(village)
    assert not topic.is_overdue(topic.answer_by)
    assert topic.is_overdue(topic.answer_by + datetime.timedelta(days=1))


def test_the_night_writes_each_late_topic_down_once(village):
    needs(1, days=10)
    late = make_topic(village)
    make_topic(village, title="已答复的")
    topics.answer(Topic.objects.get(title="已答复的"), said(State.REJECTED), by=None)
    moment = timezone.now() + datetime.timedelta(days=11)
    assert topics.note_overdue(at=timezone.now()) == 0
    assert topics.note_overdue(at=moment) == 1
    assert topics.note_overdue(at=moment) == 0
    assert actions(village)["miss_topic"] == 1
    late.refresh_from_db()
    assert late.overdue_noted_on is not None


# withdrawing


def test_who_raised_it_withdraws_it_and_nobody_else(village):
    topic = make_topic(village)
    with pytest.raises(NotAllowed):
        topics.withdraw(topic, by=make_account(make_resident(village)))
    account = make_account(topic.raised_by)
    assert topics.withdraw(topic, by=account).state == "withdrawn"
    topics.withdraw(topic, by=account)
    assert actions(village)["withdraw_topic"] == 1
    with pytest.raises(WrongState):
        topics.second(topic, person=make_resident(village), by=None)


def test_what_enough_households_second_is_not_one_persons_to_withdraw(village):
    needs(2)
    topic = make_topic(village)
    second_by(topic, 1)
    with pytest.raises(WrongState):
        topics.withdraw(topic, by=make_account(topic.raised_by))


# answering


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED, State.RESOLVED_DIRECTLY])
def test_an_answer_ends_it_with_its_reason(village, state):
    topic = make_topic(village)
    second_by(topic, 2)
    done = topics.answer(topic, said(state), by=make_account(make_resident(village)))
    assert (done.state, done.reason, done.published_title, done.seconds_count) == (state, REASON, "路灯", 3)
    with pytest.raises(WrongState):
        topics.answer(topic, said(State.ACCEPTED), by=None)
    with pytest.raises(WrongState):
        topics.take_back_second(topic, person=make_resident(village), by=None)
    assert actions(village)["answer_topic"] == 1


def test_the_count_of_an_answered_topic_stays(village):
    topic = make_topic(village)
    [person] = second_by(topic, 1)
    topics.answer(topic, said(State.ACCEPTED), by=None)
    Resident.objects.filter(pk=person.pk).update(until_on=timezone.localdate())
    assert count(topic) == 2


@pytest.mark.parametrize("field", ["reason", "published_title"])
def test_no_answer_without_reason_and_title(village, field):
    with pytest.raises(Invalid) as refused:
        topics.answer(make_topic(village), said(State.REJECTED, **{field: "  "}), by=None)
    assert refused.value.field == field


def test_the_database_refuses_an_answer_without_reason_or_time(village):
    topic = make_topic(village)
    good = {"state": "rejected", "reason": REASON, "published_title": "路灯", "ended_at": timezone.now()}
    for spoiled in ({"reason": ""}, {"published_title": ""}, {"ended_at": None}, {"state": "merged"},
                    {"state": "redirected"}, {"state": "referred"}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Topic.objects.filter(pk=topic.pk).update(**good | spoiled)
    assert Topic.objects.filter(pk=topic.pk).update(**good) == 1


def test_redirecting_names_a_place_of_this_kind_of_village(village):
    topic = make_topic(village)
    for wrong in ("", "owners_vote", "nowhere"):
        with pytest.raises(Invalid) as refused:
            topics.answer(topic, said(State.REDIRECTED, sent_to=wrong), by=None)
        assert refused.value.field == "sent_to"
    assert topics.answer(topic, said(State.REDIRECTED, sent_to="mediation"), by=None).sent_to == "转人民调解"


def test_merging_takes_the_households_and_the_earlier_day_along(village):
    needs(3, days=10)
    long_ago = timezone.now() - datetime.timedelta(days=4)
    early = make_topic(village, title="修路灯", at=long_ago)
    second_by(early, 2, at=long_ago)
    late = make_topic(village, title="路灯不亮")
    second_by(late, 2)
    shared = make_resident(village)
    topics.second(late, person=shared, by=None)
    topics.second(early, person=shared, by=None)
    done = topics.answer(early, said(State.MERGED, into=late), by=None)
    late.refresh_from_db()
    assert (done.merged_into, count(late)) == (late, 7)
    assert late.answer_by == early.answer_by == timezone.localdate() + datetime.timedelta(days=6)
    assert late.state == "collecting_seconds"


def test_a_topic_merges_only_into_another_that_lives_on(village):
    topic, ended = make_topic(village), make_topic(village)
    topics.answer(ended, said(State.REJECTED), by=None)
    for wrong in (None, topic, ended, make_topic(make_village())):
        with pytest.raises(Invalid) as refused:
            topics.answer(topic, said(State.MERGED, into=wrong), by=None)
        assert refused.value.field == "into"


# reserved matters


def test_a_reserved_matter_is_passed_on_to_whom_the_law_names(village):
    topic = make_topic(village, about="land")
    done = topics.answer(topic, said(State.REFERRED), by=None)
    assert (done.state, done.sent_to) == ("referred", "农村集体经济组织成员大会")


def test_what_is_not_reserved_is_not_referred(village):
    with pytest.raises(Invalid):
        topics.answer(make_topic(village), said(State.REFERRED), by=None)


def test_the_committee_puts_a_category_right_towards_the_law(village):
    topic = make_topic(village, about="other")
    with pytest.raises(Invalid):
        topics.answer(topic, said(State.ACCEPTED, category=category(village, "planning")), by=None)
    done = topics.answer(topic, said(State.REFERRED, category=category(village, "planning")), by=None)
    assert (done.state, done.category.key) == ("referred", "planning")


def test_an_open_topic_keeps_what_it_was_reserved_for(village):
    topic = make_topic(village, about="land")
    TopicCategory.objects.update(reserved_for="")
    with pytest.raises(Invalid):
        topics.answer(topic, said(State.ACCEPTED), by=None)


TRIES = st.lists(
    st.one_of(
        st.tuples(st.just("second"), st.none()),
        st.tuples(st.just("withdraw"), st.none()),
        st.tuples(
            st.sampled_from([*Topic.ANSWERED, State.WITHDRAWN, State.PROPOSED]),
            st.sampled_from([None, "facilities", "other", "land", "planning", "government"]),
        ),
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(about=st.sampled_from(["land", "planning", "government", "village_rules"]), tries=TRIES)
def test_no_path_leads_from_a_reserved_category_to_anything_but_referral(village, about, tries):
    with transaction.atomic():
        topic, other = make_topic(village, about=about), make_topic(village)
        account = make_account(topic.raised_by)
        for state, key in tries:
            try:
                if state == "second":
                    topics.second(topic, person=make_resident(village), by=None)
                elif state == "withdraw":
                    topics.withdraw(topic, by=account)
                else:
                    put = category(village, key) if key else None
                    topics.answer(topic, said(state, category=put, sent_to="mediation", into=other), by=None)
            except MeetingError:
                pass
        topic.refresh_from_db()
        assert topic.state in {"proposed", "collecting_seconds", "referred", "withdrawn"}
        assert topic.reserved_for
        transaction.set_rollback(True)


def test_the_database_refuses_it_too(village):
    topic = make_topic(village, about="land")
    for state in Topic.FREE_ANSWERS:
        with pytest.raises(IntegrityError), transaction.atomic():
            Topic.objects.filter(pk=topic.pk).update(
                state=state, reason=REASON, published_title="地", ended_at=timezone.now(), sent_to="x",
                merged_into=make_topic(village) if state == "merged" else None,
            )  # fmt: skip


def test_every_state_has_its_moves_and_ends_are_ends():
    assert set(Topic.MOVES) == set(State)
    assert all(not Topic.MOVES[state] for state in set(State) - set(Topic.OPEN))
