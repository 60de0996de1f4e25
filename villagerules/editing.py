"""One article of a draft at a time: its words, its place, its number. Stanzas of a rhyme the same way.

Each save says what the writer had before the eyes (`seen`, the hash of it): where somebody else saved in between, it is
refused and theirs stays. The whole text at once is `drafting.revise_text`. What was cleared is no longer, as there.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from residents.models import User

from .canonical import text_hash, written_out
from .changes import pieces_of
from .comparison import Piece
from .drafting import unclear
from .errors import Incomplete, Stale, WrongState
from .life_cycle import State, begin, finish
from .models import Article, Chapter, RuleVersion, Stanza
from .reading import MOST_ARTICLES, MOST_LETTERS, read_rules
from .standards import MOST_LINES, NoStandard, read_standards
from .structure import RulesText, clean_line, clean_lines

ARTICLE_MOST = 20_000  # signs
TITLE_MOST = 120
Row = Article | Stanza


@dataclass(frozen=True)
class Words:
    """What an article is to say. `chapter` is the number of the chapter it stands in, None to leave it there."""

    title: str
    text: str
    chapter: int | None = None


def fingerprint(title: str, text: str) -> str:
    """Of what somebody has before the eyes while editing."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def row_of(version: RuleVersion, lineage: uuid.UUID) -> Row | None:
    """The article or stanza, None where the version has it no more."""
    return next((one for one in _rows(version) if one.lineage == lineage), None)


def _rows(version: RuleVersion) -> list[Row]:
    """In their order."""
    if version.style == RuleVersion.Style.RHYME:
        return list(Stanza.objects.of(version.village).filter(version=version))
    found = Article.objects.of(version.village).filter(chapter__version=version).select_related("chapter")
    return list(found.order_by("chapter__number", "number", "inserted", "id"))


def _the_one(rows: Sequence[Row], lineage: uuid.UUID) -> int:
    at = next((place for place, one in enumerate(rows) if one.lineage == lineage), None)
    if at is None:
        raise WrongState(_("这一条已经被删掉了。您写的话没有保存，请复制出来，看看要不要另加一条。"))
    return at


def _clean(words: Words) -> tuple[str, str]:
    title, text = clean_line(words.title), "\n".join(clean_lines(words.text))
    if not text:
        raise Incomplete(_("请写下这一条的内容。不要了，请按“删掉这一条”。"))
    for said, most in ((title, TITLE_MOST), (text, ARTICLE_MOST)):
        if len(said) > most:
            raise Incomplete(_("最多 %(most)s 个字。") % {"most": most})
    return title, text


@transaction.atomic
def revise_piece(version: RuleVersion, lineage: uuid.UUID, words: Words, *, seen: str, by: User | None) -> RuleVersion:
    """Other words for one article, or another chapter.

    Raises Stale where somebody saved it since it was `seen`; WrongState where it is gone; Incomplete for nothing, for
    no change, and for lines that would be read as another article.
    """
    line = begin(version, "revise_text", by=by)
    before = line.whole_text()
    rows = _rows(line)
    row = rows[_the_one(rows, lineage)]
    if fingerprint(row.title, row.text) != seen:
        raise Stale
    title, text = _clean(words)
    chapter = words.chapter if isinstance(row, Article) and words.chapter != row.chapter.number else None
    if (title, text) == (row.title, row.text) and chapter is None:
        raise Incomplete(_("和原来一个字不差，没有改动。"))
    row.title, row.text = title, text
    row.save(update_fields=["title", "text"])
    if chapter is not None and isinstance(row, Article):
        _to_chapter(row, _chapter(line, chapter), rows)
    return _kept(line, before, by=by, result=_("改了%(place)s") % {"place": _name(line, lineage)})


@transaction.atomic
def set_standards(version: RuleVersion, text: str, *, by: User | None) -> RuleVersion:
    """The figures that the draft advocates, one a line (`standards.read_standards`). They are shown beside the text and
    are no part of what is voted, but the township sees them: once it cleared the text they stay.

    Raises WrongState then; Incomplete with the line that is no such figure, or when nothing changed.
    """
    line = begin(version, "revise_text", by=by)
    if line.state not in (State.DRAFTING, State.REVIEW_RETURNED):
        raise WrongState(_("乡镇（街道）审核过了，提倡标准不能再改。要改，请先改全文，重新送审。"))
    try:
        told = read_standards(text)
    except NoStandard as error:
        said = {"line": error.line, "words": error.words[:20], "most": MOST_LINES}
        raise Incomplete(
            _("第 %(line)s 行“%(words)s”看不懂：写名目、整数、单位，例如“红事桌数 20 桌”；不能重复，最多 %(most)s 行。")
            % said
        ) from error
    if told == line.standards:
        raise Incomplete(_("和原来一样，没有改动。"))
    line.standards = told
    return finish(line, "revise_text", by=by, result=_("改了提倡标准"))


