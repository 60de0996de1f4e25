"""Word files of the habits that villages have, made here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

BLANK_NUMBERING = f"<w:numbering {nsdecls('w')}/>"


def made(build: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def typed(*lines: str) -> bytes:
    """A paragraph for each line."""
    return made(lambda document: [document.add_paragraph(line) for line in lines])


def level(number: int, form: str, text: str, *, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def list_of(document: Any, levels: str, *, key: int = 90, lists: tuple[tuple[int, str], ...] = ((90, ""),)) -> None:
    """An automatic numbering: its levels, and lists of it with what each overrides."""
    root = document.part.numbering_part.element
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{key}">{levels}</w:abstractNum>')
    first = root.find(qn("w:num"))
    root.insert(list(root).index(first) if first is not None else len(root), abstract)
    for number, overrides in lists:
        root.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{key}"/>{overrides}</w:num>')
        )


def numbered(document: Any, text: str, depth: int, *, number: int = 90) -> Any:
    paragraph = document.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
    )
    return paragraph


def rezipped(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The same parcel with other parts in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as parcel:
        parts = {name: parcel.read(name) for name in parcel.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, part in parts.items():
            parcel.writestr(name, part)
    return out.getvalue()


def picture(side: int, seed: int) -> io.BytesIO:
    """Noise, which no packing makes smaller."""
    noise = Image.effect_noise((side, side), 90 + seed).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    out.seek(0)
    return out
