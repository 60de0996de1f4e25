"""What may be put on a meeting's list, up to which bounds, and what is kept of it."""

from __future__ import annotations

import pytest
from django.utils import translation

from audit.models import AuditEntry
from consultation import amendments, tabling, voting
from consultation.errors import Invalid
from consultation.models import Motion, TopicCategory
from consultation.topic_categories import seed_topic_categories
from tests.factories.consultation import call, make_hall, open_vote

pytestmark = pytest.mark.django_db
ONE, SEVERAL = Motion.Kind.CHOICE, Motion.Kind.MULTI_CHOICE
POND = ["全部用挖机", "全部人工", "老坝一侧人工"]


@pytest.fixture
def hall():
    return make_hall(3, live=False)


def table(hall, **fields):
    return tabling.table_motion(meeting=hall.meeting, text="清塘", by=None, **fields)


def category(reserved_for: str = "", applies_to: str = "village") -> TopicCategory:
    seed_topic_categories()
    return TopicCategory.objects.filter(reserved_for=reserved_for, applies_to=applies_to)[0]


def test_the_list_is_full_with_the_two_hundredth(hall):
    Motion.objects.bulk_create(
        Motion(village=hall.village, meeting=hall.meeting, number=number, text="路灯") for number in range(1, 200)
    )
    assert table(hall).number == 200
    with pytest.raises(Invalid, match="最多 200 项"):
        table(hall)


def test_without_more_said_it_is_open_final_and_hides_its_numbers(hall):
    motion = table(hall)
    assert (motion.counts_shown, motion.secret, motion.changeable, motion.most) == (False, False, False, 1)
    assert table(hall, kind=SEVERAL, options=POND).most == 1


@pytest.mark.parametrize(("secret", "shown"), [(False, True), (True, False)])
def test_numbers_are_shown_while_people_vote_where_it_was_asked_for_and_never_of_a_secret_vote(hall, secret, shown):
    assert table(hall, counts_shown=True, method="online", secret=secret).counts_shown is shown


def test_the_longest_list_of_the_longest_options_is_taken(hall):
    options = [f"{number:02}".ljust(200, "修") for number in range(50)]
    assert [option["text"] for option in table(hall, kind=ONE, options=options).options] == options


def test_a_long_option_is_named_by_its_beginning(hall):
    with pytest.raises(Invalid, match="“一二三四五六七八九十甲乙…”"):
        table(hall, kind=ONE, options=["一二三四五六七八九十甲乙丙丁".ljust(201, "修"), "不修"])


@pytest.mark.parametrize("most", [0, 3])
def test_who_may_pick_all_or_nothing_picks_nothing(hall, most):
    with pytest.raises(Invalid, match="要填 1 到 2") as refused:
        table(hall, kind=SEVERAL, options=POND, most=most)
    assert refused.value.field == "most"


def test_what_kind_of_vote_it_is_stands_at_its_field(hall):
    with pytest.raises(Invalid) as refused:
        table(hall, kind="opinion")
    assert refused.value.field == "kind"
    with pytest.raises(Invalid) as refused:
        table(hall, kind=Motion.Kind.RANKED, options=POND, method="online")
    assert refused.value.field == "kind"


@pytest.mark.parametrize(("units", "warned"), [(9, True), (10, False)])
def test_below_ten_a_secret_vote_comes_with_a_warning(units, warned):
    assert bool(tabling.secret_warning(units)) is warned


@pytest.mark.parametrize("of", [("", "village"), ("owners_vote", "community"), ("", "community")])
def test_only_a_matter_that_somebody_else_decides_here_is_marked(hall, of):
    with pytest.raises(Invalid) as refused:
        tabling.mark_reserved(table(hall), category=category(*of), reason="因为", by=None)
    assert refused.value.field == "category"


def test_a_mark_is_kept_with_its_reason_and_shown(hall, django_capture_on_commit_callbacks):
    theirs = category("collective_members_assembly")
    with pytest.raises(Invalid) as refused:
        tabling.mark_reserved(table(hall), category=theirs, reason=" ", by=None)
    assert refused.value.field == "reason"
    motion = table(hall)
    with django_capture_on_commit_callbacks() as told:
        marked = tabling.mark_reserved(motion, category=theirs, reason="地" * 300, by=None)
    assert (marked.pk, marked.reserved_for) == (motion.pk, "collective_members_assembly")
    assert len(told) == 1
    tabling.mark_reserved(motion, category=None, reason="标错了", by=None)
    details = [entry.detail for entry in AuditEntry.objects.filter(action="mark_reserved").order_by("pk")]
    assert [(one["category"], one["reason"]) for one in details] == [(theirs.key, "地" * 200), ("", "标错了")]


def test_who_decides_instead_is_said_in_the_villages_language_before_and_after_the_opening():
    hall = make_hall(live=False)
    meeting = call(hall.village, hall.people, preset="yard_consultation")
    for reserved_for, said in (("villagers_assembly", "村民会议（或者它授权的村民代表会议）"), ("", "")):
        motion = tabling.table_motion(meeting=meeting, text="筹资", reserved_for=reserved_for, by=None)
        with translation.override("en"):
            assert tabling.referred_to(motion) == said
        motion.definition = {"referred_to": "县里"} if said else {"text": "筹资"}
        assert tabling.referred_to(motion) == ("县里" if said else "")


def test_what_stands_on_the_list_because_of_another_says_of_which(django_capture_on_commit_callbacks):
    hall = make_hall(6)
    main = tabling.table_motion(meeting=hall.meeting, text="清塘", by=None)
    with django_capture_on_commit_callbacks() as told:
        amendments.table_amendment(main, new_text="清塘修坝", by=None)
    assert len(told) == 1
    first = open_vote(hall, text="清" * 500, kind=ONE, options=POND)
    for entry, choice in zip(hall.entries, "AAABBC", strict=True):
        voting.cast_ballot(motion=first, entry=entry, choice=choice, key=f"{entry.pk}")
    second = tabling.table_runoff(voting.close_motion(first, by=None), by=None)
    assert second.text == "清" * 480 + "（第二轮）"
    kept = AuditEntry.objects.filter(action="table_motion").order_by("pk").values_list("detail", flat=True)
    assert [(one.get("amends"), one.get("runoff_of")) for one in kept] == [
        (None, None), (main.number, None), (None, None), (None, first.number),
    ]  # fmt: skip
