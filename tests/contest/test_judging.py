"""Marks are the judge's own until the lock: half points, no conflict, no second hand, every change kept."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from contest import judging
from contest.errors import Closed, ContestRefused, Incomplete, NotAllowed, Stale, WrongState
from contest.models import Assignment, Contest, Judge, Score, ScoreChange
from contest.outliers import outliers
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.judging import all_give, close_all, give, make_jury, sheet_of
from tests.factories.residents import appoint, make_account, make_region, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db


def test_everyone_gets_a_sheet_for_everything_once():
    contest, organizer, judges = make_jury(3, 4)
    assert Assignment.objects.filter(judge__contest=contest).count() == 12
    assert judging.assign(contest, by=organizer) == 0
    assert [one.key for one in judges] == ["j01", "j02", "j03"]


def test_only_the_organizer_names_judges_by_office():
    contest, organizer, judges = make_jury(1)
    with pytest.raises(NotAllowed):
        judging.name_judges(contest, [make_officer("judge", contest.region)], by=judges[0].account)
    for stranger in (make_user(), judges[0].account):
        with pytest.raises(Incomplete):
            judging.name_judges(contest, [stranger], by=organizer)
    with pytest.raises(Incomplete):
        judging.name_judges(contest, [], by=organizer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Judge.objects.create(contest=contest, number=9, account=judges[0].account, name="again")


@pytest.mark.parametrize("words", ["0", "0.5", "20", "20.0", "１２．５", " 7 "])
def test_half_points_are_taken(words):
    _contest, _organizer, (judge,) = make_jury(1)
    sheet = sheet_of(judge)
    judging.record_score(sheet, {"legality": words}, by=judge.account)
    assert Score.objects.get().mark % Decimal("0.5") == 0
    before = ScoreChange.objects.count()
    judging.record_score(sheet, {"legality": words}, by=judge.account, revision=99)
    assert ScoreChange.objects.count() == before == 1, "the same once more changes nothing"


@pytest.mark.parametrize(
    "words", ["0.3", "20.5", "-1", "1e1", "NaN", "Infinity", "", "八", "1.25", "7,5", "1" * 200, "١", "1.2.3", "."]
)
def test_other_marks_are_refused_and_nothing_is_kept(words):
    _contest, _organizer, (judge,) = make_jury(1)
    with pytest.raises(Incomplete) as refused:
        judging.record_score(sheet_of(judge), {"effect": "10", "legality": words}, by=judge.account)
    assert refused.value.field == "legality"
    assert not Score.objects.exists()


def test_unknown_criteria_are_refused():
    _contest, _organizer, (judge,) = make_jury(1)
    with pytest.raises(Incomplete):
        judging.record_score(sheet_of(judge), {"beauty": "1"}, by=judge.account)


def test_changes_are_kept_and_an_older_window_does_not_write_over():
    _contest, _organizer, (judge,) = make_jury(1)
    sheet = judging.record_score(sheet_of(judge), {"legality": "8"}, by=judge.account, revision=0)
    judging.record_score(sheet, {"legality": "9.5"}, by=judge.account, revision=1)
    with pytest.raises(Stale):
        judging.record_score(sheet, {"legality": "3"}, by=judge.account, revision=1)
    told = [(one.before, one.after, one.by) for one in ScoreChange.objects.all()]
    assert told == [(None, Decimal(8), judge.account), (Decimal(8), Decimal("9.5"), judge.account)]
    assert not AuditEntry.objects.filter(detail__icontains="9.5").exists()


def test_nobody_scores_for_another():
    contest, organizer, (one, other) = make_jury(2)
    for account in (other.account, organizer, make_officer("judge", contest.region)):
        for act in (
            lambda by: judging.record_score(sheet_of(one), {"legality": "1"}, by=by),
            lambda by: judging.write_note(sheet_of(one), "x", by=by),
            lambda by: judging.submit_sheet(sheet_of(one), by=by),
            lambda by: judging.declare_conflict(sheet_of(one), "kin", "", by=by),
        ):
            with pytest.raises(NotAllowed):
                act(account)


def test_a_sheet_is_done_when_every_mark_is_given():
    _contest, _organizer, (judge,) = make_jury(1)
    judging.record_score(sheet_of(judge), {"legality": "8"}, by=judge.account)
    with pytest.raises(Incomplete) as refused:
        judging.submit_sheet(sheet_of(judge), by=judge.account)
    assert refused.value.field == "effect"
    give(judge, 1, "8", "9")
    assert sheet_of(judge).done_at is not None


def test_a_conflict_leaves_no_mark():
    _contest, organizer, (judge,) = make_jury(1)
    give(judge, 1, "8", "9")
    judging.write_note(sheet_of(judge), "好", by=judge.account)
    judging.declare_conflict(sheet_of(judge), "kin", "侄子是村主任", by=judge.account)
    sheet = sheet_of(judge)
    assert (sheet.scores.count(), sheet.changes.count(), sheet.note, sheet.done_at) == (0, 0, "", None)
    with pytest.raises(WrongState):
        judging.record_score(sheet, {"legality": "8"}, by=judge.account)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=sheet.pk).update(note="x")
    judging.lift_conflict(sheet, "查过，不是亲属", by=organizer)
    judging.record_score(sheet, {"legality": "8"}, by=judge.account)


@pytest.mark.parametrize(("kind", "words"), [("", ""), ("friend", ""), ("other", " "), ("kin", "字" * 301)])
def test_a_conflict_says_which(kind, words):
    _contest, _organizer, (judge,) = make_jury(1)
    with pytest.raises(Incomplete):
        judging.declare_conflict(sheet_of(judge), kind, words, by=judge.account)


def test_own_county_is_recused_at_once_in_a_contest_of_counties():
    city = make_region("prefecture")
    home, away = make_region("county", city), make_region("county", city)
    contest = make_contest(region=city)
    villages = [make_village(region=make_region("township", place)) for place in (home, away)]
    for village in villages:
        make_entry(contest, village)
    person = make_resident(make_village(region=make_region("township", home)))
    resident, officer = make_account(person), make_officer("county_editor", away)
    for account in (resident, officer):
        make_officer_too(account, city)
    organizer = make_officer("organizer", city)
    judging.name_judges(contest, [resident, officer], by=organizer)
    judging.assign(contest, by=organizer)
    assert {(one.judge.account, one.entry.village) for one in Assignment.objects.exclude(conflict="")} == {
        (resident, villages[0]), (officer, villages[1]),
    }  # fmt: skip


def make_officer_too(account, region):
    from residents.models import Appointment
    from tests.factories.residents import SINCE

    Appointment.objects.create(user=account, region=region, role="judge", from_on=SINCE)


def test_own_village_is_recused_in_a_contest_of_a_county():
    county = make_region("county")
    contest = make_contest(region=county)
    own, next_door = (make_village(region=make_region("township", county)) for _ in range(2))
    for village in (own, next_door):
        make_entry(contest, village)
    person = make_resident(own)
    appoint(person, "group_leader")
    account = make_account(person)
    make_officer_too(account, county)
    organizer = make_officer("organizer", county)
    judging.name_judges(contest, [account], by=organizer)
    judging.assign(contest, by=organizer)
    assert [one.entry.village for one in Assignment.objects.exclude(conflict="")] == [own]


def test_a_judge_who_resigns_leaves_finished_sheets_unless_they_fall():
    contest, organizer, (one, other) = make_jury(2, 2)
    for judge in (one, other):
        give(judge, 1, "8", "9")
    with pytest.raises(Incomplete):
        judging.resign_judge(one, " ", by=one.account)
    with pytest.raises(NotAllowed):
        judging.resign_judge(one, "不让", by=other.account)
    with pytest.raises(NotAllowed):
        judging.resign_judge(one, "我的分不算", by=one.account, sheets_fall=True)
    judging.resign_judge(one, "生病", by=one.account)
    judging.resign_judge(other, "收了礼", by=organizer, sheets_fall=True)
    sheets = Assignment.objects.filter(judge__contest=contest)
    assert [sheet.judge for sheet in sheets] == [one, other]
    assert [sheet.judge for sheet in sheets.counting()] == [one]
    with pytest.raises(WrongState):
        judging.record_score(sheet_of(one), {"legality": "1"}, by=one.account)
    with pytest.raises(WrongState):
        judging.resign_judge(one, "again", by=organizer)


def test_nothing_is_scored_before_after_or_once_locked():
    contest, _organizer, (judge,) = make_jury(1)
    close_all(contest)
    with pytest.raises(Closed):
        judging.record_score(sheet_of(judge), {"legality": "1"}, by=judge.account)
    for state in (Contest.State.DRAFT, Contest.State.SCORE_LOCKED, Contest.State.PUBLISHED):
        Contest.objects.filter(pk=contest.pk).update(state=state)
        with pytest.raises(ContestRefused) as refused:
            judging.record_score(sheet_of(judge), {"legality": "1"}, by=judge.account)
        assert refused.value.code == "wrong_state"
    assert not Score.objects.exists()


def test_an_entry_that_went_out_is_not_scored():
    contest, _organizer, (judge,) = make_jury(1)
    contest.entries.filter(number=1).update(state="withdrawn")
    with pytest.raises(WrongState):
        judging.record_score(sheet_of(judge), {"legality": "1"}, by=judge.account)


def test_progress_counts_sheets():
    contest, _organizer, (one, other) = make_jury(2, 3)
    all_give([one], 2)
    judging.declare_conflict(sheet_of(other, 3), "office", "", by=other.account)
    told = [(line.judge, line.done, line.open, line.recused) for line in judging.progress(contest)]
    assert told == [(one, 2, 1, 0), (other, 0, 2, 1)]


def test_one_far_from_the_others_is_an_outlier():
    said = outliers(
        {
            "odd": {"a": Fraction(80), "b": Fraction(82), "c": Fraction(81), "d": Fraction(60)},
            "split": {"a": Fraction(60), "b": Fraction(90), "c": Fraction(61), "d": Fraction(91)},
            "few": {"a": Fraction(10), "b": Fraction(90), "c": Fraction(91)},
            "near": {"a": Fraction(80), "b": Fraction(80), "c": Fraction(80), "d": Fraction(71)},
        }
    )
    assert [(one.entry, one.judge, one.middle) for one in said] == [("odd", "d", 81)]
