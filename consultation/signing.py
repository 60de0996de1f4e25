"""Who signs the minutes: each officer for themselves, the same words; or by hand, shown by a photo of the page."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User
from ui.dates import plain_date

from .errors import Invalid, NotAllowed, SamePerson, WrongState
from .locks import database_now
from .minutes import facts_of, locked, move
from .models import Meeting, Minutes, Motion, Officer, Signature
from .models.presets import Signers
from .pictures import Picture, keep_pictures, read_photo, token_of

Role = Officer.Role
SUPERVISORS = 3  # lines for the supervisory committee on the page of signatures
_ALWAYS: Mapping[str, tuple[Role, ...]] = {
    Signers.CHAIR: (Role.CHAIR,),
    Signers.CHAIR_RECORDER: (Role.CHAIR, Role.RECORDER),
    Signers.WITH_SCRUTINEER: (Role.CHAIR, Role.RECORDER),
    Signers.WITH_COUNTERS: (Role.CHAIR, Role.RECORDER),
}
_WHERE_COUNTED: Mapping[str, tuple[Role, ...]] = {
    Signers.WITH_SCRUTINEER: (Role.SCRUTINEER,),
    Signers.WITH_COUNTERS: (Role.SCRUTINEER, Role.TELLER),
}


def roles_that_sign(rule: str, *, counted: bool) -> tuple[str, ...]:
    """By a preset's rule; `counted` says whether people counted hands or papers."""
    return (*_ALWAYS[rule], *(_WHERE_COUNTED.get(rule, ()) if counted else ()))


def signers_of(meeting: Meeting) -> list[Officer]:
    """Who has to sign: those who held these offices at the end. An office nobody holds asks for no signature."""
    by_people = meeting.motions.filter(decisions__isnull=False).exclude(
        method__in=[Motion.Method.ONLINE, Motion.Method.NONE]
    )
    # Meetings noticed before there was such a rule have none in their frozen copy.
    rule = meeting.procedure.get("signers", Signers.WITH_SCRUTINEER)
    roles = roles_that_sign(rule, counted=by_people.exists())
    holders = {one.role: one for one in meeting.officers.serving().select_related("resident").order_by("since_at")}
    return [holders[role] for role in roles if role in holders]


def still_to_sign(minutes: Minutes) -> list[Officer]:
    """Those whose signature is missing; nobody once the minutes are signed, by whatever rule that was."""
    if minutes.state not in (Minutes.State.DRAFT, Minutes.State.CHECKED):
        return []
    given = set(minutes.signatures.values_list("role", flat=True))
    return [one for one in signers_of(minutes.meeting) if one.role not in given]


