"""Files sent in as papers of a meeting: what they are by name and content alike, looked through before they are kept.

Nothing is run or laid out here: a PDF or an Office file is kept as it was sent and only ever handed out to be saved.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from .errors import DocumentRefused, PhotoRefused
from .models import MeetingDocument
from .pictures import KINDS as PICTURES
from .pictures import make_anew

LARGEST_BYTES = 20 * 1024 * 1024
MAX_MEMBERS = 200
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 100
MAX_LIST = 1024 * 1024  # of a part that lists others
ACCEPTED = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png,.webp"
Kind = MeetingDocument.Kind
# The part that makes an Office file what it is.
_HEART = {Kind.DOCX: "word/document.xml", Kind.XLSX: "xl/workbook.xml"}
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".exe", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm")
# A link that somebody presses; any other leads out by itself: a template, a picture, another workbook.
_PRESSED = "/hyperlink"


@dataclass(frozen=True)
class Paper:
    """A file that may be kept."""

    kind: Kind
    content: bytes
    sha256: str
    name: str  # as it was sent, without its ending


def read_document(upload: UploadedFile) -> Paper:
    """Look the file through. Raises DocumentRefused: too_large, bad_type (by name and content alike), refused_file."""
    if (upload.size or 0) > LARGEST_BYTES:  # said before it is read
        raise DocumentRefused("too_large", _("文件太大，最多 20 MB。可以分成几份，或者把里面的图片缩小再存。"))
    path = PurePosixPath((upload.name or "").replace("\\", "/"))
    ending, content = path.suffix.lower(), upload.read(LARGEST_BYTES + 1)
    if ending in PICTURES:
        try:
            content, kind = make_anew(path.name, content), Kind.JPG
        except PhotoRefused as error:
            raise DocumentRefused(error.code, error.message) from error
    elif ending == ".pdf" and content.startswith(b"%PDF-"):
        kind = Kind.PDF
        if b"%%EOF" not in content[-2048:]:
            raise _broken()
    elif ending in (".docx", ".xlsx") and content.startswith(b"PK\x03\x04"):
        kind = Kind(ending[1:])
        _look_through(content, _HEART[kind])
    else:
        raise DocumentRefused(
            "bad_type", _("只收 PDF、Word（.docx）、Excel（.xlsx）和照片。老格式的请打开后另存为 PDF 再上传。")
        )
    return Paper(kind, content, hashlib.sha256(content).hexdigest(), path.stem)


def _broken() -> DocumentRefused:
    return DocumentRefused("refused_file", _("这个文件打不开，可能没有传完。请在电脑上打开看看，再上传一次。"))


def _hostile() -> DocumentRefused:
    return DocumentRefused(
        "refused_file", _("文件里有宏、外部链接或者套着别的文件，不能收。请在电脑上打开，另存为 PDF 再上传。")
    )


def _look_through(content: bytes, heart: str) -> None:
    """An Office file is a parcel of parts: few enough, no larger than said, no macro, nothing that leads out or in."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            members = parcel.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > len(content) * MAX_RATIO:
                raise DocumentRefused("refused_file", _("文件里的内容太多，不能收。请另存为 PDF 再上传。"))
            names = [member.filename.lower() for member in members]
            if heart not in names or "[content_types].xml" not in names:
                raise _broken()
            if len(set(names)) != len(names) or any(_leads_in(name) for name in names):
                raise _hostile()
            for member in members:
                _judge_part(member, parcel)
    except (DefusedXmlException, ParseError) as error:
        raise _hostile() from error
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _broken() from error


def _leads_in(name: str) -> bool:
    return name.endswith(_ARCHIVES) or ".." in name or "vbaproject" in name or "activex/" in name


def _judge_part(member: zipfile.ZipInfo, parcel: zipfile.ZipFile) -> None:
    name = member.filename.lower()
    if name.endswith(".rels") or name == "[content_types].xml":
        if member.file_size > MAX_LIST:
            raise _hostile()
        listed = fromstring(parcel.read(member), forbid_dtd=True)
        if any(_leads_out(one) for one in listed.iter()):
            raise _hostile()
        return
    with parcel.open(member) as part:  # in pieces, to the end: what a part says of its size is checked by reading it
        if part.read(4) == b"PK\x03\x04":
            raise _hostile()
        while part.read(256 * 1024):
            pass


def _leads_out(line: Element) -> bool:
    if "macroenabled" in line.get("ContentType", "").lower():
        return True
    return line.get("TargetMode", "").lower() == "external" and not line.get("Type", "").lower().endswith(_PRESSED)
