"""Every action that the code writes into the audit log has words for whoever reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from consultation.models import Sheet
from home.audit_words import ACTIONS

ROOT = Path(settings.BASE_DIR)
APPS = ("home", "residents", "consultation", "villagerules", "contest", "portal", "ui", "audit")
# What is put together: how it begins, and all it may go on with.
TOGETHER = {"enter_": Sheet.Method.values}


def recording() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            if "audit.log import" in text:
                yield path, ast.parse(text)


def written(value: ast.expr) -> Iterator[str]:
    """The actions an argument may be; a bare name is passed on from a call that is looked at itself."""
    match value:
        case ast.Constant(value=str() as action):
            yield action
        case ast.IfExp(body=body, orelse=orelse):
            yield from written(body)
            yield from written(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str() as start), ast.FormattedValue()]):
            yield from (f"{start}{end}" for end in TOGETHER[start])
        case ast.Name(id="action"):
            pass
        case _:
            pytest.fail(f"write the action as a word: {ast.unparse(value)}")


def actions() -> dict[str, Path]:
    found = {}
    for path, tree in recording():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or (
                isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument"
            ):
                continue
            for keyword in node.keywords:
                if keyword.arg == "action":
                    found |= dict.fromkeys(written(keyword.value), path)
    return found


def test_every_action_has_words():
    found = actions()
    assert len(found) > 50
    missing = {action: str(path.relative_to(ROOT)) for action, path in found.items() if action not in ACTIONS}
    assert not missing, "give them plain Chinese words in home/audit_words.py"


def test_no_two_actions_share_their_words():
    words = [str(one) for one in ACTIONS.values()]
    assert len(words) == len(set(words))
