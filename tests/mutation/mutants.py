"""Small wrongs put into a module's syntax tree, one at a time: another comparison, bound, sign, constant or answer."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
REVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.LShift: ast.RShift, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip

# In statements written by hand: what a comparison, a bound or a joint of SQL is put wrong to.
IN_SQL = {
    "=": "<>", "<": "<=", ">": ">=", "<=": "<", ">=": ">", "AND": "OR", "OR": "AND", "IS NULL": "IS NOT NULL",
    "IS NOT NULL": "IS NULL", "NOT": "", "LEFT JOIN": "JOIN",
}  # fmt: skip
_SQL = re.compile(r"\b(?:SELECT|FROM|WHERE)\b")
_IN_SQL = re.compile(r"(?<=\s)(?:IS NOT NULL|IS NULL|LEFT JOIN|<=|>=|[=<>]|AND|OR|NOT)(?=[\s)])")


class Mutant(NamedTuple):
    """`statement` are the lines of its statement. `code` is the module where the wrong is inside a function, `names`
    only its constants and its functions' defaults where it is in one of those; else there is only the `source`.
    """

    line: int
    what: str
    statement: range
    source: str
    code: CodeType | None
    names: CodeType | None


def _texts(tree: ast.AST) -> set[int]:
    """Docstrings, annotations, what decorators are told (frozen): what says nothing to the machine."""
    quiet: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            quiet.add(id(node.value))
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                quiet |= {id(inner) for inner in ast.walk(getattr(node, name))}
        for decorator in getattr(node, "decorator_list", []):
            quiet |= {id(inner) for inner in ast.walk(decorator)}
        # Messages of errors and of gettext are words for people.
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and (called.id == "_" or called.id.endswith("Error")):
            quiet |= {id(inner) for inner in ast.walk(node)}
    return quiet


def _instead(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for table in (COMPARE, REVERSE):
                if type(operator) in table:
                    other = copy.deepcopy(node)
                    other.ops[at] = table[type(operator)]()
                    yield f"{ast.unparse(node)} → {ast.unparse(other)}", other
    elif isinstance(node, ast.BoolOp):
        other = copy.deepcopy(node)
        other.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{ast.unparse(node)} → {ast.unparse(other)}", other
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield f"{ast.unparse(node)} → {ast.unparse(node.operand)}", node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        other = copy.deepcopy(node)
        other.op = ARITHMETIC[type(node.op)]()
        yield f"{ast.unparse(node)} → {ast.unparse(other)}", other
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | str | bytes):
        value = node.value
        new = (not value) if isinstance(value, bool) else value + type(value)(1 if isinstance(value, int) else 0)
        if isinstance(value, str | bytes):
            new = value + ("x" if isinstance(value, str) else b"x")
        yield f"{value!r} → {new!r}", ast.Constant(new)
        if isinstance(value, str) and _SQL.search(value):
            for found in _IN_SQL.finditer(value):
                before, after = value[: found.start()], value[found.end() :]
                other = IN_SQL[found[0]]
                around = f"…{before[-30:]}[{found[0]} → {other}]{after[:30]}…"
                yield around.replace("\n", " "), ast.Constant(before + other + after)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield f"{ast.unparse(node)} → return None", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield f"{ast.unparse(node)} → pass", ast.Pass()


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _places(tree: ast.AST) -> tuple[dict[int, range], set[int]]:
    """By node: the lines of its statement; and which nodes are run by calls, not while the module is taken in."""
    statements: dict[int, range] = {}
    called: set[int] = set()

    def walk(node: ast.AST, lines: range, inside: bool) -> None:
        body = getattr(node, "body", [])
        if isinstance(node, ast.stmt):
            # Of one that holds others only its head, which may be one line with them.
            end = max(body[0].lineno - 1, node.lineno) if body else node.end_lineno or node.lineno
            lines = range(node.lineno, end + 1)
        statements[id(node)] = lines
        if inside:
            called.add(id(node))
        for inner in ast.iter_child_nodes(node):
            walk(inner, lines, inside or (isinstance(node, ast.FunctionDef) and inner in body))

    walk(tree, range(0), False)
    return statements, called


def _names(tree: ast.Module) -> ast.Module:
    """What a module gives names to, without classes, and of its functions the defaults only."""
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            kept.append(node)
        elif isinstance(node, ast.FunctionDef):
            empty = ast.FunctionDef(node.name, node.args, [ast.copy_location(ast.Pass(), node)], [])
            kept.append(ast.copy_location(empty, node))
    # Annotations ask for what may be imported for types only.
    return ast.Module([*ast.parse("from __future__ import annotations").body, *kept], [])


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module, as a module of its own; by line and `what` each is found again."""
    told: Counter[tuple[int, str]] = Counter()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = _texts(tree)
    statements, called = _places(tree)
    named = {id(node) for statement in _names(tree).body for node in ast.walk(statement)}
    for parent in list(ast.walk(tree)):
        for name, held in ast.iter_fields(parent):
            slots = list(enumerate(held)) if isinstance(held, list) else [(None, held)]
            for at, node in slots:
                if not isinstance(node, ast.AST) or id(node) in quiet:
                    continue
                for what, other in _instead(node):
                    _put(parent, name, at, ast.copy_location(other, node))
                    ast.fix_missing_locations(tree)
                    code = names = None
                    if id(node) in called:
                        code = compile(tree, str(path), "exec")
                    elif id(node) in named:
                        names = compile(_names(tree), str(path), "exec")
                    line = getattr(node, "lineno", 0)
                    told[line, what] += 1
                    if told[line, what] > 1:
                        what += f" ({told[line, what]})"
                    yield Mutant(line, what, statements[id(node)], ast.unparse(tree), code, names)
                    _put(parent, name, at, node)


def _put(parent: ast.AST, name: str, at: int | None, node: ast.AST) -> None:
    if at is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[at] = node
