"""Changes of the roll by hand take two people: what one officer proposes, and what is read before another confirms."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from .line_words import label_of, said
from .models import Household, Proposal, Resident, RollChange, User, Village, VillageGroup
from .phones import mask_phone, open_text, phone_hash, seal_text
from .rights import Act
from .roll import described
from .roll_changes import RollChangeError
from .roll_edits import CHECKS, LINE, WRITERS, Edit, RollEdit
from .two_people import NotWaiting, handler, propose


def propose_edit(village: Village, edit: RollEdit, *, by: User) -> Proposal:
    """Ask a second person for a change of the roll. Raises RollChangeError for what the roll itself refuses."""
    if edit.edit == Edit.CORRECT and edit.resident is not None:
        changed = {name: value for name, value in edit.fields.items() if getattr(edit.resident, name) != value}
        edit = replace(edit, fields=changed)
        if not changed and edit.phone is None:
            raise RollChangeError(_("没有改动。请改了再提交。"))
    CHECKS[edit.edit](village, edit)
    payload = _payload(edit)
    again = Proposal.objects.of(village).waiting().filter(kind=Proposal.Kind.ROLL_EDIT, payload__same=payload["same"])
    if again.exists():
        raise RollChangeError(_("同样的修改已经有人提出，正等第二人确认，不用再提。"))
    return propose(
        kind=Proposal.Kind.ROLL_EDIT,
        village=village,
        summary=_summary(edit),
        payload=payload,
        sealed=seal_text(json.dumps({"phone": edit.phone}).encode()) if edit.phone is not None else b"",
        by=by,
    )


@handler(Proposal.Kind.ROLL_EDIT, Act.IMPORT_ROLL)
def _confirmed(proposal: Proposal, by: User) -> None:
    village = proposal.village
    assert village is not None  # noqa: S101  the roll is always a village's
    try:
        edit = _read(village, proposal)
        WRITERS[edit.edit](village, edit, {"by": proposal.proposed_by, "confirmed_by": by, "reason": edit.reason})
    except RollChangeError as refused:
        raise NotWaiting(str(refused)) from refused


# What is kept until the second person comes


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def _payload(edit: RollEdit) -> dict[str, Any]:
    told = {
        "edit": str(edit.edit),
        "on": edit.on.isoformat(),
        "reason": edit.reason,
        "resident": edit.resident.pk if edit.resident else None,
        "household": edit.household.pk if edit.household else None,
        "leaving": edit.leaving.pk if edit.leaving else None,
        "members": [member.pk for member in edit.members],
        "group": edit.group.pk if edit.group else None,
        "own_number": edit.own_number,
        "kind": edit.kind,
        "because": edit.because,
        "fields": {name: _json(value) for name, value in edit.fields.items()},
        # What the line said when the change was proposed: it is not written over something else.
        "seen": {name: _json(getattr(edit.resident, name)) for name in edit.fields} if edit.resident else {},
        "words": _words(edit),
    }
    same = [told[name] for name in ("edit", "resident", "household", "leaving", "members", "fields", "because")]
    phone = phone_hash(edit.phone) if edit.phone else edit.phone
    return told | {"same": phone_hash(json.dumps([*same, phone], ensure_ascii=False))}


def _read(village: Village, proposal: Proposal) -> RollEdit:
    """The edit again, with its rows as they are now. Raises RollChangeError when they have changed meanwhile."""
    told = proposal.payload
    people = Resident.objects.of(village).select_related("household__group", "village")
    homes = Household.objects.of(village).select_related("group", "village")
    resident = people.filter(pk=told["resident"]).first()
    household, leaving = (homes.filter(pk=told[name]).first() for name in ("household", "leaving"))
    members = list(people.filter(pk__in=told["members"]))
    found = [bool(resident), bool(household), bool(leaving), len(members)]
    asked = [bool(told["resident"]), bool(told["household"]), bool(told["leaving"]), len(told["members"])]
    if found != asked or any(_json(getattr(resident, name)) != said for name, said in told["seen"].items()):
        raise RollChangeError(_("名册在提出以后有了变化。请退回，请对方按现在的名册重新提出。"))
    fields = dict(told["fields"])
    if fields.get("born_on"):
        fields["born_on"] = datetime.date.fromisoformat(fields["born_on"])
    return RollEdit(
        edit=Edit(told["edit"]),
        on=datetime.date.fromisoformat(told["on"]),
        reason=told["reason"],
        resident=resident,
        household=household,
        leaving=leaving,
        members=members,
        group=VillageGroup.objects.of(village).filter(pk=told["group"]).first(),
        own_number=told["own_number"],
        kind=told["kind"],
        because=told["because"],
        fields=fields,
        phone=json.loads(open_text(bytes(proposal.sealed)))["phone"] if proposal.sealed else None,
    )


# What it says to the second person


def _words(edit: RollEdit) -> list[list[str]]:
    """(label, text) of everything that will change."""
    words: list[tuple[str, str]] = []
    for name in LINE:
        if name not in edit.fields:
            continue
        value = said(name, edit.fields[name])
        if edit.resident is not None:
            value = _("%(old)s → %(new)s") % {"old": said(name, getattr(edit.resident, name)), "new": value}
        words.append((label_of(name), value))
    if edit.phone is not None:
        words.append((_("电话"), mask_phone(edit.phone) if edit.phone else _("删除")))
    if edit.edit in (Edit.ADD, Edit.MOVE):
        new_home = _("%(group)s新立一户") % {"group": edit.group}
        words.append((_("户"), _home(edit.household) if edit.household else new_home))
    if edit.edit == Edit.SPLIT:
        words.append((_("分出去的人"), "、".join(described(member) for member in edit.members)))
        group = edit.group or (edit.household.group if edit.household else "")
        words.append((_("新户"), f"{group} {edit.own_number}".strip()))
    if edit.edit == Edit.REPRESENT:
        words.append((_("户代表"), described(edit.resident) if edit.resident else _("暂时没有")))
    if edit.because:
        words.append((_("原因"), str(Resident.Leaving(edit.because).label)))
    if edit.kind:
        words.append((_("事由"), str(RollChange.Kind(edit.kind).label)))
    words += [(_("生效日期"), edit.on.isoformat()), (_("说明"), edit.reason)]
    return [[label, text] for label, text in words]


def _home(household: Household | None) -> str:
    return f"{household.group} {household}" if household else ""


def _summary(edit: RollEdit) -> str:
    who = described(edit.resident) if edit.resident else str(edit.fields.get("name", ""))
    said = {"who": who, "home": _home(edit.household), "other": _home(edit.leaving)}
    return {
        Edit.ADD: _("入册：%(who)s"),
        Edit.CORRECT: _("更正：%(who)s"),
        Edit.LEAVE: _("出册：%(who)s"),
        Edit.RETURN: _("撤销出册：%(who)s"),
        Edit.MOVE: _("换户：%(who)s"),
        Edit.SPLIT: _("分户：%(home)s"),
        Edit.JOIN: _("并户：%(other)s并入%(home)s"),
        Edit.REPRESENT: _("户代表：%(home)s"),
    }[edit.edit] % said
