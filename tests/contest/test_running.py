"""Making a contest, changing it while nobody relies on it, announcing it, moving its stages."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page, Site

from audit.models import AuditEntry
from contest import running
from contest.calendar import calendar, read_calendar
from contest.content import seed_templates
from contest.errors import ContestRefused, Incomplete, NotAllowed, Stale, WrongState
from contest.models import Contest, ContestPage, ContestTemplate, ContestVote, Stage, StageMove
from contest.moving import move_stage, preview_move
from contest.stages import stage
from tests.factories.contest import NOW, make_contest, make_entry, make_officer
from tests.factories.residents import make_region, make_user, make_village

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def home() -> None:
    """A place for pages."""
    if not Site.objects.filter(is_default_site=True).exists():
        Site.objects.create(
            hostname="localhost", root_page=Page.objects.filter(depth__lte=2).last(), is_default_site=True
        )


@pytest.fixture
def county():
    return make_region("county")


@pytest.fixture
def organizer(county):
    return make_officer("organizer", county)


def new(host, by=None, template: str | None = "county", **more) -> Contest:
    found = ContestTemplate.objects.get(slug=template) if template else None
    first = NOW.date()
    return running.create_contest(
        host=host, title="最美村规", slug="zui-mei", by=by, template=found, first_day=first, **more
    )


def ready(host, by=None) -> Contest:
    contest = new(host, by)
    running.change_settings(contest, {"organizers": ["县民政局"]}, by=by)
    return Contest.objects.get(pk=contest.pk)


@pytest.mark.parametrize("slug", ["province", "county", "village"])
def test_each_template_makes_a_contest_that_lacks_nothing_but_its_organizers(slug, county):
    host = make_village(region=county) if slug == "village" else county
    contest = new(host, template=slug)
    assert running.problems(contest, NOW) == ["还没有写主办单位。"]
    running.change_settings(contest, {"organizers": ["主办"]}, by=None)
    assert running.announce(contest, by=None, at=NOW).state == Contest.State.ANNOUNCED


def test_what_the_county_changed_in_a_template_stays():
    ContestTemplate.objects.filter(slug="county").update(title="我们县的")
    ContestTemplate.objects.filter(slug="village").delete()
    assert seed_templates() == 1
    assert ContestTemplate.objects.get(slug="county").title == "我们县的"


def test_a_new_one_is_a_draft_with_a_page_that_nobody_sees_yet(county, organizer):
    contest = new(county, organizer)
    assert contest.state == Contest.State.DRAFT
    assert contest.expert_share == 60
    assert contest.criteria.count() == 5
    opens = stage(contest, "submission").opens_at
    assert contest.local(opens).strftime("%m-%d %H:%M") == "06-19 00:00"
    assert not ContestPage.objects.get(contest=contest).live
    assert not Contest.objects.public().exists()


def test_from_nothing_it_says_all_that_is_missing(county, organizer):
    contest = new(county, organizer, template=None)
    with pytest.raises(ContestRefused) as refused:
        running.announce(contest, by=organizer)
    for word in ("主办单位", "申报条件", "申报阶段", "公众投票", "专家评审", "评分项", "奖项", "公示"):
        assert word in refused.value.message


def test_strangers_make_and_change_nothing(county):
    stranger = make_officer("organizer", make_region("county"))
    with pytest.raises(NotAllowed):
        new(county, stranger)
    contest = ready(county)
    for by in (stranger, make_officer("judge", county), make_user()):
        for act in (
            lambda by=by: running.change_settings(contest, {"title": "我的"}, by=by),
            lambda by=by: running.set_awards(contest, [{"name": "奖", "count": 1}], by=by),
            lambda by=by: running.announce(contest, by=by, at=NOW),
            lambda by=by: move_stage(stage(contest, "published"), NOW, NOW + DAY, by=by),
            lambda by=by: running.archive(contest, by=by),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_announcing_publishes_its_page_and_is_written_down(county, organizer):
    contest = running.announce(ready(county, organizer), by=organizer, at=NOW)
    page = ContestPage.objects.get(contest=contest)
    assert page.live
    assert page.organiser == "县民政局"
    assert (page.opens_on, page.closes_on) == (NOW.date(), NOW.date() + 128 * DAY)
    assert AuditEntry.objects.filter(action="announce_contest").count() == 1
    with pytest.raises(WrongState):
        running.announce(contest, by=organizer, at=NOW)


def test_an_address_is_taken_once(county):
    new(county)
    with pytest.raises(Incomplete) as refused:
        new(county)
    assert refused.value.field == "slug"


def test_what_others_rely_on_is_frozen_from_the_first_entry_on(county, organizer):
    contest = running.announce(ready(county, organizer), by=organizer, at=NOW)
    running.change_settings(contest, {"expert_share": 50}, by=organizer, at=NOW)
    make_entry(contest, make_village(region=make_region("township", county)), state="submitted")
    with pytest.raises(WrongState, match="已经有村"):
        running.change_settings(contest, {"expert_share": 40}, by=organizer, at=NOW)
    with pytest.raises(WrongState, match="已经有村"):
        running.set_criteria(contest, [{"key": "a", "label": "一", "max": 10}], by=organizer)
    changed = running.change_settings(contest, {"title": "新名字", "expert_share": 50}, by=organizer, at=NOW)
    assert changed.title == "新名字"


def test_it_is_frozen_when_submission_opens_and_by_the_first_ballot(county, organizer):
    contest = running.announce(ready(county, organizer), by=organizer, at=NOW)
    opens = stage(contest, "submission").opens_at
    assert running.frozen_because(contest, opens - datetime.timedelta(seconds=1)) == ""
    assert "申报" in running.frozen_because(contest, opens)
    ContestVote.objects.create(contest=contest, cast_at=NOW, key="k")
    assert "投票" in running.frozen_because(contest, NOW)


def test_what_is_no_setting_is_not_set(county):
    with pytest.raises(Incomplete):
        running.change_settings(new(county), {"state": "published"}, by=None)


def test_shares_and_picks_that_make_no_sense_are_refused_in_words(county):
    contest = new(county)
    with pytest.raises(Incomplete):
        running.change_settings(contest, {"picks_min": 6}, by=None)
    with pytest.raises(Incomplete):
        running.change_settings(contest, {"expert_share": 101}, by=None)
    contest.refresh_from_db()
    assert (contest.picks_min, contest.expert_share) == (1, 60)


def test_stages_out_of_order_keep_it_from_being_announced(county):
    contest = ready(county)
    Stage.objects.filter(contest=contest, key="public_notice").update(opens_at=NOW + 71 * DAY)
    assert any("公示" in line for line in running.problems(contest, NOW))


def test_archived_is_only_what_was_published(county, organizer):
    contest = make_contest(region=county, state="public_notice")
    with pytest.raises(WrongState):
        running.archive(contest, by=organizer)
    Contest.objects.filter(pk=contest.pk).update(state="published")
    assert running.archive(contest, by=organizer).state == Contest.State.ARCHIVED


# Moving


def test_moving_tells_whom_it_concerns_and_waits_until_that_was_read():
    contest = make_contest()
    vote = stage(contest, "public_vote")
    for number in range(3):
        ContestVote.objects.create(contest=contest, cast_at=NOW, key=f"k{number}")
    move = preview_move(vote, vote.opens_at, vote.closes_at - DAY, at=NOW)
    assert not move.refused
    assert any("3 人" in line for line in move.warnings)
    assert any("早结束" in line for line in move.warnings)
    asked = {"by": None, "reason": "洪水", "at": NOW}
    with pytest.raises(ContestRefused) as refused:
        move_stage(vote, vote.opens_at, vote.closes_at - DAY, confirmed=move.warnings[:1], **asked)
    assert refused.value.code == "stale"
    with pytest.raises(Incomplete):
        move_stage(vote, vote.opens_at, vote.closes_at - DAY, confirmed=move.warnings, by=None, at=NOW)
    assert not StageMove.objects.exists()
    moved = move_stage(vote, vote.opens_at, vote.closes_at - DAY, confirmed=move.warnings, **asked)
    assert moved.closes_at == vote.closes_at - DAY
    told = StageMove.objects.get()
    assert (told.closed_at, told.closes_at, told.reason) == (vote.closes_at, vote.closes_at - DAY, "洪水")
    with pytest.raises(Stale):
        move_stage(vote, vote.opens_at, vote.closes_at + DAY, confirmed=move.warnings, **asked)


@pytest.mark.parametrize(
    ("key", "opens", "closes", "word"),
    [
        ("public_vote", -1, 5, "已经开始"),
        ("public_vote", -2, -1, "已经过去"),
        ("public_notice", -1, 9, "已经过去"),
        ("public_notice", 9, 9, "以后"),
        ("public_notice", 9, 8, "以后"),
    ],
)
def test_nothing_is_moved_into_the_past(key, opens, closes, word):
    one = stage(make_contest(), key)
    with pytest.raises(WrongState, match=word):
        move_stage(one, NOW + opens * DAY, NOW + closes * DAY, by=None, reason="改", at=NOW)


def test_a_vote_that_is_over_is_opened_again_only_in_the_open():
    contest = make_contest(stages={"submission": (-20, -10), "public_vote": (-5, -1)})
    vote = stage(contest, "public_vote")
    move = preview_move(vote, vote.opens_at, NOW + DAY, at=NOW)
    assert any("重新开放投票" in line for line in move.warnings)
    move_stage(vote, vote.opens_at, NOW + DAY, by=None, reason="停电", confirmed=move.warnings, at=NOW)
    assert StageMove.objects.get().reason == "停电"


def test_a_move_that_turns_the_order_round_or_overlaps_is_warned_of():
    contest = make_contest()
    notice = stage(contest, "public_notice")
    move = preview_move(notice, NOW + DAY, NOW + 16 * DAY, at=NOW)
    assert any("还没有结束" in line for line in move.warnings)
    assert any("同时进行" in line for line in move.warnings)


@pytest.mark.parametrize("state", ["score_locked", "published"])
def test_after_the_lock_votes_are_not_moved_any_more(state):
    one = stage(make_contest(state=state), "public_vote")
    with pytest.raises(WrongState):
        move_stage(one, one.opens_at, one.closes_at + DAY, by=None, reason="改", at=NOW)


def test_villages_that_still_write_and_entries_that_wait_are_counted():
    contest = make_contest()
    first = make_entry(contest, state="draft").village
    make_entry(contest, first, state="draft")
    make_entry(contest, state="submitted")
    submission, check = stage(contest, "submission"), stage(contest, "county_selection")
    at = NOW - 10 * DAY
    assert any("1 个村" in line for line in preview_move(submission, submission.opens_at, NOW, at=at).warnings)
    assert any("1 件" in line for line in preview_move(check, check.opens_at, NOW, at=at).warnings)


# The calendar


@given(
    dates=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=10),
    after=st.integers(-(10**5), 2 * 10**6),
)
def test_the_calendar_names_each_stage_once_and_the_time_until_something_changes(dates, after):
    second = datetime.timedelta(seconds=1)
    stages = [
        Stage(key=str(n), position=n, opens_at=NOW + opens * second, closes_at=NOW + (opens + long) * second)
        for n, (opens, long) in enumerate(dates)
    ]
    at = NOW + after * second
    told = read_calendar(Contest(time_zone="Asia/Urumqi"), stages, at)
    assert [line.stage for line in told.lines] == stages
    assert [line.stage for line in told.running] == [one for one in stages if one.opens_at <= at < one.closes_at]
    coming = [one.opens_at for one in stages if one.opens_at > at]
    assert (told.next.stage.opens_at if told.next else None) == min(coming, default=None)
    ends = [one.closes_at for one in stages if one.opens_at <= at < one.closes_at]
    turns = ends or coming
    assert told.left == (min(turns) - at if turns else None)
    if told.left is not None:
        assert told.left > datetime.timedelta(0)
        assert 0 <= told.hours_left < 24


def test_the_calendar_is_by_the_contests_own_clock():
    contest = make_contest(time_zone="Asia/Urumqi", stages={"public_vote": (0, 1)})
    line = calendar(contest, NOW).running[0]
    assert line.opens.strftime("%H:%M:%S") == "10:00:00"
    assert line.last.strftime("%H:%M:%S") == "09:59:59"
