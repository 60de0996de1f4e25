"""What somebody takes away of their own data: one JSON object, or a workbook that opens in any spreadsheet."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from audit.log import record

from .models import User
from .own_data import IN_COPY, Part, held_on, moment
from .sheets.writing import guarded

_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))  # no letters of a sheet's name


@transaction.atomic
def copy_of(user: User, *, kind: str) -> bytes:
    """A copy of everything, `kind` "json" or "xlsx"; that it was taken is logged."""
    record(action="copy_own_data", subject=_("账号"), actor=user, kind=kind)
    parts = held_on(user, most=IN_COPY)
    return _json(parts) if kind == "json" else _workbook(parts)


def _json(parts: Sequence[Part]) -> bytes:
    told = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "parts": [
            {
                "part": part.code,
                "title": part.title,
                "purpose": part.purpose,
                "entries": [dict(entry) for entry in part.entries],
            }
            for part in parts
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _workbook(parts: Sequence[Part]) -> bytes:
    """A page for each part: what it is for, then a column for each label."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    for number, part in enumerate(parts, start=1):
        name = part.title.translate(_FORBIDDEN)[:28]
        page = book.create_sheet(name if name not in names else f"{name[:25]} {number}")
        names.add(name)
        labels = list(dict.fromkeys(label for entry in part.entries for label, _text in entry))
        for column, width in enumerate([18] * len(labels), start=1):
            page.column_dimensions[chr(64 + column) if column < 27 else "AA"].width = width
        page.append([guarded(part.purpose)])
        page.append([guarded(label) for label in labels])
        for entry in part.entries:
            told = dict(entry)
            page.append([guarded(told.get(label, "")) for label in labels])
    note = book.create_sheet(_("说明"))
    note.append([_("这是本网站保存的关于您的全部内容，%(at)s 导出。") % {"at": moment(timezone.now())}])
    note.append([_("要更正、撤回同意或者注销账号，请在网站的“我的资料”里办。")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
