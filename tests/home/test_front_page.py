"""What the public pages show, and what they must not."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultation import attendance, meetings, voting
from consultation.models import Meeting, Motion
from consultation.topics import Answer, State, answer
from home.front_page import front_page, region_overview, seal_words
from home.village_home import offices_of, village_home
from residents.models import Appointment, LegalFigure, Region, Village
from tests.factories.consultation import Hall, call, open_vote
from tests.factories.residents import SINCE, appoint, make_household, make_resident
from tests.factories.topics import make_topic

from .pages import make_county, make_township, make_version, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]

SOON = datetime.timedelta(days=20)


@pytest.fixture
def township() -> Region:
    return make_township(make_county())


@pytest.fixture
def village(township: Region) -> Village:
    return make_village_page(township, name="老榨坊村", slug="laozhafang")


def hold(village: Village, *, title: str = "村民会议") -> Hall:
    """A live meeting with three households there."""
    people = [make_resident(village) for _ in range(3)]
    meeting = meetings.publish_notice(call(village, people, title=title), by=None, urgent_reason="")
    hall = Hall(village, meetings.open_meeting(meeting, by=None), people)
    attendance.check_in(hall.meeting, hall.entries, method="recorder", by=None)
    hall.meeting = attendance.confirm_quorum(hall.meeting, by=None)
    return hall


def announce(village: Village, *, title: str = "村民会议") -> Meeting:
    people = [make_resident(village) for _ in range(3)]
    return meetings.publish_notice(call(village, people, title=title), by=None)


def decide(hall: Hall, text: str) -> Motion:
    motion = open_vote(hall, text=text)
    for number, entry in enumerate(hall.entries):
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{motion.pk}-{number}")
    # By phone alone there is nothing to count by hand: closing announces.
    return voting.close_motion(motion, by=None)


def test_a_live_meeting_comes_with_what_is_being_voted_on(village: Village) -> None:
    hall = hold(village)
    motion = open_vote(hall)
    shown = front_page(now=timezone.now()).happening
    assert [(item.meeting, item.motion) for item in shown.live] == [(hall.meeting, motion)]
    assert list(shown.coming) == []


def test_meetings_to_come_are_shown_once_announced(village: Village) -> None:
    people = [make_resident(village) for _ in range(3)]
    call(village, people, title="还在筹备")
    meeting = announce(village)
    assert list(front_page(now=timezone.now()).happening.coming) == [meeting]
    assert list(front_page(now=timezone.now() + SOON * 2).happening.coming) == []


def test_results_come_in_words_and_no_more_than_two_of_a_meeting(village: Village) -> None:
    hall = hold(village)
    texts = ["修路", "修塘", "修桥"]
    for text in texts:
        decide(hall, text)
    shown = front_page(now=timezone.now()).happening.results
    assert [result.motion.text for result in shown] == ["修桥", "修塘"]
    assert shown[0].words == "赞成 3 · 反对 0 · 弃权 0"
    assert shown[0].carried
    assert len(village_home(village.page, now=timezone.now()).happening.results) == 3


def test_a_village_leads_to_its_bulletins_once_it_has_one(village: Village, client: Client) -> None:
    address = f"/v/{village.slug}/bulletins/"
    hall = hold(village)
    assert address not in client.get(village.page.url).text
    decide(hall, "修路")
    assert address in client.get(village.page.url).text
    assert client.get(address).status_code == 200


def test_practice_villages_stay_out_of_everything(village: Village) -> None:
    # There is something of each kind that could leak.
    hall = hold(village)
    decide(hall, "修路")
    open_vote(hall)
    announce(village)
    make_version(village)
    Village.objects.filter(pk=village.pk).update(is_practice=True)
    shown = front_page(now=timezone.now())
    assert not shown.happening.live
    assert not shown.happening.coming
    assert not shown.happening.results
    assert not shown.rules
    assert not shown.villages
    assert shown.village_count == shown.figures.rules == shown.figures.meetings == 0
    overview = region_overview(village.region.page)
    assert not overview.villages
    assert not overview.happening.live


def test_only_the_version_in_force_of_each_document_is_shown(village: Village) -> None:
    today = timezone.localdate()
    make_version(village, number=1, effective_on=today - datetime.timedelta(days=400))
    present = make_version(village, number=2, effective_on=today - datetime.timedelta(days=40))
    make_version(village, number=3, effective_on=today + datetime.timedelta(days=40))
    make_version(village, slug="gone", effective_on=SINCE, repealed_on=today)
    assert list(front_page(now=timezone.now()).rules) == [present]
    lines = village_home(village.page, now=timezone.now()).rules
    assert [(line.page.rules.slug, line.version) for line in lines] == [("cungui", present), ("gone", None)]


def test_a_region_shows_its_own_villages_only(township: Region, village: Village) -> None:
    other = make_village_page(make_township(township.parent, name="云梯乡", number=201), name="云梯岩村", slug="yunti")
    announce(village)
    announce(other)
    here = region_overview(township.page)
    assert list(here.villages) == [village]
    assert [meeting.village for meeting in here.happening.coming] == [village]
    county = region_overview(township.parent.page)
    assert [([line.village for line in below.lines], below.page.title) for below in county.townships] == [
        ([village], "楠溪镇"),
        ([other], "云梯乡"),
    ]
    assert county.village_count == 2
    assert list(county.place) == ["湖南省", "沅川市"]


def test_officials_are_named_and_residents_are_not(village: Village, client: Client) -> None:
    head = make_resident(village, name="贺光武")
    appoint(head, "party_secretary")
    appoint(head, "committee_chair")
    appoint(make_resident(village, name="谭少林"), "supervisory_chair")
    appoint(make_resident(village, name="龙代表"), "representative")
    make_resident(village, name="不该出现")
    past = appoint(make_resident(village, name="前任主任"), "committee_chair")
    Appointment.objects.filter(pk=past.pk).update(until_on=timezone.localdate())
    groups = offices_of(village, on=timezone.localdate())
    assert [[(holder.name, holder.title) for holder in group.holders] for group in groups] == [
        [("贺光武", "党组织书记、村委会主任")],
        [("谭少林", "监督委员会主任")],
    ]
    html = client.get(village.page.url).content.decode()
    assert "贺光武" in html
    assert "不该出现" not in html
    assert "龙代表" not in html
    assert "前任主任" not in html


def test_a_community_has_its_own_words(township: Region) -> None:
    community = make_village_page(township, name="橘灯里社区", slug="judengli", kind="community")
    appoint(make_resident(community, name="柳青"), "committee_chair")
    home = village_home(community.page, now=timezone.now())
    assert home.seal == "橘灯里印"
    assert [(group.title, group.holders[0].title) for group in home.offices] == [("党组织和居委会", "居委会主任")]
    assert [figure.label for figure in home.figures] == ["户数", "居民小组"]


@pytest.mark.parametrize(
    ("name", "seal"),
    [("老榨坊村", "老榨坊村"), ("橘灯里社区", "橘灯里印"), ("张家村", "张家之印"), ("南门口", "南门口印")],
)
def test_a_seal_has_four_characters(name: str, seal: str) -> None:
    assert seal_words(name) == seal


def test_figures_of_the_village_are_those_of_its_file(village: Village) -> None:
    Village.objects.filter(pk=village.pk).update(population=1178, over_60=262)
    village.refresh_from_db()
    make_household(village)
    figures = village_home(village.page, now=timezone.now()).figures
    assert [(figure.label, figure.number) for figure in figures] == [
        ("户数", 1),
        ("户籍人口", 1178),
        ("六十岁以上", 262),
        ("村民小组", 1),
    ]


def test_more_villages_and_meetings_need_no_more_queries(township: Region, village: Village) -> None:
    def count(path: str) -> int:
        client = Client()
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def fill(place: Village) -> None:
        make_version(place)
        decide(hold(place), "修路")
        announce(place)
        appoint(make_resident(place), "group_leader")

    fill(village)
    paths = ["/", township.page.url, township.parent.page.url, village.page.url]
    before = [count(path) for path in paths]
    for number in (2, 3):
        fill(make_village_page(township, name=f"第{number}村", slug=f"cun-{number}x", number=number))
    announce(village, title="再开一次")
    appoint(make_resident(village), "group_leader")
    assert [count(path) for path in paths] == before


def test_public_pages_set_no_cookie(village: Village, client: Client) -> None:
    hold(village)
    make_version(village)
    announce(village)
    tree = village.page.get_descendants(inclusive=True).live()
    assert tree.count() >= 5
    for path in ["/", "/find/", "/find/?q=lzf", village.region.page.url, *(page.url for page in tree)]:
        response = client.get(path)
        assert response.status_code == 200, path
        assert not response.cookies, path
        assert "csrfmiddlewaretoken" not in response.content.decode(), path


def test_the_rules_page_links_to_each_article(village: Village, client: Client) -> None:
    version = make_version(village)
    html = client.get(version.rules.page.url).content.decode()
    assert 'href="#article-12"' in html
    assert 'id="article-12"' in html
    assert "第十二条" in html
    assert "村民会议通过" in html


def test_a_villages_page_tells_of_its_topics_without_their_words(village: Village) -> None:
    """What nobody has answered yet is the village's own; an answer is everybody's."""
    LegalFigure.objects.filter(key="topic_seconds").update(least=1)
    make_topic(village, title="张三家的狗", at=timezone.now() - datetime.timedelta(days=20))
    done = make_topic(village, title="李四家的墙")
    answer(done, Answer(State.REJECTED, "属两户之间的事。", published_title="一户人家的墙"), by=None)
    html = Client().get(village.page.url).content.decode()
    assert "等答复的 1 件" in html
    assert "过期没答复的 1 件" in html
    assert html.count(f'href="/v/{village.slug}/topics/"') == 2  # above, and beside the answers
    assert "一户人家的墙" in html
    assert "张三" not in html
    assert "李四" not in html
