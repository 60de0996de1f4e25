"""Text from anywhere, made fit for files that are strict about it: Word's and Excel's XML refuses some characters."""

from __future__ import annotations

import re

# What XML 1.0 cannot hold (control characters, halves of pairs, non-characters), the other control characters, and
# marks that turn the direction of writing around: a signed paper reads in the order in which it was written.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: object) -> str:
    """The same words without what a file would break on or a reader be deceived by; line ends are all "\\n"."""
    return _UNFIT.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def one_line(text: object) -> str:
    """The same on a single line."""
    return " ".join(printable(text).split())
