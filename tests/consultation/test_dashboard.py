"""The year in figures: sums that add up, shares that are not rounded, and no few people to be seen through them."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation import dashboard, topics
from consultation.dashboard import Figures, Part, Promises, read_figures, total
from consultation.models import Attendance, FollowUp, Meeting, RosterEntry, Topic
from consultation.small_cells import shown_cells
from consultation.topics import Answer, State
from residents.models import Appointment, Region, Village
from tests.consultation.test_ledger import at, held_in
from tests.factories.consultation import make_hall
from tests.factories.follow_ups import held, promise
from tests.factories.residents import SINCE, appoint, make_account, make_region, make_resident, make_user, make_village
from tests.factories.topics import make_topic

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)


def figures_of(village, year=2026, *, inside=True) -> Figures:
    return read_figures([village], year=year, today=TODAY, inside=inside)[village.pk]


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        ({"a": 30, "b": 20}, "ab"),
        ({"a": 30, "b": 10}, "ab"),
        ({"a": 30, "b": 9}, ""),  # with one of two hidden, the other would give it away
        ({"a": 30, "b": 20, "c": 9}, "a"),
        ({"a": 30, "b": 4, "c": 5}, ""),  # two hidden, but only nine people together
        ({"a": 30, "b": 6, "c": 5}, "a"),
        ({"a": 30, "b": 0}, "a"),
        ({"a": 9}, ""),
        ({}, ""),
    ],
)
def test_no_cell_of_fewer_than_ten_is_shown_or_can_be_worked_out(people, shown):
    assert shown_cells(people) == frozenset(shown)


def test_what_is_hidden_is_never_one_cell_nor_fewer_than_ten_people():
    for a in range(0, 13):
        for b in range(0, 13):
            for c in range(0, 13):
                people = {"a": a, "b": b, "c": c, "d": 25}
                hidden = [key for key in people if people[key] and key not in shown_cells(people)]
                assert not hidden or (len(hidden) > 1 and sum(people[key] for key in hidden) >= 10)


def answer_(topic, moment):
    topics.answer(topic, Answer(State.RESOLVED_DIRECTLY, "修好了。", published_title="办了"), by=None, at=moment)


def test_topics_are_counted_in_their_year_and_answers_against_their_own_last_day():
    village = make_village()
    raised = at(2026, 3, 1)
    in_time, late, waiting, open_, early = (make_topic(village, title=str(n), at=raised) for n in range(5))
    due = Topic.objects.filter(pk__in=[in_time.pk, late.pk, waiting.pk])
    due.update(answer_by=datetime.date(2026, 3, 16))
    Topic.objects.filter(pk=open_.pk).update(answer_by=TODAY)
    answer_(in_time, at(2026, 3, 16, 23))
    answer_(late, at(2026, 4, 2, 0))
    answer_(early, at(2026, 3, 2))  # nobody set it a day
    make_topic(village, title="去年", at=at(2025, 12, 31, 23))
    figures = figures_of(village)
    assert figures.topics == 5
    assert str(figures.answered) == "2/4"
    assert list(figures.raised_by_month) == [0, 0, 5, *[0] * 9]
    assert list(figures.answered_by_month) == [0, 0, 2, 1, *[0] * 8]
    assert figures_of(village, 2025).topics == 1


def test_meetings_count_once_they_are_over_with_those_where_enough_came():
    full, few = held_in(make_hall(9, present=7), at(2026, 5, 3)), held_in(make_hall(9, present=2), at(2026, 5, 3))
    running = make_hall(9)
    read = read_figures(
        [full.village, few.village, running.village], year=2026, today=TODAY, inside=False
    )  # fmt: skip
    assert [str(read[hall.village.pk].quorate) for hall in (full, few, running)] == ["1/1", "0/1", "0/0"]
    assert str(read[full.village.pk].turnout) == "7/9"
    both = total(read.values())
    assert (both.meetings, str(both.quorate), str(both.turnout)) == (2, "1/2", "9/18")


def test_who_went_home_again_was_there_and_who_was_signed_in_by_mistake_was_not():
    hall = make_hall(9, present=8)
    stays = Attendance.objects.filter(meeting=hall.meeting).order_by("pk")
    first, second = stays[0], stays[1]
    Attendance.objects.filter(pk=first.pk).update(out_at=timezone.now(), left_after=0)
    Attendance.objects.create(village=hall.village, meeting=hall.meeting, entry=first.entry, method="recorder")
    Attendance.objects.filter(pk=second.pk).update(voided_at=timezone.now())
    held_in(hall, at(2026, 5, 3))
    assert str(figures_of(hall.village).turnout) == "7/9"


def split(hall, groups, *, women=0):
    """The roster's lines put into groups of these sizes, the first so many of them women."""
    lines = list(RosterEntry.objects.filter(roster__meeting=hall.meeting).order_by("number"))
    numbers = [number for number, size in enumerate(groups, start=1) for _line in range(size)]
    for place, (line, group) in enumerate(zip(lines, numbers, strict=True)):
        line.group_number, line.gender = group, "f" if place < women else "m"
    RosterEntry.objects.bulk_update(lines, ["group_number", "gender"])


def test_turnout_by_group_and_sex_hides_what_is_small_meeting_by_meeting():
    hall = make_hall(34, present=30)
    split(hall, [12, 11, 8, 3], women=12)
    held_in(hall, at(2026, 5, 3))
    figures = figures_of(hall.village)
    assert {group: str(part) for group, part in figures.by_group.items()} == {1: "12/12", 2: "11/11"}
    assert {sex: str(part) for sex, part in figures.by_sex.items()} == {"m": "18/22", "f": "12/12"}
    assert figures_of(hall.village, inside=False).by_group == {}
    assert figures_of(hall.village, inside=False).by_sex == {}