@transaction.atomic
def add_piece(version: RuleVersion, words: Words, *, after: uuid.UUID | None, by: User | None) -> Row:
    """A new article behind another one, or at the end. Between two it is 第十二条之一, so that no other number changes.

    Raises WrongState where the one before is gone, or there are too many; Incomplete.
    """
    line = begin(version, "revise_text", by=by)
    before, rows = line.whole_text(), _rows(line)
    if len(rows) >= MOST_ARTICLES:
        raise WrongState(_("最多 %(most)s 条，加不下了。") % {"most": MOST_ARTICLES})
    at = _the_one(rows, after) + 1 if after is not None else len(rows)
    title, text = _clean(words)
    made: Row
    if line.style == RuleVersion.Style.RHYME:
        made = Stanza.objects.create(village=line.village, version=line, number=len(rows) + 1, title=title, text=text)
        _in_order([*rows[:at], made, *rows[at:]], labels=[(n, 0) for n in range(1, len(rows) + 2)])
    else:
        made = _new_article(line, rows, at, title=title, text=text)
    _kept(line, before, by=by, result=_("加了%(place)s") % {"place": _name(line, made.lineage)})
    return made


def _new_article(line: RuleVersion, rows: Sequence[Row], at: int, *, title: str, text: str) -> Article:
    previous = rows[at - 1] if at else None
    if not isinstance(previous, Article):  # the first of all
        chapter = line.chapters.order_by("number").first() or Chapter.objects.create(
            village=line.village, version=line, number=0, title=""
        )
        return Article.objects.create(village=line.village, chapter=chapter, number=1, title=title, text=text)
    taken = _labels(rows)
    number, inserted = previous.number + 1, 0
    if at < len(rows):
        number, inserted = previous.number, previous.inserted + 1
        if (number, inserted) in taken:
            raise WrongState(_("这一条后面已经插过一条了。请先按“重新编号”，再在这里加。"))
    return Article.objects.create(
        village=line.village, chapter=previous.chapter, number=number, inserted=inserted, title=title, text=text
    )


@transaction.atomic
def remove_piece(version: RuleVersion, lineage: uuid.UUID, *, seen: str, by: User | None) -> RuleVersion:
    """Take an article out; the others keep their numbers until somebody asks to number them anew.

    Raises Stale, WrongState where it is gone or the last one of all.
    """
    line = begin(version, "revise_text", by=by)
    before, rows = line.whole_text(), _rows(line)
    row = rows[_the_one(rows, lineage)]
    if fingerprint(row.title, row.text) != seen:
        raise Stale
    if len(rows) == 1:
        raise WrongState(_("只剩这一条了，不能删。"))
    _require_left(row, rows)
    name = _name(line, lineage)
    row.delete()
    if line.style == RuleVersion.Style.RHYME:
        rows.remove(row)
        _in_order(rows, labels=[(n, 0) for n in range(1, len(rows) + 1)])
    return _kept(line, before, by=by, result=_("删了%(place)s") % {"place": name})


def _require_left(row: Row, rows: Sequence[Row]) -> None:
    if isinstance(row, Article) and row.chapter.number:
        others = [one for one in rows if isinstance(one, Article) and one.chapter_id == row.chapter_id]
        if len(others) == 1:
            raise WrongState(_("这一章只有这一条，拿走了就空了。请用“修改全文”，连章名一起改。"))


@transaction.atomic
def move_piece(version: RuleVersion, lineage: uuid.UUID, *, to: str, by: User | None) -> RuleVersion:
    """Up or down by one (`up`, `down`), or to where the article of a number stands (`12`, or 十二).

    Numbers stay in their order: each article takes the number of its place. Over the edge of a chapter an article first
    comes into the other chapter. Raises WrongState where it cannot go; Incomplete for a number that is none.
    """
    line = begin(version, "revise_text", by=by)
    before, rows = line.whole_text(), _rows(line)
    at, labels = _the_one(rows, lineage), _labels(rows)
    goal = at + {"up": -1, "down": 1}.get(to, 0) if to in ("up", "down") else _place_of(rows, to)
    if not 0 <= goal < len(rows):
        raise WrongState(_("已经到头了。"))
    row, other = rows[at], rows[goal]
    if row is other:
        raise Incomplete(_("它就在这个位置。"))
    if isinstance(row, Article) and isinstance(other, Article) and row.chapter_id != other.chapter_id:
        _require_left(row, rows)
        _into(row, other.chapter)
        if abs(goal - at) == 1:  # into the other chapter, beside where it stood
            goal = at
    rows.remove(row)
    rows.insert(goal, row)
    _in_order(rows, labels=labels)
    return _kept(line, before, by=by, result=_("挪了%(place)s") % {"place": _name(line, lineage)})


