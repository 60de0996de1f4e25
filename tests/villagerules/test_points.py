"""Points of households: set by the assembly, entered by two, objected to, never a fine."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from residents.models import LegalFigure, Proposal
from residents.two_people import Forbidden, SamePerson, decide
from tests.factories.carrying import make_category, make_entry, make_officer
from tests.factories.residents import appoint, make_account, make_resident, make_village
from tests.factories.rules import make_draft
from villagerules import objections, point_categories, points, points_reads
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.models import PointsEntry, RuleVersion
from villagerules.point_categories import CategoryText

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def today():
    return timezone.localdate()


def rules_in_force(village):
    version = make_draft(village)
    since = today() - 400 * DAY
    RuleVersion.objects.filter(pk=version.pk).update(state="published", published_on=since, effective_on=since)
    version.refresh_from_db()
    return version


@pytest.fixture
def version():
    return rules_in_force(make_village())


@pytest.fixture
def home(version):
    return make_resident(version.village).household


def ledger(home):
    return points_reads.ledger_of(home, on=today())


# Categories


@pytest.mark.parametrize(
    "label", ["乱倒垃圾罚款五十元", "不交卫生费没收工具", "晒谷占道的依法罚款", "不听劝的断水断电", "上黑榜曝光"]
)
def test_a_category_that_speaks_of_a_fine_is_refused(version, label):
    with pytest.raises(Incomplete, match="从不罚款"):
        make_category(version, label=label, points=-5)


def test_a_category_may_say_that_nobody_is_fined(version):
    assert make_category(version, label="劝导以后改正，不罚款", points=2).pk


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CategoryText("", 5), "请写明"), (CategoryText("清塘"), "请填分数"), (CategoryText("清塘", 101), "最多"),
        (CategoryText("清塘", -5, commends=True), "表扬不能扣分"), (CategoryText("清塘", 5, below_zero=True), "零分"),
        (CategoryText("清塘", ends_it=True), "哪一类"),
    ],
)  # fmt: skip
def test_a_category_is_whole(version, text, why):
    with pytest.raises(Incomplete, match=why):
        point_categories.set_category(version.village, text, from_on=today(), by=None, version=version)


def test_a_category_names_the_decision_that_set_it(version):
    with pytest.raises(Incomplete, match="哪次会议"):
        point_categories.set_category(version.village, CategoryText("清塘", 5), from_on=today(), by=None)
    elsewhere = rules_in_force(make_village())
    with pytest.raises(Incomplete, match="没有施行"):
        point_categories.set_category(
            version.village, CategoryText("清塘", 5), from_on=today(), by=None, version=elsewhere
        )


def test_only_the_committee_writes_categories_down(version):
    with pytest.raises(NotAllowed):
        point_categories.set_category(
            version.village, CategoryText("清塘", 5), from_on=today(), version=version,
            by=make_officer(version.village, "hongbai_chair"),
        )  # fmt: skip


def test_a_change_is_a_new_line_and_the_old_one_holds_for_its_days(version):
    old = make_category(version, points=5, from_on=today() - 30 * DAY)
    new = make_category(version, points=8, from_on=today(), replaces=old)
    old.refresh_from_db()
    assert old.until_on == today()
    assert list(points_reads.categories_of(version.village, on=today() - DAY)) == [old]
    assert list(points_reads.categories_of(version.village, on=today())) == [new]
    with pytest.raises(WrongState):
        make_category(version, from_on=today() + DAY, replaces=old)
    make_category(version, label="不再记", points=0, ends_it=True, replaces=new, from_on=today() + DAY)
    assert not points_reads.categories_of(version.village, on=today() + DAY)


# Two people


def test_a_line_counts_once_a_second_person_confirmed_it(version, home):
    first, other = make_officer(version.village), make_officer(version.village, "party_secretary")
    entry = points.enter_points(
        village=version.village, household=home, category=make_category(version), on=today(), note="清塘", by=first
    )
    assert (ledger(home).total, ledger(home).lines) == (0, [])
    with pytest.raises(SamePerson):
        points.settle(entry, by=first, accept=True)
    points.settle(entry, by=other, accept=True)
    assert ledger(home).total == 5


def test_nobody_enters_or_confirms_for_the_own_household(version):
    officer = make_resident(version.village)
    appoint(officer, "committee_member")
    account, other = make_account(officer), make_officer(version.village)
    asked = {"village": version.village, "household": officer.household, "category": make_category(version)}
    with pytest.raises(NotAllowed):
        points.enter_points(**asked, on=today(), note="", by=account)
    entry = points.enter_points(**asked, on=today(), note="", by=other)
    with pytest.raises(Forbidden):
        decide(entry.proposal, by=account, accept=True)


def test_the_council_and_residents_enter_no_points(version, home):
    for role in ("hongbai_member", "supervisory_member", "village_admin"):
        with pytest.raises(NotAllowed):
            points.enter_points(
                village=version.village, household=home, category=make_category(version), on=today(), note="",
                by=make_officer(version.village, role),
            )  # fmt: skip


def test_what_was_sent_back_counts_never(version, home):
    first, other = make_officer(version.village), make_officer(version.village)
    entry = points.enter_points(
        village=version.village, household=home, category=make_category(version), on=today(), note="", by=first
    )
    points.settle(entry, by=other, accept=False, note="不是这一户")
    assert ledger(home).lines == []
    assert not PointsEntry.objects.waiting().exists()


@pytest.mark.parametrize("days", [-1, 400])
def test_what_is_entered_happened_in_the_last_year(version, home, days):
    category = make_category(version, from_on=today() - 390 * DAY)
    with pytest.raises(Incomplete, match="过去一年"):
        make_entry(category, home, on=today() - days * DAY)


def test_a_note_speaks_of_no_fine_either(version, home):
    with pytest.raises(Incomplete, match="从不罚款"):
        make_entry(make_category(version), home, note="罚款二十元抵扣")


def test_the_log_and_the_proposal_know_a_number_and_not_the_household(version):
    person = make_resident(version.village, name="欧阳独一")
    entry = make_entry(make_category(version), person.household, note="照顾欧阳家老人")
    account = make_account(person)
    objections.object_to(entry, text="不是我家", person=person, by=account)
    told = str([vars(one) for one in AuditEntry.objects.all()]) + str([vars(one) for one in Proposal.objects.all()])
    assert "欧阳" not in told
    assert AuditEntry.objects.get(action="object_to_points").actor_id is None


# Sums


def test_a_deduction_takes_no_more_than_there_is(version, home):
    make_entry(make_category(version, points=3), home)
    make_entry(make_category(version, points=-5, label="乱倒垃圾，劝了不改"), home)
    told = ledger(home)
    assert (told.total, [line.counts for line in told.lines]) == (0, [-3, 3])


def test_the_assembly_may_let_it_fall_below_nothing(version, home):
    make_entry(make_category(version, points=-5, label="乱倒垃圾", below_zero=True), home)
    assert ledger(home).total == -5
    assert points_reads.totals_of(version.village, on=today())[home.pk] == -5


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-9, 9).filter(bool), st.booleans()), max_size=6))
def test_the_ledger_sums_its_valid_lines_and_agrees_with_the_villages_sums(made):
    with transaction.atomic():
        version = rules_in_force(make_village())
        home = make_resident(version.village).household
        officers = make_officer(version.village), make_officer(version.village)
        third = make_officer(version.village)
        for number, (value, void) in enumerate(made):
            entry = make_entry(make_category(version, points=value, label=f"类{number}"), home, by=officers)
            if void:
                points.void_entry(entry, reason="记错了", by=third)
        told = points_reads.ledger_of(home, on=today())
        assert told.total == sum(line.counts for line in told.lines if line.entry.is_valid)
        assert all(line.counts == 0 for line in told.lines if not line.entry.is_valid)
        assert told.total == points_reads.totals_of(version.village, on=today())[home.pk] >= 0
        assert len(told.lines) == len(made)
        transaction.set_rollback(True)


def test_a_third_is_told_where_there_are_enough_households(version, home):
    make_entry(make_category(version), home)
    assert ledger(home).third == ""
    for _number in range(12):
        make_resident(version.village)
    assert ledger(home).third == "在村里前三分之一"


# Objections


def figures(version, **days):
    for key, number in days.items():
        LegalFigure.objects.filter(key=key, applies_to=version.village.kind).update(days=number)


def stage_two(version, home, *, upheld=False):
    """An entry whose objection the committee has decided on."""
    person = home.representative
    entry = make_entry(make_category(version), home)
    made = objections.object_to(entry, text="那天我家没有去", person=person, by=None)
    third = make_officer(version.village)
    objections.decide_objection(made, upheld=upheld, reason="签到表上有", by=third)
    entry.refresh_from_db()
    return entry, third


def test_the_household_objects_within_the_countys_days(version, home):
    entry = make_entry(make_category(version), home)
    days = LegalFigure.objects.get(key="points_objection", applies_to="village").days
    assert entry.objection_until == today() + days * DAY
    assert objections.next_stage(entry, on=entry.objection_until) == "committee"
    assert objections.next_stage(entry, on=entry.objection_until + DAY) is None
    with pytest.raises(WrongState):
        objections.object_to(
            entry, text="不对", person=home.representative, by=None, at=timezone.now() + (days + 1) * DAY
        )
    with pytest.raises(NotAllowed):
        objections.object_to(entry, text="不对", person=make_resident(version.village), by=None)


def test_neither_of_the_two_decides_nor_somebody_of_the_household(version, home):
    first, other = make_officer(version.village), make_officer(version.village)
    entry = make_entry(make_category(version), home, by=(first, other))
    made = objections.object_to(entry, text="不对", person=home.representative, by=None)
    kin = make_resident(version.village, household=home)
    appoint(kin, "committee_member")
    for account in (first, other, make_account(kin), make_officer(version.village, "supervisory_chair")):
        with pytest.raises(NotAllowed):
            objections.decide_objection(made, upheld=True, reason="是的", by=account)
    with pytest.raises(Incomplete):
        objections.decide_objection(made, upheld=True, reason=" ", by=make_officer(version.village))


def test_upheld_the_line_is_void_and_stays_with_its_reason(version, home):
    entry, third = stage_two(version, home, upheld=True)
    assert (entry.is_valid, entry.void_reason, ledger(home).total) == (False, "签到表上有", 0)
    assert [line.entry for line in ledger(home).lines] == [entry]
    assert objections.next_stage(entry, on=today()) is None
    with pytest.raises(WrongState):
        objections.decide_objection(entry.objections.get(), upheld=False, reason="再想想", by=third)


def test_once_more_to_the_supervisors_who_alone_decide_then(version, home):
    entry, _third = stage_two(version, home)
    assert entry.is_valid
    again = objections.object_to(entry, text="真的没去", person=home.representative, by=None)
    assert again.stage == "supervisors"
    with pytest.raises(NotAllowed):
        objections.decide_objection(again, upheld=True, reason="没去", by=make_officer(version.village))
    objections.decide_objection(
        again, upheld=True, reason="没去", by=make_officer(version.village, "supervisory_member")
    )
    entry.refresh_from_db()
    assert not entry.is_valid
    assert objections.next_stage(entry, on=today()) is None


def test_who_is_not_answered_in_time_goes_to_the_supervisors(version, home):
    entry = make_entry(make_category(version), home)
    first = objections.object_to(entry, text="不对", person=home.representative, by=None)
    assert objections.next_stage(entry, on=first.answer_by) is None
    assert objections.next_stage(entry, on=first.answer_by + DAY) == "supervisors"
    late = timezone.now() + (first.answer_by - today() + DAY)
    objections.object_to(entry, text="没人理", person=home.representative, by=None, at=late)
    with pytest.raises(WrongState):
        objections.decide_objection(first, upheld=False, reason="晚了", by=make_officer(version.village))


def test_a_line_that_was_voided_wrongly_comes_back_as_a_new_one(version, home):
    entry = make_entry(make_category(version), home)
    with pytest.raises(NotAllowed):
        points.void_entry(entry, reason="记错了", by=entry.proposal.proposed_by)
    points.void_entry(entry, reason="记错了", by=make_officer(version.village))
    made = objections.object_to(entry, text="没有记错", person=home.representative, by=None)
    objections.decide_objection(made, upheld=True, reason="查实了", by=make_officer(version.village))
    told = ledger(home)
    assert (told.total, [line.entry.is_valid for line in told.lines]) == (5, [True, False])
    assert told.lines[0].entry.corrects == entry


# Names


def test_a_commendation_has_a_name_only_with_the_households_consent(version, client):
    person = make_resident(version.village, name="欧阳独一")
    praised = make_entry(make_category(version, label="好婆媳", points=0, commends=True), person.household)
    where = reverse("villagerules:carrying", args=[version.village.slug])
    assert "欧阳" not in client.get(where).content.decode()
    with pytest.raises(NotAllowed):
        points.agree_to_name(praised, person=make_resident(version.village), agreed=True)
    points.agree_to_name(praised, person=person, agreed=True)
    assert "欧阳独一家" in client.get(where).content.decode()
    points.agree_to_name(praised, person=person, agreed=False)
    assert "欧阳" not in client.get(where).content.decode()
    with pytest.raises(WrongState):
        points.agree_to_name(make_entry(make_category(version), person.household), person=person, agreed=True)


def test_a_void_commendation_is_shown_no_more(version):
    person = make_resident(version.village)
    praised = make_entry(make_category(version, label="好婆媳", points=0, commends=True), person.household)
    points.agree_to_name(praised, person=person, agreed=True)
    assert list(points_reads.commended(version.village)) == [praised]
    points.void_entry(praised, reason="记错了户", by=make_officer(version.village))
    assert list(points_reads.commended(version.village)) == []


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([5, -3, 0]), max_size=4))
def test_no_name_and_no_note_stands_on_the_public_page(client, made):
    with transaction.atomic():
        version = rules_in_force(make_village())
        officers = make_officer(version.village), make_officer(version.village)
        for number, value in enumerate(made):
            person = make_resident(version.village, name=f"欧阳{number}号人")
            category = make_category(version, points=value, label=f"类{number}", commends=value == 0)
            make_entry(category, person.household, note="照顾孤老", by=officers)
        said = client.get(reverse("villagerules:carrying", args=[version.village.slug])).content.decode()
        assert "欧阳" not in said
        assert "照顾孤老" not in said
        transaction.set_rollback(True)


def test_categories_of_fewer_than_ten_households_are_not_told_apart(version):
    one, two = make_category(version), make_category(version, label="护林", points=2)
    officers = make_officer(version.village), make_officer(version.village)
    for number in range(11):
        make_entry(one if number < 10 else two, make_resident(version.village).household, by=officers)
    told = points_reads.figures_of(version.village, year=today().year)
    assert (told.lines, told.households, told.few) == (11, 11, True)
    assert [line.count for line in told.categories] == [None, None]


# Doors


def signed_in(account):
    client = Client()
    client.force_login(account, backend="residents.backends.AccountBackend")
    return client


def test_a_ledger_is_the_households_own(version, home):
    entry = make_entry(make_category(version), home, note="清塘出了力")
    mine = signed_in(make_account(home.representative))
    strange = signed_in(make_account(make_resident(version.village)))
    council = signed_in(make_officer(version.village, "hongbai_member"))
    assert "清塘出了力" in mine.get(entry.get_absolute_url()).content.decode()
    assert strange.get(entry.get_absolute_url()).status_code == 404
    assert council.get(entry.get_absolute_url()).status_code == 404
    assert signed_in(entry.proposal.decided_by).get(entry.get_absolute_url()).status_code == 200


def test_a_household_does_not_see_what_nobody_confirmed(version, home):
    entry = points.enter_points(
        village=version.village, household=home, category=make_category(version), on=today(), note="",
        by=make_officer(version.village),
    )  # fmt: skip
    assert signed_in(make_account(home.representative)).get(entry.get_absolute_url()).status_code == 404


def test_the_whole_way_by_the_pages(version, home):
    make_category(version)
    village = version.village
    first, other = signed_in(make_officer(village)), signed_in(make_officer(village))
    sent = {"household": str(home.number), "category": "1", "on": today().isoformat(), "note": "清塘"}
    assert first.post(reverse("villagerules:enter_points", args=[village.slug]), sent).status_code == 303
    entry = PointsEntry.objects.get()
    step = reverse("villagerules:settle_points", args=[village.slug, entry.number])
    assert other.post(step, {"answer": "send_back"}).status_code == 422
    assert other.post(step, {"answer": "confirm"}).status_code == 303
    mine = signed_in(make_account(home.representative))
    said = mine.get(reverse("villagerules:points", args=[village.slug])).content.decode()
    assert "<strong>5</strong>" in said
    objecting = reverse("villagerules:object_to_points", args=[village.slug, entry.number])
    assert mine.post(objecting, {"text": ""}).status_code == 422
    assert mine.post(objecting, {"text": "我家没去"}).status_code == 303
    deciding = reverse("villagerules:decide_objection", args=[village.slug, entry.number])
    decision = {"upheld": "no", "reason": "签到表上有"}
    assert first.post(deciding, decision).status_code == 403
    assert signed_in(make_officer(village)).post(deciding, decision).status_code == 303
    assert "签到表上有" in mine.get(entry.get_absolute_url()).content.decode()
