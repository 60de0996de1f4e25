"""Chinese numerals of chapters, articles and items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from villagerules import numbering

NUMBERS = st.integers(1, numbering.MOST)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (99, "九十九"),
        (100, "一百"), (101, "一百零一"), (110, "一百一十"), (111, "一百一十一"), (128, "一百二十八"),
        (200, "二百"), (1000, "一千"), (1001, "一千零一"), (1010, "一千零一十"), (1100, "一千一百"),
        (2005, "二千零五"), (9999, "九千九百九十九"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_rules_write_them(number: int, words: str) -> None:
    assert numbering.chinese_number(number) == words
    assert numbering.parse_number(words) == number


def test_labels() -> None:
    assert numbering.article_label(12) == "第十二条"
    assert numbering.chapter_label(3) == "第三章"
    assert numbering.item_label(1) == "（一）"
    assert numbering.article_anchor(12) == "article-12"


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 9999"):
        numbering.article_label(number)


@given(NUMBERS)
def test_a_label_read_back_is_the_number(number: int) -> None:
    assert numbering.parse_number(numbering.chinese_number(number)) == number


@given(NUMBERS, NUMBERS)
def test_different_numbers_have_different_labels(one: int, other: int) -> None:
    for label in (numbering.article_label, numbering.chapter_label, numbering.item_label):
        assert (label(one) == label(other)) == (one == other)


@pytest.mark.parametrize("words", ["", "一十", "零", "十十", "百", "12", "一千零十", "两百"])
def test_what_is_not_written_so_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        numbering.parse_number(words)


@given(NUMBERS, st.text("水土林路", min_size=1))
def test_an_items_line_is_taken_apart(number: int, words: str) -> None:
    assert numbering.split_item(numbering.item_label(number) + words) == (numbering.item_label(number), words)
