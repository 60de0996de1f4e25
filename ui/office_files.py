"""Office files (.docx, .xlsx) looked through before anything is made of them: a parcel of parts, none of which acts.

Few enough parts, no larger than they say, no macro, no DTD, nothing that leads out or holds another file.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

MAX_MEMBERS = 200
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
MAX_LIST = 1024 * 1024  # of a part that lists others
WORD, SHEETS = "word/document.xml", "xl/workbook.xml"  # the part that makes an Office file what it is
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".exe", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm")
# A link that somebody presses; any other leads out by itself: a template, a picture, another workbook.
_PRESSED = "/hyperlink"


class OfficeFileRefused(Exception):
    """Why a file is not taken, for whoever asked to put into words."""


class TooMuch(OfficeFileRefused):
    """More parts, or more in them, than a paper has."""


class Hostile(OfficeFileRefused):
    """A macro, a DTD, a file in the file, something that leads out."""


class Broken(OfficeFileRefused):
    """No such file at all, or not all of it."""


def look_through(content: bytes, heart: str) -> None:
    """Raises TooMuch, Hostile or Broken. `heart` is WORD or SHEETS."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            members = parcel.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > len(content) * MAX_RATIO:
                raise TooMuch
            names = [member.filename.lower() for member in members]
            if heart not in names or "[content_types].xml" not in names:
                raise Broken
            if len(set(names)) != len(names) or any(_leads_in(name) for name in names):
                raise Hostile
            for member in members:
                _judge_part(member, parcel)
    except (DefusedXmlException, ParseError) as error:
        raise Hostile from error
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Broken from error


def _leads_in(name: str) -> bool:
    return name.endswith(_ARCHIVES) or ".." in name or "vbaproject" in name or "activex/" in name


def _judge_part(member: zipfile.ZipInfo, parcel: zipfile.ZipFile) -> None:
    name = member.filename.lower()
    if name.endswith(".rels") or name == "[content_types].xml":
        if member.file_size > MAX_LIST:
            raise Hostile
        listed = fromstring(parcel.read(member), forbid_dtd=True)
        if any(_leads_out(one) for one in listed.iter()):
            raise Hostile
        return
    with parcel.open(member) as part:  # in pieces, to the end: what a part says of its size is checked by reading it
        if part.read(4) == b"PK\x03\x04":
            raise Hostile
        while part.read(256 * 1024):
            pass
    if name.endswith(".xml"):
        _refuse_dtd(member, parcel)


def _refuse_dtd(member: zipfile.ZipInfo, parcel: zipfile.ZipFile) -> None:
    """A DTD stands before the first element: no more of the part is parsed. Whoever reads it judges what is no XML."""
    with parcel.open(member) as part:
        try:
            next(iter(iterparse(part, events=("start",), forbid_dtd=True)), None)
        except ParseError:
            return


def _leads_out(line: Element) -> bool:
    if "macroenabled" in line.get("ContentType", "").lower():
        return True
    return line.get("TargetMode", "").lower() == "external" and not line.get("Type", "").lower().endswith(_PRESSED)
