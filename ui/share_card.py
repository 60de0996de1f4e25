"""The picture beside a shared address: 1200 × 630 with a title in large type, where this machine has a Chinese font.

Fonts are found as for PDFs, by fontconfig; without one `draw_card` gives None, and the site has a picture of its own.
"""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
PAPER, INK, SOFT, TEA, SEAL = "#fbf6ea", "#23302a", "#5b655f", "#163b2d", "#a3301f"
EDGE, WIDTH = 80, 1040
TITLE_LINES, LINES = 3, 3


@functools.cache
def font_file() -> tuple[str, int] | None:
    """A bold Chinese font of this machine and its place in its file; None where there is none. Asked once a process."""
    asking, listing = shutil.which("fc-match"), shutil.which("fc-list")
    if asking is None or listing is None or not _told([listing, ":lang=zh-cn", "file"]):
        return None
    told = _told([asking, "-f", "%{file}|%{index}", "serif:lang=zh-cn:bold"])
    file, _bar, index = told.partition("|")
    return (file, int(index or 0) & 0xFFFF) if file else None


def _told(order: list[str]) -> str:
    done = subprocess.run(order, capture_output=True, timeout=30, check=False)  # noqa: S603  fixed words
    return done.stdout.decode(errors="replace").strip()


def _font(size: int) -> ImageFont.FreeTypeFont | None:
    found = font_file()
    if found is None:
        return None
    try:
        return ImageFont.truetype(found[0], size, index=found[1])
    except OSError:  # a font that Pillow cannot read
        return None


def broken(text: str, font: ImageFont.FreeTypeFont, *, most: int) -> list[str]:
    """The text in lines that fit; what is beyond the last line ends in …"""
    lines, line = [], ""
    for sign in text:
        if font.getlength(line + sign) > WIDTH and line:
            lines.append(line)
            line = ""
        line += sign
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


def draw_card(title: str, lines: Sequence[str], *, seal: str, foot: str) -> bytes | None:
    """A PNG; `seal` are up to four signs for the red seal, `foot` stands at the lower edge. None without a font."""
    large, middle, small = _font(76), _font(36), _font(30)
    stamp = _font(52)
    if large is None or middle is None or small is None or stamp is None:
        return None
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, SIZE[0] - 24, SIZE[1] - 24), outline=TEA, width=6)
    draw.rectangle((36, 36, SIZE[0] - 36, SIZE[1] - 36), outline=TEA, width=2)
    top = 84
    for line in broken(title, large, most=TITLE_LINES):
        draw.text((EDGE, top), line, font=large, fill=TEA)
        top += 100
    top += 16
    for line in lines[:LINES]:
        if top > SIZE[1] - 160:
            break
        draw.text((EDGE, top), broken(line, middle, most=1)[0], font=middle, fill=INK)
        top += 58
    draw.text((EDGE, SIZE[1] - 104), broken(foot, small, most=1)[0], font=small, fill=SOFT)
    _stamp(draw, seal[:4], stamp)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _stamp(draw: ImageDraw.ImageDraw, signs: str, font: ImageFont.FreeTypeFont) -> None:
    """Two columns, read from the right as on a seal."""
    right, bottom, side = SIZE[0] - EDGE, SIZE[1] - 64, 150
    draw.rounded_rectangle((right - side, bottom - side, right, bottom), radius=14, fill=SEAL)
    for place, sign in enumerate(signs):
        x = right - 41 - (place // 2) * 68
        y = bottom - side + 41 + (place % 2) * 68
        draw.text((x, y), sign, font=font, fill=PAPER, anchor="mm")
