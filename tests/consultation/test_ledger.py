"""The yearly ledger: a row for every meeting and topic, numbers as numbers, and nothing that runs when it is opened."""

from __future__ import annotations

import datetime
import io

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from audit.models import AuditEntry
from consultation import ledger, meetings, minutes, topics
from consultation.ledger_sheet import ledger_sheet
from consultation.models import AgendaItem, FollowUp, Meeting, Topic
from consultation.topics import Answer, State
from residents.sheets.printed import HEAD
from tests.factories.consultation import call, close_vote, make_hall, open_vote, sign_all
from tests.factories.follow_ups import promise
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village
from tests.factories.topics import make_topic, second_by

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)
NOON = datetime.datetime(2026, 11, 23, 4, tzinfo=datetime.UTC)


def at(year, month, day, hour=12):
    """A moment by the village's clock."""
    return datetime.datetime(year, month, day, hour, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def book_of(village, year=2026, today=TODAY):
    return load_workbook(io.BytesIO(ledger_sheet(ledger.read_ledger(village, year=year, today=today))))


def rows(page):
    """Each row under the headings as a mapping."""
    headings = [cell.value for cell in page[HEAD]]
    return [
        {heading: cell.value for heading, cell in zip(headings, row, strict=False)}
        for row in page.iter_rows(min_row=HEAD + 1)
    ]


def held_in(hall, moment):
    """The hall's meeting, over, as if it had been opened then."""
    meetings.close_meeting(hall.meeting, by=None)
    Meeting.objects.filter(pk=hall.meeting.pk).update(
        opened_at=moment, starts_at=moment, ends_at=moment + datetime.timedelta(hours=2)
    )
    hall.meeting = Meeting.objects.select_related("roster", "village").get(pk=hall.meeting.pk)
    return hall


def test_a_meeting_has_its_row_with_numbers_and_what_was_decided():
    hall = make_hall(8, present=7)
    close_vote(hall, votes=(5, 1, 1), text="修水渠")
    held_in(hall, at(2026, 5, 3, 19))
    (row,) = rows(book_of(hall.village)["会议和协商"])
    assert row == {
        "序号": 1,
        "编号": hall.meeting.number,
        "日期": datetime.datetime(2026, 5, 3),  # noqa: DTZ001  a day, as a spreadsheet has it
        "类别": "村民会议（户代表）",
        "性质": "决定",
        "名称": "村民会议",
        "议题": None,
        "地点": "晒谷坪",
        "应到": 8,
        "实到": 7,
        "单位": "户代表",
        "结果": "修水渠：通过（赞成 5，反对 1，弃权 1；应到 8，实到 7）",
        "状态": "已散会",
        "协商意见": None,
        "落实情况": None,
        "意见条数": None,
        "网址": f"{settings.PUBLIC_URL}{hall.meeting.get_absolute_url()}",
    }


def test_only_results_that_were_announced_stand_there_and_what_has_none_says_why():
    hall = make_hall(8)
    open_vote(hall, text="还在投")
    assert rows(book_of(hall.village, year=timezone.localdate().year)["会议和协商"])[0]["结果"] is None
    hall.meeting.motions.update(state="annulled")
    (row,) = rows(book_of(hall.village, year=timezone.localdate().year)["会议和协商"])
    assert row["结果"] == "还在投：作废"


def test_an_opinion_stands_there_once_it_was_signed():
    hall = held_in(make_hall(8), at(2026, 5, 3))
    draft = minutes.draft_minutes(hall.meeting, by=None)
    draft = minutes.edit_minutes(draft, revision=1, proceedings="谈了", opinion="先修三组的。", by=None)
    assert rows(book_of(hall.village)["会议和协商"])[0]["协商意见"] is None
    sign_all(minutes.check_minutes(draft, checker=hall.people[4], by=None))
    assert rows(book_of(hall.village)["会议和协商"])[0]["协商意见"] == "先修三组的。"


def test_what_was_promised_and_the_topics_stand_beside_the_meeting():
    hall = make_hall(8)
    topic = make_topic(hall.village, hall.people[6], title="老李家门口的灯", at=at(2026, 4, 1))
    topics.answer(topic, Answer(State.ACCEPTED, "开会商量。", published_title="三组的路灯"), by=None, at=at(2026, 4, 9))
    AgendaItem.objects.filter(meeting=hall.meeting, number=2).update(topic=topic)
    held_in(hall, at(2026, 5, 3))
    todo = promise(hall.meeting, hall.people[7])
    book = book_of(hall.village)
    (row,) = rows(book["会议和协商"])
    assert row["议题"] == f"{topic.number} 号：三组的路灯"
    assert row["落实情况"] == f"{todo.title}：还没开始 {settings.PUBLIC_URL}{todo.get_absolute_url()}"
    (line,) = rows(book["议题"])
    assert (line["题目"], line["状态"], line["答复和理由"], line["用了几天"], line["上会"]) == (
        "三组的路灯", "列为议题", "开会商量。", 8, f"第 {hall.meeting.number} 号",
    )  # fmt: skip


def test_a_year_is_the_years_by_the_villages_clock():
    village = make_village()
    person = make_resident(village)
    make_topic(village, person, title="除夕", at=at(2025, 12, 31, 23))
    make_topic(village, person, title="元旦", at=at(2026, 1, 1, 0))
    assert [row["题目"] for row in rows(book_of(village, 2025)["议题"])] == ["除夕"]
    assert [row["题目"] for row in rows(book_of(village, 2026)["议题"])] == ["元旦"]
    assert [(one.year, one.topics) for one in ledger.years_of(village, today=TODAY)] == [(2026, 1), (2025, 1)]


def test_years_run_back_to_the_first_with_anything_and_empty_ones_are_among_them():
    village = make_village()
    assert [(one.year, one.meetings, one.topics) for one in ledger.years_of(village, today=TODAY)] == [(2026, 0, 0)]
    make_topic(village, at=at(2024, 6, 1))
    assert [(one.year, one.topics) for one in ledger.years_of(village, today=TODAY)] == [
        (2026, 0),
        (2025, 0),
        (2024, 1),
    ]


def test_a_year_in_which_nothing_happened_gives_a_ledger_that_says_so():
    village = make_village()
    book = book_of(village)
    assert book.sheetnames == ["会议和协商", "议题", "说明"]
    page = book["会议和协商"]
    assert page["A1"].value == f"{village.name} 2026 年议事协商台账"
    assert page["A2"].value == "2026年11月23日导出，按当天的情况。"
    assert [cell.value for cell in page["A"]][HEAD:] == ["这一年没有开过会，也没有协商过。"]
    assert [cell.value for cell in book["议题"]["A"]][HEAD:] == ["这一年没有人提出议题。"]
    assert figures(book) == dict.fromkeys(figures(book), 0)


def figures(book):
    return {
        row[0].value: row[1].value
        for row in book["说明"].iter_rows(min_row=2)
        if len(row) > 1 and row[1].value is not None
    }


def test_a_topic_has_its_days_and_whether_it_came_too_late():
    village = make_village()
    raised = at(2026, 3, 1)
    in_time, late, waiting, withdrawn = (
        make_topic(village, title=title, at=raised) for title in ("按时", "迟了", "还等着", "撤回")
    )
    Topic.objects.filter(pk__in=[in_time.pk, late.pk, waiting.pk]).update(answer_by=datetime.date(2026, 3, 16))
    reply = Answer(State.RESOLVED_DIRECTLY, "修好了。", published_title="办了")
    topics.answer(in_time, reply, by=None, at=at(2026, 3, 16, 23))
    topics.answer(late, reply, by=None, at=at(2026, 3, 17, 0))
    topics.withdraw(withdrawn, by=make_account(withdrawn.raised_by), at=at(2026, 3, 2))
    told = {row["编号"]: (row["用了几天"], row["逾期"], row["状态"]) for row in rows(book_of(village)["议题"])}
    assert told == {
        in_time.number: (15, None, "直接解决"),
        late.number: (16, "是", "直接解决"),
        waiting.number: (None, "是", "刚提出"),
        withdrawn.number: (None, None, "提出人撤回"),
    }
    assert figures(book_of(village))["其中答复晚了，或者过了期限还没有答复"] == 2


def test_where_a_topic_went_is_told():
    village = make_village()
    one, other = make_topic(village, title="一", at=at(2026, 3, 1)), make_topic(village, title="二", at=at(2026, 3, 1))
    topics.answer(one, Answer(State.MERGED, "一样的事。", published_title="一", into=other), by=None)
    topics.answer(
        other, Answer(State.REDIRECTED, "请调解。", published_title="二", sent_to="mediation"), by=None
    )  # fmt: skip
    assert [row["转给谁（并入）"] for row in rows(book_of(village)["议题"])] == [f"{other.number} 号议题", "转人民调解"]


def test_households_that_second_it_are_counted():
    village = make_village()
    second_by(make_topic(village, at=at(2026, 3, 1)), 3)
    assert rows(book_of(village)["议题"])[0]["附议户数"] == 4


def test_meetings_in_preparation_are_left_out_and_cancelled_ones_say_why():
    village = make_village()
    people = [make_resident(village) for _number in range(4)]
    call(village, people)
    off = meetings.cancel_meeting(
        meetings.publish_notice(call(village, people, title="取消的会"), by=None), by=None, reason="发大水"
    )
    (row,) = rows(book_of(village, year=off.starts_at.year)["会议和协商"])
    assert (row["名称"], row["状态"], row["实到"]) == ("取消的会", "取消：发大水", None)


HOSTILE = ("=cmd|'/C calc'!A0", "+1", "-1", "@x", "＝1", "\x0b=1+1", "\t=1", "a\x1fb\ufffe")


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_runs_as_a_formula_or_breaks_the_file(words):
    hall = held_in(make_hall(4), at(2026, 5, 3))
    Meeting.objects.filter(pk=hall.meeting.pk).update(title=words, place=words, state_reason=words)
    topic = make_topic(hall.village, at=at(2026, 3, 1))
    Topic.objects.filter(pk=topic.pk).update(title=words)
    book = book_of(hall.village)
    for page in book:
        for line in page.iter_rows():
            assert all(cell.data_type != "f" for cell in line)
    shown = rows(book["会议和协商"])[0]["名称"]
    assert not str(shown).startswith(("=", "+", "-", "@", "＝", "\t"))
    assert "\x0b" not in shown
    assert "\ufffe" not in shown


def test_no_resident_is_named():
    hall = make_hall(8)
    close_vote(hall, votes=(5, 1, 1))
    held_in(hall, at(2026, 5, 3))
    topic = make_topic(hall.village, hall.people[5], at=at(2026, 3, 1))
    promise(hall.meeting, hall.people[7])
    said = "\n".join(str(cell.value) for page in book_of(hall.village) for line in page.iter_rows() for cell in line)
    assert topic.title in said
    assert not [person.name for person in hall.people if person.name in said]


def test_the_figures_add_up():
    hall = make_hall(8)
    close_vote(hall, votes=(6, 1, 1), text="一")
    close_vote(hall, votes=(1, 6, 1), text="二")
    held_in(hall, at(2026, 5, 3))
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | {"binding": False})
    for title in ("修灯", "修路"):
        promise(hall.meeting, hall.people[7], title=title)
    FollowUp.objects.filter(title="修灯").update(state="done", ended_at=NOON)
    answered = make_topic(hall.village, at=at(2026, 3, 1))
    topics.answer(answered, Answer(State.REJECTED, "不行。", published_title="不行"), by=None, at=at(2026, 3, 2))
    make_topic(hall.village, at=at(2026, 3, 1))
    assert figures(book_of(hall.village)) == {
        "会议和协商": 1, "其中协商": 1, "有结果的表决事项": 2, "其中通过": 1, "提出的议题": 2, "其中已经答复": 1,
        "其中答复晚了，或者过了期限还没有答复": 0, "落实事项": 2, "其中办好了": 1,
    }  # fmt: skip