def _place_of(rows: Sequence[Row], number: str) -> int:
    wanted = int(number) if number.isdecimal() and len(number) < 5 else 0
    found = next((n for n, one in enumerate(rows) if one.number == wanted and not getattr(one, "inserted", 0)), None)
    if found is None:
        raise Incomplete(_("没有这个号。请填现有的条号，例如 3。"))
    return found


@transaction.atomic
def renumber(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """Chapters and articles from 1 on without gaps; no 之一 is left. Raises Incomplete where they are so already."""
    line = begin(version, "revise_text", by=by)
    before = line.whole_text()
    for number, chapter in enumerate(line.chapters.filter(number__gt=0).order_by("number"), start=1):
        if chapter.number != number:
            Chapter.objects.of(line.village).filter(pk=chapter.pk).update(number=number)
    rows = _rows(line)
    _in_order(rows, labels=[(number, 0) for number in range(1, len(rows) + 1)])
    if written_out(before) == written_out(line.whole_text()):
        raise Incomplete(_("号码已经连着了，不用重新编。"))
    return _kept(line, before, by=by, result=_("重新编了号"))


# --- below all of them ---------------------------------------------------------------------------------------------


def _labels(rows: Sequence[Row]) -> list[tuple[int, int]]:
    return [(one.number, getattr(one, "inserted", 0)) for one in rows]


def _to_chapter(row: Article, chapter: Chapter, rows: Sequence[Row]) -> None:
    """To the end of another chapter."""
    _require_left(row, rows)
    labels = _labels(rows)
    others = [one for one in rows if one is not row]
    at = sum(1 for one in others if isinstance(one, Article) and one.chapter.number <= chapter.number)
    _in_order([*others[:at], _into(row, chapter), *others[at:]], labels=labels)


def _chapter(line: RuleVersion, number: int) -> Chapter:
    found = line.chapters.filter(number=number).first()
    if found is None:
        raise Incomplete(_("没有这一章，请重新选。"))
    return found


def _into(row: Article, chapter: Chapter) -> Article:
    row.chapter = chapter
    row.save(update_fields=["chapter"])
    return row


def _in_order(rows: Sequence[Row], *, labels: Sequence[tuple[int, int]]) -> None:
    """Give the rows, in this order, these numbers."""
    for row, (number, inserted) in zip(rows, labels, strict=True):
        if isinstance(row, Article):
            if (row.number, row.inserted) != (number, inserted):
                row.number, row.inserted = number, inserted
                row.save(update_fields=["number", "inserted"])
        elif row.number != number:
            row.number = number
            row.save(update_fields=["number"])


def _name(line: RuleVersion, lineage: uuid.UUID) -> str:
    piece: Piece | None = next((one for one in pieces_of(line) if one.lineage == lineage), None)
    return piece.label if piece is not None else ""


def _kept(line: RuleVersion, before: RulesText, *, by: User | None, result: str) -> RuleVersion:
    """Written down, once the text still reads as what it is. Raises Incomplete."""
    now = line.whole_text()
    if len(written_out(now)) > MOST_LETTERS:
        raise Incomplete(_("全文最多 %(most)s 个字。") % {"most": MOST_LETTERS})
    if _reads_back(before) and not _reads_back(now):
        raise Incomplete(_("有一行的开头像是另一条、另一章或者落款（例如“第三条”）。请换个说法，或者不要另起一行。"))
    line.article_count = now.count
    back = unclear(line)
    if back:
        result = _("%(what)s；审核过的文字改了，要重新送审") % {"what": result}
    return finish(line, "revise_text", by=by, state=back, sha256=text_hash(line), result=result)


def _reads_back(text: RulesText) -> bool:
    """Whether what is hashed and voted on is read back as these articles."""
    written = written_out(text)
    return written_out(read_rules(written, style=text.style).rules) == written
