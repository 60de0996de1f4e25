"""An uploaded sheet on its way: kept sealed for an hour, read and compared by whichever process comes to it."""

from __future__ import annotations

import datetime
import json
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import SheetMapping, SheetUpload, User, Village
from .phones import open_text, seal_text
from .sheets.files import roll_sheet
from .sheets.headings import LABELS, Layout, with_mapping
from .sheets.people import People, PersonRow, read_people
from .sheets.plan import plan_import
from .sheets.preview import Preview, preview_of
from .sheets.reading import Sheet, SheetRefused

KEPT = datetime.timedelta(hours=1)
# Work that made no step for so long belongs to a process that is gone.
GIVEN_UP = datetime.timedelta(seconds=60)
# After so long the page itself does what no worker has come to.
UNATTENDED = datetime.timedelta(seconds=8)
STEP_SECONDS = 0.7


def keep_sheet(village: Village, user: User, *, name: str, content: bytes, whole: bool) -> SheetUpload:
    """Lay a file aside until somebody has looked at what it would do; those that are too old go."""
    SheetUpload.objects.of(village).filter(expires_at__lte=timezone.now()).delete()
    return SheetUpload.objects.create(
        village=village,
        user=user,
        token=secrets.token_urlsafe(16),
        name=name[:255],
        whole=whole,
        content_sealed=seal_text(content),
        expires_at=timezone.now() + KEPT,
    )


def find_sheet(village: Village, user: User, token: str) -> SheetUpload | None:
    """Only for who sent it, and only for an hour."""
    return SheetUpload.objects.of(village).kept().filter(user=user, token=token).first()


def opened(upload: SheetUpload) -> tuple[Sheet, Layout]:
    """The worksheet and its columns, as somebody said by hand for such headings. Raises SheetRefused."""
    sheet, layout = roll_sheet(upload.name, open_text(bytes(upload.content_sealed)))
    mapping = mapping_for(upload.village, layout)
    return sheet, with_mapping(layout, mapping) if mapping is not None else layout


def mapping_for(village: Village, layout: Layout) -> dict[str, str] | None:
    found = SheetMapping.objects.of(village).filter(headings=layout.fingerprint).first()
    return found.columns if found else None


def set_columns(upload: SheetUpload, layout: Layout, mapping: dict[str, str]) -> None:
    """What each column means; remembered for the next sheet with these headings. The sheet is compared anew."""
    SheetMapping.objects.update_or_create(
        village=upload.village, headings=layout.fingerprint, defaults={"columns": mapping}
    )
    SheetUpload.objects.filter(pk=upload.pk).update(
        state=SheetUpload.State.WAITING,
        stepped_at=timezone.now(),
        outcome_sealed=b"",
        refused_code="",
        refused_message="",
        done=0,
        total=0,
    )


@dataclass(frozen=True)
class Outcome:
    """What a sheet was found to say."""

    people: People
    preview: Preview


def outcome_of(upload: SheetUpload) -> Outcome:
    told = json.loads(zlib.decompress(open_text(bytes(upload.outcome_sealed))))
    people = [PersonRow.from_json(one) for one in told["people"]]
    return Outcome(People(told["rows"], people, [], []), Preview.from_json(told["preview"]))


def _sealed(people: People, preview: Preview) -> bytes:
    told = {"rows": people.rows, "people": [one.as_json() for one in people.people], "preview": preview.as_json()}
    return seal_text(zlib.compress(json.dumps(told, ensure_ascii=False).encode()))


def is_left_lying(upload: SheetUpload) -> bool:
    """Whether nobody works on it: no worker runs, or the one that began is gone."""
    idle = timezone.now() - (upload.stepped_at or upload.created_at)
    if upload.state == SheetUpload.State.WAITING:
        return idle > UNATTENDED
    return upload.state in SheetUpload.WORKING and idle > GIVEN_UP


def work_on(upload_id: int) -> None:
    """Read and compare a sheet that waits, unless another process is at it; tell how far it is on the way."""
    now = timezone.now()
    begun = (
        SheetUpload.objects.kept()
        .filter(pk=upload_id)
        .filter(Q(state=SheetUpload.State.WAITING) | Q(state__in=SheetUpload.WORKING, stepped_at__lte=now - GIVEN_UP))
        .update(state=SheetUpload.State.READING, stepped_at=now, done=0, total=0)
    )
    if not begun:
        return
    upload = SheetUpload.objects.select_related("village").get(pk=upload_id)
    try:
        people, preview = _compared(upload)
    except SheetRefused as refused:
        _say(upload, SheetUpload.State.REFUSED, refused_code=refused.code, refused_message=refused.message[:200])
    except Exception:
        # Whoever waits is not left waiting; what went wrong stands in the log.
        message = _("读这个表格的时候出了问题，请重新上传；还不行，请联系网站管理员。")
        _say(upload, SheetUpload.State.REFUSED, refused_code="invalid", refused_message=message)
        raise
    else:
        _say(upload, SheetUpload.State.READY, outcome_sealed=_sealed(people, preview))


def _compared(upload: SheetUpload) -> tuple[People, Preview]:
    today = timezone.localdate()
    sheet, layout = opened(upload)
    people = read_people(sheet, layout, today=today, told=_steps(upload, SheetUpload.State.CHECKING))
    headings = {field: layout.heading(field) for field in LABELS}
    plan = plan_import(
        upload.village, people, on=today, whole=upload.whole, headings=headings,
        told=_steps(upload, SheetUpload.State.COMPARING),
    )  # fmt: skip
    return people, preview_of(plan)


def _say(upload: SheetUpload, state: str, **fields: object) -> None:
    SheetUpload.objects.filter(pk=upload.pk).update(state=state, stepped_at=timezone.now(), **fields)


def _steps(upload: SheetUpload, state: str) -> Callable[[int, int], None]:
    """Write down how far it is, not more than once in a while."""
    said_at = 0.0

    def told(done: int, total: int) -> None:
        nonlocal said_at
        if done % 100 == 0 and time.monotonic() - said_at >= STEP_SECONDS:
            said_at = time.monotonic()
            _say(upload, state, done=done, total=total)

    return told