def test_more_meetings_do_not_ask_more_often(django_assert_num_queries):
    hall = make_hall(8)
    close_vote(hall, votes=(6, 1, 1))
    held_in(hall, at(2026, 5, 3))
    promise(hall.meeting, hall.people[7])
    make_topic(hall.village, at=at(2026, 6, 1))
    with django_assert_num_queries(9) as few:
        ledger_sheet(ledger.read_ledger(hall.village, year=2026, today=TODAY))
    for _number in range(3):
        meeting = meetings.publish_notice(call(hall.village, hall.people), by=None)
        Meeting.objects.filter(pk=meeting.pk).update(opened_at=at(2026, 6, 1), state="closed")
        promise(Meeting.objects.get(pk=meeting.pk), hall.people[7])
        make_topic(hall.village, at=at(2026, 6, 1))
    with django_assert_num_queries(len(few)):
        ledger_sheet(ledger.read_ledger(hall.village, year=2026, today=TODAY))


def test_another_village_is_not_in_it():
    hall, other = held_in(make_hall(4), at(2026, 5, 3)), held_in(make_hall(4), at(2026, 5, 3))
    make_topic(other.village, at=at(2026, 3, 1))
    book = book_of(hall.village)
    assert [row["网址"] for row in rows(book["会议和协商"])] == [
        f"{settings.PUBLIC_URL}{hall.meeting.get_absolute_url()}"
    ]
    assert [cell.value for cell in book["议题"]["A"]][HEAD:] == ["这一年没有人提出议题。"]


