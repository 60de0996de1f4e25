"""The results on a sheet for the notice board: only once published, with the day until which it has to hang."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from consultation import meetings
from consultation.models import Meeting
from residents.models import LegalFigure
from tests.factories.consultation import close_vote, make_hall
from ui.dates import plain_date

pytestmark = pytest.mark.django_db


def over(hall):
    meetings.close_meeting(hall.meeting, by=None)
    hall.meeting.refresh_from_db()
    return hall


def published(hall):
    meetings.publish_results(over(hall).meeting, by=None)
    hall.meeting.refresh_from_db()
    return hall


def sheet(hall, client=None):
    return (client or Client()).get(hall.meeting.address("results_sheet"))


def said(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_it_tells_every_result_with_its_numbers_and_how_many_had_to_agree():
    hall = make_hall(8)
    close_vote(hall, votes=(6, 1, 1), text="修水渠")
    close_vote(hall, votes=(2, 5, 1), text="砍老樟树")
    text = said(sheet(published(hall)))
    for words in (
        "村民会议表决结果公布", "（1）修水渠", "<strong>通过</strong> 赞成 6 反对 1 弃权 1", "（2）砍老樟树",
        "<strong>未通过</strong> 赞成 2 反对 5 弃权 1",
        "应到 8 户代表，要到三分之二以上", "到会人员超过半数赞成才通过",
        "《中华人民共和国村民委员会组织法》第二十五条、第二十六条", "公示单第 1 号", f"{hall.village.name}村民委员会",
        hall.meeting.get_absolute_url(),
    ):  # fmt: skip
        assert words in text, words
    assert not [person.name for person in hall.people if person.name in text]


def test_it_says_until_when_it_has_to_hang_there_and_by_which_law():
    hall = make_hall(6)
    close_vote(hall)
    text = said(sheet(published(hall)))
    since = hall.village.local_date(hall.meeting.results_published_at)
    until = since + datetime.timedelta(days=15)
    assert f"{plain_date(since)}公布，请张贴到 {plain_date(until)}以后，不少于 15 天。" in text
    assert "村民委员会组织法（2025年第二次修正）第三十五条" in text


def test_the_days_are_a_figure_of_the_county_and_an_article_nobody_checked_is_not_cited():
    hall = make_hall(6)
    close_vote(hall)
    published(hall)
    LegalFigure.objects.filter(key="results_displayed").update(days=30, verified=False)
    text = said(sheet(hall))
    assert "不少于 30 天" in text
    assert "第三十五条" not in text
    LegalFigure.objects.filter(key="results_displayed").delete()
    text = said(sheet(hall))
    assert "不少于" not in text
    assert f"{plain_date(hall.village.local_date(timezone.now()))}公布。" in text


def test_before_results_are_published_there_is_no_sheet_for_anybody():
    hall = make_hall(6)
    close_vote(hall)
    officer = Client()
    officer.force_login(hall.chair)
    assert [sheet(hall, client).status_code for client in (Client(), officer)] == [404, 404]
    over(hall)
    assert [sheet(hall, client).status_code for client in (Client(), officer)] == [404, 404]
    page = officer.get(hall.meeting.get_absolute_url()).content.decode()
    assert hall.meeting.address("results_sheet") not in page


def test_a_meeting_that_decided_nothing_has_none():
    hall = published(make_hall(6))
    assert sheet(hall).status_code == 404


def test_the_meetings_page_offers_it():
    hall = make_hall(6)
    close_vote(hall)
    assert published(hall).meeting.address("results_sheet") in Client().get(hall.meeting.get_absolute_url()).text


def test_a_consultation_says_that_it_decides_nothing():
    hall = make_hall(6)
    close_vote(hall)
    published(hall)
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | {"binding": False})
    text = said(sheet(hall))
    assert "协商结果公布" in text
    assert "不代替村（居）民会议作决定" in text
    assert "赞成才通过" not in text
