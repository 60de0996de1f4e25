"""The difference of two versions: it gives back both texts, knows what moved, and is read by people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from villagerules.comparison import Change, Kind, Piece, Span, compare, spans_of

WORDS = st.text(alphabet="村民不得随礼桌数提倡十五二，。", max_size=40)


def apply(spans):
    """The new text."""
    return "".join(span.text for span in spans if span.side >= 0)


def take_back(spans):
    """The old text."""
    return "".join(span.text for span in spans if span.side <= 0)


def piece(lineage, text, number=1, **fields):
    return Piece(lineage, f"第{number}条", fields.pop("title", ""), text, **fields)


def version(pieces):
    return [piece(lineage, text, number) for number, (lineage, text) in enumerate(pieces, start=1)]


VERSIONS = st.lists(st.tuples(st.integers(0, 12), WORDS), unique_by=lambda one: one[0], max_size=10).map(version)


@given(WORDS, WORDS)
def test_applying_the_difference_gives_the_new_text_and_taking_it_back_the_old_one(old, new):
    spans = spans_of(old, new)
    assert apply(spans) == new
    assert take_back(spans) == old
    assert all(span.text for span in spans)


@given(VERSIONS, VERSIONS)
def test_the_changes_give_back_both_versions(old, new):
    changes = compare(old, new)
    assert [change.new for change in changes if change.new] == new
    assert sorted((change.old for change in changes if change.old), key=old.index) == old
    for change in changes:
        assert (change.old is None) == (change.kind is Kind.ADDED)
        assert (change.new is None) == (change.kind is Kind.REMOVED)
        assert apply(change.after) == (change.new.text if change.new else "")
        assert take_back(change.before) == (change.old.text if change.old else "")


@given(VERSIONS)
def test_a_version_beside_itself_has_not_changed(one):
    assert all(change.untouched and not change.renumbered for change in compare(one, one))


@given(VERSIONS, VERSIONS)
def test_what_is_not_called_moved_kept_its_order_and_one_fewer_would_not(old, new):
    kept = [change for change in compare(old, new) if change.old and change.new and not change.moved]
    assert [old.index(change.old) for change in kept] == sorted(old.index(change.old) for change in kept)
    moved = [change for change in compare(old, new) if change.moved]
    for change in moved:  # none could have stayed among those that did
        places = [old.index(one.old) for one in compare(old, new) if one in kept or one is change or one == change]
        assert places != sorted(places)


@given(VERSIONS, VERSIONS)
def test_what_is_gone_stands_behind_what_it_followed(old, new):
    changes = compare(old, new)
    order = [old.index(one.old) for one in changes if one.old and not one.moved]
    assert order == sorted(order)


def test_an_article_put_first_is_the_one_that_moved():
    old = version([("a", "甲"), ("b", "乙"), ("c", "丙")])
    changes = compare(old, version([("c", "丙"), ("a", "甲"), ("b", "乙")]))
    assert [(change.new.text, change.moved) for change in changes] == [("丙", True), ("甲", False), ("乙", False)]
    assert all(change.renumbered for change in changes)
    assert [change.untouched for change in changes] == [False, True, True]


def test_a_new_article_pushes_the_numbers_of_others_on_and_changes_nothing_else():
    changes = compare(version([("a", "甲")]), version([("b", "新"), ("a", "甲")]))
    assert [change.kind for change in changes] == [Kind.ADDED, Kind.SAME]
    assert changes[1].untouched
    assert changes[1].renumbered


def test_a_number_is_marked_as_a_whole():
    spans = spans_of("正餐不超过二十桌，婚车不超过8台。", "正餐不超过十八桌，婚车不超过18台。")
    assert [span.text for span in spans if span.side] == ["二十", "十八", "8", "18"]


def test_a_title_and_a_chapter_of_its_own_are_changes_too():
    old = piece("a", "随礼不超过一百元。", title="随礼", part="红白事")
    new = piece("a", "随礼不超过一百元。", title="人情", part="邻里")
    (change,) = compare([old], [new])
    assert change == Change(Kind.CHANGED, old, new, (Span(-1, "随礼"), Span(1, "人情")), change.text)
    assert change.regrouped


def test_a_lineage_stands_once():
    with pytest.raises(ValueError, match="twice"):
        compare([piece("a", "甲"), piece("a", "乙")], [])
