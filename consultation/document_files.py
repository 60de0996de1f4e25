"""Files sent in as papers of a meeting: what they are by name and content alike, looked through before they are kept.

Nothing is run or laid out here: a PDF or an Office file is kept as it was sent and only ever handed out to be saved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from ui.office_files import SHEETS, WORD, Broken, Hostile, TooMuch, look_through

from .errors import DocumentRefused, PhotoRefused
from .models import MeetingDocument
from .pictures import KINDS as PICTURES
from .pictures import make_anew

LARGEST_BYTES = 20 * 1024 * 1024
ACCEPTED = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png,.webp"
Kind = MeetingDocument.Kind
_HEART = {Kind.DOCX: WORD, Kind.XLSX: SHEETS}


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
        _office(content, _HEART[kind])
    else:
        raise DocumentRefused(
            "bad_type", _("只收 PDF、Word（.docx）、Excel（.xlsx）和照片。老格式的请打开后另存为 PDF 再上传。")
        )
    return Paper(kind, content, hashlib.sha256(content).hexdigest(), path.stem)


def _broken() -> DocumentRefused:
    return DocumentRefused("refused_file", _("这个文件打不开，可能没有传完。请在电脑上打开看看，再上传一次。"))


def _office(content: bytes, heart: str) -> None:
    try:
        look_through(content, heart)
    except TooMuch as error:
        raise DocumentRefused("refused_file", _("文件里的内容太多，不能收。请另存为 PDF 再上传。")) from error
    except Hostile as error:
        raise DocumentRefused(
            "refused_file", _("文件里有宏、外部链接或者套着别的文件，不能收。请在电脑上打开，另存为 PDF 再上传。")
        ) from error
    except Broken as error:
        raise _broken() from error
