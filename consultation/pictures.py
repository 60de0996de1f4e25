"""Photographs sent in: looked at before they are decoded, made anew, and nothing kept but what is to be seen."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from residents.models import User, Village

from .errors import PhotoRefused
from .models import Photo

LARGEST_BYTES = 20 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
QUALITY = 85
KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


def _kind_of(content: bytes) -> str:
    """What the first bytes say it is; empty for anything that is no photo of ours."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return ""


def _too_many_pixels() -> PhotoRefused:
    return PhotoRefused("too_large", _("照片的像素太多（最多 4000 万）。请用手机直接拍一张，不要用扫描件。"))


def make_anew(name: str, content: bytes) -> bytes:
    """A sound photo as a JPEG of ours: upright, at most 2400 pixels long, without place, device or any other note.

    `name` as it was sent. Raises PhotoRefused: too_large, bad_type (neither jpg, png nor webp, by name and content
    alike), refused_file (broken, moving, or not what it says it is).
    """
    if len(content) > LARGEST_BYTES:
        raise PhotoRefused("too_large", _("照片太大，最多 20 MB。请把手机相机的分辨率调低，再拍一张。"))
    kind = _kind_of(content)
    if not kind or KINDS.get(PurePosixPath(name).suffix.lower()) != kind:
        raise PhotoRefused("bad_type", _("只收照片：jpg、png 或者 webp。请用手机拍一张再上传。"))
    try:
        return _decode(content, kind)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:  # decoders raise whatever a hostile file makes them trip over
        raise PhotoRefused("refused_file", _("这张照片打不开，可能没有传完。请重新拍一张再上传。")) from error


def _decode(content: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(content), formats=[kind]) as sent:
        if sent.width * sent.height > LARGEST_PIXELS:  # the header only: nothing is decoded yet
            raise _too_many_pixels()
        # Phones lay a second picture behind a JPEG (MPO); the first is the photo.
        if kind != "JPEG" and getattr(sent, "n_frames", 1) > 1:
            raise PhotoRefused("refused_file", _("这是会动的图，不是照片。请用手机拍一张再上传。"))
        sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded no larger than needed
        seen = ImageOps.exif_transpose(sent)
        seen.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        # On white paper of its own: what the sent file carried besides its pixels stays behind.
        made = Image.new("RGB", seen.size, "white")
        if "A" in seen.getbands() or "transparency" in seen.info:
            clear = seen.convert("RGBA")
            made.paste(clear, mask=clear.getchannel("A"))
        else:
            made.paste(seen.convert("RGB"))
    out = io.BytesIO()
    made.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


@dataclass(frozen=True)
class Picture:
    """A photograph made anew, not kept yet."""

    content: bytes
    sha256: str


def read_photo(upload: UploadedFile) -> Picture:
    """Look at it and make it anew. Raises PhotoRefused.

    Not to be called in a transaction: it takes up to seconds, and on SQLite everybody else's ballot waits for its end.
    """
    if (upload.size or 0) > LARGEST_BYTES:  # said before it is read
        raise PhotoRefused("too_large", _("照片太大，最多 20 MB。请把手机相机的分辨率调低，再拍一张。"))
    content = make_anew(upload.name or "", upload.read(LARGEST_BYTES + 1))
    return Picture(content, hashlib.sha256(content).hexdigest())


@transaction.atomic
def keep_pictures(village: Village, pictures: Sequence[Picture], by: User | None) -> list[Photo]:
    """Keep them as photos that prove something to those concerned; all of them, or no file is left."""
    kept: list[Photo] = []
    try:
        for picture in pictures:
            photo = Photo(village=village, sha256=picture.sha256, uploaded_by=by)
            kept.append(photo)
            photo.file.save("photo.jpg", ContentFile(picture.content), save=False)
            photo.save()
    except Exception:
        for photo in kept:  # their rows are undone with the transaction, their files are not
            if photo.file:
                photo.file.storage.delete(str(photo.file.name))
        raise
    return kept


def keep_photo(village: Village, upload: UploadedFile, by: User | None) -> Photo:
    """Take in one photograph. Raises PhotoRefused; then nothing is kept. Not to be called in a transaction."""
    return keep_pictures(village, [read_photo(upload)], by)[0]


def discard_photo(photo: Photo) -> None:
    """Take a photo away that belongs to nothing (any more): its row, and with it its file."""
    photo.delete()


def find_photo(village: Village, token: str) -> Photo | None:
    """By the random name of its file (32 hex digits)."""
    return Photo.objects.of(village).filter(file=f"photos/{token[:2]}/{token}.jpg").first()


def token_of(photo: Photo) -> str:
    """The random name by which an address speaks of a photo."""
    return PurePosixPath(str(photo.file.name)).stem