def test_it_prints_across_with_headings_on_every_sheet():
    page = book_of(make_village())["会议和协商"]
    assert (page.page_setup.orientation, page.print_title_rows, page.freeze_panes) == ("landscape", "$3:$3", "A4")
    assert page.sheet_properties.pageSetUpPr.fitToPage


def test_headings_follow_the_readers_language():
    with translation.override("en"):
        book = book_of(make_village())
    assert book.sheetnames[0] == "Meetings and consultation"
    assert book.worksheets[0]["A3"].value == "No."


# The door


def url(village):
    return reverse("consultation:ledger", args=[village.slug])


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


@pytest.mark.parametrize("office", ["supervisory_member", "village_admin"])
def test_who_keeps_or_oversees_the_village_takes_it_away_and_that_is_logged(office):
    hall = held_in(make_hall(4), at(2026, 5, 3))
    appoint(hall.people[3], office)
    client = client_of(hall.account(3))
    page = client.get(url(hall.village)).content.decode()
    assert "2026 年（会议和协商 1 次" in page
    got = client.post(url(hall.village), {"year": "2026", "reason": "年底报县里"})
    assert got.status_code == 200
    assert got["Content-Disposition"].endswith(f"ledger-{hall.village.slug}-2026.xlsx")
    assert "no-store" in got["Cache-Control"]
    assert rows(load_workbook(io.BytesIO(got.content))["会议和协商"])[0]["名称"] == "村民会议"
    entry = AuditEntry.objects.get(action="export_ledger")
    assert entry.detail == {"year": 2026, "reason": "年底报县里"}


