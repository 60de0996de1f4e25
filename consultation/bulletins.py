"""What was counted, published for anyone to recount: one bulletin per count, chained within the village."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from residents.models import Village

from .bulletin_text import FORMAT, FORMAT_OF_OPTIONS, board_code, canonical, leaves, merkle_root, sha256
from .models import Ballot, Bulletin, Counted, Decision, Mark, Motion, Sheet
from .options import picks_of
from .small_cells import LEAST


def recorded_codes(motion: Motion) -> list[str]:
    """The board codes of a recorded motion's ballots, sorted; all different, even where two units sent one key."""
    codes: dict[str, int] = {}
    ballots = Ballot.objects.filter(motion=motion).order_by("entry_id").values_list("entry_id", "key")
    for entry, key in ballots:
        code = board_code(key.encode())
        codes[code if code not in codes else another_code(f"{entry}:{key}")] = entry
    return sorted(codes)


def another_code(own: str) -> str:
    """For a ballot whose code is taken, as happens only to those who agreed on one: so that they spoil nothing."""
    return board_code(f"again:{own}".encode())


def _choices(motion: Motion) -> list[str]:
    """Every choice of the phones, in an order that follows nothing."""
    if motion.secret:  # under random ids, so their order is random already
        return list(Counted.objects.filter(motion=motion).order_by("id").values_list("choice", flat=True))
    ballots = Ballot.objects.filter(motion=motion).values_list("choice", flat=True)
    choices = [pick for choice in ballots for pick in motion.form.parts(choice)]
    secrets.SystemRandom().shuffle(choices)
    return choices


def counts_apart(motion: Motion, phones: int, sheets: Iterable[Sheet]) -> bool:
    """Whether each channel's counts may be shown by themselves: in a secret motion only from ten ballots up."""
    papers = [sheet.returned for sheet in sheets]
    if not motion.secret or not papers:
        return True
    channels = [number for number in (phones, *papers) if number]
    return len(channels) < 2 or min(channels) >= LEAST


def _sheet(sheet: Sheet, *, apart: bool) -> dict[str, Any]:
    # Where one may pick several the options' numbers do not tell how many picked.
    between_options = {"valid": sheet.speaking} if sheet.option_counts else {}
    return between_options | {
        "method": sheet.method,
        "place": sheet.session.place if sheet.session else "",
        "counts": sheet.counts if apart else None,
        "blank": sheet.blank_count,
        "invalid": sheet.invalid_count,
        "issued": sheet.issued_count,
        "spoiled": sheet.spoiled_count,
        "not_returned": sheet.not_returned_count,
        "returned": sheet.returned_count,
        "base": sheet.base_count,
        "entered_by": sheet.entered_by,
        "confirmed_by": sheet.confirmed_by,
    }


def _moment(at: datetime.datetime | None) -> str:
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _mixed_in(choices: Sequence[str], sheets: Iterable[Sheet]) -> list[str]:
    """The phones' choices with those of the papers among them."""
    mixed = [*choices]
    for sheet in sheets:
        for choice, number in sheet.counts.items():
            mixed += [choice] * number
    secrets.SystemRandom().shuffle(mixed)
    return mixed


def publish_bulletin(
    motion: Motion, decision: Decision, *, codes: Sequence[str], rules: Mapping[str, Any], reason: str = ""
) -> Bulletin:
    """Write the bulletin of a count in the transaction that seals it (docs/bulletin.md).

    `codes` are the board codes of all that voted by phone, tablet or recorder; `rules` the meeting's frozen procedure.
    A second version needs its `reason`.
    """
    # Numbers and hashes follow one another within the village: one at a time.
    village = Village.objects.select_for_update(no_key=True).get(pk=motion.village_id)
    before = Bulletin.objects.of(village).order_by("-number").first()
    earlier = Bulletin.objects.filter(motion=motion).order_by("-version").first()
    sheets = list(motion.sheets.confirmed().select_related("session"))
    choices = _choices(motion)
    apart = counts_apart(motion, len(codes), sheets)
    body: dict[str, Any] = {
        "format": FORMAT,
        "village": {"code": village.code, "name": village.name},
        "number": before.number + 1 if before else 1,
        "previous": before.body_hash if before else "",
        "meeting": {"number": motion.meeting.number, "title": motion.meeting.title},
        "motion": motion.number,
        "version": decision.version,
        "corrects": earlier.body_hash if earlier else "",
        "reason": reason,
        "closed_at": _moment(motion.closed_at),
        "definition": motion.definition,
        "definition_hash": motion.definition_hash,
        "roster": motion.definition.get("roster", ""),
        "entitled": motion.entitled_count,
        "present": motion.present_count,
        "marks": len(codes),
        "codes": sorted(codes),
        "choices": {"1": choices if apart else _mixed_in(choices, sheets)},
        "sheets": sorted(
            (_sheet(sheet, apart=apart) for sheet in sheets), key=lambda one: (one["method"], one["place"])
        ),
        "totals": {choice: decision.counts.get(choice, 0) for choice in motion.form.choices},
        "rule": {
            "quorum": [rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]],
            "threshold": [rules["threshold_op"], rules["threshold_num"], rules["threshold_den"]],
            "threshold_of": rules["threshold_of"],
            "law": rules["law"],
            "citation": rules["citation"],
        },
        "required": decision.required,
        "needed": decision.needed,
        "outcome": decision.outcome,
    }
    if motion.form.keys:
        body |= {
            "format": FORMAT_OF_OPTIONS,
            "winners": list(picks_of(decision.winner)),
            "going_on": list(picks_of(decision.going_on)),
        }
    if motion.form.ranked:
        body["points"] = motion.form.scores(body["totals"])
    body["root"] = merkle_root(leaves(body))
    text = canonical(body)
    return Bulletin.objects.create(
        village=village,
        number=body["number"],
        motion=motion,
        version=decision.version,
        body=text,
        body_hash=sha256(text),
        previous_hash=body["previous"],
        root=body["root"],
    )


def bulletin_of(motion: Motion) -> Bulletin | None:
    """The bulletin that stands now."""
    return Bulletin.objects.filter(motion=motion).order_by("-version").first()


def marks_of(motion: Motion) -> int:
    """Units that voted by phone, tablet or recorder."""
    return Mark.objects.filter(motion=motion, paper=False).count()
