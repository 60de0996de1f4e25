"""Who matches nothing by themselves is looked at by two officers: one finds the line, another confirms it.

Two officers also end a claim that is wrong: a line and its account are joined and parted alike.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .claims import ClaimError, confirm, count_try, end
from .models import Claim, ClaimRequest, Proposal, Resident, User, Village
from .rights import Act
from .roll import described
from .two_people import NotWaiting, handler, propose

WAITING_AT_MOST = 3  # of one account in one village


@transaction.atomic
def ask(user: User, village: Village, *, name: str, birth_year: int | None, group: str, note: str) -> ClaimRequest:
    """Ask the village's officers. Asking the same again changes nothing. Raises ClaimError for too many."""
    # One at a time for an account: how many wait is counted and written together.
    User.objects.select_for_update().get(pk=user.pk)
    waiting = ClaimRequest.objects.of(village).filter(user=user, state=ClaimRequest.State.WAITING)
    same = waiting.filter(stated_name=name).first()
    if same is not None:
        return same
    if waiting.count() >= WAITING_AT_MOST:
        raise ClaimError(_("您已经提了 %(count)s 次，请等工作人员答复。") % {"count": WAITING_AT_MOST})
    count_try(user, "ask")
    request = ClaimRequest.objects.create(
        village=village, user=user, stated_name=name, stated_birth_year=birth_year, stated_group=group, note=note
    )
    record(action="ask_claim", subject=request, village_id=village.pk, actor=user)
    return request


@transaction.atomic
def withdraw(user: User, village: Village, *, ref: str) -> bool:
    """Take back one's own request while nobody has decided on it."""
    request = ClaimRequest.objects.of(village).filter(user=user, ref=ref).first()
    if request is None or not _move(request, ClaimRequest.State.WITHDRAWN):
        return False
    record(action="withdraw_claim", subject=request, village_id=village.pk, actor=user)
    return True


def _move(request: ClaimRequest, state: ClaimRequest.State, **fields: str) -> bool:
    """Out of waiting, once."""
    waiting = ClaimRequest.objects.filter(pk=request.pk, state=ClaimRequest.State.WAITING)
    return bool(waiting.update(state=state, decided_at=timezone.now(), **fields))


def waiting_requests(village: Village) -> QuerySet[ClaimRequest]:
    """Those nobody has decided on, oldest first."""
    return ClaimRequest.objects.of(village).filter(state=ClaimRequest.State.WAITING).order_by("pk")


def asked_by(user: User) -> list[ClaimRequest]:
    """What an account has asked and still waits for, or was refused of late, newest first."""
    states = (ClaimRequest.State.WAITING, ClaimRequest.State.REFUSED)
    return list(ClaimRequest.objects.filter(user=user, state__in=states).select_related("village")[:5])


def second_looks(village: Village) -> frozenset[int]:
    """The requests that one officer has looked at and that wait for another."""
    waiting = Proposal.objects.of(village).waiting().filter(kind=Proposal.Kind.CLAIM, payload__has_key="request")
    return frozenset(waiting.values_list("payload__request", flat=True))


@transaction.atomic
def propose_claim(
    request: ClaimRequest, resident: Resident, *, by: User, relation: Claim.Relation = Claim.Relation.SELF
) -> Proposal:
    """The first officer says which line it is. Raises ClaimError when it is decided or waits for a second one."""
    request = ClaimRequest.objects.select_for_update(of=("self",)).select_related("village").get(pk=request.pk)
    if request.state != ClaimRequest.State.WAITING:
        raise ClaimError(_("这个申请已经处理过了。"))
    if request.user_id == by.pk:
        raise ClaimError(_("不能核对自己的申请，请换一位工作人员。"))
    if request.pk in second_looks(request.village):
        raise ClaimError(_("已经有人核对过，正等第二人确认。"))
    words = [
        [_("申请人写的"), request.stated_name],
        [_("出生年份"), str(request.stated_birth_year or _("没有写"))],
        [_("小组"), request.stated_group or _("没有写")],
        [_("补充说明"), request.note or _("没有写")],
        [_("名册上的人"), described(resident)],
        [_("关系"), str(relation.label)],
    ]
    return propose(
        kind=Proposal.Kind.CLAIM,
        village=request.village,
        summary=_("%(name)s是名册上的%(line)s") % {"name": request.stated_name, "line": described(resident)},
        payload={
            "request": request.pk, "resident": resident.pk, "relation": str(relation), "words": words,
        },
        by=by,
    )  # fmt: skip


