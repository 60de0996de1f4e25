"""Acts that need two: one proposes, somebody else, who is another person on the roll too, confirms or sends back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Proposal, Region, Resident, User, Village
from .offices import person_of
from .rights import Act, may, may_over

OPEN_DAYS = 14  # a proposal nobody decided on is no proposal any more


class TwoPeopleError(Exception):
    """Refused; `code` is one of ui.answers, the message says what to do."""

    code = "wrong_state"

    @property
    def message(self) -> str:
        return str(self.args[0])


class NotWaiting(TwoPeopleError):
    pass


class SamePerson(TwoPeopleError):
    code = "same_person"


class Forbidden(TwoPeopleError):
    code = "forbidden"


Apply = Callable[[Proposal, User], None]
Held = Callable[[User, Proposal], bool]


@dataclass(frozen=True)
class _Handler:
    act: Act
    over: Act
    apply: Apply
    step_up: bool
    held: Held | None


_handlers: dict[str, _Handler] = {}


def handler(
    kind: str, act: Act, *, over: Act | None = None, step_up: bool = False, held: Held | None = None
) -> Callable[[Apply], Apply]:
    """Register what a kind of proposal does once it is confirmed, and the right both people need.

    `over` is that right where the proposal belongs to a region; the same one when it is not given. With `step_up`
    whoever confirms has just shown the second factor again. `held` tells who has the right where it hangs on more than
    the village: on an office in a meeting, for one.
    """

    def register(apply: Apply) -> Apply:
        _handlers[kind] = _Handler(act, over or act, apply, step_up, held)
        return apply

    return register


def right_for(kind: str, *, over: bool = False) -> Act:
    """The right a kind of proposal needs in a village, or over a region."""
    return _handlers[kind].over if over else _handlers[kind].act


def asks_again(kind: str) -> bool:
    """Whether confirming it asks for the second factor once more."""
    return _handlers[kind].step_up


def may_decide(user: User, proposal: Proposal) -> bool:
    """Whether the account has the right that the act needs, in the village or over the region it belongs to."""
    held = _handlers[proposal.kind].held
    if held is not None:
        return held(user, proposal)
    if proposal.village is not None:
        return may(user, right_for(proposal.kind), proposal.village)
    return proposal.region is not None and may_over(user, right_for(proposal.kind, over=True), proposal.region)


@transaction.atomic
def propose(
    *,
    kind: str,
    summary: str,
    payload: dict[str, Any],
    by: User,
    village: Village | None = None,
    region: Region | None = None,
    sealed: bytes = b"",
) -> Proposal:
    """Ask for a second person. `payload` holds all the act needs; `sealed` what must not lie open.

    `payload["words"]`, a list of (label, text), is what the second person reads before deciding. A proposal belongs to
    a village or to a region, and is numbered there.
    """
    # Numbers are given one at a time.
    if village is not None:
        Village.objects.select_for_update().get(pk=village.pk)
        here = Proposal.objects.of(village)
    elif region is not None:
        Region.objects.select_for_update().get(pk=region.pk)
        here = Proposal.objects.filter(village=None, region=region)
    else:
        raise ValueError("a proposal belongs to a village or to a region")
    last = here.aggregate(last=Max("number"))["last"] or 0
    proposal = Proposal.objects.create(
        village=village,
        number=last + 1,
        region=region,
        kind=kind,
        summary=summary[:300],
        payload=payload,
        sealed=sealed,
        proposed_by=by,
        proposed_person=person_of(by, village) if village is not None else None,
        expires_at=timezone.now() + datetime.timedelta(days=OPEN_DAYS),
    )
    record(
        action="propose", subject=proposal, village_id=village.pk if village else None, actor=by, kind=kind,
        number=proposal.number,
    )  # fmt: skip
    return proposal


def check_decider(proposal: Proposal, *, by: User) -> None:
    """Whether this account could confirm it now: what raises here is what `decide` would raise."""
    _decider(proposal, by=by, accept=True)


def _decider(line: Proposal, *, by: User, accept: bool) -> tuple[Resident | None, bool]:
    """The person who decides, and whether that is who proposed it."""
    if line.state != Proposal.State.PROPOSED or line.expires_at <= timezone.now():
        raise NotWaiting(_("这件事已经办过、退回或者过期了，请刷新页面看看。"))
    person = person_of(by, line.village) if line.village is not None else None
    same = by.pk == line.proposed_by_id or (person is not None and person.pk == line.proposed_person_id)
    if same and accept:
        raise SamePerson(_("提出的人不能自己确认，请换一位有权限的工作人员。"))
    if not same and not may_decide(by, line):
        raise Forbidden(_("您没有权限确认这件事。"))
    if accept and (line.proposed_by is None or not may_decide(line.proposed_by, line)):
        raise Forbidden(_("提出的人已经没有这项权限，请退回，由现在的工作人员重新提出。"))
    return person, same


@transaction.atomic
def decide(proposal: Proposal, *, by: User, accept: bool, note: str = "") -> Proposal:
    """Confirm, which does the act at once, or send back with a reason; whoever proposed may only withdraw.

    Raises NotWaiting when it is decided or too old, SamePerson for the same account or the same person of the roll,
    Forbidden without the right; and what the act itself refuses with, after which nothing is decided.
    """
    line = Proposal.objects.select_for_update().get(pk=proposal.pk)
    person, same = _decider(line, by=by, accept=accept)
    if accept:
        _handlers[line.kind].apply(line, by)
    line.state = Proposal.State.DONE if accept else (Proposal.State.WITHDRAWN if same else Proposal.State.REFUSED)
    line.decided_by, line.decided_person = by, person
    line.decided_at = timezone.now()
    line.note = note[:200]
    line.sealed = b""
    line.save()
    record(
        action="decide_proposal", subject=line, village_id=line.village_id, actor=by, kind=line.kind,
        number=line.number, state=line.state,
    )  # fmt: skip
    return line
