"""Offices are given and ended by two people, for a term; what the law asks is told before."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from residents.appointment_proposals import propose_end, propose_office
from residents.appointments import AppointmentError, Office, check_office, find_account, office_warnings
from residents.composition import composition_warnings
from residents.models import Appointment, LegalFigure, Proposal, Role, VillageGroup, Yard
from residents.offices import roles_in
from residents.phones import phone_hash
from residents.two_people import SamePerson, TwoPeopleError, decide
from tests.factories.residents import (
    SINCE,
    appoint,
    make_account,
    make_household,
    make_region,
    make_resident,
    make_user,
    make_village,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return make_village()


def keeper(village, name):
    person = make_resident(village, name=name)
    appoint(person, "village_admin")
    return make_account(person)


@pytest.fixture
def first(village):
    return keeper(village, "甲管理")


@pytest.fixture
def second(village):
    return keeper(village, "乙管理")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def at(name, village, **more):
    return reverse(f"residents:{name}", kwargs={"village": village.slug, **more})


def office(village, person, role="committee_member", **more):
    fields = {"from_on": timezone.localdate(), "reason": "2026年3月换届选举"} | more
    return Office(role=Role(role), village=village, resident=person, **fields)


def filled(role, **more):
    return {"role": role, "from_on": timezone.localdate().isoformat(), "reason": "换届选举", **more}


# The way through the pages


def test_an_office_is_held_once_a_second_person_confirms(village, first, second):
    person = make_resident(village, name="阳桂莲", gender="f")
    page = signed_in(first).get(at("appoint", village), {"q": "ygl"}).content.decode()
    assert f"?person={person.ref}" in page
    where = f"{at('appoint', village)}?person={person.ref}"
    client = signed_in(first)
    told = client.post(where, filled("committee_member"))
    assert told.status_code == 200  # the committee would have one member: shown before
    assert "委员会现在 1 人" in told.content.decode()
    assert not Proposal.objects.of(village).exists()
    answer = client.post(where, filled("committee_member", seen=told.context["seen"]))
    assert answer["Location"] == at("offices", village)
    proposal = Proposal.objects.of(village).get()
    assert ["职务", "村委会委员"] in proposal.payload["words"]
    assert any(label == "提醒" for label, _text in proposal.payload["words"])
    decided = at("decide_proposal", village, number=proposal.number)
    assert client.post(decided, {"answer": "confirm"}).status_code == 409
    assert not Appointment.objects.filter(resident=person).exists()
    signed_in(second).post(decided, {"answer": "confirm"})
    assert Appointment.objects.of(village).get(resident=person).role == "committee_member"
    assert AuditEntry.objects.get(action="appoint").detail["confirmed_by"] == second.pk
    assert "阳桂莲" in client.get(at("offices", village)).content.decode()


def test_remarks_on_other_words_than_those_read_are_shown_again(village, first):
    person = make_resident(village)
    where = f"{at('appoint', village)}?person={person.ref}"
    answer = signed_in(first).post(where, filled("committee_member", seen="0123456789abcdef"))
    assert answer.status_code == 200
    assert not Proposal.objects.exists()


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(village, first):
    person = make_resident(village)
    where = f"{at('appoint', village)}?person={person.ref}"
    answer = signed_in(first).post(where, filled("group_leader", duty="管水利"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["group"]
    assert "管水利" in answer.content.decode()
    answer = signed_in(first).post(where, {"role": "king", "from_on": "昨天", "reason": ""})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"role", "from_on", "reason"}


def test_a_person_of_another_village_is_not_found(village, first):
    stranger = make_resident(make_village())
    assert signed_in(first).get(at("appoint", village), {"person": stranger.ref}).status_code == 404


def test_an_account_is_found_by_its_whole_name_or_phone_only(village, first):
    staff = make_user(username="zhang-xiang", display_name="张乡干", phone_hash=phone_hash("13912345678"))
    assert find_account("zhang-xiang") == staff
    assert find_account("139 1234 5678") == staff
    assert find_account("zhang") is None
    assert find_account("") is None
    staff.is_active = False
    staff.save()
    assert find_account("zhang-xiang") is None
    assert "没有这个账号" in signed_in(first).get(at("appoint", village), {"account": "nobody"}).content.decode()


def test_an_account_outside_the_roll_holds_only_offices_of_staff(village, first):
    staff = make_user(username="gongzuodui")
    where = f"{at('appoint', village)}?account=gongzuodui"
    assert signed_in(first).post(where, filled("committee_chair")).status_code == 422
    assert signed_in(first).post(where, filled("resident_team")).status_code == 302
    with pytest.raises(AppointmentError, match="名册上的人"):
        check_office(Office(role=Role.REPRESENTATIVE, village=village, user=staff, from_on=SINCE))


@pytest.mark.parametrize("name", ["offices", "appoint"])
def test_only_those_who_give_roles_come_in(village, first, name):
    neighbour = make_account(make_resident(village))
    stranger = keeper(make_village(), "外村管理")
    member = make_resident(village)
    appoint(member, "committee_chair")
    reviewer = make_user()
    Appointment.objects.create(region=village.region, user=reviewer, role="township_reviewer", from_on=SINCE)
    assert signed_in(first).get(at(name, village)).status_code == 200
    assert signed_in(reviewer).get(at(name, village)).status_code == 200
    assert signed_in(neighbour).get(at(name, village)).status_code == 403
    assert signed_in(make_account(member)).get(at(name, village)).status_code == 403
    assert signed_in(stranger).get(at(name, village)).status_code == 404
    assert Client().get(at(name, village)).status_code == 302


def test_who_gives_roles_shows_the_second_factor_again(village, first, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    answer = signed_in(first).get(at("appoint", village))
    assert answer.status_code == 302
    assert "second-factor" in answer["Location"]


def test_confirming_an_office_asks_for_the_second_factor_too(village, first, second, settings):
    proposal = propose_office(office(village, make_resident(village)), by=first)
    settings.SECOND_FACTOR_REQUIRED = True
    answer = signed_in(second).post(at("decide_proposal", village, number=proposal.number), {"answer": "confirm"})
    assert answer.status_code in (302, 403)
    proposal.refresh_from_db()
    assert proposal.state == "proposed"


# What refuses an office


def test_one_person_holds_an_office_once_at_a_time(village):
    person = make_resident(village)
    appoint(person, "committee_member")
    with pytest.raises(AppointmentError, match="已经任"):
        check_office(office(village, person))
    Appointment.objects.update(until_on=timezone.localdate())
    check_office(office(village, person))


@pytest.mark.parametrize("role", ["committee_chair", "party_secretary", "supervisory_chair"])
def test_a_second_chair_replaces_the_first_or_is_refused(village, first, second, role):
    old, new = make_resident(village), make_resident(village)
    held = appoint(old, role)
    with pytest.raises(AppointmentError, match="现任") as refused:
        check_office(office(village, new, role))
    assert refused.value.field == "replaces"
    decide(propose_office(office(village, new, role, replaces=True), by=first), by=second, accept=True)
    held.refresh_from_db()
    assert held.until_on == timezone.localdate()
    now = Appointment.objects.of(village).current(timezone.localdate()).get(role=role)
    assert now.resident == new


def test_each_group_has_one_leader_and_two_groups_have_two(village):
    one, other = (VillageGroup.objects.create(village=village, number=number) for number in (8, 9))
    leader = make_resident(village)
    Appointment.objects.create(village=village, resident=leader, role="group_leader", group=one, from_on=SINCE)
    with pytest.raises(AppointmentError, match="现任"):
        check_office(office(village, make_resident(village), "group_leader", group=one))
    check_office(office(village, make_resident(village), "group_leader", group=other))


def test_a_yards_office_needs_its_yard(village):
    yard = Yard.objects.create(village=village, slug="wuchang", name="大屋场")
    with pytest.raises(AppointmentError):
        check_office(office(village, make_resident(village), "yard_chair"))
    check_office(office(village, make_resident(village), "yard_chair", yard=yard))


def test_who_is_not_of_age_or_not_on_the_roll_is_not_elected(village):
    today = timezone.localdate()
    child = make_resident(village, born_on=today - datetime.timedelta(days=17 * 365))
    gone = make_resident(village, until_on=today)
    stranger = make_resident(make_village())
    for person in (child, gone, stranger):
        with pytest.raises(AppointmentError):
            check_office(office(village, person))


def test_a_term_ends_after_it_begins(village):
    today = timezone.localdate()
    with pytest.raises(AppointmentError) as refused:
        check_office(office(village, make_resident(village), until_on=today))
    assert refused.value.field == "until_on"


def test_nobody_gives_an_office_to_themselves(village, first, second):
    me = first.claims.get().resident
    with pytest.raises(SamePerson):
        propose_office(office(village, me), by=first)
    proposal = propose_office(office(village, me), by=second)
    with pytest.raises(SamePerson):
        decide(proposal, by=first, accept=True)
    # A second account of the same person is no way round it, nor one that was made the holder itself.
    twin = make_account(me, user=make_user())
    with pytest.raises(TwoPeopleError):
        decide(proposal, by=twin, accept=True)
    by_account = Office(role=Role.SOCIAL_WORKER, village=village, user=twin, from_on=SINCE)
    with pytest.raises(SamePerson):
        propose_office(by_account, by=first)


def test_the_same_office_is_not_proposed_twice(village, first, second):
    person = make_resident(village)
    propose_office(office(village, person), by=first)
    with pytest.raises(AppointmentError, match="已经有人提出"):
        propose_office(office(village, person), by=second)


def test_what_changed_meanwhile_is_judged_again(village, first, second):
    person = make_resident(village)
    proposal = propose_office(office(village, person), by=first)
    person.until_on = timezone.localdate()
    person.save()
    with pytest.raises(TwoPeopleError):
        decide(proposal, by=second, accept=True)
    proposal.refresh_from_db()
    assert proposal.state == "proposed"
    assert not Appointment.objects.filter(resident=person).exists()


# What the law asks


def test_a_committee_has_three_to_seven_people_and_women_among_them(village):
    for _number in range(3):
        appoint(make_resident(village), "committee_member")
    told = composition_warnings(village, on=timezone.localdate())
    assert [words for words in told if "妇女" in words]
    assert not [words for words in told if "委员会现在" in words]
    assert not [
        words for words in office_warnings(office(village, make_resident(village, gender="f"))) if "妇女" in words
    ]
    for _number in range(5):
        appoint(make_resident(village, gender="f"), "committee_member")
    assert "委员会现在 8 人，应当是 3 到 7 人" in composition_warnings(village, on=timezone.localdate())[0]


def test_the_numbers_are_data_with_their_source_and_days(village):
    appoint(make_resident(village, gender="f"), "committee_member")
    assert "村民委员会组织法（2025年第二次修正）第八条" in composition_warnings(village, on=timezone.localdate())[0]
    LegalFigure.objects.filter(key="committee_size", applies_to="village").update(least=1, verified=False)
    assert not [words for words in composition_warnings(village, on=timezone.localdate()) if "委员会现在" in words]
    LegalFigure.objects.filter(key="committee_size").update(least=3, in_force_to=datetime.date(2026, 1, 2))
    assert not [words for words in composition_warnings(village, on=timezone.localdate()) if "委员会现在" in words]


def test_an_article_nobody_has_checked_is_not_cited(village):
    appoint(make_resident(village, gender="f"), "committee_member")
    LegalFigure.objects.update(verified=False)
    assert "第八条" not in composition_warnings(village, on=timezone.localdate())[0]


def test_supervisors_are_no_committee_members_and_none_of_their_household(village):
    home = make_household(village)
    chair = make_resident(village, household=home, name="夏主任")
    appoint(chair, "committee_chair")
    assert any("不能一个人兼" in words for words in office_warnings(office(village, chair, "supervisory_member")))
    wife = make_resident(village, household=home, name="龙夫人", gender="f")
    assert any("近亲属" in words for words in office_warnings(office(village, wife, "supervisory_member")))
    assert not office_warnings(office(village, make_resident(village), "supervisory_member"))


def test_a_third_of_a_villages_representatives_are_women_but_not_of_a_communitys():
    for kind, told in (("village", True), ("community", False)):
        place = make_village(kind=kind)
        for _number in range(3):
            appoint(make_resident(place), "representative")
        warnings = composition_warnings(place, on=timezone.localdate())
        assert any("妇女代表" in words for words in warnings) is told


def test_what_is_so_already_is_not_told_again(village):
    appoint(make_resident(village), "committee_member")
    warnings = office_warnings(office(village, make_resident(village), "hongbai_member"))
    assert warnings == []


# The end of an office


def test_an_office_ends_when_a_second_person_confirms(village, first, second):
    person = make_resident(village)
    held = appoint(person, "committee_chair")
    account = make_account(person)
    where = at("end_office", village, ref=held.ref)
    assert signed_in(first).get(where).status_code == 200
    answer = signed_in(first).post(where, {"on": timezone.localdate().isoformat(), "reason": "换届"})
    assert answer["Location"] == at("offices", village)
    assert roles_in(account, village, on=timezone.localdate()) == {"committee_chair"}
    number = Proposal.objects.of(village).get().number
    signed_in(second).post(at("decide_proposal", village, number=number), {"answer": "confirm"})
    assert roles_in(account, village, on=timezone.localdate()) == set()
    assert signed_in(first).get(where).status_code == 404
    assert AuditEntry.objects.filter(action="end_office").count() == 1


def test_who_resigns_may_ask_and_somebody_else_confirms(village, first, second):
    mine = Appointment.objects.get(resident=first.claims.get().resident)
    third = keeper(village, "丙管理")
    proposal = propose_end(mine, on=timezone.localdate(), reason="本人辞职", by=first)
    decide(proposal, by=third, accept=True)
    mine.refresh_from_db()
    assert mine.until_on == timezone.localdate()


def test_who_is_dismissed_does_not_confirm_it(village, first, second):
    theirs = Appointment.objects.get(resident=second.claims.get().resident)
    proposal = propose_end(theirs, on=timezone.localdate(), reason="换届", by=first)
    with pytest.raises(SamePerson):
        decide(proposal, by=second, accept=True)


def test_an_office_does_not_end_before_it_began(village, first):
    held = appoint(make_resident(village), "committee_member")
    with pytest.raises(AppointmentError, match="不能早于"):
        propose_end(held, on=SINCE - datetime.timedelta(days=1), reason="错", by=first)


def test_the_last_administrators_are_not_lost_unnoticed(village, first):
    mine = Appointment.objects.get(resident=first.claims.get().resident)
    page = signed_in(first).get(at("end_office", village, ref=mine.ref)).content.decode()
    assert "只剩 0 位管理员" in page


def test_another_villages_office_is_not_there(village, first):
    theirs = appoint(make_resident(make_village()), "committee_member")
    assert signed_in(first).get(at("end_office", village, ref=theirs.ref)).status_code == 404


# Offices of a region


@pytest.fixture
def operators():
    from home.sites import operators as group

    users = [make_user(username=f"yunying-{number}") for number in (1, 2)]
    for user in users:
        user.groups.add(group())
    return users


def over(name, region, **more):
    return reverse(f"regions:{name}", kwargs={"region": region.code, **more})


def test_the_first_reviewer_of_a_township_is_named_by_two_operators(operators):
    town = make_region()
    staff = make_user(username="shenhe", display_name="审核员")
    one, two = map(signed_in, operators)
    answer = one.post(over("appoint", town), {"account": "shenhe", **filled("township_reviewer")})
    assert answer["Location"] == over("offices", town)
    number = Proposal.objects.get(region=town).number
    assert one.post(over("decide_proposal", town, number=number), {"answer": "confirm"}).status_code == 409
    assert two.post(over("decide_proposal", town, number=number), {"answer": "confirm"}).status_code == 302
    held = Appointment.objects.get(region=town)
    assert (held.user, held.role) == (staff, "township_reviewer")
    # Who came into office takes part in the next one, and is ended the same way.
    client = signed_in(staff)
    assert client.get(over("offices", town)).status_code == 200
    client.post(over("end_office", town, ref=held.ref), {"on": timezone.localdate().isoformat(), "reason": "调走"})
    ending = Proposal.objects.filter(region=town).latest("pk")
    two.post(over("decide_proposal", town, number=ending.number), {"answer": "confirm"})
    assert client.get(over("offices", town)).status_code == 404


def test_a_level_has_its_own_offices_only(operators):
    county = make_region("county")
    town = make_region(parent=county)
    make_user(username="pingwei")
    client = signed_in(operators[0])
    assert client.post(over("appoint", town), {"account": "pingwei", **filled("judge")}).status_code == 422
    assert client.post(over("appoint", county), {"account": "pingwei", **filled("judge")}).status_code == 302
    assert client.post(over("appoint", town), {"account": "nobody", **filled("township_reviewer")}).status_code == 422


def test_nobody_else_comes_to_a_regions_offices(operators, village, first):
    town, elsewhere = village.region, make_region()
    reviewer = make_user()
    Appointment.objects.create(region=elsewhere, user=reviewer, role="township_reviewer", from_on=SINCE)
    for name in ("offices", "appoint", "proposals"):
        assert signed_in(first).get(over(name, town)).status_code == 404
        assert signed_in(reviewer).get(over(name, town)).status_code == 404
        assert signed_in(reviewer).get(over(name, elsewhere)).status_code == 200
        assert Client().get(over(name, town)).status_code == 302
        assert signed_in(operators[0]).get(over(name, town)).status_code == 200


def test_the_first_administrator_is_named_from_above_and_no_other(operators):
    village = make_village()
    town = village.region
    staff = make_user(username="cunguan")
    where = over("first_admin", town, village=village.slug)
    one, two = map(signed_in, operators)
    assert village.name in one.get(over("offices", town)).content.decode()
    assert one.post(where, {"account": "cunguan", "from_on": timezone.localdate().isoformat(), "reason": "乡镇指定"})
    number = Proposal.objects.get(region=town).number
    two.post(over("decide_proposal", town, number=number), {"answer": "confirm"})
    assert roles_in(staff, village, on=timezone.localdate()) == {"village_admin"}
    assert one.get(where).status_code == 404
    # An operator has no other way into the village's offices.
    assert one.get(at("offices", village)).status_code == 403