@transaction.atomic
def propose_end(claim: Claim, *, reason: str, by: User) -> Proposal:
    """Ask a second officer to part an account and a line. Raises ClaimError when that is asked already."""
    claim = Claim.objects.select_for_update(of=("self",)).select_related("village", "resident", "user").get(pk=claim.pk)
    waiting = Proposal.objects.of(claim.village).waiting().filter(kind=Proposal.Kind.CLAIM)
    if waiting.filter(payload__end=claim.pk).exists():
        raise ClaimError(_("已经有人提出解除，正等第二人确认。"))
    words = [
        [_("名册上的人"), described(claim.resident)],
        [_("账号"), str(claim.user)],
        [_("关系"), str(claim.get_relation_display())],
        [_("依据"), str(claim.get_basis_display())],
        [_("解除的原因"), reason],
    ]
    return propose(
        kind=Proposal.Kind.CLAIM,
        village=claim.village,
        summary=_("解除账号“%(account)s”和%(line)s的关系") % {"account": claim.user, "line": described(claim.resident)},
        payload={"end": claim.pk, "resident": claim.resident_id, "reason": reason, "words": words},
        by=by,
    )


@handler(Proposal.Kind.CLAIM, Act.APPROVE_CLAIM)
def _decided(proposal: Proposal, by: User) -> None:
    """What the second officer's word does: join, or part."""
    if "end" in proposal.payload:
        _ended(proposal, by)
    else:
        _confirmed(proposal, by)


def _ended(proposal: Proposal, by: User) -> None:
    claim = Claim.objects.filter(village=proposal.village, pk=proposal.payload["end"]).first()
    if claim is None or not end(claim, by=by, because="officers", state=Claim.State.REFUSED):
        raise NotWaiting(_("这个账号已经不替这个人办事了，请退回。"))


def _confirmed(proposal: Proposal, by: User) -> None:
    village = proposal.village
    assert village is not None  # noqa: S101  claims are always of a village
    request = ClaimRequest.objects.of(village).select_for_update(of=("self",)).get(pk=proposal.payload["request"])
    here = Resident.objects.of(village).on_roll(timezone.localdate())
    resident = here.filter(pk=proposal.payload["resident"]).first()
    if request.state != ClaimRequest.State.WAITING or resident is None:
        raise NotWaiting(_("申请已经处理过，或者名册上已经没有这个人了，请退回。"))
    if request.user_id in (by.pk, proposal.proposed_by_id):
        raise NotWaiting(_("申请人自己不能核对自己的申请，请换一位工作人员。"))
    try:
        confirm(
            request.user,
            resident,
            basis=Claim.Basis.OFFICERS,
            relation=Claim.Relation(proposal.payload["relation"]),
            by=by,
        )
    except ClaimError as refused:
        raise NotWaiting(str(refused)) from refused
    request.state, request.resident, request.decided_at = ClaimRequest.State.CONFIRMED, resident, timezone.now()
    request.save()


@transaction.atomic
def answer_no(request: ClaimRequest, *, answer: str, by: User) -> None:
    """One officer is enough to say no; the person reads why and may ask again. Raises ClaimError when decided."""
    if not _move(request, ClaimRequest.State.REFUSED, answer=answer):
        raise ClaimError(_("这个申请已经处理过了。"))
    record(action="refuse_claim", subject=request, village_id=request.village_id, actor=by)
