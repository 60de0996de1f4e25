"""Two villages become one: nobody is lost, nobody is doubled, and every earlier day is told as it was."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import topics
from consultation.models import Meeting
from home.merging import plan_merger
from home.sites import operators
from residents.appointments import AppointmentError, Office, check_office
from residents.merging import MergeError, merge_rolls
from residents.models import (
    Appointment,
    Claim,
    ClaimRequest,
    Household,
    PlaceCode,
    Proposal,
    Resident,
    Role,
    RollChange,
    Village,
    Yard,
)
from residents.offices import is_verified_resident, person_of
from residents.phones import identity_hash, phone_hash, seal_phone
from residents.roll import entitled
from residents.roll_changes import change_resident, end_resident
from residents.roll_day import RollOfDay
from residents.roll_history import roll_on
from tests.factories.consultation import call
from tests.factories.residents import (
    SINCE,
    appoint,
    make_account,
    make_household,
    make_resident,
    make_user,
    make_village,
)
from tests.factories.topics import make_topic

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]

TODAY = datetime.date(2026, 11, 26)


@pytest.fixture
def town():
    return make_township(make_county())


@pytest.fixture
def old(town):
    return make_village_page(town, name="老榨坊村", slug="laozhafang", number=201)


@pytest.fixture
def new(town):
    return make_village_page(town, name="听泉坳村", slug="tingquanao", number=202)


def merge(old, new, **how):
    return merge_rolls(
        old, new, **{"on": timezone.localdate(), "by": None, "confirmed_by": None, "reason": "合村"} | how
    )


def make_meeting(village):
    return call(village, [make_resident(village) for _number in range(3)])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def at(name, region, **more):
    app = "home" if name == "merge_villages" else "regions"
    return reverse(f"{app}:{name}", kwargs={"region": region.code, **more})


@pytest.fixture
def two(town):
    reviewer, operator = make_user(), make_user()
    Appointment.objects.create(region=town, user=reviewer, role="township_reviewer", from_on=SINCE)
    operator.groups.add(operators())
    return signed_in(reviewer), signed_in(operator)


def test_two_people_merge_two_villages(town, old, new, two):
    person = make_resident(old, name="夏桂花")
    account = make_account(person)
    appoint(person, "committee_chair")
    first, second = two
    form = {"source": old.slug, "target": new.slug, "reason": "镇政发〔2026〕12号"}
    told = first.post(at("merge_villages", town), form)
    assert told.status_code == 200
    assert "1 人、1 户" in told.content.decode()
    assert not Proposal.objects.exists()
    answer = first.post(at("merge_villages", town), form | {"seen": told.context["seen"]})
    assert answer["Location"] == at("proposals", town)
    number = Proposal.objects.get(region=town).number
    decided = at("decide_proposal", town, number=number)
    assert first.post(decided, {"answer": "confirm"}).status_code == 409
    assert second.post(decided, {"answer": "confirm"}).status_code == 302
    old.refresh_from_db()
    assert (old.merged_into, old.merged_on) == (new, timezone.localdate())
    assert person_of(account, new).came_from == person
    assert person_of(account, old) is None
    assert AuditEntry.objects.filter(action="merge_villages", village_id=old.pk).count() == 1
    # The old pages stay, and say where to go.
    page = Client().get(old.page.url).content.decode()
    assert "并入听泉坳村" in page
    assert new.page.url in page
    assert "已并入听泉坳村" in Client().get(reverse("home:find"), {"q": "老榨坊"}).content.decode()
    # A second time there is nothing to merge.
    assert first.post(at("merge_villages", town), form).status_code == 422


def test_the_page_tells_what_is_wrong(town, old, new, two):
    elsewhere = make_village()
    where = at("merge_villages", town)
    for form in (
        {"source": old.slug, "target": old.slug, "reason": "合村"},
        {"source": old.slug, "target": new.slug, "reason": ""},
        {"source": elsewhere.slug, "target": new.slug, "reason": "合村"},
        {"source": "", "target": "", "reason": "合村"},
    ):
        assert two[0].post(where, form).status_code == 422
    assert not Proposal.objects.exists()


def test_everything_of_a_line_goes_over(old, new):
    home = make_household(old, group=3)
    yard = Yard.objects.create(village=old, slug="wuchang", name="大屋场")
    Yard.objects.create(village=new, slug="wuchang", name="小屋场")
    yard.groups.add(home.group)
    home.yard, home.own_number = yard, "3-012"
    home.save()
    make_household(new)
    Household.objects.of(new).update(own_number="3-012")
    person = make_resident(
        old, household=home, name="夏桂花", nickname="桂妹", gender="f", is_head=True, is_local=False, note="独居",
        phone_sealed=seal_phone("13912345678"), phone_hash=phone_hash("13912345678"),
        identity_hash=identity_hash("430000198001010000"),
    )  # fmt: skip
    merge(old, new)
    line = Resident.objects.of(new).get(came_from=person)
    for name in (
        "name", "nickname", "pinyin", "gender", "born_on", "is_head", "is_local", "note", "phone_hash", "identity_hash",
    ):  # fmt: skip
        assert getattr(line, name) == getattr(person, name), name
    assert bytes(line.phone_sealed) == bytes(person.phone_sealed)
    assert line.household.representative == line
    assert line.household.own_number == "老榨坊村3-012"
    assert line.household.group.name == "老榨坊村3组"
    assert line.household.yard.name == "大屋场"
    assert list(line.household.yard.groups.all()) == [line.household.group]
    person.refresh_from_db()
    assert (person.left_because, person.until_on) == ("merged", timezone.localdate())
    assert set(RollChange.objects.filter(kind="merged").values_list("village", flat=True)) == {old.pk, new.pk}


def test_claims_follow_and_offices_end(old, new):
    mother, child = make_resident(old), make_resident(old)
    account = make_account(mother)
    make_account(child, relation="helper", user=account)
    waiting = make_account(make_resident(old))
    Claim.objects.filter(user=waiting).update(state="proposed")
    held = appoint(mother, "village_admin")
    later = Appointment.objects.create(
        village=old, resident=child, role="representative", from_on=timezone.localdate() + datetime.timedelta(days=9)
    )
    ClaimRequest.objects.create(village=old, user=make_user(), stated_name="某人")
    merge(old, new)
    claims = Claim.objects.of(new)
    assert set(claims.filter(user=account).values_list("relation", "state")) == {
        ("self", "confirmed"), ("helper", "confirmed"),
    }  # fmt: skip
    assert claims.get(user=waiting).state == "proposed"
    assert set(Claim.objects.of(old).values_list("state", flat=True)) == {"ended"}
    held.refresh_from_db()
    later.refresh_from_db()
    assert held.until_on == timezone.localdate()
    assert later.until_on == later.from_on
    assert ClaimRequest.objects.get().village == new
    # What only the village may read stays readable to those who came over from it.
    for village in Village.objects.filter(pk__in=[old.pk, new.pk]):
        assert is_verified_resident(account, village)


def test_the_code_ends_and_stays_the_old_villages(old, new):
    merge(old, new)
    past = PlaceCode.objects.get(village=old)
    assert (past.code, past.until_on) == (old.code, timezone.localdate())
    assert PlaceCode.objects.get(village=new).until_on is None


def test_not_while_topics_wait_for_an_answer(old, new):
    topic = make_topic(old)
    with pytest.raises(MergeError, match="1 件议题"):
        plan_merger(old, new)
    topics.answer(topic, topics.Answer(topics.State.REJECTED, "不办。", published_title="灯"), by=None)
    plan_merger(old, new)


@pytest.mark.parametrize("state", ["noticed", "live", "closed"])
def test_not_while_a_meeting_is_under_way(old, new, state):
    meeting = make_meeting(old)
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    with pytest.raises(MergeError, match="没办完的会议"):
        plan_merger(old, new)
    Meeting.objects.filter(pk=meeting.pk).update(state="results_published")
    plan_merger(old, new)


def test_what_is_only_prepared_is_called_off_and_old_meetings_stay(town, old, new, two):
    prepared, past = make_meeting(old), make_meeting(old)
    Meeting.objects.filter(pk=past.pk).update(state="archived")
    Meeting.objects.filter(pk=prepared.pk).update(state="preparing")
    form = {"source": old.slug, "target": new.slug, "reason": "合村", "seen": f"{old.slug}>{new.slug}"}
    two[0].post(at("merge_villages", town), form)
    two[1].post(at("decide_proposal", town, number=1), {"answer": "confirm"})
    prepared.refresh_from_db()
    past.refresh_from_db()
    assert (prepared.state, past.state, past.village) == ("cancelled", "archived", old)
    assert Client().get(past.get_absolute_url()).status_code == 200


def test_nobody_who_stands_on_both_rolls_is_counted_twice(old, new):
    number = identity_hash("430000198001010000")
    make_resident(old, identity_hash=number)
    twin = make_resident(new, identity_hash=number)
    with pytest.raises(MergeError, match="两边的名册"):
        plan_merger(old, new)
    end_resident(twin, on=timezone.localdate(), because="mistake", by=None)
    plan_merger(old, new)


def test_namesakes_of_one_birthday_are_told(old, new):
    make_resident(old, name="夏桂花")
    make_resident(new, name="夏桂花")
    assert any("夏桂花" in words for _label, words in plan_merger(old, new).words())


def test_an_account_that_is_somebody_in_both_is_settled_first(old, new):
    account = make_account(make_resident(old, name="夏桂花"))
    make_account(make_resident(new), user=account)
    with pytest.raises(MergeError, match="夏桂花"):
        plan_merger(old, new)


def test_nothing_new_begins_in_a_village_that_is_no_more(old, new, tmp_path):
    make_resident(old)
    merge(old, new)
    old = Village.objects.get(pk=old.pk)
    with pytest.raises(AppointmentError, match="已经并入"):
        check_office(Office(role=Role.VILLAGE_ADMIN, village=old, user=make_user(), from_on=SINCE))
    with pytest.raises(CommandError, match=new.code):
        call_command("import_roll", old.code, str(tmp_path / "a.xlsx"))
    third = make_village(region=new.region)
    for pair in ((old, third), (third, old)):
        with pytest.raises(MergeError, match="已经并入"):
            plan_merger(*pair)


def test_who_came_over_is_followed_through_a_second_merger(old, new):
    account = make_account(make_resident(old))
    third = make_village(region=new.region)
    merge(old, new)
    merge(Village.objects.get(pk=new.pk), third)
    for village in (old, new, third):
        assert is_verified_resident(account, Village.objects.get(pk=village.pk))
    assert not is_verified_resident(make_account(make_resident(third)), make_village())


def _people(village, day):
    return [one.name for one in RollOfDay(village, day).living()]


_lives = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["stays", "left", "moved", "child", "later"])), min_size=1, max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(here=_lives, there=_lives)
def test_nobody_is_lost_or_doubled_and_every_earlier_day_is_told(here, there):
    """Whatever the two rolls went through before, and on every day of it."""
    old, new = make_village(), make_village()
    days = [TODAY - datetime.timedelta(days=back) for back in (400, 200, 30, 1)]
    for village, lives in ((old, here), (new, there)):
        homes = [make_household(village, group=number % 2 + 1) for number in range(4)]
        for number, (home, fate) in enumerate(lives):
            person = make_resident(
                village, household=homes[home], name=f"{village.pk}号{number}", from_on=datetime.date(2024, 1, 1)
            )
            if fate == "child":
                Resident.objects.filter(pk=person.pk).update(born_on=TODAY - datetime.timedelta(days=3000))
            if fate == "left":
                end_resident(person, on=days[number % 4], because="moved_out", by=None)
            if fate == "moved":
                change_resident(person, fields={"household": homes[home - 1]}, on=days[number % 4], by=None)
            if fate == "later":
                Resident.objects.filter(pk=person.pk).update(from_on=TODAY + datetime.timedelta(days=20))
    before = {(village, day): roll_on(village, day) for village in (old, new) for day in days}
    electorate = {day: len(entitled(village, electorate="adults", on=day).units) for village in (old,) for day in days}
    together = sorted(_people(old, TODAY) + _people(new, TODAY))
    ahead = TODAY + datetime.timedelta(days=30)
    later = sorted(_people(old, ahead) + _people(new, ahead))
    merge(old, new, on=TODAY)
    assert {(village, day): roll_on(village, day) for village in (old, new) for day in days} == before
    assert {day: len(entitled(old, electorate="adults", on=day).units) for day in days} == electorate
    assert _people(old, TODAY) == _people(old, ahead) == []
    assert sorted(_people(new, TODAY)) == together
    assert sorted(_people(new, ahead)) == later
    for home in Household.objects.of(new).exclude(representative=None):
        assert home.representative.village_id == new.pk
