"""What a township's or county's villages have published, for all; what is overdue, for its officers."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultation.models import Meeting, Minutes
from consultation.topics import Answer, State, answer
from home.duties import overdue_in
from home.models import NewsIndexPage, NewsPage
from home.published import published_by
from home.sites import operators
from home.villages import add_page
from residents.models import Appointment, LegalFigure, Village
from residents.roll_changes import add_resident
from tests.factories.audit import make_entry
from tests.factories.consultation import INDIVIDUALS, call
from tests.factories.residents import BORN, SINCE, appoint, make_account, make_household, make_resident, make_user
from tests.factories.topics import make_topic

from .pages import make_county, make_township, make_version, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]

NOW = timezone.now()


def ago(days):
    return NOW - datetime.timedelta(days=days)


@pytest.fixture
def town():
    return make_township(make_county())


@pytest.fixture
def village(town):
    return make_village_page(town, name="听泉坳村", slug="tingquanao", number=201)


def aged(village, days):
    """The village was made before: the earliest entry on its making tells."""
    make_entry(action="create_village", subject=village, village_id=village.pk, at=ago(days))


def held(village, *, state="closed", days=1, preset=INDIVIDUALS, closed=True):
    meeting = call(village, [make_resident(village) for _number in range(3)], preset=preset)
    Meeting.objects.filter(pk=meeting.pk).update(
        state=state, starts_at=ago(days), ends_at=ago(days) + datetime.timedelta(hours=2),
        closed_at=ago(days) if closed else None,
    )  # fmt: skip
    meeting.refresh_from_db()
    return meeting


def notice(village, days):
    board = NewsIndexPage.objects.child_of(village.page).get()
    day = timezone.localdate(ago(days))
    add_page(board, NewsPage(title=f"公告{days}", slug=f"gonggao-{days}", published_on=day))


def labels(village):
    return [duty.label for late in overdue_in([village], now=NOW) for duty in late.duties]


def test_what_was_published_is_listed_for_everybody(town, village):
    make_version(village)
    held(village, state="results_published")
    notice(village, 40)
    notice(village, 4)
    line = published_by([village], now=NOW)[0]
    assert (line.rules, line.meetings) == (1, 1)
    assert line.last_notice_on == timezone.localdate(ago(4))
    for region in (town, town.parent):
        page = Client().get(region.page.url).content.decode()
        assert "听泉坳村" in page
        assert "施行的村规 1 部" in page
        assert line.last_notice_on.isoformat() in page


def test_a_new_village_has_its_full_periods(village):
    assert labels(village) == []
    aged(village, 400)
    assert labels(village) == [
        "村民会议每年至少开一次", "村民代表会议每季度一次", "村务至少每季度公布一次", "名册每年至少核对一次",
    ]  # fmt: skip


def test_what_was_done_in_time_is_not_overdue(village):
    aged(village, 400)
    held(village, state="archived", days=300)
    held(village, state="archived", days=30, preset="villagers_representative_assembly")
    notice(village, 80)
    add_resident(
        village=village, household=make_household(village), fields={"name": "夏桂花", "born_on": BORN},
        on=timezone.localdate(), by=None,
    )  # fmt: skip
    assert labels(village) == []


def test_results_and_minutes_have_days_after_the_meeting(village):
    meeting = held(village, days=7)
    assert labels(village) == []
    Meeting.objects.filter(pk=meeting.pk).update(closed_at=ago(8))
    late = overdue_in([village], now=NOW)[0].duties[0]
    assert (late.label, "村民会议" in late.words) == ("散会以后公布表决结果", True)
    Meeting.objects.filter(pk=meeting.pk).update(closed_at=ago(16))
    assert labels(village) == ["散会以后公布表决结果", "散会以后会议记录签字"]
    Minutes.objects.create(village=village, meeting=meeting, state="signed")
    Meeting.objects.filter(pk=meeting.pk).update(state="results_published")
    assert labels(village) == []


def test_a_topic_that_was_not_answered_in_time_is_overdue_by_number(village):
    LegalFigure.objects.filter(key="topic_seconds").update(least=1)
    topic = make_topic(village, title="张三家的狗", at=ago(16))
    duty = overdue_in([village], now=NOW)[0].duties[0]
    assert duty.label == "附议够了以后答复议题"
    assert f"{topic.number} 号议题" in duty.words
    assert "张三" not in duty.words
    answer(topic, Answer(State.REJECTED, "属两户之间的事。", published_title="狗"), by=None)
    assert labels(village) == []


def test_a_meeting_called_off_or_not_held_yet_owes_nothing(village):
    held(village, state="cancelled", days=60, closed=False)
    held(village, state="noticed", days=60, closed=False)
    assert labels(village) == []


def test_the_county_sets_periods_and_switches_them_off(village):
    aged(village, 60)
    assert labels(village) == []
    LegalFigure.objects.filter(key="affairs_published", applies_to="village").update(days=30)
    assert labels(village) == ["村务至少每季度公布一次"]
    LegalFigure.objects.filter(key="affairs_published").update(days=None)
    assert labels(village) == []


def test_a_community_has_periods_of_its_own(town):
    place = make_village_page(town, name="橘灯里社区", slug="judeng", number=1, kind="community")
    aged(place, 100)
    assert "居民代表会议每半年一次" not in labels(place)
    aged(place, 200)
    assert "居民代表会议每半年一次" in labels(place)


def test_an_empty_roll_is_told_as_such(village):
    aged(village, 400)
    assert "名册还没有导入" in [duty.words for duty in overdue_in([village], now=NOW)[0].duties]


def test_the_same_number_of_questions_however_many_villages(town):
    def questions(numbers):
        for number in numbers:
            place = make_village_page(town, name=f"第{number}村", slug=f"di-{number}", number=200 + number)
            make_version(place)
            held(place, days=40)
            notice(place, 3)
        villages = list(Village.objects.order_by("code"))
        with CaptureQueriesContext(connection) as seen:
            overdue_in(villages, now=NOW)
            published_by(villages, now=NOW)
        return len(seen)

    few = questions([1])
    assert questions(range(2, 7)) == few
    assert few <= 18


def test_the_public_page_stays_the_same_for_all_and_tells_nothing_overdue(town, village):
    aged(village, 400)
    reviewer = make_user()
    Appointment.objects.create(region=town, user=reviewer, role="township_reviewer", from_on=SINCE)
    client = Client()
    client.force_login(reviewer)
    for who in (Client(), client):
        page = who.get(town.page.url).content.decode()
        assert "每年至少开一次" not in page


def test_officers_of_the_township_and_county_see_what_is_overdue_and_nobody_else(town, village):
    aged(village, 400)
    where = reverse("home:region", args=[town.code])
    operator = make_user()
    operator.groups.add(operators())
    admin = make_resident(village)
    appoint(admin, "village_admin")
    editor, reviewer, elsewhere, judge = (make_user() for _number in range(4))
    other = make_township(town.parent, name="别处镇", number=102)
    for user, region, role in (
        (editor, town.parent, "county_editor"), (reviewer, town, "township_reviewer"),
        (elsewhere, other, "township_reviewer"), (judge, town.parent, "judge"),
    ):  # fmt: skip
        Appointment.objects.create(region=region, user=user, role=role, from_on=SINCE)

    def answer(user):
        client = Client()
        client.force_login(user)
        return client.get(where)

    for user in (editor, reviewer):
        assert "村民会议每年至少开一次" in answer(user).content.decode()
    assert "新建村" in answer(reviewer).content.decode()
    assert "新建村" not in answer(editor).content.decode()
    # The operator makes villages there and sees nothing of what they do.
    page = answer(operator).content.decode()
    assert "新建村" in page
    assert "村民会议每年至少开一次" not in page
    for user in (elsewhere, judge, make_account(admin)):
        assert answer(user).status_code == 404
    assert Client().get(where).status_code == 302


def test_each_finds_the_regions_they_work_in(town, village):
    county = town.parent
    other = make_township(county, name="别处镇", number=102)
    reviewer, editor, operator = (make_user() for _number in range(3))
    operator.groups.add(operators())
    Appointment.objects.create(region=town, user=reviewer, role="township_reviewer", from_on=SINCE)
    Appointment.objects.create(region=county, user=editor, role="county_editor", from_on=SINCE)

    def found(user):
        client = Client()
        client.force_login(user)
        answer = client.get(reverse("home:regions"))
        return (
            [region.code for region in answer.context["regions"]] if answer.status_code == 200 else answer.status_code
        )

    assert found(reviewer) == [town.code]
    assert found(editor) == found(operator) == [county.code, town.code, other.code]
    assert found(make_account(make_resident(village))) == 404


def test_an_operator_edits_the_periods_in_the_admin_and_a_committee_does_not(village):
    operator = make_user()
    operator.groups.add(operators())
    member = make_resident(village)
    appoint(member, "committee_chair")
    client, other = Client(), Client()
    client.force_login(operator)
    other.force_login(make_account(member))
    assert "村务至少每季度公布一次" in client.get("/admin/legal-figures/").content.decode()
    assert other.get("/admin/legal-figures/").status_code == 302
    figure = LegalFigure.objects.get(key="affairs_published", applies_to="village")
    assert client.get(f"/admin/legal-figures/edit/{figure.pk}/").status_code == 200
    assert other.get(f"/admin/legal-figures/edit/{figure.pk}/").status_code == 302