def test_ten_people_are_not_made_of_four_meetings_with_three():
    hall = make_hall(13)
    split(hall, [10, 3], women=3)
    held_in(hall, at(2026, 5, 3))
    assert (figures_of(hall.village).by_group, figures_of(hall.village).by_sex) == ({}, {})
    one = Figures(by_sex={"m": Part(5, 20)})
    assert total([one, Figures(by_sex={"m": Part(7, 15)})]).by_sex == {"m": Part(12, 35)}


def test_promises_count_by_the_day_first_promised_and_for_everybody_once_results_are_public():
    hall = held_in(make_hall(6), at(2026, 5, 3))
    meeting = Meeting.objects.get(pk=hall.meeting.pk)
    day = datetime.date(2026, 6, 1)
    states = [
        ("kept", {"state": "done", "ended_at": at(2026, 6, 1, 23)}),
        ("late", {"state": "done", "ended_at": at(2026, 6, 2, 0), "due": datetime.date(2026, 7, 1)}),
        ("under_way", {"state": "delayed", "due": TODAY}),
        ("overdue", {"state": "doing"}),
        ("dropped", {"state": "dropped", "ended_at": at(2026, 6, 2)}),
    ]
    for title, fields in states:
        made = promise(meeting, hall.people[3], title=title)
        FollowUp.objects.filter(pk=made.pk).update(**{"first_due": day, "due": day} | fields)
    figures = figures_of(hall.village)
    assert figures.promises == Promises(1, 1, 1, 1, 1)
    assert str(figures.promises.done) == "2/4"
    assert figures_of(hall.village, inside=False).promises.number == 0
    done = FollowUp.objects.get(title="kept")
    for person, said in zip(hall.people[:3], ("satisfied", "satisfied", "fair"), strict=True):
        done.ratings.create(village=hall.village, resident=person, answer=said)
    held(meeting)
    outside = figures_of(hall.village, inside=False)
    assert outside.promises.number == 5
    assert outside.ratings == {"satisfied": 2, "fair": 1, "unsatisfied": 0}


def test_years_run_back_to_the_first_with_anything():
    village = make_village()
    assert dashboard.years_of([village], today=TODAY) == [2026]
    make_topic(village, at=at(2024, 12, 31, 23))
    assert dashboard.years_of([village], today=TODAY) == [2026, 2025, 2024]
    assert dashboard.years_of([], today=TODAY) == [2026]


def test_shares_are_sorted_without_rounding():
    def lines(*parts):
        return [(Village(name=str(part)), Figures(answered=part)) for part in parts]

    rows = lines(Part(2, 3), Part(0, 0), Part(66, 100), Part(667, 1000))
    assert [village.name for village, _one in dashboard.sorted_by(rows, "answered", down=True)] == [
        "667/1000", "2/3", "66/100", "0/0",
    ]  # fmt: skip


def test_thirty_villages_ask_no_more_than_three(django_assert_num_queries):
    region = make_region()
    villages = [make_village(region=region) for _number in range(30)]
    for village in villages[:3]:
        make_topic(village, at=at(2026, 3, 1))
    with django_assert_num_queries(5):
        few = read_figures(villages[:3], year=2026, today=TODAY, inside=True)
    for village in villages[3:]:
        make_topic(village, at=at(2026, 3, 1))
    with django_assert_num_queries(5):
        many = read_figures(villages, year=2026, today=TODAY, inside=True)
    assert (total(few.values()).topics, total(many.values()).topics) == (3, 30)


# The doors


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def test_the_public_reads_sums_and_the_village_who_came():
    hall = held_in(make_hall(24), timezone.now())
    url = reverse("consultation:dashboard", args=[hall.village.slug])
    outside = Client().get(url).content.decode()
    assert "议事协商一览" in outside
    assert 'id="turnout"' not in outside
    inside = client_of(hall.account(5)).get(url).content.decode()
    assert "各组到会" in inside
    assert "24/24" in inside
    assert not [person.name for person in hall.people[6:] if f">{person.name}<" in inside]
    assert Client().get(url, {"year": "x' or 1"}).status_code == 200


def officer(region: Region, role: str):
    user = make_user()
    Appointment.objects.create(region=region, user=user, role=role, from_on=SINCE)
    return client_of(user)


def test_a_countys_editor_reads_the_county_and_a_neighbour_nothing():
    county, other = make_region("county"), make_region("county")
    town = make_region(parent=county)
    villages = [make_village(region=town, name=name) for name in ("甲村", "乙村")]
    make_topic(villages[1], at=timezone.now())
    url = reverse("home:region_dashboard", args=[county.code])
    editor = officer(county, "county_editor")
    page = editor.get(url, {"sort": "topics", "down": "1"})
    body = page.content.decode()
    assert town.name in body
    assert [village.name for village, _one in page.context["page"]] == ["乙村", "甲村"]
    assert [village.name for village, _one in editor.get(url).context["page"]] == ["甲村", "乙村"]
    assert 'aria-sort="descending"' in body
    assert editor.get(reverse("home:region_dashboard", args=[town.code])).status_code == 200
    assert editor.get(reverse("home:dashboards"))["Location"] == url
    assert officer(other, "county_editor").get(url).status_code == 404
    assert client_of(make_account(make_resident(villages[0]))).get(url).status_code == 404


def test_the_own_page_of_officers_leads_to_it():
    village = make_village()
    person = make_resident(village)
    appoint(person, "committee_member")
    url = reverse("consultation:dashboard", args=[village.slug])
    assert client_of(make_account(person)).get(reverse("home:dashboards"))["Location"] == url
    assert Client().get(reverse("home:dashboards")).status_code == 302
    assert client_of(make_user()).get(reverse("home:dashboards")).status_code == 404
