"""From a village's own text, typed or taken out of Word, to chapters, articles and items: what it was understood as.

Nothing is thrown away unsaid: whatever does not fit is kept as text, or named in a remark with its line. Remarks are
codes with figures (`remarks.py` has their words); one that `stops` must be mended before the text can be kept.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .endings import Adoption, adoption_of, is_note, take_ending
from .lines import TITLE_MOST, Kind, Line, Remark, following, heading, is_sentence, preceding, read_lines
from .numbering import article_label, item_label
from .structure import ARTICLES, RHYME, ArticleText, ChapterText, RulesText, paragraphs_of
from .verses import is_rhyme, read_stanzas

MOST_LETTERS = 200_000
MOST_ARTICLES = 999
_TITLE_MOST_READ = TITLE_MOST
_RULES_WORD = re.compile(r"约|章程|规|条|办法|制度|歌|谣|经|曲|标准|细则")  # untranslated: words in titles
_SUBTITLE = re.compile(  # untranslated: words of papers
    r"^[（(].{1,40}[）)]$|^附件 ?[0-9一二三四五六七八九十]* ?[:：]?$"
)
_STAGE = re.compile(  # untranslated: words of papers
    r"[（(](修订)?(草案|征求意见稿|送审稿|讨论稿|初稿|审议稿)(修改稿)?[）)]$"
)
_IN_BRACKETS = re.compile(r"^【([^【】]{1,120})】 ?(.*)$|^[（(]([^（）()]{1,20})[）)] ?(.+)$")
_BEFORE_A_GAP = re.compile(r"^([^\s，。；：、！？]{2,12})(?:\u3000+| {2,}|\t+)(\S.*[。；！])\s*$")
_CONTENTS = "目录"  # untranslated: a word of the papers


@dataclass
class Reading:
    rules: RulesText
    adoption: Adoption
    remarks: list[Remark]

    @property
    def stops(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.stops]


def read_rules(text: str, *, style: str = "") -> Reading:
    """What the text says. `style` is one of `structure`'s, or empty to be found out."""
    remarks: list[Remark] = []
    lines = _without_contents(read_lines(text), remarks)
    title, rest, notes = _title_of(lines, remarks)
    style = style or (RHYME if is_rhyme(rest) else ARTICLES)
    rest, signature = take_ending(rest, verses=style == RHYME)
    rules = RulesText(title=title, style=style)
    (read_stanzas if style == RHYME else _read_articles)(rules, rest, remarks)
    if not rules.count:
        remarks.append(Remark(0, "no_text", stops=True))
    elif rules.count > MOST_ARTICLES:
        remarks.append(Remark(0, "too_many", {"most": MOST_ARTICLES}, stops=True))
    for line in notes + signature:
        remarks.append(Remark(line.at, "ending", {"words": line.whole}))
    adoption = adoption_of([*notes, *signature], [article.text for article in rules.articles])
    return Reading(rules, adoption, sorted(remarks, key=lambda one: (not one.stops, one.line)))


def _without_contents(lines: list[Line], remarks: list[Remark]) -> list[Line]:
    """Leave out a table of contents: from 目录 to where its first entry stands again."""
    start = next((n for n, line in enumerate(lines) if heading(line.whole) == _CONTENTS), None)
    if start is None:
        return lines
    first = following(lines, start)
    again = next(
        (
            n
            for n in range(start + 1, len(lines))
            if first is not None
            and lines[n].at > first.at
            and (lines[n].kind, lines[n].number) == (first.kind, first.number)
            and first.kind != Kind.PLAIN
        ),
        start + 1,
    )
    remarks.append(Remark(lines[start].at, "contents", {"to": lines[again - 1].at}))
    return lines[:start] + lines[again:]


def _title_of(lines: list[Line], remarks: list[Remark]) -> tuple[str, list[Line], list[Line]]:
    """The title, what comes after it, and the notes below it on who adopted it."""
    title, notes, rest = "", [], list(lines)
    while rest:
        line = rest[0]
        if line.kind == Kind.BLANK:
            rest.pop(0)
        elif is_note(line):
            notes.append(rest.pop(0))
        elif _SUBTITLE.match(line.whole) and (not title or line.kind == Kind.PLAIN):
            remarks.append(Remark(line.at, "left_out", {"words": line.whole}))
            rest.pop(0)
        elif line.kind != Kind.PLAIN or len(line.whole) > _TITLE_MOST_READ or is_sentence(line.whole):
            break
        elif not title and not any(stop in line.whole for stop in "。；！"):
            title = heading(line.whole)
            rest.pop(0)
        elif title and not _RULES_WORD.search(title) and _RULES_WORD.search(line.whole) and "，" not in line.whole:
            title += heading(line.whole)
            rest.pop(0)
        else:
            break
    stage = _STAGE.search(title)
    if stage is not None:  # not the name of the document, which outlives its drafts
        remarks.append(Remark(0, "left_out", {"words": stage.group(0)}))
        title = title[: stage.start()].rstrip()
    if not title:
        remarks.append(Remark(0, "no_title"))
    return title, rest, notes


