"""Recordings sent in: looked at by size and content, kept as they are, never served as plain media."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from residents.models import User

from .errors import RecordingRefused
from .models import Recording, Topic

LARGEST_BYTES = 5 * 1024 * 1024
LONGEST_SECONDS = 180  # held by the page's own recorder; a file that was sent is held by its size


@dataclass(frozen=True)
class Sound:
    """A recording that may be kept."""

    kind: str
    content: bytes
    sha256: str


def kind_of(content: bytes) -> str:
    """What the first bytes say it is; empty for anything phones and browsers do not record."""
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return Recording.Kind.WEBM
    if content.startswith(b"OggS"):
        return Recording.Kind.OGG
    if content[4:8] == b"ftyp":
        return Recording.Kind.MP4
    if content.startswith(b"ID3") or (content[:1] == b"\xff" and content[1:2] in (b"\xfb", b"\xf3", b"\xf2")):
        return Recording.Kind.MP3
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Recording.Kind.WAV
    if content.startswith(b"#!AMR"):
        return Recording.Kind.AMR
    return ""


def read_recording(upload: UploadedFile) -> Sound:
    """Read it, or raise RecordingRefused: too_large, bad_type. Nothing is kept yet."""
    if (upload.size or 0) > LARGEST_BYTES:  # said before it is read
        raise RecordingRefused("too_large", _("语音太长，最多 3 分钟、5 MB。请分成几段，说要紧的。"))
    content = upload.read(LARGEST_BYTES + 1)
    kind = kind_of(content)
    if not kind:
        raise RecordingRefused("bad_type", _("只收语音文件。请直接按录音，或者用手机的录音机录好再选。"))
    return Sound(kind, content, hashlib.sha256(content).hexdigest())


def keep_recording(topic: Topic, sound: Sound, *, by: User | None) -> Recording:
    """Lay it beside the topic, in the transaction that raises it."""
    kept = Recording(village=topic.village, topic=topic, kind=sound.kind, sha256=sound.sha256, uploaded_by=by)
    kept.file.save("voice", ContentFile(sound.content), save=False)
    try:
        kept.save()
    except Exception:
        kept.file.delete(save=False)
        raise
    return kept
