"""Confirming a large import takes a while: it is written in the background, and says so until it is done.

What was confirmed, by whom and when stands on the proposal; all is judged again when it is written.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from .models import Proposal, User
from .two_people import TwoPeopleError, decide

LARGE = 1500  # rows; fewer are written at once
# A confirmation nobody has come to, or that died with its process, may be given again.
GIVEN_UP = datetime.timedelta(minutes=2)
_MARK = "confirming"


def is_large(proposal: Proposal) -> bool:
    return proposal.kind == Proposal.Kind.ROLL_IMPORT and proposal.payload.get("rows", 0) > LARGE


def is_confirming(proposal: Proposal) -> bool:
    """Whether it is being written just now."""
    mark = proposal.payload.get(_MARK)
    if proposal.state != Proposal.State.PROPOSED or not mark or mark.get("refused"):
        return False
    return timezone.now() - datetime.datetime.fromisoformat(mark["at"]) < GIVEN_UP


def refused(proposal: Proposal) -> str:
    """Why the last confirmation came to nothing."""
    mark = proposal.payload.get(_MARK) or {}
    return str(mark.get("refused", "")) if proposal.state == Proposal.State.PROPOSED else ""


@transaction.atomic
def begin(proposal: Proposal, by: User) -> bool:
    """Note that somebody has confirmed it; False when somebody has already."""
    line = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if line.state != Proposal.State.PROPOSED or is_confirming(line):
        return False
    _mark(line, {"by": by.pk, "at": timezone.now().isoformat()})
    return True


def _mark(line: Proposal, mark: dict[str, object]) -> None:
    line.payload = {**line.payload, _MARK: mark}
    line.save(update_fields=["payload"])


def confirm(proposal_id: int, user_id: int) -> None:
    """Decide it for who has confirmed it. What refuses it now is kept, to be read."""
    proposal = Proposal.objects.filter(pk=proposal_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if proposal is None or user is None or not is_confirming(proposal) or proposal.payload[_MARK]["by"] != user.pk:
        return
    try:
        decide(proposal, by=user, accept=True)
    except TwoPeopleError as error:
        with transaction.atomic():
            line = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
            _mark(line, {**line.payload[_MARK], "refused": error.message})
