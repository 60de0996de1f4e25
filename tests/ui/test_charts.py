"""Charts: no gap in a ring, lines that stay inside, and a table that says all of it without colour or drawing."""

import re

import pytest
from django.template import Context, Template

from ui import charts


def test_a_rings_parts_follow_one_another_all_the_way_round():
    parts = charts.slices([("一", 1), ("二", 1), ("三", 0), ("四", 1)])
    assert [(part.start, part.length) for part in parts] == [(0, 333), (333, 333), (666, 0), (666, 334)]
    assert len({part.fill for part in parts}) == 4


def test_a_ring_of_nothing_has_no_parts_to_draw():
    assert [(part.start, part.length) for part in charts.slices([("一", 0)])] == [(0, 0)]


@pytest.mark.parametrize(("highest", "top"), [(0, 2), (2, 2), (3, 4), (7, 10), (11, 20), (61, 100), (100, 100)])
def test_a_graph_is_as_high_as_its_highest_number_needs(highest, top):
    drawn = charts.graph([("提出", [0, highest])], ["1月", "2月"])
    assert [number for _y, number in drawn.levels] == [0, top // 2, top]
    low, high = drawn.lines[0].points
    assert (low.x, high.x) == (charts.LEFT, charts.WIDTH - charts.RIGHT)
    assert charts.TOP <= high.y <= low.y == charts.HEIGHT - charts.BOTTOM


def drawn(tag, **context):
    return Template("{% load charts %}{% " + tag + " %}").render(Context(context))


def test_what_a_chart_shows_stands_in_its_table_and_the_drawing_is_not_read_out():
    bars, parts = [("1组", 7, 9)], [("办好", 3), ("没办", 1)]
    html = drawn('bar_chart title="各组到会" rows=rows heading="组" counted="实到/应到"', rows=bars)
    html += drawn('donut_chart title="办得怎么样" rows=rows heading="情况" counted="件"', rows=parts)
    lines = {"series": [("提出", [2, 5])], "steps": ["1月", "2月"]}
    html += drawn('line_chart title="每月" series=series steps=steps heading="月"', **lines)
    tables = "".join(re.findall(r"<table.*?</table>", html, re.DOTALL))
    for said in ("各组到会", "1组", "7/9", "办好", ">3<", "没办", ">1<", "1月", ">2<", ">5<"):
        assert said in tables
    drawings = re.sub(r"<(p|span|td)[^>]*aria-hidden.*?</\1>", "", html, flags=re.DOTALL)
    assert all('aria-hidden="true"' in svg for svg in re.findall(r"<svg[^>]*>", drawings))
    assert "style=" not in html
