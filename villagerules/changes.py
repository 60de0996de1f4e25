"""Two versions of one document, as what the comparison takes; which two are worth comparing."""

from __future__ import annotations

from dataclasses import dataclass

from .comparison import Change, Piece, Span, compare, spans_of
from .models import RuleVersion
from .numbering import stanza_anchor, stanza_label


@dataclass(frozen=True)
class Changes:
    """What became of each article between `old` and `new`."""

    old: RuleVersion
    new: RuleVersion
    preamble: tuple[Span, ...]
    pieces: list[Change]

    @property
    def preamble_changed(self) -> bool:
        return any(span.side for span in self.preamble)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind; `moved` are counted besides."""
        found = {name: sum(change.kind == name for change in self.pieces) for name in ("changed", "added", "removed")}
        return found | {"moved": sum(change.moved for change in self.pieces)}

    @property
    def touched(self) -> list[Change]:
        return [change for change in self.pieces if not change.untouched]


def changes_between(old: RuleVersion, new: RuleVersion) -> Changes:
    """Both of one document, both with their text."""
    return Changes(old, new, spans_of(old.preamble, new.preamble), compare(pieces_of(old), pieces_of(new)))


def pieces_of(version: RuleVersion) -> list[Piece]:
    """Its articles, or the stanzas of a rhyme, in their order."""
    if version.style == RuleVersion.Style.RHYME:
        return [
            Piece(one.lineage, stanza_label(one.number), one.title, one.text, anchor=stanza_anchor(one.number))
            for one in version.stanzas.all()
        ]
    chapters = version.chapters.prefetch_related("articles")
    return [
        Piece(one.lineage, one.label, one.title, one.text, chapter.title, one.anchor)
        for chapter in chapters
        for one in chapter.articles.all()
    ]


def before(version: RuleVersion) -> RuleVersion | None:
    """The version to put beside it: the newest published one before it whose words the portal has."""
    earlier = version.rules.versions.public().in_words().filter(number__lt=version.number)
    return earlier.order_by("-number").select_related("village", "rules").first()
