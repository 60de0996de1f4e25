"""Signatures on paper, typed by one and compared by another; and those that two supervisors find invalid."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Proposal, Resident, User
from residents.offices import person_of
from residents.rights import Act
from residents.two_people import NotWaiting, SamePerson, handler, propose

from .errors import Invalid, MeetingError, WrongState
from .errors import SamePerson as TheSame
from .models import Petition, PetitionSheet, PetitionSignature
from .petitions import in_the_log, locked, may_count, require_open, weigh, write_signatures
from .pictures import Picture, keep_pictures, read_photo

PHOTOS_MOST = 4
A_SHEET_MOST = 100
SHEETS_MOST = 500


def enter_sheet(
    petition: Petition,
    *,
    people: Sequence[Resident],
    photos: Sequence[UploadedFile],
    by: User,
    at: datetime.datetime | None = None,
) -> PetitionSheet:
    """Type a list signed by hand, with its photo; nobody on it counts before a second person has compared it.

    Those who signed already are left out. Raises Invalid without a photo, for nobody new, or for somebody who does not
    count for that body; WrongState once it has ended; PhotoRefused.
    """
    if not photos or len(photos) > PHOTOS_MOST:
        raise Invalid(_("请上传签名单的照片，一到 %(most)s 张。") % {"most": PHOTOS_MOST}, field="photos")
    if len(people) > A_SHEET_MOST:
        raise Invalid(_("一次最多录 %(most)s 个人，请分几次录。") % {"most": A_SHEET_MOST}, field="names")
    counting = may_count(petition)
    strangers = [person.name for person in people if person.pk not in counting]
    if strangers:
        named = "、".join(strangers[:5])
        raise Invalid(_("这些人不算在能请求开这种会的人里：%(names)s。") % {"names": named}, field="names")
    pictures = [read_photo(upload) for upload in photos]
    return _enter(petition, people, pictures, by=by, moment=at or timezone.now())


@transaction.atomic
def _enter(
    petition: Petition, people: Sequence[Resident], pictures: Sequence[Picture], *, by: User, moment: datetime.datetime
) -> PetitionSheet:
    line = locked(petition)
    require_open(line)
    known = set(line.signatures.filter(voided_at=None).values_list("resident", flat=True))
    new = list({person.pk: person for person in people if person.pk not in known}.values())
    if not new:
        raise Invalid(_("这些人都已经签过名，或者已经录过了。"), field="names")
    last = line.sheets.aggregate(last=Max("number"))["last"] or 0
    if last >= SHEETS_MOST:
        raise WrongState(_("一件请求最多录 %(most)s 张签名单。") % {"most": SHEETS_MOST})
    sheet = PetitionSheet.objects.create(
        village=line.village, petition=line, number=last + 1, entered_by=by, entered_person=person_of(by, line.village),
        entered_at=moment,
    )  # fmt: skip
    write_signatures(line, new, by=by, moment=moment, sheet=sheet)
    record(
        action="enter_petition_sheet", subject=in_the_log(line), village_id=line.village_id, actor=by,
        number=line.number, sheet=sheet.number, signatures=len(new),
    )  # fmt: skip
    sheet.photos.set(keep_pictures(line.village, pictures, by))
    return sheet


@transaction.atomic
def decide_sheet(
    sheet: PetitionSheet, *, found: Collection[int], by: User, at: datetime.datetime | None = None
) -> PetitionSheet:
    """A second person says whose names (numbers of signatures) stand on the photo; only they count from now on.

    Nobody found sends the list back. Raises SamePerson for who typed it, WrongState for a list decided on before.
    """
    moment = at or timezone.now()
    petition = locked(sheet.petition)
    line = PetitionSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    require_open(petition)
    if line.state != PetitionSheet.State.ENTERED:
        raise WrongState(_("这张签名单已经核对过了。"))
    person = person_of(by, petition.village)
    if by.pk == line.entered_by_id or (person is not None and person.pk == line.entered_person_id):
        raise TheSame(_("录入的人不能自己核对，请换一位。"))
    given = PetitionSignature.objects.of(petition.village).filter(sheet=line)
    kept = given.filter(number__in=found).count()
    given.exclude(number__in=found).delete()
    line.state = PetitionSheet.State.CONFIRMED if kept else PetitionSheet.State.REFUSED
    line.decided_by, line.decided_person, line.decided_at = by, person, moment
    line.save(update_fields=["state", "decided_by", "decided_person", "decided_at"])
    record(
        action="decide_petition_sheet", subject=in_the_log(petition), village_id=petition.village_id, actor=by,
        number=petition.number, sheet=line.number, state=line.state, signatures=kept,
    )  # fmt: skip
    weigh(petition, moment)
    return line


# A signature that was not that person's


def propose_void(signature: PetitionSignature, *, reason: str, by: User) -> Proposal:
    """Ask a second supervisor to find a signature invalid. By number: more people read what waits than may know names.

    Raises Invalid without a reason, WrongState for one found invalid before, asked already, or once a meeting was
    called, SamePerson for one's own.
    """
    petition = signature.petition
    _require_voidable(signature)
    if not reason.strip():
        raise Invalid(_("请写明为什么无效。"), field="reason")
    _require_other(signature, by)
    same = f"void:{signature.pk}"
    if Proposal.objects.of(petition.village).waiting().filter(payload__same=same).exists():
        raise WrongState(_("同样的事已经有人提出，正等第二人确认，不用再提。"))
    what = _("%(petition)s的 %(number)s 号签名") % {"petition": in_the_log(petition), "number": signature.number}
    return propose(
        kind=Proposal.Kind.VOID_SIGNATURE,
        village=petition.village,
        summary=_("%(what)s无效") % {"what": what},
        payload={
            "signature": signature.pk,
            "reason": reason.strip(),
            "same": same,
            "words": [[_("哪个签名"), what], [_("原因"), reason.strip()]],
        },
        by=by,
    )


def _require_voidable(signature: PetitionSignature) -> None:
    if signature.voided_at is not None:
        raise WrongState(_("这个签名已经认定无效了。"))
    if not signature.petition.is_open:
        raise WrongState(_("这件请求已经有结果了，签名不再变。"))


def _require_other(signature: PetitionSignature, user: User) -> None:
    person = person_of(user, signature.petition.village)
    if person is not None and person.pk == signature.resident_id:
        raise TheSame(_("自己的签名，由别的监督委员认定。"))


@handler(Proposal.Kind.VOID_SIGNATURE, Act.VOID_SIGNATURE, step_up=True)
def _void(proposal: Proposal, by: User) -> None:
    told = proposal.payload
    found = PetitionSignature.objects.select_related("petition__village").filter(pk=told["signature"]).first()
    if found is None:
        raise NotWaiting(_("这个签名已经撤回了，请退回。"))
    petition = locked(found.petition)
    line = PetitionSignature.objects.select_for_update(of=("self",)).get(pk=found.pk)
    line.petition = petition
    try:
        _require_voidable(line)
        _require_other(line, by)
    except TheSame as refused:
        raise SamePerson(str(refused.message)) from refused
    except MeetingError as refused:
        raise NotWaiting(str(refused.message)) from refused
    moment = timezone.now()
    line.voided_at, line.void_reason = moment, told["reason"]
    line.save(update_fields=["voided_at", "void_reason"])
    record(
        action="void_petition_signature", subject=in_the_log(petition), village_id=petition.village_id,
        actor=proposal.proposed_by, number=petition.number, signature=line.number, reason=line.void_reason,
        confirmed_by=by.pk,
    )  # fmt: skip
    weigh(petition, moment)
