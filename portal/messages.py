"""Message catalogues: extracting, merging, compiling and checking them with Babel alone.

Our own msgids are Chinese, so Chinese needs no catalogue of them; ``locale/en`` translates them, and
``locale/zh_Hans`` fills what Wagtail's and Django's own Chinese catalogues leave in English. Both are committed
compiled, so that neither a user nor CI needs the gettext tools.

Every function takes the project's root directory or plain text: none reads Django's settings. Babel is a development
dependency; nothing that serves a request may import this module.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
APPS = (
    "portal",
    "home",
    "contest",
    "villagerules",
    "consultation",
    "residents",
    "audit",
    "ui",
    "search",
)
TRANSLATED = "en"
"""The locale our own messages are translated into; every other catalogue is only compiled and checked."""
SPOKEN = "zh_Hans"
"""The locale our own messages are written in. Compiled, it holds each of them as it is: one that no catalogue knows is
looked for in those of every app, a dozen times, on every page."""

KEYWORDS: Mapping[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ("Translators:",)

EXEMPT: Mapping[str, str] = {
    "*/migrations/*": "generated: the models hold the translated names",
    "*/tests/*": "tests state the words they expect",
    "*/bench/*": "measured, never read",
    "*/demo/*": "the demo villages' own words: content, as if typed by a village",
    "*/demo_*.py": "the demo villages' own words: content, as if typed by a village",
    "consultation/official/*": "papers to be signed: one record, in the village's language whoever takes it",
    "contest/data/recompute_ranking.py": "taken away and run alone: it has no catalogue to read",
    "portal/settings/*": "read before any catalogue; languages are named in themselves",
    "portal/environment.py": "asks its question before Django is set up, so there is no catalogue yet",
    "templates/ui/gallery*": "the style gallery's samples: content, as if typed by a village",
    "ui/gallery.py": "the style gallery's samples: content, as if typed by a village",
}
"""Path patterns (relative, ``*`` crosses directories) where Chinese may stand untranslated, each with the reason."""

UNTRANSLATED = re.compile(r"#\s*untranslated:\s*\S")
"""A comment giving the reason exempts its own line, or the whole simple statement whose first line carries it."""

HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
WIDE = re.compile("[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")

_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL_OR_COMMENT = re.compile(
    rf"(?<!\w)(?:n?p?gettext|_)\(\s*{_STRING}(?:\s*,\s*(?:{_STRING}|count))*\s*\)|#.*",
)
_CONSTANT = re.compile(r"""_\((?:"[^"]*"|'[^']*')\)""")
_TRANSLATE_TAG = re.compile(r"trans(?:late)?\s+[\"']")
_BLOCK_TAG = re.compile(r"blocktrans(?:late)?(?:\s|$)")
_BLOCK_CONTEXT = re.compile(r"""\bcontext\s+(?:"[^"]*"|'[^']*')""")
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NAMED = re.compile(r"%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
_POSITIONAL = re.compile(r"%[-#0+]*\d*(?:\.\d+)?[sdrifgxeou]")
_BRACED = re.compile(r"\{[^{}\s]*\}")

# A fixed date keeps two people's compiled catalogues byte for byte alike.
_STAMP = datetime(2000, 1, 1, tzinfo=UTC)

Key = tuple[str, str]
"""How a catalogue finds a message: its context (or "") and its singular msgid."""


class MessagesError(Exception):
    """A source or a catalogue that can't be read; the text names the file."""


@dataclass(frozen=True, order=True)
class Problem:
    """One reason why the catalogues aren't in order.

    ``path`` is relative to the root, ``line`` counts from 1 (0: the file as a whole).
    """

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return ``path:line: text``, as compilers write it."""
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


@dataclass(frozen=True)
class Summary:
    """What an update did: messages kept in all, newly found, dropped, still to translate, and the files written."""

    messages: int
    new: int
    dropped: int
    untranslated: int
    written: tuple[str, ...]


def python_files(root: Path) -> list[Path]:
    """Return the Python files of our own apps under ``root``, sorted; apps that aren't there are left out."""
    return sorted(path for app in APPS for path in (root / app).rglob("*.py"))


def template_files(root: Path) -> list[Path]:
    """Return the ``.html`` and ``.txt`` templates of the project and of our own apps under ``root``, sorted."""
    folders = [root / "templates"]
    for app in APPS:
        folders.extend(folder for folder in (root / app).rglob("templates") if folder.is_dir())
    return sorted({path for folder in folders for ext in ("html", "txt") for path in folder.rglob(f"*.{ext}")})


def is_exempt(path: str) -> bool:
    """Say whether ``path`` (relative, with forward slashes) may hold untranslated Chinese."""
    return any(fnmatch(path, pattern) for pattern in EXEMPT)


def extract_template(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[tuple[Any, ...]]:
    """Extract from a Django template; a Babel extraction method, with Babel's arguments and yields.

    Raises SyntaxError where a ``{% blocktranslate %}`` holds a block tag, UnicodeDecodeError for other than UTF-8.
    """
    # What templatize writes is meant for xgettext and is no Python (indented at will, blanked-out text between the
    # calls), so only the calls and comments of each line go on; its literals never span lines.
    marked = templatize(fileobj.read().decode("utf-8"))
    lines = (" ; ".join(_CALL_OR_COMMENT.findall(line)) for line in marked.split("\n"))
    source = io.BytesIO("\n".join(lines).encode("utf-8"))
    yield from extract_python(source, keywords, comment_tags, {"encoding": "utf-8"})


def extract_messages(root: Path) -> Catalog:
    """Return every message of our own sources under ``root``, in the order in which catalogues are written.

    Each message's locations are its files, once each. Raises MessagesError for a source that can't be parsed.
    """
    found: dict[Key, Message] = {}
    catalog = Catalog()
    for path, method in [
        *((p, "python") for p in python_files(root)),
        *((p, "template") for p in template_files(root)),
    ]:
        name = path.relative_to(root).as_posix()
        for singular, plural, context, comments in _read_source(path, name, method):
            catalog.add(
                (singular, plural) if plural else singular,
                locations=[(name, 1)],
                auto_comments=comments,
                context=context,
            )
    for message in catalog:
        if message.id:
            message.locations = sorted(set(message.locations))
            found[_key(message)] = message
    ordered = Catalog()
    for message in sorted(found.values(), key=lambda m: (m.locations[0], *reversed(_key(m)))):
        _add(ordered, message)
    return ordered


def _read_source(path: Path, name: str, method: str) -> Iterator[tuple[str, str | None, str | None, list[str]]]:
    """Yield (singular, plural, context, comments) for each message of one source file."""
    call: str | Callable[..., Any] = "python" if method == "python" else extract_template
    try:
        with path.open("rb") as file:
            for _line, messages, comments, context in extract(
                call, file, KEYWORDS, COMMENT_TAGS, {"encoding": "utf-8"}
            ):
                if isinstance(messages, str):
                    yield messages, None, context, comments
                else:
                    yield messages[0], messages[1], context, comments
    except (SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
        raise MessagesError(f"{name}: {error}") from error


def _key(message: Message) -> Key:
    """Return what identifies ``message`` within a catalogue."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", text


def _forms(message: Message) -> tuple[str, ...]:
    """Return the translations of ``message``, one per plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_translated(message: Message) -> bool:
    """Say whether ``message`` has every form translated and none of it in doubt."""
    return not message.fuzzy and all(_forms(message)) and bool(message.string)


def _is_chinese(message: Message) -> bool:
    """Say whether an English reader needs a translation of ``message``."""
    ids = (message.id,) if isinstance(message.id, str) else message.id
    return any(WIDE.search(text) for text in ids)


def _add(catalog: Catalog, message: Message) -> None:
    """Put a copy of ``message`` at the end of ``catalog``."""
    catalog.add(
        message.id,
        message.string,
        locations=message.locations,
        flags=message.flags,
        auto_comments=message.auto_comments,
        user_comments=message.user_comments,
        context=message.context,
    )


def merge(extracted: Catalog, existing: Catalog, locale: str) -> Catalog:
    """Return ``extracted`` with the translations and translators' comments of ``existing``.

    Messages without any Chinese are left out, for they read the same in English. A message that gained or lost its
    plural keeps its words but becomes fuzzy. Neither argument is changed.
    """
    old = {_key(message): message for message in existing if message.id}
    merged = Catalog(locale=locale)
    for message in extracted:
        if not message.id or not _is_chinese(message):
            continue
        string: str | tuple[str, ...] = ("",) * merged.num_plurals if message.pluralizable else ""
        flags: set[str] = set()
        comments: Sequence[str] = ()
        known = old.get(_key(message))
        if known is not None:
            forms = _forms(known) or ("",)
            comments = known.user_comments
            flags = {"fuzzy"} if known.fuzzy else set()
            if message.pluralizable != known.pluralizable:
                flags = {"fuzzy"} if any(forms) else set()
                string = (forms[-1],) * merged.num_plurals if message.pluralizable else forms[-1]
            else:
                string = forms if message.pluralizable else forms[0]
        merged.add(
            message.id,
            string,
            locations=message.locations,
            flags=flags,
            auto_comments=message.auto_comments,
            user_comments=comments,
            context=message.context,
        )
    return merged


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue of ``path``, an empty one of its locale if there is no such file.

    The locale is read from the directory: ``…/<locale>/LC_MESSAGES/<domain>.po``. Raises MessagesError for a file that
    is no PO file.
    """
    locale = path.parent.parent.name
    if not path.exists():
        return Catalog(locale=locale)
    try:
        with path.open("rb") as file:
            return read_po(file, locale=locale, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise MessagesError(f"{path}: {error}") from error


def render_po(catalog: Catalog) -> bytes:
    """Return ``catalog`` as a PO file: no dates, no line numbers, no wrapping, so that diffs show words only."""
    header = (
        'msgid ""\n'
        'msgstr ""\n'
        '"Project-Id-Version: village-portal\\n"\n'
        f'"Language: {catalog.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(
        body,
        catalog,
        width=0,
        omit_header=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    return header.encode("utf-8") + body.getvalue().rstrip(b"\n") + b"\n"


def render_mo(catalog: Catalog) -> bytes:
    """Return ``catalog`` compiled; untranslated and fuzzy messages are left out, so that the msgid shows."""
    done = Catalog(
        locale=catalog.locale_identifier,
        project="village-portal",
        version="",
        charset="utf-8",
    )
    done.creation_date = done.revision_date = _STAMP
    for message in catalog:
        # Babel would fill an empty plural form with the Chinese msgid.
        if message.id and _is_translated(message):
            _add(done, message)
    compiled = io.BytesIO()
    write_mo(compiled, done)
    return compiled.getvalue()


def compiled(path: Path, own: Catalog) -> bytes:
    """Return what the PO file at ``path`` compiles to; ``own`` are our own messages, as extracted or merged."""
    catalog = read_catalogue(path)
    if path.parent.parent.name == SPOKEN and path.name == "django.po":
        for message in own:
            if message.id and not message.pluralizable and catalog.get(message.id, message.context) is None:
                catalog.add(message.id, message.id, context=message.context)
    return render_mo(catalog)


def _compiled_words(compiled: bytes) -> dict[Any, Any]:
    """Return what a compiled catalogue says; its header changes with Babel's version and says nothing."""
    return {
        (m.context, m.id if isinstance(m.id, str) else tuple(m.id)): m.string
        for m in read_mo(io.BytesIO(compiled))
        if m.id
    }


def catalogues(root: Path) -> list[Path]:
    """Return every PO file under ``root/locale``, sorted."""
    return sorted((root / "locale").glob("*/LC_MESSAGES/*.po"))


def english(root: Path) -> Path:
    """Return the path of the catalogue that translates our own messages."""
    return root / "locale" / TRANSLATED / "LC_MESSAGES" / "django.po"


def update(root: Path) -> Summary:
    """Bring the English catalogue up to date with the sources, and compile every catalogue under ``root``.

    Files that already say the same are left untouched. Raises MessagesError, then nothing was written.
    """
    path = english(root)
    old = read_catalogue(path)
    new = merge(extract_messages(root), old, TRANSLATED)
    wanted = {path: render_po(new), path.with_suffix(".mo"): render_mo(new)}
    for other in catalogues(root):
        if other != path:
            wanted[other.with_suffix(".mo")] = compiled(other, new)
    written = []
    for target, content in wanted.items():
        if _says_the_same(target, content):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written.append(target.relative_to(root).as_posix())
    before = {_key(message) for message in old if message.id}
    after = {_key(message) for message in new if message.id}
    return Summary(
        messages=len(after),
        new=len(after - before),
        dropped=len(before - after),
        untranslated=sum(1 for message in new if message.id and not _is_translated(message)),
        written=tuple(written),
    )


def _says_the_same(path: Path, content: bytes) -> bool:
    """Say whether the file at ``path`` needs no writing to hold ``content``."""
    if not path.exists():
        return False
    if path.suffix == ".mo":
        try:
            return _compiled_words(path.read_bytes()) == _compiled_words(content)
        except Exception:  # noqa: BLE001 (a damaged file fails in as many ways as there are bytes)
            return False
    return path.read_bytes() == content


def check(root: Path) -> list[Problem]:
    """Return everything that keeps the catalogues under ``root`` from being right, sorted; empty if all is well.

    Nothing is written. Raises MessagesError for a source or catalogue that can't be read.
    """
    problems = [*_check_current(root), *_check_hardcoded(root)]
    own = read_catalogue(english(root))
    for path in catalogues(root):
        name = path.relative_to(root).as_posix()
        catalog = read_catalogue(path)
        for message in catalog:
            if message.id:
                problems.extend(Problem(name, message.lineno or 0, text) for text in message_faults(message))
        beside = path.with_suffix(".mo")
        if not _says_the_same(beside, compiled(path, own)):
            problems.append(
                Problem(
                    beside.relative_to(root).as_posix(),
                    0,
                    "isn't what its .po compiles to",
                )
            )
    return sorted(problems)


def _check_current(root: Path) -> Iterator[Problem]:
    """Yield the differences between the sources and the English catalogue."""
    path = english(root)
    name = path.relative_to(root).as_posix()
    old = read_catalogue(path)
    new = merge(extract_messages(root), old, TRANSLATED)
    before = {_key(message): message for message in old if message.id}
    after = {_key(message): message for message in new if message.id}
    if not path.exists():
        yield Problem(name, 0, "there is no such catalogue")
    for key in after.keys() - before.keys():
        yield Problem(name, 0, f"not in the catalogue: {key[1]!r} ({after[key].locations[0][0]})")
    for key in before.keys() - after.keys():
        yield Problem(name, before[key].lineno or 0, f"no longer in the sources: {key[1]!r}")
    if before.keys() == after.keys() and path.exists() and not _same_entries(old, new):
        yield Problem(
            name,
            0,
            "isn't up to date: files, comments, plurals or the order of messages changed",
        )


def _same_entries(left: Catalog, right: Catalog) -> bool:
    """Say whether two catalogues would be written alike, whatever version of Babel wrote them."""

    def entries(catalog: Catalog) -> list[tuple[Any, ...]]:
        return [
            (
                _key(m),
                None if isinstance(m.id, str) else tuple(m.id),
                [file for file, _line in m.locations],
                list(m.auto_comments),
            )
            for m in catalog
            if m.id
        ]

    return entries(left) == entries(right)


def message_faults(message: Message) -> list[str]:
    """Return what is wrong with one translation: missing, fuzzy, or other placeholders than its msgid.

    A plural's first form may leave the number out ("one vote"); the only form of a language without plurals may follow
    either msgid.
    """
    text = message.id if isinstance(message.id, str) else message.id[0]
    if message.fuzzy:
        return [f"fuzzy: {text!r}"]
    forms = _forms(message)
    if not forms or not all(forms):
        return [f"not translated: {text!r}"]
    if isinstance(message.id, str):
        one = many = placeholders(message.id)
    else:
        one, many = placeholders(message.id[0]), placeholders(message.id[1])
    faults = []
    for index, form in enumerate(forms):
        found = placeholders(form)
        least, most = many, many
        if index == 0:
            least, most = (one & many if len(forms) == 1 else frozenset()), one | many
        if not least <= found <= most:
            names = ", ".join(sorted(found ^ many))
            faults.append(f"placeholders differ ({names}): {text!r}")
        # blocktranslate doubles its percent signs; Django drops a translation that doesn't, without a word.
        elif not _has_lone_percent(text) and _has_lone_percent(form) and "%" in text:
            faults.append(f"a percent sign not doubled: {text!r}")
    return faults


def _has_lone_percent(text: str) -> bool:
    """Say whether ``text`` has a percent sign that is neither doubled nor a placeholder's."""
    return "%" in _POSITIONAL.sub("", _NAMED.sub("", text.replace("%%", "")))


def placeholders(text: str) -> frozenset[str]:
    """Return the placeholders of ``text``: ``%(name)s``, ``{name}``, and each bare ``%s`` with its place."""
    bare = text.replace("%%", "")
    named = _NAMED.findall(bare)
    bare = _NAMED.sub("", bare)
    positional = [f"{index + 1}:{found}" for index, found in enumerate(_POSITIONAL.findall(bare))]
    return frozenset([*named, *_BRACED.findall(bare), *positional])


def _check_hardcoded(root: Path) -> Iterator[Problem]:
    """Yield the Chinese text that stands outside translation in our own sources."""
    for path in [*python_files(root), *template_files(root)]:
        name = path.relative_to(root).as_posix()
        if is_exempt(name):
            continue
        find = hardcoded_python if path.suffix == ".py" else hardcoded_template
        try:
            for line, text in find(path.read_text(encoding="utf-8")):
                yield Problem(name, line, f"Chinese outside translation: {text!r}")
        except (SyntaxError, UnicodeDecodeError) as error:
            raise MessagesError(f"{name}: {error}") from error


def hardcoded_python(source: str) -> list[tuple[int, str]]:
    """Return (line, text) of each string literal in ``source`` whose Chinese reaches nobody's catalogue.

    Docstrings and comments don't count, nor literals that are a direct argument of a gettext call; an f-string or an
    expression inside such a call does count, for nothing can extract it. Characters written as escapes don't count
    (regular expressions). A comment ``# untranslated: reason`` exempts its line or its simple statement. Raises
    SyntaxError.
    """
    tree = ast.parse(source)
    lines = source.split("\n")
    allowed: set[int] = set()
    found: list[tuple[int, str]] = []
    marked = {number for number, line in enumerate(lines, 1) if UNTRANSLATED.search(line)}

    def visit(node: ast.AST, exempt: bool) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            exempt = exempt or node.lineno in marked
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name in KEYWORDS:
                allowed.update(id(argument) for argument in node.args if isinstance(argument, ast.Constant))
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and not exempt and id(node) not in allowed and HAN.search(node.value):
                span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                written = ast.get_source_segment(source, node) or ""
                if HAN.search(written) and marked.isdisjoint(span):
                    found.append((node.lineno, node.value))
            return
        for child in ast.iter_child_nodes(node):
            visit(child, exempt)

    visit(tree, exempt=False)
    return found


def hardcoded_template(source: str) -> list[tuple[int, str]]:
    """Return (line, text) of each stretch of Chinese in a Django template that no translation tag covers.

    Looks at the text and at the literals inside tags and filters; leaves out comments (Django's and HTML's) and
    ``_("…")``.
    """
    visible: list[str] = []
    closing: Callable[[str], bool] | None = None
    for token in Lexer(source).tokenize():
        contents = token.contents
        # Line numbers come from counting in the text put together again, so that HTML comments may span tags.
        if token.token_type == TokenType.TEXT:
            visible.append(_newlines(contents) if closing else contents)
            continue
        if token.token_type == TokenType.BLOCK and closing:
            closing = None if closing(contents) else closing
            contents = ""
        elif token.token_type == TokenType.COMMENT or closing:
            contents = ""
        elif token.token_type == TokenType.BLOCK:
            name = contents.split(None, 1)[0] if contents else ""
            if name == "comment":
                closing, contents = _ends_comment, ""
            elif _BLOCK_TAG.match(contents):
                closing, contents = _ends_block, _BLOCK_CONTEXT.sub("", contents)
            elif _TRANSLATE_TAG.match(contents):
                contents = ""
        visible.append(_CONSTANT.sub("", contents))
    text = _HTML_COMMENT.sub(lambda match: _newlines(match[0]), "".join(visible))
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if HAN.search(line)]


def _newlines(text: str) -> str:
    """Return only the line breaks of ``text``, to keep the count of what follows."""
    return "\n" * text.count("\n")


def _ends_comment(contents: str) -> bool:
    """Say whether a tag closes ``{% comment %}``."""
    return contents == "endcomment"


def _ends_block(contents: str) -> bool:
    """Say whether a tag closes ``{% blocktranslate %}``."""
    return contents in {"endblocktrans", "endblocktranslate"}
