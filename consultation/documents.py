"""Papers of a meeting: laid before it by those who prepare it, read by the village or by everybody."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User
from ui.fields import PlainTextField

from .document_files import Paper, read_document
from .eligibility import may_call, offices_in
from .errors import Invalid, WrongState
from .locks import lock_meeting
from .models import Meeting, MeetingDocument, Officer
from .models.documents import TITLE_MOST

A_MEETING = 10
A_PERSON = 300 * 1024 * 1024  # bytes of one account, over all meetings
PREPARING = frozenset({Officer.Role.CHAIR.value, Officer.Role.RECORDER.value})
# From the opening on they are what the meeting had before it.
_MAY_STILL_GO = (Meeting.State.PREPARING, Meeting.State.NOTICED)
_OVER = (Meeting.State.ARCHIVED, Meeting.State.CANCELLED)


def may_lay_before(user: User, meeting: Meeting) -> bool:
    """Who prepares the meeting: its chair and recorder, and those who call meetings."""
    return bool(offices_in(user, meeting) & PREPARING) or may_call(user, meeting.village)


def documents_of(meeting: Meeting, *, inside: bool) -> QuerySet[MeetingDocument]:
    """By number; outside of the village only what is for everybody."""
    found = MeetingDocument.objects.of(meeting.village).filter(meeting=meeting).order_by("number")
    return found if inside else found.filter(village_only=False)


def may_still_go(meeting: Meeting) -> bool:
    return meeting.state in _MAY_STILL_GO


def add_document(
    meeting: Meeting, upload: UploadedFile, *, by: User | None, title: str = "", village_only: bool = True
) -> MeetingDocument:
    """Lay one paper before the meeting; the same file again gives the paper that is there.

    Without a title it is called as its file. Raises DocumentRefused, Invalid when there are too many, WrongState when
    the meeting was called off or lies in the archive.
    """
    return _lay(meeting, read_document(upload), by=by, title=title, village_only=village_only)


@transaction.atomic
def _lay(meeting: Meeting, paper: Paper, *, by: User | None, title: str, village_only: bool) -> MeetingDocument:
    meeting = lock_meeting(meeting)
    if meeting.state in _OVER:
        raise WrongState(_("会议已经取消或者归档，不能再加材料。"))
    mine = documents_of(meeting, inside=True)
    same = mine.filter(sha256=paper.sha256).first()
    if same is not None:
        return same
    if mine.count() >= A_MEETING:
        raise Invalid(_("一次会议最多 %(most)s 份材料，请把几份合成一份。") % {"most": A_MEETING}, field="file")
    sent = MeetingDocument.objects.filter(uploaded_by=by).aggregate(all=Sum("size"))["all"] if by else 0
    if (sent or 0) + len(paper.content) > A_PERSON:
        raise Invalid(_("您上传的材料已经满 300 MB，请别的同志来上传。"), field="file")
    kept = MeetingDocument(
        village=meeting.village,
        meeting=meeting,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1,
        title=title.strip() or _named_after(paper),
        kind=paper.kind,
        size=len(paper.content),
        sha256=paper.sha256,
        village_only=village_only,
        uploaded_by=by,
    )
    kept.file.save("paper", ContentFile(paper.content), save=False)
    try:
        kept.save()
        _log("add_document", kept, by)
    except Exception:
        kept.file.delete(save=False)  # its row is undone with the transaction, the file is not
        raise
    return kept


def _named_after(paper: Paper) -> str:
    try:
        return PlainTextField(max_length=TITLE_MOST).clean(paper.name)
    except ValidationError:
        return _("会议材料")


def _log(action: str, document: MeetingDocument, by: User | None) -> None:
    meeting = document.meeting
    record(
        action=action, subject=meeting, village_id=document.village_id, actor=by, number=meeting.number,
        document=document.number, sha256=document.sha256, village_only=document.village_only,
    )  # fmt: skip


@transaction.atomic
def remove_document(document: MeetingDocument, *, by: User | None) -> None:
    """Take it back. Raises WrongState once the meeting has begun: then it is part of what the meeting had before it."""
    meeting = lock_meeting(document.meeting)
    if not may_still_go(meeting):
        raise WrongState(_("会议已经开始，材料要随会议存档，不能删。不该公开的，可以改成只给本村（社区）的人看。"))
    _log("remove_document", document, by)
    document.delete()


@transaction.atomic
def show_document(document: MeetingDocument, *, village_only: bool, by: User | None) -> MeetingDocument:
    """Let only the village read it, or everybody; at any time."""
    lock_meeting(document.meeting)
    line = MeetingDocument.objects.select_related("village", "meeting__village").get(pk=document.pk)
    if line.village_only != village_only:
        line.village_only = village_only
        line.save(update_fields=["village_only"])
        _log("show_document", line, by)
    return line
