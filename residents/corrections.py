"""Asking that one's own line of the roll be put right: the roll's keepers change it by two people, or say why not."""

from __future__ import annotations

import json

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Claim, Correction, Proposal, Resident, User, Village
from .phones import open_text, seal_text

WAITING_AT_MOST = 5  # of one account


class CorrectionError(Exception):
    """Refused; the message says in plain words what to do."""


@transaction.atomic
def ask(user: User, resident: Resident, *, about: str, wish: str) -> Correction:
    """Tell the roll's keepers what one's own line should say, and by what one knows it.

    Asking the same again changes nothing. Raises CorrectionError for a line that is not one's own, and for too many.
    """
    village = Village.objects.select_for_update().get(pk=resident.village_id)
    own = Claim.objects.of(village).confirmed().filter(user=user, resident=resident, relation=Claim.Relation.SELF)
    if not own.exists():
        raise CorrectionError(_("只能要求更正您自己的资料。"))
    waiting = Correction.objects.filter(user=user).open()
    for same in waiting.filter(village=village, resident=resident, about=about):
        if wish_of(same) == wish:
            return same
    if waiting.count() >= WAITING_AT_MOST:
        raise CorrectionError(_("您已经提了 %(count)s 项，请等村（居）委会办理。") % {"count": WAITING_AT_MOST})
    last = Correction.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    correction = Correction.objects.create(
        village=village, number=last + 1, user=user, resident=resident, about=about,
        wish_sealed=seal_text(json.dumps(wish, ensure_ascii=False).encode()),
    )  # fmt: skip
    record(
        action="ask_correction", subject=correction, village_id=village.pk, actor=user, number=correction.number,
        about=about,
    )  # fmt: skip
    return correction


def wish_of(correction: Correction) -> str:
    """What was asked for, in the person's words; empty once it is forgotten."""
    sealed = bytes(correction.wish_sealed)
    return str(json.loads(open_text(sealed))) if sealed else ""


def is_open(correction: Correction) -> bool:
    """Whether somebody still has to answer it: a proposal that was sent back or grew too old is no answer."""
    return correction.state == Correction.State.WAITING and not _settled(correction) and not under_way(correction)


def under_way(correction: Correction) -> bool:
    """Whether one keeper has proposed the change and the second has not decided yet."""
    proposal = correction.proposal
    return (
        correction.state == Correction.State.WAITING
        and proposal is not None
        and proposal.state == Proposal.State.PROPOSED
        and proposal.expires_at > timezone.now()
    )


def _settled(correction: Correction) -> bool:
    return correction.proposal is not None and correction.proposal.state == Proposal.State.DONE


def state_in_words(correction: Correction) -> str:
    if correction.state != Correction.State.WAITING:
        return str(correction.get_state_display())
    if _settled(correction):
        return _("已改好")
    return _("有人在办，等第二人确认") if under_way(correction) else str(correction.get_state_display())


@transaction.atomic
def answered_by(correction: Correction, proposal: Proposal, *, by: User) -> None:
    """A keeper has proposed a change of the roll for it; it is settled when that is confirmed."""
    Correction.objects.of(correction.village).filter(pk=correction.pk, state=Correction.State.WAITING).update(
        proposal=proposal, decided_by=by, decided_at=timezone.now()
    )
    record(
        action="take_up_correction", subject=correction, village_id=correction.village_id, actor=by,
        number=correction.number, proposal=proposal.number,
    )  # fmt: skip


@transaction.atomic
def answer_no(correction: Correction, *, answer: str, by: User) -> None:
    """The roll stays as it is, and the person reads why. Raises CorrectionError when it is decided already."""
    line = Correction.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=correction.pk)
    if not is_open(line):
        raise CorrectionError(_("这一项已经有人办理了，请刷新页面看看。"))
    line.state, line.answer, line.decided_by, line.decided_at = (
        Correction.State.REFUSED, answer, by, timezone.now(),
    )  # fmt: skip
    line.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    record(
        action="refuse_correction", subject=line, village_id=line.village_id, actor=by, number=line.number
    )  # fmt: skip


@transaction.atomic
def withdraw(correction: Correction, *, by: User) -> None:
    """Whoever asked need not wait for it; asking it back twice changes nothing."""
    changed = Correction.objects.filter(pk=correction.pk, user=by, state=Correction.State.WAITING).update(
        state=Correction.State.WITHDRAWN, decided_at=timezone.now()
    )
    if changed:
        record(
            action="withdraw_correction", subject=correction, village_id=correction.village_id, actor=by,
            number=correction.number,
        )  # fmt: skip
