"""What is added to signed minutes in words: by chair or recorder, confirmed by somebody else, never changed."""

from __future__ import annotations

import datetime
import hashlib
import json

from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Proposal, User
from residents.offices import person_of
from residents.rights import Act, may
from residents.two_people import NotWaiting, handler, propose

from .eligibility import may_check_minutes, offices_in
from .errors import Invalid, NotAllowed, WrongState
from .locks import database_now
from .minutes import locked
from .models import Addendum, Meeting, Minutes, Officer
from .models.minutes import ADDENDUM_MOST

_TAKES = (Minutes.State.SIGNED, Minutes.State.PUBLISHED, Minutes.State.ARCHIVED)
_WRITES = frozenset({Officer.Role.CHAIR, Officer.Role.RECORDER})


def may_add(user: User, meeting: Meeting) -> bool:
    """Write an addendum: the meeting's chair and recorder."""
    return bool(offices_in(user, meeting) & _WRITES)


def may_confirm(user: User, meeting: Meeting) -> bool:
    """Confirm one: another officer of the meeting, or the supervisory committee."""
    return bool(offices_in(user, meeting)) or (user.is_authenticated and may_check_minutes(user, meeting))


def takes_addenda(minutes: Minutes) -> bool:
    """Before all have signed the words themselves are put right."""
    return minutes.state in _TAKES


def propose_addendum(minutes: Minutes, *, text: str, by: User) -> Proposal:
    """Chair or recorder writes one; nobody else reads it until a second person agrees.

    Raises WrongState before the minutes are signed, Invalid for no text or more than 2,000 characters, NotAllowed for
    others.
    """
    meeting = minutes.meeting
    if not may_add(by, meeting):
        raise NotAllowed(_("补记由主持人或者记录员来写。"))
    if not takes_addenda(minutes):
        raise WrongState(_("会议记录签好字以后才能补记。还没签好的，请退回修改。"))
    words = text.strip()
    if not words:
        raise Invalid(_("请写明要补记什么。"), field="text")
    if len(words) > ADDENDUM_MOST:
        raise Invalid(_("补记最多 %(most)s 个字。") % {"most": ADDENDUM_MOST}, field="text")
    return propose(
        kind=Proposal.Kind.ADD_TO_MINUTES,
        summary=_("会议记录补记：%(meeting)s") % {"meeting": meeting.title},
        payload={
            "minutes": minutes.pk,
            "text": words,
            "words": [[_("会议"), meeting.title], [_("补记"), words]],
        },
        by=by,
        village=meeting.village,
    )


def waiting_for(minutes: Minutes) -> list[Proposal]:
    """What was written and nobody has confirmed yet."""
    waiting = Proposal.objects.of(minutes.meeting.village).waiting()
    found = waiting.filter(kind=Proposal.Kind.ADD_TO_MINUTES, payload__minutes=minutes.pk)
    return list(found.select_related("proposed_by").order_by("number"))


def _may_decide(user: User, proposal: Proposal) -> bool:
    """A meeting's officers are among those who may, though their office is none of the village's."""
    minutes = Minutes.objects.select_related("meeting__village").filter(pk=proposal.payload["minutes"]).first()
    if minutes is None or minutes.village_id != proposal.village_id:
        return proposal.village is not None and may(user, Act.ADD_TO_MINUTES, proposal.village)
    return may_confirm(user, minutes.meeting)


@handler(Proposal.Kind.ADD_TO_MINUTES, Act.ADD_TO_MINUTES, held=_may_decide)
def _add(proposal: Proposal, by: User) -> None:
    found = Minutes.objects.filter(pk=proposal.payload["minutes"], village=proposal.village).first()
    if found is None:
        raise NotWaiting(_("这份会议记录已经不在了。"))
    minutes = locked(found)  # numbers and checksums follow one another: one at a time
    village = minutes.meeting.village
    writer, confirmer = proposal.proposed_person, person_of(by, village)
    if writer is None or confirmer is None:
        raise NotWaiting(_("写和确认的两个人都要在本村名册上。"))
    last = minutes.addenda.order_by("-number").first()
    made = Addendum(
        village=village,
        minutes=minutes,
        number=last.number + 1 if last else 1,
        text=proposal.payload["text"],
        written_by=writer,
        writer_name=writer.name,
        written_at=proposal.created_at,
        confirmed_by=confirmer,
        confirmer_name=confirmer.name,
        confirmed_at=database_now(),
    )
    made.digest = digest_of(made, last.digest if last else minutes.digest)
    made.save()
    record(
        action="add_to_minutes", subject=minutes.meeting, village_id=minutes.village_id, actor=by,
        meeting=minutes.meeting.number, number=made.number, writer=writer.name, digest=made.digest,
    )  # fmt: skip


def digest_of(addendum: Addendum, before: str) -> str:
    """64 hex digits over the addendum and what stands before it: the minutes' own checksum, or the addendum before."""
    held = [
        before, addendum.number, addendum.text, addendum.writer_name, _moment(addendum.written_at),
        addendum.confirmer_name, _moment(addendum.confirmed_at),
    ]  # fmt: skip
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat(timespec="seconds")


def chain_holds(minutes: Minutes) -> bool:
    """Whether no addendum was changed, taken out or slipped in since."""
    before = minutes.digest
    for number, one in enumerate(minutes.addenda.order_by("number"), start=1):
        if one.number != number or one.digest != digest_of(one, before):
            return False
        before = one.digest
    return True
