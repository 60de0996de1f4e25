"""The two checkers that anybody can take away: the script as it is, and the page as one file with all its modules."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

SCRIPT = Path(__file__).parent / "data" / "check_bulletin.py"
MODULES = Path(__file__).parent / "static" / "consultation" / "js"
# In the order in which they need each other.
IN_ORDER = ("sha256.js", "canonical.js", "codes.js", "bulletin_shape.js", "bulletin_check.js", "check_page.js")


@cache
def script_text() -> bytes:
    return SCRIPT.read_bytes()


@cache
def script_hash() -> str:
    """SHA-256 of the script, printed beside the download."""
    return hashlib.sha256(script_text()).hexdigest()


@cache
def _script() -> Any:
    spec = importlib.util.spec_from_file_location("check_bulletin", SCRIPT)
    if spec is None or spec.loader is None:
        raise ImportError(str(SCRIPT))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sentences() -> dict[str, Any]:
    """What the page says, in the reader's language: the script's own sentences, so that both say the same."""
    script = _script()
    return {
        "sentences": {name: [gettext(words) if words else "" for words in both] for name, both in script.SAID.items()},
        "words": {name: gettext(words) for name, words in script.WORDS.items()},
    }


@cache
def page_script() -> SafeString:
    """All modules of the page as one that stands in a saved file: there a browser loads no second one.

    Each becomes a function of its own that returns what it exports, so that names in one do not meet those in another.
    """
    parts = []
    for name in IN_ORDER:
        text = (MODULES / name).read_text(encoding="utf-8")
        text = re.sub(r'import (\{[^}]*\}) from "\./(\w+)\.js";', r"const \1 = \2_js;", text)
        exported = re.findall(r"^export (?:function|const) (\w+)", text, flags=re.MULTILINE)
        for braces in re.findall(r"^export \{([^}]*)\};", text, flags=re.MULTILINE):
            exported += [one.strip() for one in braces.split(",")]
        text = re.sub(r"^export \{[^}]*\};\n?", "", text, flags=re.MULTILINE)
        text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        own = name.removesuffix(".js")
        parts.append(f"const {own}_js = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();")
    whole = "\n".join(parts)
    if "</" in whole or "<!--" in whole:
        raise ValueError("a module would end the script that it stands in")
    return mark_safe(whole)  # noqa: S308  our own files, and looked at just now
