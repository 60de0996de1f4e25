"""What people type for a birth date, and what is meant by it."""

from __future__ import annotations

import datetime

import pytest

from residents.sheets.parsing import CellProblem, birth

TODAY = datetime.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("cell", "meant", "remark"),
    [
        ("1956.3", (1956, 3, 1), "只有年月"),
        (1956.3, (1956, 3, 1), "只有年月"),
        ("1956.10", (1956, 10, 1), "只有年月"),
        ("56年3月", (1956, 3, 1), "按 1956 年"),
        ("５６年３月５日", (1956, 3, 5), "按 1956 年"),
        ("12年", (2012, 1, 1), "按 2012 年"),
        ("27年1月", (1927, 1, 1), "按 1927 年"),
        ("1956年3月", (1956, 3, 1), "只有年月"),
        (20516, (1956, 3, 2), ""),
        ("１９５６０３０２", (1956, 3, 2), ""),
        (datetime.date(1956, 3, 2), (1956, 3, 2), ""),
        ("1956-3-2 00:00:00", (1956, 3, 2), ""),
        ("1956年", (1956, 1, 1), "只有年份"),
    ],
)
def test_a_birth_date_however_it_is_written(cell, meant, remark):
    found = birth(cell, today=TODAY)
    assert found.value == datetime.date(*meant)
    assert remark in found.note
    assert bool(remark) == bool(found.note)


def test_a_number_that_lost_its_nought_is_asked_about():
    with pytest.raises(CellProblem, match="1956-10"):
        birth(1956.1, today=TODAY)


@pytest.mark.parametrize("cell", ["26年12月", "56年13月", "六零年", "3-5", "56.3"])
def test_what_cannot_be_meant_is_said(cell):
    with pytest.raises(CellProblem):
        birth(cell, today=TODAY)