def test_without_a_reason_nothing_is_taken_and_the_year_stays():
    hall = held_in(make_hall(4), at(2025, 5, 3))
    appoint(hall.people[3], "village_admin")
    answer = client_of(hall.account(3)).post(url(hall.village), {"year": "2025", "reason": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors["reason"]
    assert 'value="2025" selected' in answer.content.decode()
    assert not AuditEntry.objects.filter(action="export_ledger").exists()


def test_six_in_an_hour_are_one_too_many():
    hall = held_in(make_hall(4), at(2026, 5, 3))
    appoint(hall.people[3], "village_admin")
    client = client_of(hall.account(3))
    answers = [client.post(url(hall.village), {"year": "2026", "reason": "归档"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


@pytest.mark.parametrize("year", ["", "1999", "99999999999", "x", "2026 "])
def test_a_year_that_is_not_offered_is_refused(year):
    village = make_village()
    person = make_resident(village)
    appoint(person, "village_admin")
    assert client_of(make_account(person)).post(url(village), {"year": year, "reason": "归档"}).status_code == 422
    assert not AuditEntry.objects.filter(action="export_ledger").exists()


def test_residents_and_strangers_do_not_get_it():
    village = make_village()
    resident = client_of(make_account(make_resident(village)))
    assert resident.get(url(village)).status_code == 403
    assert resident.post(url(village), {"year": "2026", "reason": "归档"}).status_code == 403
    assert client_of(make_user()).get(url(village)).status_code == 404
    assert Client().get(url(village)).status_code == 302


def test_the_way_to_it_stands_on_the_own_page_of_those_who_keep_it():
    village = make_village()
    chair, plain = make_resident(village), make_resident(village)
    appoint(chair, "village_admin")
    assert url(village) in client_of(make_account(chair)).get(reverse("home:me")).content.decode()
    assert url(village) not in client_of(make_account(plain)).get(reverse("home:me")).content.decode()
