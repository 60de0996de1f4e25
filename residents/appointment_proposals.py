"""Offices take two people: what one proposes, what the second reads, and what is written once it is confirmed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.log import record

from .appointments import (
    AppointmentError,
    Office,
    check_office,
    ending_warnings,
    is_about,
    office_warnings,
    present_holders,
)
from .models import Appointment, Proposal, Region, Resident, Role, User, Village, VillageGroup, Yard
from .office_titles import holder_of, office_words
from .rights import Act
from .two_people import NotWaiting, SamePerson, handler, propose


def propose_office(office: Office, *, by: User, over: Region | None = None) -> Proposal:
    """Ask a second person to give an office. Raises AppointmentError, or SamePerson when it is about the proposer.

    `over` lays the proposal before those of the region: for offices of a region, and for a village's first
    administrator, whom nobody in the village could confirm yet.
    """
    check_office(office)
    if is_about(by, resident=office.resident, holder=office.user):
        raise SamePerson(_("不能提出自己任职，请另一位有权限的工作人员提出。"))
    payload = _payload(office)
    _refuse_twice(Proposal.Kind.APPOINT, payload["same"], village=office.village, over=over)
    where = over.name if over is not None and office.village is None else office.village
    return propose(
        kind=Proposal.Kind.APPOINT,
        village=office.village if over is None else None,
        region=over,
        summary=_("任职：%(where)s%(title)s，%(name)s")
        % {"where": where, "title": office.title, "name": office.holder},
        payload=payload,
        by=by,
    )


def propose_end(
    office: Appointment, *, on: datetime.date, reason: str, by: User, over: Region | None = None
) -> Proposal:
    """Ask a second person to end an office; whoever resigns may ask for it. Raises AppointmentError."""
    check_end(office, on=on)
    same = f"end:{office.pk}"
    _refuse_twice(Proposal.Kind.DISMISS, same, village=office.village, over=over)
    words = [
        (_("职务"), office_words(office)),
        (_("姓名"), holder_of(office)),
        (_("任职止"), on.isoformat()),
        (_("依据"), reason),
        *((_("提醒"), told) for told in ending_warnings(office, on=on)),
    ]
    return propose(
        kind=Proposal.Kind.DISMISS,
        village=office.village if over is None else None,
        region=over,
        summary=_("免职：%(title)s，%(name)s") % {"title": office_words(office), "name": holder_of(office)},
        payload={
            "office": office.pk, "on": on.isoformat(), "reason": reason, "same": same,
            "words": [[label, text] for label, text in words],
        },
        by=by,
    )  # fmt: skip


def check_end(office: Appointment, *, on: datetime.date) -> None:
    """An office ends once, and not before it began."""
    if office.until_on is not None and office.until_on <= on:
        raise AppointmentError(_("这个职务那一天已经结束了，请刷新页面看看。"), field="on")
    if on < office.from_on:
        raise AppointmentError(_("不能早于任职起（%(day)s）。") % {"day": office.from_on}, field="on")


def _refuse_twice(kind: str, same: str, *, village: Village | None, over: Region | None) -> None:
    waiting = Proposal.objects.waiting().filter(kind=kind, payload__same=same)
    waiting = waiting.filter(region=over, village=None) if over is not None else waiting.filter(village=village)
    if waiting.exists():
        raise AppointmentError(_("同样的事已经有人提出，正等第二人确认，不用再提。"))


@handler(Proposal.Kind.APPOINT, Act.GIVE_ROLES, over=Act.CREATE_VILLAGE, step_up=True)
def _appoint(proposal: Proposal, by: User) -> None:
    try:
        office = _read(proposal)
        check_office(office)
    except AppointmentError as refused:
        raise NotWaiting(refused.message) from refused
    _refuse_concerned(proposal, by, resident=office.resident, holder=office.user)
    if office.replaces:
        for other in present_holders(office):
            _end(other, on=office.from_on, by=proposal.proposed_by, confirmed_by=by, reason=office.reason)
    given = Appointment.objects.create(
        village=office.village, region=office.region, resident=office.resident, user=office.user, role=office.role,
        group=office.group, yard=office.yard, duty=office.duty, from_on=office.from_on, until_on=office.until_on,
    )  # fmt: skip
    record(
        action="appoint", subject=given, village_id=given.village_id, actor=proposal.proposed_by,
        role=str(given.role), from_on=given.from_on.isoformat(),
        until_on=given.until_on.isoformat() if given.until_on else None, reason=office.reason, confirmed_by=by.pk,
    )  # fmt: skip


@handler(Proposal.Kind.DISMISS, Act.GIVE_ROLES, over=Act.CREATE_VILLAGE, step_up=True)
def _dismiss(proposal: Proposal, by: User) -> None:
    told = proposal.payload
    on = datetime.date.fromisoformat(told["on"])
    held = Appointment.objects.select_for_update(of=("self",)).filter(pk=told["office"])
    office = held.select_related("resident", "user").first()
    try:
        if office is None:
            raise AppointmentError(_("这个职务已经不在了，请退回。"))
        check_end(office, on=on)
    except AppointmentError as refused:
        raise NotWaiting(refused.message) from refused
    # Who resigns may ask for it; who is dismissed may not be the one that confirms.
    _refuse_concerned(proposal, by, resident=office.resident, holder=office.user, confirms_only=True)
    _end(office, on=on, by=proposal.proposed_by, confirmed_by=by, reason=told["reason"])


def _end(office: Appointment, *, on: datetime.date, by: User | None, confirmed_by: User, reason: str) -> None:
    Appointment.objects.filter(pk=office.pk).update(until_on=on)
    record(
        action="end_office", subject=office, village_id=office.village_id, actor=by, role=str(office.role),
        on=on.isoformat(), reason=reason, confirmed_by=confirmed_by.pk,
    )  # fmt: skip


def _refuse_concerned(
    proposal: Proposal, by: User, *, resident: Resident | None, holder: User | None, confirms_only: bool = False
) -> None:
    """An interested party is no second person (nor a first one, when an office is given)."""
    both = (by,) if confirms_only or proposal.proposed_by is None else (by, proposal.proposed_by)
    if any(is_about(one, resident=resident, holder=holder) for one in both):
        raise SamePerson(_("这件事和您自己有关，请另一位有权限的工作人员办理。"))


# What is kept until the second person comes


def _payload(office: Office) -> dict[str, Any]:
    replaced = present_holders(office) if office.replaces else []
    keys = {
        name: getattr(getattr(office, name), "pk", None)
        for name in ("village", "region", "resident", "user", "group", "yard")
    }
    told = keys | {
        "role": str(office.role),
        "from_on": office.from_on.isoformat(),
        "until_on": office.until_on.isoformat() if office.until_on else None,
        "duty": office.duty,
        "replaces": office.replaces,
        "reason": office.reason,
    }
    same = ":".join(str(told[name]) for name in (*keys, "role", "from_on"))
    words = _words(office, replaced, office_warnings(office))
    return told | {"same": f"give:{same}", "words": [[label, text] for label, text in words]}


def _words(office: Office, replaced: Sequence[Appointment], warnings: Sequence[str]) -> list[tuple[str, str]]:
    words = [(_("姓名"), office.holder), (_("职务"), office.title)]
    words += [(_("小组"), str(office.group))] if office.group else []
    words += [(_("屋场（院落、小区）"), str(office.yard))] if office.yard else []
    words += [(_("分工"), office.duty)] if office.duty else []
    words.append((_("任职起"), office.from_on.isoformat()))
    words.append((_("任职止"), office.until_on.isoformat() if office.until_on else _("没有定")))
    words += [(_("接替"), holder_of(other)) for other in replaced]
    words.append((_("依据"), office.reason))
    return words + [(_("提醒"), told) for told in warnings]


def _read(proposal: Proposal) -> Office:
    """The office again, with its rows as they are now. Raises AppointmentError when one of them is gone."""
    told = proposal.payload
    village = Village.objects.select_related("region", "merged_into").filter(pk=told["village"]).first()
    found = {
        "village": village,
        "region": Region.objects.filter(pk=told["region"]).first(),
        "resident": Resident.objects.select_related("household__group").filter(pk=told["resident"]).first(),
        "user": User.objects.filter(pk=told["user"], is_active=True).first(),
        "group": VillageGroup.objects.filter(pk=told["group"], village=village).first(),
        "yard": Yard.objects.filter(pk=told["yard"], village=village).first(),
    }
    if any(told[name] is not None and row is None for name, row in found.items()):
        raise AppointmentError(_("名册或者账号在提出以后有了变化。请退回，请对方重新提出。"))
    return Office(
        role=Role(told["role"]),
        from_on=datetime.date.fromisoformat(told["from_on"]),
        until_on=datetime.date.fromisoformat(told["until_on"]) if told["until_on"] else None,
        duty=told["duty"],
        replaces=told["replaces"],
        reason=told["reason"],
        **found,  # type: ignore[arg-type]
    )
