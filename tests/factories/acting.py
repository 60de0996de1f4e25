"""Grants, substitutes and tablets in the state a test starts from."""

from __future__ import annotations

import io
import itertools

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from consultation import kiosk, proxies
from consultation.models import Kiosk, Photo, Proxy, RosterEntry

from .consultation import Hall, make_hall

_number = itertools.count(1)


def make_photo(village) -> Photo:
    """A kept photo, without its file."""
    token = f"{next(_number):032x}"
    return Photo.objects.create(village=village, file=f"photos/{token[:2]}/{token}.jpg", sha256=token * 2)


def jpeg(name: str = "grant.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def proxy_hall(households: int = 6, *, kind: str = "written", cap: int = 3, **fields: object) -> Hall:
    """A meeting that allows written grants; as `make_hall` otherwise."""
    hall = make_hall(households, **fields)
    hall.meeting.rules |= {"proxy": kind, "proxy_cap": cap}
    hall.meeting.save()
    return hall


def grant(hall: Hall, grantor: RosterEntry, holder: RosterEntry) -> Proxy:
    return proxies.grant_proxy(hall.meeting, grantor=grantor, holder=holder, photo=make_photo(hall.village), by=None)


def make_kiosk(hall: Hall) -> tuple[Kiosk, str]:
    """A tablet that was joined, and the token in its cookie."""
    row, token = kiosk.start_kiosk(hall.meeting, by=None)
    kept = kiosk.pair(hall.meeting, token)
    row.refresh_from_db()
    return row, kept
