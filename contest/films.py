"""A short film, by its name and its first bytes alone: it is not decoded, and is handed out as mp4 and nothing else."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from .errors import ContestRefused

LARGEST_FILM = 200 * 1024 * 1024
# Brands of ISO base media files (ISO/IEC 14496-12) that browsers play as video/mp4.
BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"})


def looks_like_film(head: bytes) -> bool:
    """Whether the first bytes are the `ftyp` box of an mp4: its length, its kind, a brand that we know."""
    if len(head) < 16 or head[4:8] != b"ftyp":
        return False
    size = int.from_bytes(head[:4], "big")
    if not 16 <= size <= 512 or size % 4 or len(head) < size:
        return False
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    return any(brand in BRANDS for brand in brands)


def require_film(upload: UploadedFile) -> None:
    """Raises ContestRefused: too_large, bad_type. Leaves the upload at its beginning."""
    if (upload.size or 0) > LARGEST_FILM:
        raise ContestRefused("too_large", _("短片太大，最多 200 MB。请剪短一些，或者用手机导出小一点的。"), "film")
    head = upload.read(512)
    upload.seek(0)
    if PurePosixPath(upload.name or "").suffix.lower() != ".mp4" or not looks_like_film(head):
        raise ContestRefused("bad_type", _("短片只收 mp4。这个文件不是 mp4 短片，请换一个。"), "film")
