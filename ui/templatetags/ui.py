"""Wrapper components as block tags, and the drawing tags. Arguments by keyword: a misspelt one is an error."""

import re
from collections.abc import Sequence
from functools import lru_cache

import segno
from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from ui import charts, stylesheets

register = template.Library()

NOTICE_ICONS = {
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "circle-x",
}


@register.simple_tag
def stylesheet_url() -> str:
    """Where the one style sheet lies now."""
    return reverse("ui:stylesheet", args=[stylesheets.current().version])


@lru_cache(maxsize=256)
def _drawn(name: str) -> str:
    svg = lucide(name, size=24, **{"class": "icon", "aria-hidden": "true", "focusable": "false"})
    return re.sub(r"\s*\n\s*", "", svg)


@register.simple_tag
def icon(name: str, *, label: str = "") -> SafeString:
    """A lucide icon. With a label it is a picture with a meaning, without one it is decoration."""
    svg = mark_safe(_drawn(name))  # noqa: S308  drawn by us from the package's own file
    if not label:
        return svg
    return format_html('{}<span class="visually-hidden">{}</span>', svg, label)


@register.simple_tag
def qr_svg(url: str, *, title: str = "") -> SafeString:
    """A QR code of an address as inline SVG, with a title for those who cannot see it."""
    code = segno.make(url, error="m", micro=False)
    svg = code.svg_inline(
        border=4,
        omitsize=True,
        svgclass="qr-code",
        lineclass=None,
        dark="#000",
        light="#fff",
        title=title or _("二维码：%(url)s") % {"url": url},
    )
    return mark_safe(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308  segno escapes the title


@register.simple_tag
def percent(part: int, whole: int) -> int:
    """Whole percents for SVG attributes."""
    return charts.percent(part or 0, whole or 0)


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    href: str = "",
    level: int = 3,
    kind: str = "",
    footer: str = "",
) -> SafeString:
    """A piece of content on paper of its own; with `href` the title links and the whole card answers to it."""
    return _wrapped("card", content, title=title, href=href, level=level, kind=kind, footer=footer)


@register.simple_block_tag
def panel(
    content: str,
    *,
    title: str = "",
    icon: str = "",
    level: int = 2,
    kind: str = "",
    id: str = "",
) -> SafeString:
    """A titled part of a working page; kind `sunk` lies lower, `accent` carries a green edge."""
    return _wrapped("panel", content, title=title, icon=icon, level=level, kind=kind, id=id)


@register.simple_block_tag
def section(
    content: str,
    *,
    title: str,
    id: str = "",
    more_href: str = "",
    more_label: str = "",
    level: int = 2,
) -> SafeString:
    """A part of a reading page with a large heading and perhaps a way to more of it."""
    return _wrapped(
        "section",
        content,
        title=title,
        id=id,
        more_href=more_href,
        more_label=more_label or _("查看全部"),
        level=level,
    )


@register.simple_block_tag
def notice(content: str, *, kind: str = "info", title: str = "", live: bool = False) -> SafeString:
    """A remark that stands out: info, success, warning, danger. `live` has it read out when it appears."""
    return _wrapped("notice", content, kind=kind, icon=NOTICE_ICONS[kind], title=title, live=live)


@register.simple_block_tag
def field(
    content: str,
    *,
    bound: BoundField,
    label: str | None = None,
    help: str | None = None,
    kind: str = "",
) -> SafeString:
    """Label, control, help and error of one form field, joined by ids. What stands inside comes below the control."""
    if bound.is_hidden:
        return SafeString(str(bound) + content)
    widget = bound.field.widget
    help_text = bound.help_text if help is None else help
    help_id = f"{bound.auto_id}_helptext" if help_text else ""
    error_id = f"{bound.auto_id}_error" if bound.errors else ""
    described_by = " ".join(filter(None, [help_id, error_id]))
    attrs: dict[str, str | bool] = {"aria-describedby": described_by} if described_by else {}
    input_type = getattr(widget, "input_type", "")
    single_box = input_type == "checkbox" and not widget.use_fieldset
    return _wrapped(
        "field",
        content,
        bound=bound,
        label=bound.label if label is None else label,
        help_text=help_text,
        help_id=help_id,
        error_id=error_id,
        described_by=described_by,
        control=bound.as_widget(attrs=attrs),
        group=widget.use_fieldset,
        single_box=single_box,
        optional=not bound.field.required and not single_box,
        kind=kind,
    )


def _wrapped(name: str, content: str, **context: object) -> SafeString:
    return SafeString(
        render_to_string(
            f"components/wrappers/{name}.html",
            {"content": conditional_escape(content), **context},
        )
    )


@register.filter
def anchor(text: str) -> str:
    """An id for a heading; Chinese stays."""
    return slugify(text, allow_unicode=True) or "part"


@register.simple_tag
def nth(items: Sequence[object], index: int) -> object:
    """The item at a place that a loop counts, or nothing: rows typed by hand may be longer than their headings."""
    return items[index] if 0 <= index < len(items) else ""
