"""Papers that lie before the demo's coming meeting, made when they are loaded."""

from __future__ import annotations

import io
from typing import Any

import docx
import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from consultation import documents
from consultation.models import Meeting


def lay_papers(meeting: Meeting, rows: list[dict[str, Any]]) -> None:
    """By the rules a real one is taken in by; `lines` are a letter's, `table` a sheet's."""
    for row in rows:
        content = _sheet(row["table"]) if "table" in row else _letter(row["title"], row["lines"])
        name = f"{row['title']}.{'xlsx' if 'table' in row else 'docx'}"
        documents.add_document(
            meeting, SimpleUploadedFile(name, content), village_only=row.get("village_only", True), by=None
        )


def _letter(title: str, lines: list[str]) -> bytes:
    paper = docx.Document()
    paper.add_heading(title, level=1)
    for line in lines:
        paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _sheet(table: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for line in table:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