def digest_of(minutes: Minutes) -> str:
    """64 hex digits over facts and words."""
    sealed = [minutes.facts, minutes.proceedings, minutes.opinion]
    return hashlib.sha256(
        json.dumps(sealed, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def words_hold(minutes: Minutes) -> bool:
    """Whether facts and words are still those that were signed."""
    return not minutes.digest or minutes.digest == digest_of(minutes)


@transaction.atomic
def sign_minutes(
    minutes: Minutes, *, signer: Resident, by: User | None, at: datetime.datetime | None = None
) -> Minutes:
    """One officer signs, for their own office. The first signature freezes the words, the last completes the minutes.

    `at` is the moment (default now). Raises WrongState before the minutes are checked, after all have signed and for
    who has signed already, NotAllowed for somebody whose signature is not asked for.
    """
    minutes = locked(minutes)
    _require_checked(minutes)
    office = next((one for one in signers_of(minutes.meeting) if one.resident_id == signer.pk), None)
    if office is None:
        raise NotAllowed(_("这份会议记录不用您签字。要签字的是主持人、记录员，有清点的还有监票人。"))
    if not minutes.digest:
        with translation.override("zh-hans"):  # the record is in the village's language
            minutes.facts = facts_of(minutes.meeting)
        minutes.digest = digest_of(minutes)
    return _put(minutes, office, by=by, at=at)


def sign_on_paper(minutes: Minutes, *, role: str, upload: UploadedFile, uploader: Resident, by: User | None) -> Minutes:
    """Take in the photo of a page that an officer signed by hand; it counts as that officer's signature.

    Only once somebody has signed here, so that the words on the printed page are those that stay. Raises WrongState
    before, Invalid for an office whose signature is not missing, SamePerson for one's own page; PhotoRefused. Not to be
    called in a transaction: see read_photo.
    """
    _signed_by_hand(minutes, role, uploader)  # said before the photo is looked at, and again when it is kept
    return _keep_page(minutes, role, read_photo(upload), uploader, by=by)


def _signed_by_hand(minutes: Minutes, role: str, uploader: Resident) -> Officer:
    _require_checked(minutes)
    if not minutes.digest:
        raise WrongState(_("请先有一个人在网上签字，文字就定下来了；再打印签字页，让不方便的人在纸上签。"))
    office = next((one for one in still_to_sign(minutes) if one.role == role), None)
    if office is None:
        raise Invalid(_("这个人已经签过字，或者不用签字，请刷新页面看看。"), field="role")
    if office.resident_id == uploader.pk:
        raise SamePerson(_("自己在纸上签的，要由另一个人上传照片；您也可以直接在网上签。"))
    return office


@transaction.atomic
def _keep_page(minutes: Minutes, role: str, page: Picture, uploader: Resident, *, by: User | None) -> Minutes:
    minutes = locked(minutes)
    office = _signed_by_hand(minutes, role, uploader)
    (photo,) = keep_pictures(minutes.meeting.village, [page], by)
    return _put(minutes, office, by=by, photo=photo, uploaded_by=uploader)


@transaction.atomic
def excuse_signature(minutes: Minutes, *, role: str, reason: str, supervisor: Resident, by: User | None) -> Minutes:
    """The supervisory committee writes down that an officer does not sign, and why: ill, gone, refuses.

    The minutes say so in place of the signature. Only once somebody has signed: nobody's word alone makes minutes.
    Raises WrongState before, Invalid without a reason or for an office whose signature is not missing, SamePerson for
    the supervisor's own.
    """
    minutes = locked(minutes)
    _require_checked(minutes)
    if not minutes.digest:
        raise WrongState(_("请先有一个人签字，再说明谁没有签。"))
    if not reason.strip():
        raise Invalid(_("请写明为什么没有签字，例如住院、外出联系不上、不愿意签。"), field="reason")
    office = next((one for one in still_to_sign(minutes) if one.role == role), None)
    if office is None:
        raise Invalid(_("这个人已经签过字，或者不用签字，请刷新页面看看。"), field="role")
    if office.resident_id == supervisor.pk:
        raise SamePerson(_("自己没有签的，要由监督委员会另一个人说明。"))
    return _put(minutes, office, by=by, missing_because=reason.strip()[:200], excused_by=supervisor)


def _require_checked(minutes: Minutes) -> None:
    if minutes.state == Minutes.State.DRAFT:
        raise WrongState(_("监督委员会核对以后才能签字。"))
    if minutes.state != Minutes.State.CHECKED:
        raise WrongState(_("会议记录已经签好字，不用再签。"))


def _put(
    minutes: Minutes, office: Officer, *, by: User | None, at: datetime.datetime | None = None, **shown: Any
) -> Minutes:
    if minutes.signatures.filter(role=office.role).exists():
        raise WrongState(_("您已经签过字，正在等别人签。"))
    now = at or database_now()
    Signature.objects.create(
        village=minutes.meeting.village,
        minutes=minutes,
        role=office.role,
        resident=office.resident,
        name=office.resident.name,
        digest=minutes.digest,
        signed_at=now,
        **shown,
    )
    if not still_to_sign(minutes):
        move(minutes, Minutes.State.SIGNED)
        minutes.signed_at = now
    minutes.save()
    on_paper = {"on_paper": shown["photo"].sha256} if "photo" in shown else {}
    why = {"reason": shown["missing_because"], "excused_by": shown["excused_by"].name} if "excused_by" in shown else {}
    record(
        action="excuse_signature" if why else "sign_minutes", subject=minutes.meeting, village_id=minutes.village_id,
        actor=by, number=minutes.meeting.number, role=office.role, signer=office.resident.name, digest=minutes.digest,
        **on_paper, **why,
    )  # fmt: skip
    return minutes


@dataclass(frozen=True)
class Line:
    """One office on the page of signatures: who signed and when, or who still has to."""

    role: str
    label: str
    name: str
    on: datetime.date | None = None
    uploaded_by: str = ""
    photo: str = ""
    missing_because: str = ""
    excused_by: str = ""

    @property
    def note(self) -> str:
        """For the village: why somebody did not sign may tell of an illness."""
        if self.missing_because:
            return _("没有签字：%(reason)s（监督委员会%(name)s说明）") % {
                "reason": self.missing_because, "name": self.excused_by,
            }  # fmt: skip
        return _("签在纸上，%(name)s上传照片") % {"name": self.uploaded_by} if self.uploaded_by else ""


def page_rows(minutes: Minutes, *, inside: bool) -> list[tuple[str, list[str]]]:
    """The page of signatures: each office with what was signed here, and room for those who sign by hand.

    `inside` says why somebody did not sign.
    """
    village = minutes.meeting.village
    lines = {line.role: line for line in lines_of(minutes)}
    offices = [role for role in Role if role.value in lines or minutes.facts.get(role.value)]
    checked = [minutes.checked_by.name] if minutes.checked_by else []
    if minutes.checked_at is not None:
        checked.append(plain_date(village.local_date(minutes.checked_at)))
    supervisors = [checked, *[[] for _more in range(SUPERVISORS - 1)]]
    return [
        *((str(role.label), _words(lines.get(role.value), inside=inside)) for role in offices),
        *((_("监督委员会"), words) for words in supervisors),
    ]


def _words(line: Line | None, *, inside: bool) -> list[str]:
    if line is None or line.on is None:
        return []
    if line.missing_because:
        return [line.note if inside else _("没有签字")]
    return [line.name, plain_date(line.on), *([f"（{line.note}）"] if line.note else [])]


def lines_of(minutes: Minutes) -> list[Line]:
    """Those who have signed, in the order of the offices, then those who still have to."""
    village = minutes.meeting.village
    order = [role.value for role in Role]
    signed = [
        Line(
            one.role,
            str(one.get_role_display()),
            one.name,
            village.local_date(one.signed_at),
            one.uploaded_by.name if one.uploaded_by else "",
            token_of(one.photo) if one.photo else "",
            one.missing_because,
            one.excused_by.name if one.excused_by else "",
        )
        for one in minutes.signatures.select_related("uploaded_by", "photo", "excused_by")
    ]
    missing = [Line(one.role, str(one.get_role_display()), one.resident.name) for one in still_to_sign(minutes)]
    return sorted([*signed, *missing], key=lambda line: order.index(line.role))