def _read_articles(rules: RulesText, lines: Sequence[Line], remarks: list[Remark]) -> None:
    _Articles(rules, _as_articles(lines, remarks), remarks).read()


def _as_articles(lines: Sequence[Line], remarks: list[Remark]) -> list[Line]:
    """The lines with each told as chapter, article or text, whatever numbers this village uses for them."""
    kinds = Counter(line.kind for line in lines)
    chapters = bool(kinds[Kind.CHAPTER])
    if kinds[Kind.SECTION]:
        if chapters:
            for line in lines:
                if line.kind == Kind.SECTION:
                    remarks.append(Remark(line.at, "section", {"words": line.whole}))
            lines = [line for line in lines if line.kind != Kind.SECTION]
        else:
            lines = [replace(line, kind=Kind.CHAPTER) if line.kind == Kind.SECTION else line for line in lines]
            chapters = True
    if kinds[Kind.ARTICLE]:
        return _with_headings(lines, chapters, remarks)
    heads = [n for n, line in enumerate(lines) if line.kind == Kind.HEADED]
    over_digits = kinds[Kind.DIGIT] >= max(len(heads), 1)
    if heads and over_digits and not chapters and all(lines[n].is_heading for n in heads):
        remarks.append(Remark(lines[heads[0]].at, "heads_as_chapters"))
        lines = _numbered_through(lines)
        turned = {Kind.HEADED: Kind.CHAPTER, Kind.DIGIT: Kind.ARTICLE}
    elif heads:
        remarks.append(Remark(lines[heads[0]].at, "heads_as_articles"))
        turned = {Kind.HEADED: Kind.ARTICLE}
    elif kinds[Kind.DIGIT]:
        remarks.append(Remark(0, "digits_as_articles"))
        turned = {Kind.DIGIT: Kind.ARTICLE}
    elif kinds[Kind.ITEM] > 1:
        remarks.append(Remark(0, "items_as_articles"))
        turned = {Kind.ITEM: Kind.ARTICLE}
    else:
        return _unnumbered(lines, remarks)
    return [replace(line, kind=turned.get(line.kind, line.kind)) for line in lines]


def _numbered_through(lines: Sequence[Line]) -> list[Line]:
    """1. 2. 3. that begin anew below each 一、 as one row, so that each article can be cited by its number alone."""
    count = itertools.count(1)
    return [replace(line, number=next(count)) if line.kind == Kind.DIGIT else line for line in lines]


def _with_headings(lines: Sequence[Line], chapters: bool, remarks: list[Remark]) -> list[Line]:
    """Among articles: 一、总则 or a bare 总则 above one is a chapter where no 第一章 is; else it stays text."""
    found: list[Line] = []
    number = 0
    for n, line in enumerate(lines):
        below = following(lines, n)
        above_article = below is not None and below.kind == Kind.ARTICLE
        bare = line.kind == Kind.PLAIN and line.is_heading and len(line.words) <= 12 and _after_end(lines, n)
        if not chapters and above_article and line.is_heading and (line.kind == Kind.HEADED or bare):
            number = line.number or number + 1
            remarks.append(Remark(line.at, "heading_as_chapter", {"words": line.whole, "number": number}))
            line = replace(line, kind=Kind.CHAPTER, words=heading(line.words), number=number)
        elif line.kind == Kind.HEADED:
            remarks.append(Remark(line.at, "kept_as_text", {"words": line.whole[:20]}))
            line = replace(line, kind=Kind.PLAIN)
        found.append(line)
    return found


def _after_end(lines: Sequence[Line], place: int) -> bool:
    before = preceding(lines, place)
    return before is None or is_sentence(before.whole)


def _unnumbered(lines: Sequence[Line], remarks: list[Remark]) -> list[Line]:
    """No numbers at all: each line is an article, in its order."""
    said = False
    found: list[Line] = []
    number = 0
    for line in lines:
        if line.kind in (Kind.PLAIN, Kind.BRACKETED, Kind.ITEM, Kind.STANZA):
            if not said:
                remarks.append(Remark(line.at, "unnumbered"))
                said = True
            number += 1
            line = replace(line, kind=Kind.ARTICLE, words=line.whole, number=number, raw="")
        found.append(line)
    return found


