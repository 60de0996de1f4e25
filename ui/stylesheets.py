"""The style sheet of every page: small files joined in a fixed order into one download.

On a poor network each file costs a round trip, and @import costs one after another. So the files stay small for
people and become one for phones: /ui/site.<version>.css, kept for a year because the version is a hash of its text.
The files must not point at others by url(...): only data: addresses.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).parent / "static" / "ui" / "css"

# Order decides ties: foundations, components, page sets, then what may override them.
ORDER = (
    "tokens.css",
    "reset.css",
    "base.css",
    "layout.css",
    "components/site.css",
    "components/button.css",
    "components/badge.css",
    "components/notice.css",
    "components/card.css",
    "components/field.css",
    "components/figures.css",
    "components/charts.css",
    "components/steps.css",
    "components/small.css",
    "components/story.css",
    "components/account.css",
    "components/village.css",
    "components/listing.css",
    "components/roll.css",
    "components/front.css",
    "components/meeting.css",
    "components/topic.css",
    "components/board.css",
    "components/floor.css",
    "components/ballot.css",
    "components/console.css",
    "components/kiosk.css",
    "components/rules.css",
    "components/document.css",
    "components/paper.css",
    "components/bulletin.css",
    "components/hall.css",
    "utilities.css",
    "print.css",
)

_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


@dataclass(frozen=True)
class StyleSheet:
    text: str
    version: str


def current() -> StyleSheet:
    """The style sheet as the files stand; while developing it follows every saved change."""
    return _joined(_newest() if settings.DEVELOPMENT else 0)


def _newest() -> int:
    return max((FOLDER / name).stat().st_mtime_ns for name in ORDER)


@lru_cache(maxsize=1)
def _joined(_stamp: int) -> StyleSheet:
    text = "".join(_COMMENT.sub("", (FOLDER / name).read_text("utf-8")) for name in ORDER)
    return StyleSheet(text, hashlib.sha256(text.encode()).hexdigest()[:12])
