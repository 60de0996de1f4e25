"""The pages of follow-ups: who reads what, assigning, reporting with photos, rating; what was typed stays."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultation import follow_ups
from consultation.follow_ups import State, Told
from consultation.models import FollowUp, Meeting, Photo
from consultation.pictures import token_of
from residents.own_data import held_on
from tests.consultation.test_photos import with_location
from tests.factories.consultation import make_hall
from tests.factories.follow_ups import held, promise
from tests.factories.residents import appoint, make_account, make_resident, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))


@pytest.fixture
def hall():
    hall = make_hall(6)
    held(hall.meeting)
    appoint(hall.people[5], "committee_member")
    return hall


@pytest.fixture
def committee(hall):
    return client_of(hall.account(5))


@pytest.fixture
def owed(hall):
    return promise(hall.meeting, hall.people[1])


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def at(name, owed):
    return reverse(f"consultation:{name}", args=[owed.village.slug, owed.number])


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def soon(days=20):
    return (timezone.localdate() + datetime.timedelta(days=days)).isoformat()


def upload():
    return SimpleUploadedFile("IMG_0001.jpg", with_location(), content_type="image/jpeg")


def listed(village):
    return reverse("consultation:follow_ups", args=[village.slug])


# reading


def test_everybody_reads_what_was_promised_once_results_are_published(hall, owed):
    follow_ups.report(owed, Told(State.DOING, "基脚已打"), by=hall.account(1))
    for url in (listed(hall.village), owed.get_absolute_url()):
        page = text_of(Client().get(url))
        assert owed.title in page
        assert owed.owner_name not in page
        assert owed.owner_name in text_of(client_of(hall.account(2)).get(url))
    assert "基脚已打" in text_of(Client().get(owed.get_absolute_url()))
    assert owed.title in text_of(Client().get(hall.meeting.address("meeting")))
    Meeting.objects.filter(pk=hall.meeting.pk).update(state=Meeting.State.CLOSED)
    assert Client().get(owed.get_absolute_url()).status_code == 404
    for url in (listed(hall.village), hall.meeting.address("meeting")):
        assert owed.title not in text_of(Client().get(url))
    assert client_of(hall.account(2)).get(owed.get_absolute_url()).status_code == 200


def test_what_is_late_stands_out_and_comes_first(hall, owed):
    FollowUp.objects.filter(pk=owed.pk).update(
        due=timezone.localdate() - datetime.timedelta(days=1),
        first_due=timezone.localdate() - datetime.timedelta(days=1),
    )
    promise(hall.meeting, hall.people[2], title="别的事", days=5)
    page = text_of(Client().get(listed(hall.village)))
    assert "过期没办好的 1 件" in page
    assert page.index(owed.title) < page.index("别的事")


def test_what_is_over_stands_on_its_own_tab(hall, owed):
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    assert owed.title not in text_of(Client().get(listed(hall.village)))
    page = text_of(Client().get(listed(hall.village), {"show": "over"}))
    assert owed.title in page
    assert "办好的 1 件" in page


def test_the_sheet_for_the_notice_board_lists_all_open_ones(hall, owed):
    page = text_of(client_of(hall.account(2)).get(listed(hall.village), {"print": ""}))
    assert f"{hall.village.name}落实事项公示" in page
    assert owed.title in page
    assert owed.owner_name in page


def test_a_longer_list_asks_no_more_of_the_database(hall):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert Client().get(listed(hall.village)).status_code == 200
        return len(queries)

    promise(hall.meeting, hall.people[1])
    asked()  # the site's settings are made with the first page
    few = asked()
    for number in range(12):
        promise(hall.meeting, hall.people[number % 6], title=f"第 {number} 件")
    assert asked() == few


# assigning


def test_the_committee_puts_down_one_after_the_other(hall, committee):
    url = reverse("consultation:assign_follow_up", args=[hall.village.slug, hall.meeting.number])
    office = hall.people[5].appointments.get()
    typed = {"title": "清淤动工", "owner": office.ref, "other": "", "due": soon()}
    answer = committee.post(url, typed | {"again": "1"})
    assert (answer.status_code, answer.url) == (303, url)
    answer = committee.post(url, {"title": "装护栏", "owner": "", "other": hall.people[2].name, "due": soon()})
    assert answer.url.startswith(hall.meeting.address("meeting"))
    told = list(FollowUp.objects.order_by("number").values_list("title", "owner", "owner_name"))
    assert told == [
        ("清淤动工", hall.people[5].pk, f"{hall.people[5].name}（村委会委员）"),
        ("装护栏", hall.people[2].pk, hall.people[2].name),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"), ({"due": "2020-01-01"}, "due"), ({"due": "哪天都行"}, "due"),
        ({"owner": ""}, "owner"), ({"other": "查无此人"}, "other"), ({"title": "长" * 121}, "title"),
    ],
)  # fmt: skip
def test_what_is_refused_stays_in_the_form(hall, committee, wrong, field):
    url = reverse("consultation:assign_follow_up", args=[hall.village.slug, hall.meeting.number])
    office = hall.people[5].appointments.get()
    answer = committee.post(url, {"title": "清淤动工", "owner": office.ref, "other": "", "due": soon()} | wrong)
    assert answer.status_code == 422
    assert answer.context["form"].errors.get(field)
    page = answer.content.decode()
    kept = {"title": "清淤动工", "due": soon()} | wrong
    for words in filter(None, kept.values()):
        assert words in page
    assert not FollowUp.objects.exists()


def test_two_ways_of_naming_somebody_are_one_too_many(hall, committee):
    url = reverse("consultation:assign_follow_up", args=[hall.village.slug, hall.meeting.number])
    office = hall.people[5].appointments.get()
    typed = {"title": "清淤动工", "owner": office.ref, "other": hall.people[2].name, "due": soon()}
    answer = committee.post(url, typed)
    assert answer.status_code == 422
    assert "两样选一样" in text_of(answer)


# reporting


def test_who_answers_for_it_finds_it_on_the_own_page_and_reports_with_a_photo(hall, owed):
    mine = client_of(hall.account(1))
    assert owed.title in text_of(mine.get(reverse("home:me")))
    answer = mine.post(at("report_follow_up", owed), {"state": "done", "words": "完工，长十二米", "photos": [upload()]})
    assert (answer.status_code, answer.url) == (303, owed.get_absolute_url())
    page = text_of(mine.get(owed.get_absolute_url()))
    assert "完工，长十二米" in page
    photo = reverse("consultation:photo", args=[hall.village.slug, token_of(Photo.objects.get())])
    assert photo in page
    assert client_of(hall.account(2)).get(photo).status_code == 200
    stranger = client_of(make_account(make_resident(make_village())))
    assert stranger.get(photo).status_code == 404
    assert photo not in text_of(Client().get(owed.get_absolute_url()))
    taken_part = text_of(client_of(hall.account(2)).get(reverse("home:me")))
    assert "完工，长十二米" in taken_part


def test_a_report_that_is_refused_keeps_its_words(hall, owed):
    mine = client_of(hall.account(1))
    answer = mine.post(at("report_follow_up", owed), {"state": "delayed", "words": "等雨停"})
    assert answer.status_code == 422
    assert "延期要写明改到哪天" in text_of(answer)
    assert "等雨停" in text_of(answer)
    answer = mine.post(
        at("report_follow_up", owed),
        {"state": "doing", "words": "在办", "photos": [SimpleUploadedFile("a.jpg", b"no photo")]},
    )
    assert answer.context["form"].errors["photos"]
    assert not owed.reports.exists()


def test_neighbours_do_not_report(hall, owed):
    other = client_of(hall.account(2))
    assert "报办理情况" not in text_of(other.get(owed.get_absolute_url()))
    assert other.get(at("report_follow_up", owed)).status_code == 403
    assert other.post(at("report_follow_up", owed), {"state": "done", "words": "好了"}).status_code == 403


def test_what_is_closed_is_told_and_nothing_is_asked(hall, owed):
    mine = client_of(hall.account(1))
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    assert mine.get(at("report_follow_up", owed)).status_code == 303


def test_too_many_reports_are_told_when_to_come_back(hall, owed, monkeypatch):
    monkeypatch.setattr("consultation.views.follow_ups.REPORTS_AN_HOUR", 1)
    mine = client_of(hall.account(1))
    typed = {"state": "doing", "words": "在办"}
    assert mine.post(at("report_follow_up", owed), typed).status_code == 303
    answer = mine.post(at("report_follow_up", owed), typed | {"words": "还在办"})
    assert answer.status_code == 429
    assert "还在办" in text_of(answer)


def test_the_committee_hands_it_over(hall, owed, committee):
    typed = {"owner": "", "other": hall.people[3].name, "reason": ""}
    answer = committee.post(at("hand_over_follow_up", owed), typed)
    assert answer.status_code == 422
    assert hall.people[3].name in text_of(answer)
    assert committee.post(at("hand_over_follow_up", owed), typed | {"reason": "外出务工"}).status_code == 303
    owed.refresh_from_db()
    assert owed.owner == hall.people[3]


# rating


def test_neighbours_rate_what_was_done_and_only_numbers_are_shown(hall, owed):
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    other = client_of(hall.account(2))
    page = other.get(owed.get_absolute_url())
    assert f"{hall.people[2].name}觉得办得怎么样" in text_of(page)
    typed = {"person": hall.people[2].ref, "answer": "fair"}
    assert other.post(at("rate_follow_up", owed), typed).status_code == 303
    assert other.post(at("rate_follow_up", owed), typed | {"answer": "nonsense"}).status_code == 303
    assert other.post(at("rate_follow_up", owed), typed | {"person": hall.people[3].ref}).status_code == 403
    for reader in (Client(), client_of(hall.account(3))):
        page = text_of(reader.get(owed.get_absolute_url()))
        assert "评价（1 人）" in page
        assert hall.people[2].name not in page
    assert follow_ups.ratings_of(owed)["fair"] == 1


def test_people_are_told_what_is_kept_of_them(hall, owed):
    follow_ups.report(owed, Told(State.DONE, "好了"), by=hall.account(1))
    follow_ups.rate(owed, person=hall.people[2], answer="fair", by=hall.account(2))
    assert owed.title in str(held_on(hall.account(1)))
    told = str(held_on(hall.account(2)))
    assert "一般" in told
    assert owed.title in told