class _Articles:
    """Puts lines into chapters and articles, and notes what their numbers leave out or say twice."""

    def __init__(self, rules: RulesText, lines: Sequence[Line], remarks: list[Remark]) -> None:
        self.rules, self.lines, self.remarks = rules, lines, remarks
        self.preamble: list[str] = []
        self.texts: list[str] = []  # of the article that is open
        self.article: ArticleText | None = None
        self.at: dict[int, int] = {}  # the line of each article, by id
        self.last = (0, 0)
        self.seen: set[tuple[int, int]] = set()
        self.said_restart = False

    def read(self) -> None:
        skip = 0
        for n, line in enumerate(self.lines):
            if line.kind == Kind.BLANK or line.at == skip:
                continue
            if line.kind == Kind.CHAPTER:
                skip = self._open_chapter(line, n)
            elif line.kind == Kind.ARTICLE:
                self._open_article(line, n)
            else:
                self._add(line)
        self._close()
        self.rules.preamble = "\n".join(self.preamble)
        self._judge_texts()
        for chapter in self.rules.chapters:
            chapter.articles.sort(key=lambda one: (one.number, one.inserted))
        self.rules.chapters.sort(key=lambda one: one.number)

    def _say(self, line: int, code: str, *, stops: bool = False, **values: object) -> None:
        self.remarks.append(Remark(line, code, values, stops))

    def _open_chapter(self, line: Line, place: int) -> int:
        """Returns the line on which its title stands, where that is the next one."""
        self._close()
        title, taken = line.words, 0
        below = following(self.lines, place)
        if not title and below is not None and below.kind == Kind.PLAIN and below.is_heading:
            title, taken = heading(below.words), below.at
        if len(title) > TITLE_MOST:
            self._say(line.at, "long_title", stops=True, most=TITLE_MOST)
        numbered = [chapter.number for chapter in self.rules.chapters if chapter.number]
        if line.number in numbered:
            self._say(line.at, "chapter_twice", stops=True, number=line.number)
        elif line.number != max(numbered, default=0) + 1:
            self._say(line.at, "chapter_gap", number=line.number, expected=max(numbered, default=0) + 1)
        self.rules.chapters.append(ChapterText(line.number, title))
        return taken

    def _open_article(self, line: Line, place: int) -> None:
        self._close()
        if not self.rules.chapters:
            self.rules.chapters.append(ChapterText(0))
        chapter = self.rules.chapters[-1]
        self._judge_number(line, chapter)
        title, words = self._title_and_words(line, place)
        self.article = ArticleText(line.number, "", title, line.inserted)
        self.at[id(self.article)] = line.at
        self.texts = [words] if words else []
        chapter.articles.append(self.article)

    def _title_and_words(self, line: Line, place: int) -> tuple[str, str]:
        named = _IN_BRACKETS.match(line.words)
        if named is not None:
            title, words = (named.group(1), named.group(2)) if named.group(1) else (named.group(3), named.group(4))
            return title.strip(), words.strip()
        gap = _BEFORE_A_GAP.match(_after_label(line))
        if gap is not None:
            return gap.group(1), " ".join(gap.group(2).split())
        below = following(self.lines, place)
        if line.raw and line.is_heading and below is not None and below.kind == Kind.PLAIN and not below.joins:
            return line.words, ""
        return "", line.words

    def _judge_number(self, line: Line, chapter: ChapterText) -> None:
        here, last = (line.number, line.inserted), self.last
        label = article_label(*here)
        if here == (1, 0) and not chapter.articles and self.seen:
            if not self.said_restart:
                self._say(line.at, "restarts")
            self.said_restart = True
            self.seen.clear()
        elif here in self.seen:
            self._say(line.at, "article_twice", label=label)
        elif here < last:
            self._say(line.at, "article_order", label=label)
        elif line.number > last[0] + 1:
            missing = dict.fromkeys(article_label(number) for number in (last[0] + 1, line.number - 1))
            self._say(line.at, "article_gap", label=label, missing="—".join(missing))
        elif line.inserted and here != (last[0], last[1] + 1):
            self._say(line.at, "article_gap", label=label, missing=article_label(line.number, line.inserted - 1))
        self.last = here
        self.seen.add(here)

    def _add(self, line: Line) -> None:
        if line.joins and self.texts:
            self.texts[-1] += line.whole
        elif self.article is not None:
            self.texts.append(f"{item_label(line.number)}{line.words}" if line.kind == Kind.ITEM else line.whole)
        elif self.rules.chapters:
            self._say(line.at, "before_articles", stops=True, words=line.whole[:20])
        else:
            self.preamble.append(line.whole)

    def _close(self) -> None:
        if self.article is not None:
            self.article.text = "\n".join(self.texts)
        self.article, self.texts = None, []

    def _judge_texts(self) -> None:
        for chapter in self.rules.chapters:
            if not chapter.articles:
                self._say(0, "empty_chapter", heading=chapter.heading)
            for article in chapter.articles:
                at = self.at[id(article)]
                if not article.text.strip():
                    self._say(at, "empty_article", stops=True, label=article.label)
                _judge_items(article, lambda code, at=at, article=article, **values: self._say(
                    at, code, label=article.label, **values
                ))  # fmt: skip


def _after_label(line: Line) -> str:
    """What follows the number as it was typed, with the gap that may set a title apart."""
    return re.sub(  # untranslated: papers
        r"^\s*第[^条]{1,12}条(\s*之\s*[一二三四五六七八九十0-9]+)?[\s、.．:：]*", "", line.raw
    )


def _judge_items(article: ArticleText, say: Callable[..., None]) -> None:
    for paragraph in paragraphs_of(article.text):
        last = 0
        for item in paragraph.items:
            if item.number == last:
                say("item_twice", item=item.label)
            elif item.number != last + 1:
                say("item_gap", item=item.label)
            last = item.number


__all__ = ["ARTICLES", "MOST_LETTERS", "RHYME", "Reading", "Remark", "read_rules"]
