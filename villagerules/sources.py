"""What somebody hands in, a Word file or a text, as what it was read as."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from .errors import FileRefused
from .reading import MOST_LETTERS, Reading, read_rules
from .structure import tidy
from .word import LARGEST_BYTES, read_word


def read_source(name: str, content: bytes, *, style: str = "") -> tuple[Reading, str]:
    """What a .docx or .txt says, and its own lines. Raises FileRefused."""
    if PurePosixPath(name).suffix.lower() == ".txt":
        text, remarks = _decoded(content), []
    else:
        word = read_word(name, content)
        text, remarks = word.text, word.remarks
    text = tidy(text)
    reading = read_rules(text, style=style)
    reading.remarks.extend(remarks)
    return reading, text


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB18030 as older Windows writes."""
    if len(content) > LARGEST_BYTES:
        raise FileRefused("too_large", _("文件里的文字太多，最多 20 万字。请只留村规的正文。"))
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(text) > MOST_LETTERS:
            raise FileRefused("too_large", _("文件里的文字太多，最多 20 万字。请只留村规的正文。"))
        return text
    raise FileRefused("refused_file", _("这个文本文件的文字读不出来。请打开它，把文字复制出来粘贴。"))
