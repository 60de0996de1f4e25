"""What a meeting promised: assigned, reported on, late, handed over, rated."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import follow_ups
from consultation.errors import Invalid, MeetingError, NotAllowed, PhotoRefused, WrongState
from consultation.follow_ups import Owner, Told
from consultation.models import FollowUp, FollowUpRating, FollowUpReport, Meeting, Photo
from residents.models import Appointment
from tests.consultation.test_photos import with_location
from tests.factories.consultation import call, make_hall
from tests.factories.follow_ups import held, promise
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db
State = FollowUp.State


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


@pytest.fixture
def hall():
    hall = make_hall(6)
    held(hall.meeting)
    return hall


@pytest.fixture
def committee(hall):
    person = hall.people[5]
    appoint(person, "committee_member")
    return hall.account(5)


@pytest.fixture
def owed(hall):
    return promise(hall.meeting, hall.people[1])


def photo(content=None):
    return SimpleUploadedFile("IMG_0001.jpg", with_location() if content is None else content)


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days=days)


def later(days):
    return timezone.now() + datetime.timedelta(days=days)


def actions(village, action):
    return AuditEntry.objects.filter(village_id=village.pk, action=action).count()


# assigning


def test_numbers_run_through_the_village(hall):
    first = promise(hall.meeting, hall.people[0])
    second = promise(held(call(hall.village, hall.people)), hall.people[0])
    assert (first.number, second.number) == (1, 2)
    assert (first.state, first.first_due) == (State.TODO, first.due)


def test_the_same_pressed_twice_is_one(hall):
    assert promise(hall.meeting, hall.people[0]) == promise(hall.meeting, hall.people[0])
    assert actions(hall.village, "assign_follow_up") == 1


def test_nothing_is_promised_before_the_meeting_or_after_it_was_archived(hall):
    for state in ("preparing", "noticed", "cancelled", "archived"):
        Meeting.objects.filter(pk=hall.meeting.pk).update(state=state)
        with pytest.raises(WrongState):
            promise(hall.meeting, hall.people[0])
    Meeting.objects.filter(pk=hall.meeting.pk).update(state="live")
    assert promise(hall.meeting, hall.people[0])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("title", {"title": " "}), ("owner", {"owner": Owner(" ")}), ("due", {"due": datetime.date(2020, 1, 1)})],
)
def test_a_promise_needs_a_matter_a_name_and_a_day_to_come(hall, field, wrong):
    with pytest.raises(Invalid) as refused:
        promise(hall.meeting, hall.people[0], **wrong)
    assert refused.value.field == field


def test_a_meeting_promises_no_more_than_it_can_follow(hall, monkeypatch):
    monkeypatch.setattr(follow_ups, "A_MEETING_MOST", 2)
    promise(hall.meeting, hall.people[0], title="一")
    promise(hall.meeting, hall.people[0], title="二")
    with pytest.raises(WrongState, match="最多 2 件"):
        promise(hall.meeting, hall.people[0], title="三")


def test_owners_are_those_who_hold_an_office_each_once(hall):
    person = hall.people[2]
    appoint(person, "committee_member")
    appoint(person, "village_admin")
    staff = make_user(display_name="蒋国强")
    Appointment.objects.create(user=staff, village=hall.village, role="property_manager", from_on="2020-01-01")
    owners = list(follow_ups.owners_in(hall.village, on=timezone.localdate()).values())
    assert [one.name for one in owners if one.resident == person] == [f"{person.name}（村委会委员）"]
    assert [one.account for one in owners if "蒋国强" in one.name] == [staff]


# reporting


def test_who_answers_for_it_reports_until_it_is_done(hall, owed):
    user = hall.account(1)
    follow_ups.report(owed, Told(State.DOING, " 基脚已打 "), by=user)
    follow_ups.report(owed, Told(State.DOING, "护栏装好"), by=user)
    follow_ups.report(owed, Told(State.DONE, "完工，长十二米"), by=user, at=later(3))
    owed.refresh_from_db()
    assert (owed.state, owed.ended_at.date()) == (State.DONE, later(3).date())
    assert list(owed.reports.values_list("number", "words")) == [
        (1, "基脚已打"),
        (2, "护栏装好"),
        (3, "完工，长十二米"),
    ]
    assert set(owed.reports.values_list("reporter_name", flat=True)) == {hall.people[1].name}
    with pytest.raises(WrongState):
        follow_ups.report(owed, Told(State.DOING, "再说一句"), by=user)


def test_others_do_not_report(hall, owed, committee):
    for user in (hall.account(2), make_user(), make_account(make_resident(make_village()))):
        with pytest.raises(NotAllowed):
            follow_ups.report(owed, Told(State.DOING, "在办"), by=user)
    helper = make_account(hall.people[1], relation="child")
    with pytest.raises(NotAllowed):  # helps the owner to vote, does not answer in the owner's place
        follow_ups.report(owed, Told(State.DOING, "在办"), by=helper)
    assert follow_ups.report(owed, Told(State.DOING, "在办"), by=committee)


def test_a_staff_account_answers_for_what_it_was_given(hall):
    staff = make_user(display_name="蒋国强")
    owed = promise(hall.meeting, hall.people[0], owner=Owner("蒋国强（物业项目经理）", account=staff))
    follow_ups.report(owed, Told(State.DOING, "棚体已立"), by=staff)
    assert list(follow_ups.owed_by(staff)) == [owed]


def test_a_delay_names_a_later_day_and_why(hall, owed):
    user = hall.account(1)
    for words, day, field in (
        ("等雨停", None, "new_due"),
        ("等雨停", owed.due, "new_due"),
        (" ", in_days(30), "words"),
    ):
        with pytest.raises(Invalid) as refused:
            follow_ups.report(owed, Told(State.DELAYED, words, day), by=user)
        assert refused.value.field == field
    follow_ups.report(owed, Told(State.DELAYED, "等雨停", in_days(30)), by=user)
    owed.refresh_from_db()
    assert (owed.state, owed.due, owed.first_due) == (State.DELAYED, in_days(30), in_days(10))


def test_a_day_is_taken_from_a_delay_only(hall, owed):
    follow_ups.report(owed, Told(State.DONE, "好了", in_days(40)), by=hall.account(1))
    owed.refresh_from_db()
    assert owed.due == in_days(10)
    assert owed.reports.get().new_due is None


def test_only_the_committee_gives_something_up_or_takes_it_up_again(hall, owed, committee):
    with pytest.raises(WrongState):
        follow_ups.report(owed, Told(State.DROPPED, "不想办"), by=hall.account(1))
    follow_ups.report(owed, Told(State.DONE, "办好了"), by=hall.account(1))
    follow_ups.rate(owed, person=hall.people[2], answer="unsatisfied", by=hall.account(2))
    with pytest.raises(WrongState):
        follow_ups.report(owed, Told(State.DOING, "返工"), by=hall.account(1))
    follow_ups.report(owed, Told(State.DOING, "护栏松了，返工", in_days(20)), by=committee)
    owed.refresh_from_db()
    assert (owed.state, owed.ended_at, owed.due) == (State.DOING, None, in_days(20))
    assert not FollowUpRating.objects.exists()  # rated anew once it is done
    follow_ups.report(owed, Told(State.DROPPED, "改由公路局修"), by=committee)
    with pytest.raises(WrongState):
        follow_ups.report(owed, Told(State.DOING, "又办"), by=committee)


def test_photos_come_with_a_report_and_what_is_refused_leaves_none(hall, owed, private):
    user = hall.account(1)
    told = follow_ups.report(owed, Told(State.DOING, "装好了", photos=[photo(), photo()]), by=user)
    assert told.photos.count() == 2
    with pytest.raises(Invalid):
        follow_ups.report(owed, Told(State.DOING, "太多", photos=[photo()] * 5), by=user)
    with pytest.raises(Invalid):
        follow_ups.report(owed, Told(State.DELAYED, "没写日子", photos=[photo()]), by=user)
    with pytest.raises(PhotoRefused):
        follow_ups.report(owed, Told(State.DOING, "坏的", photos=[photo(), photo(b"no")]), by=user)
    assert FollowUpReport.objects.count() == 1
    assert Photo.objects.count() == 2


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(list(State)), st.booleans(), st.integers(-5, 40)), max_size=12))
def test_whatever_is_reported_the_end_has_a_time_and_the_day_never_comes_earlier(hall, committee, steps):
    owed = promise(hall.meeting, hall.people[1], title=f"第 {FollowUp.objects.count()} 件")
    accepted = 0
    for state, by_committee, days in steps:
        before = FollowUp.objects.get(pk=owed.pk)
        try:
            follow_ups.report(
                before, Told(state, "说明", in_days(days)), by=committee if by_committee else hall.account(1)
            )
        except MeetingError:
            assert FollowUp.objects.values().get(pk=owed.pk) == {
                field.attname: getattr(before, field.attname) for field in FollowUp._meta.concrete_fields
            }
            continue
        accepted += 1
        now = FollowUp.objects.get(pk=owed.pk)
        assert state in FollowUp.MOVES[State(before.state)]
        assert now.state == state
        assert (now.ended_at is None) == now.is_open
        assert now.due >= before.due >= now.first_due
        if before.state == State.DROPPED or (state == State.DROPPED and not by_committee):
            pytest.fail("given up by somebody who may not, or taken up after that")
    assert owed.reports.count() == accepted


# handing over


def test_the_committee_hands_it_over_and_says_why(hall, owed, committee):
    with pytest.raises(NotAllowed):
        follow_ups.hand_over(owed, owner=Owner("邹德望"), reason="外出", by=hall.account(1))
    with pytest.raises(Invalid):
        follow_ups.hand_over(owed, owner=Owner("邹德望"), reason=" ", by=committee)
    with pytest.raises(Invalid):
        follow_ups.hand_over(owed, owner=Owner(owed.owner_name, owed.owner), reason="外出", by=committee)
    follow_ups.hand_over(owed, owner=Owner("邹德望（村委会委员）", hall.people[3]), reason="外出务工", by=committee)
    owed.refresh_from_db()
    assert (owed.owner, owed.state) == (hall.people[3], State.TODO)
    assert owed.reports.get().words == "改由邹德望（村委会委员）负责：外出务工"
    assert not follow_ups.may_report(hall.account(1), owed)
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(3))
    owed.refresh_from_db()
    with pytest.raises(WrongState):
        follow_ups.hand_over(owed, owner=Owner("别人"), reason="再换", by=committee)


# being late


def test_a_day_that_passes_is_noted_once_and_again_for_the_next_day_promised(hall, owed):
    assert follow_ups.note_missed() == 0
    assert follow_ups.note_missed(at=later(10)) == 0  # its last day is still a day for it
    assert follow_ups.note_missed(at=later(12)) == 1
    assert follow_ups.note_missed(at=later(13)) == 0
    follow_ups.report(owed, Told(State.DELAYED, "等料", in_days(20)), by=hall.account(1), at=later(13))
    assert follow_ups.note_missed(at=later(14)) == 0
    assert follow_ups.note_missed(at=later(22)) == 1
    assert actions(hall.village, "miss_follow_up") == 2


def test_what_is_done_or_given_up_is_never_late(hall, owed, committee):
    other = promise(hall.meeting, hall.people[2], title="别的事")
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    follow_ups.report(other, Told(State.DROPPED, "不用了"), by=committee)
    assert follow_ups.note_missed(at=later(100)) == 0
    assert not FollowUp.objects.overdue(in_days(100)).exists()


# rating


def test_each_person_rates_once_and_may_change_it(hall, owed):
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    follow_ups.rate(owed, person=hall.people[2], answer="fair", by=hall.account(2))
    follow_ups.rate(owed, person=hall.people[2], answer="satisfied", by=hall.account(2))
    follow_ups.rate(owed, person=hall.people[3], answer="satisfied", by=hall.account(3))
    assert follow_ups.ratings_of(owed) == {"satisfied": 2, "fair": 0, "unsatisfied": 0}
    # The log does not say who thought what.
    assert not AuditEntry.objects.filter(action__contains="rat").exists()


def test_nobody_rates_too_early_for_a_stranger_or_what_they_did_themselves(hall, owed):
    def rate(person, user, answer="satisfied"):
        follow_ups.rate(owed, person=person, answer=answer, by=user)

    with pytest.raises(WrongState):
        rate(hall.people[2], hall.account(2))
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    with pytest.raises(NotAllowed):
        rate(hall.people[3], hall.account(2))
    with pytest.raises(NotAllowed):
        rate(hall.people[1], hall.account(1))
    with pytest.raises(Invalid):
        rate(hall.people[2], hall.account(2), answer="great")
    stranger = make_resident(make_village())
    with pytest.raises(NotAllowed):
        rate(stranger, make_account(stranger))
    left = hall.people[4]
    account = hall.account(4)
    left.until_on = timezone.localdate() - datetime.timedelta(days=1)
    left.save()
    with pytest.raises(NotAllowed):
        rate(left, account)
    assert not FollowUpRating.objects.exists()


def test_family_help_rates_once_for_each(hall, owed):
    user = hall.account(2)
    make_account(hall.people[3], user=user, relation="child")
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    people = follow_ups.raters_of(user, hall.village, on=timezone.localdate())
    assert people == [hall.people[2], hall.people[3]]
    for person in people:
        follow_ups.rate(owed, person=person, answer="satisfied", by=user)
    assert follow_ups.ratings_of(owed)["satisfied"] == 2


# who hears of it


def test_those_who_took_part_are_told(hall, owed):
    follow_ups.report(owed, Told(State.DOING, "开工了"), by=hall.account(1))
    since = timezone.now() - datetime.timedelta(days=1)
    assert [one.words for one in follow_ups.reported_to(hall.account(2), since=since)] == ["开工了"]
    away = make_account(make_resident(hall.village))
    assert not follow_ups.reported_to(away, since=since)
    assert not follow_ups.reported_to(hall.account(2), since=timezone.now() + datetime.timedelta(seconds=1))


def test_everybody_reads_the_names_of_officers_only(hall, owed):
    today = timezone.localdate()
    assert [one.owner for one in follow_ups.shown([owed], inside=True, on=today)] == [hall.people[1].name]
    assert [one.owner for one in follow_ups.shown([owed], inside=False, on=today)] == [""]
    appoint(hall.people[1], "group_leader")
    assert [one.owner for one in follow_ups.shown([owed], inside=False, on=today)] == [hall.people[1].name]
