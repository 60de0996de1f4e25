"""Suggestions to amend: seconded by households, answered in time, the cycle opened by them."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from home.duties import overdue_in
from home.merging import plan_merger
from home.my_page import my_page
from residents.merging import MergeError
from residents.models import LegalFigure
from tests.factories.carrying import make_officer, make_suggestion, second_by
from tests.factories.residents import make_account, make_resident, make_village
from tests.factories.rules import make_draft
from villagerules import drafting, suggestions
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.models import Article, Opinion, RuleSuggestion, RuleVersion

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today():
    return timezone.localdate()


@pytest.fixture
def rules():
    version = make_draft(make_village())
    since = today() - 100 * DAY
    RuleVersion.objects.filter(pk=version.pk).update(state="published", published_on=since, effective_on=since)
    LegalFigure.objects.filter(key="suggestion_seconds").update(least=3)
    return version.rules


def article(rules):
    return Article.objects.get(chapter__version__rules=rules, number=1)


def test_a_resident_of_the_roll_suggests_and_the_own_household_is_first(rules):
    person = make_resident(rules.village)
    made = make_suggestion(rules, person, lineage=article(rules).lineage)
    assert (made.place, made.seconds_needed, made.answer_days) == ("第一条", 3, 15)
    assert suggestions.seconds_count(made, on=today()) == 1
    assert make_suggestion(rules, person, lineage=article(rules).lineage) == made
    with pytest.raises(NotAllowed):
        make_suggestion(rules, make_resident(make_village()))


def test_only_what_is_in_force_is_amended(rules):
    rules.versions.update(repealed_on=today())
    with pytest.raises(WrongState):
        make_suggestion(rules)


@pytest.mark.parametrize("fields", [{"text": " "}, {"reason": ""}, {"text": "改" * 1001}])
def test_it_says_what_and_why(rules, fields):
    with pytest.raises(Incomplete):
        make_suggestion(rules, **fields)


def test_one_household_counts_once_whoever_of_it_seconds(rules):
    made = make_suggestion(rules)
    one = make_resident(rules.village)
    other = make_resident(rules.village, household=one.household)
    assert suggestions.second_suggestion(made, person=one, by=None)
    assert not suggestions.second_suggestion(made, person=other, by=None)
    assert suggestions.seconds_count(made, on=today()) == 2
    assert suggestions.take_back_second(made, person=other, by=None)
    assert suggestions.seconds_count(made, on=today()) == 1


def test_enough_households_set_the_days_and_taking_back_does_not_stop_them(rules):
    made = make_suggestion(rules)
    [person, _other] = second_by(made, 2)
    assert made.answer_by == today() + 15 * DAY
    suggestions.take_back_second(made, person=person, by=None)
    made.refresh_from_db()
    assert made.answer_by is not None
    assert list(RuleSuggestion.objects.to_answer()) == [made]


def test_what_the_county_edits_later_changes_nothing_for_it(rules):
    made = make_suggestion(rules)
    LegalFigure.objects.filter(key="suggestion_seconds").update(least=2)
    second_by(made, 1)
    assert made.answer_by is None


def test_it_is_withdrawn_until_it_is_others_too(rules):
    person = make_resident(rules.village)
    account = make_account(person)
    made = make_suggestion(rules, person)
    with pytest.raises(NotAllowed):
        suggestions.withdraw_suggestion(made, by=make_account(make_resident(rules.village)))
    second_by(made, 2)
    with pytest.raises(WrongState):
        suggestions.withdraw_suggestion(made, by=account)
    other = make_suggestion(rules, person, text="另一条")
    assert suggestions.withdraw_suggestion(other, by=account).state == "withdrawn"
    assert suggestions.withdraw_suggestion(other, by=account).state == "withdrawn"


def test_taken_up_it_opens_the_cycle_as_the_first_opinion(rules):
    person = make_resident(rules.village)
    made = make_suggestion(rules, person, lineage=article(rules).lineage, by=make_account(person))
    second_by(made, 2)
    suggestions.take_up_suggestion(made, answer="有道理，大家来议。", days=10, by=make_officer(rules.village))
    made.refresh_from_db()
    version = drafting.under_way(rules)
    assert (made.state, made.taken_into, made.seconds_count) == ("taken_up", version, 3)
    assert (version.state, version.note) == ("soliciting", str(made))
    opinion = version.opinions.get()
    assert (opinion, opinion.number, opinion.place) == (made.opinion, 1, "第一条")
    assert (opinion.author, opinion.source) == (person, Opinion.Source.WEB)
    assert made.text in opinion.text


def test_where_opinions_are_taken_already_it_is_one_of_them(rules):
    drafting.start_version(rules, by=None, days=5)
    made = make_suggestion(rules)
    suggestions.take_up_suggestion(made, answer="并到正在征求的里面。", days=5, by=None)
    made.refresh_from_db()
    assert made.taken_into == drafting.under_way(rules)


def test_while_a_version_takes_no_opinions_it_waits_or_is_declined(rules):
    version = drafting.start_version(rules, by=None, days=5)
    RuleVersion.objects.filter(pk=version.pk).update(state="cleared")
    version.periods.update(closed_at=timezone.now())
    made = make_suggestion(rules)
    with pytest.raises(WrongState, match="正在办"):
        suggestions.take_up_suggestion(made, answer="好", days=5, by=None)
    made.refresh_from_db()
    assert made.is_open


def test_declined_with_a_reason_that_everybody_reads(rules, client):
    person = make_resident(rules.village, name="欧阳独一")
    made = make_suggestion(rules, person)
    with pytest.raises(NotAllowed):
        suggestions.decline_suggestion(made, answer="不改", by=make_officer(rules.village, "supervisory_chair"))
    with pytest.raises(Incomplete):
        suggestions.decline_suggestion(made, answer=" ", by=None)
    suggestions.decline_suggestion(made, answer="去年才改过，先看一年。", by=make_officer(rules.village))
    said = client.get(made.get_absolute_url()).content.decode()
    assert "去年才改过" in said
    assert "欧阳" not in said
    assert made.text not in said
    with pytest.raises(WrongState):
        suggestions.second_suggestion(made, person=person, by=None)


def test_a_late_one_shows_and_is_noted_once(rules, client):
    made = make_suggestion(rules)
    second_by(made, 2)
    RuleSuggestion.objects.filter(pk=made.pk).update(answer_by=today() - DAY)
    where = reverse("villagerules:suggestions", args=[rules.village.slug, rules.slug])
    assert "过期没答复" in client.get(where).content.decode()
    assert suggestions.note_unanswered() == 1
    assert suggestions.note_unanswered() == 0
    assert AuditEntry.objects.filter(action="miss_suggestion").count() == 1


def signed_in(account):
    client = Client()
    client.force_login(account, backend="residents.backends.AccountBackend")
    return client


def test_the_whole_way_by_the_pages(rules):
    village = rules.village
    mine = signed_in(make_account(make_resident(village)))
    neighbour = signed_in(make_account(make_resident(village)))
    new = reverse("villagerules:new_suggestion", args=[village.slug, rules.slug])
    refused = mine.post(new, {"lineage": "", "text": "加一条：不晒谷。", "reason": ""})
    assert refused.status_code == 422
    assert "加一条：不晒谷。" in refused.content.decode()
    assert mine.post(new, {"lineage": "", "text": "加一条：不晒谷。", "reason": "过不去车"}).status_code == 303
    made = RuleSuggestion.objects.get()
    assert neighbour.post(f"{made.get_absolute_url()}second/").status_code == 303
    assert suggestions.seconds_count(made, on=today()) == 2
    assert "加一条：不晒谷。" in neighbour.get(made.get_absolute_url()).content.decode()
    officer = signed_in(make_officer(village))
    answer = reverse("villagerules:answer_suggestion", args=[village.slug, made.number])
    assert officer.post(answer, {"verdict": "take_up", "answer": ""}).status_code == 422
    assert officer.post(answer, {"verdict": "take_up", "answer": "好"}).status_code == 303
    made.refresh_from_db()
    assert made.state == "taken_up"


def test_counting_a_list_asks_as_often_for_three_as_for_one_page(rules, client, django_assert_max_num_queries):
    for number in range(3):
        make_suggestion(rules, text=f"第 {number} 条")
    where = reverse("villagerules:suggestions", args=[rules.village.slug, rules.slug])
    with django_assert_max_num_queries(25):
        client.get(where)


@pytest.fixture
def late(rules):
    made = make_suggestion(rules)
    second_by(made, 2)
    RuleSuggestion.objects.filter(pk=made.pk).update(answer_by=today() - DAY)
    return made


def test_the_township_sees_a_late_one_by_its_number(late):
    [told] = overdue_in([late.village], now=timezone.now())
    line = next(one for one in told.duties if one.label == "附议够了以后答复修订提议")
    assert str(late) in line.words
    assert late.text not in line.words


def test_the_committee_finds_on_its_own_page_what_waits(late):
    officer = make_officer(late.village)
    [place] = my_page(officer, now=timezone.now()).places
    assert list(place.suggested) == [late]
    [place] = my_page(make_account(make_resident(late.village)), now=timezone.now()).places
    assert list(place.suggested) == []


def test_two_villages_merge_only_once_it_is_answered(late):
    with pytest.raises(MergeError, match="修订提议"):
        plan_merger(late.village, make_village(region=late.village.region))
