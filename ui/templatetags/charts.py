"""Charts drawn on the server, each with its table: the table is what is read out, the drawing only repeats it.

They are told apart by label and pattern; colour comes on top. `rows` as each tag says.
"""

from collections.abc import Sequence

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ui import charts

register = template.Library()


def _drawn(kind: str, **context: object) -> SafeString:
    return SafeString(render_to_string(f"components/charts/{kind}.html", context))


@register.simple_tag
def bar_chart(*, title: str, rows: Sequence[tuple[str, int, int]], heading: str, counted: str) -> SafeString:
    """A bar for each (label, part, whole), as long as the part of its whole; `counted` says what the numbers are."""
    lines = [(label, part, whole, charts.percent(part, whole)) for label, part, whole in rows]
    return _drawn("bars", title=title, rows=lines, heading=heading, counted=counted)


@register.simple_tag
def donut_chart(*, title: str, rows: Sequence[tuple[str, int]], heading: str, counted: str) -> SafeString:
    """A ring of up to five (label, count), with their sum in its middle."""
    parts = charts.slices(rows)
    return _drawn(
        "donut", title=title, parts=parts, whole=sum(part.count for part in parts), heading=heading, counted=counted,
        ring=charts.RING,
    )  # fmt: skip


@register.simple_tag
def line_chart(
    *, title: str, series: Sequence[tuple[str, Sequence[int]]], steps: Sequence[str], heading: str
) -> SafeString:
    """Up to two lines (label, numbers) over the same steps."""
    rows = [(step, [numbers[place] for _label, numbers in series]) for place, step in enumerate(steps)]
    return _drawn("lines", title=title, graph=charts.graph(series, steps), rows=rows, heading=heading, charts=charts)
