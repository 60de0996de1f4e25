"""Contested elections are held in Belenios (docs/ballots.md): its list of voters goes out, its result comes in.

The formats are those of Belenios' own documents: a voter is one line `address,login`
(https://www.belenios.org/faq.html); a result is an object whose `result` has, per question, an array with the number of
votes of each answer (doc/specification.tex, "Election result"); where a blank vote is allowed its number comes first
(src/lib/v1/question_h.ml).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from .balance import CHOICES
from .errors import Invalid, WrongState
from .models import Motion, RosterEntry

LARGEST_RESULT = 2_000_000  # bytes; a result of one question has a few kilobytes, with its proofs
LARGEST_COUNT = 50_000  # people on a roll


def voters_of(motion: Motion) -> list[RosterEntry]:
    """Who votes: those present when the motion opened; before that the whole roster, to prepare the election with."""
    entries = motion.meeting.roster.entries.order_by("number")
    if motion.opening is not None:
        here = motion.meeting.attendances.present_at(motion.opening)
        entries = entries.filter(pk__in=here.values("entry"))
    return list(entries)


@transaction.atomic
def export_voters(motion: Motion, *, reason: str, by: User | None) -> str:
    """The voters of a motion as Belenios takes them, one a line; the export and its reason are kept.

    Nobody has an e-mail address here: the address is the number on the roster under `.invalid`, which no mail ever
    reaches, and the login is the number. Names stay in the village. Raises WrongState for a motion not voted this way,
    Invalid without a reason.
    """
    if not motion.by_belenios:
        raise WrongState(_("这一项不用 Belenios 投票，不用导出名单。"))
    if not reason.strip():
        raise Invalid(_("请写明导出名单的用途。"), field="reason")
    if not hasattr(motion.meeting, "roster"):
        raise WrongState(_("通知还没有发布，名册没有固定，不能导出。"))
    voters = voters_of(motion)
    record(
        action="export_voters", subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number, rows=len(voters), reason=reason.strip()[:200],
    )  # fmt: skip
    host = f"{motion.village.code}.invalid"
    return "".join(f"{entry.number}@{host},{entry.number}\n" for entry in voters)


def _refuse(message: str) -> NoReturn:
    raise Invalid(message, field="result")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _value in pairs}) != len(pairs):
        raise ValueError("the same key twice")
    return dict(pairs)


def _number(value: object) -> int:
    """A number of votes: a whole number, or (as Belenios writes large ones) its digits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_COUNT:
        _refuse(_("结果文件里的票数不是正常的数字。请确认上传的是 Belenios 的 result.json。"))
    return value


def read_result(content: bytes) -> dict[str, int]:
    """What Belenios' result.json says of one question with the answers 赞成, 反对, 弃权 in this order.

    Returns the numbers of for, against, abstain and blank. Raises Invalid with a sentence for anything else.
    """
    if len(content) > LARGEST_RESULT:
        _refuse(_("文件太大，不像是一项表决的结果。请上传 Belenios 的 result.json。"))
    try:
        told = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            _("这个文件读不出来。请从 Belenios 的结果页面下载 result.json，不要打开改动，直接上传。"), field="result"
        ) from error
    if not isinstance(told, Mapping) or not isinstance(told.get("result"), list):
        _refuse(_("文件里没有 Belenios 的结果。请上传 result.json，不要上传别的文件。"))
    questions = told["result"]
    if len(questions) != 1 or not isinstance(questions[0], list):
        _refuse(_("结果里应当只有一个问题。请在 Belenios 里一项表决建一次选举，只问一个问题。"))
    votes = [_number(one) for one in questions[0]]
    if len(votes) not in (len(CHOICES), len(CHOICES) + 1):
        _refuse(
            _("这个问题应当有三个答案，依次是赞成、反对、弃权（允许空白票时另有一项）。结果里的个数不对，不能导入。")
        )
    blank = votes.pop(0) if len(votes) > len(CHOICES) else 0
    total = sum(votes) + blank
    for name in ("num_tallied", "total_weight"):
        if name in told and _number(told[name]) != total:
            _refuse(
                _("结果自己对不上：一共计了 %(tallied)s 票，各答案加起来是 %(total)s。每人只能选一个答案，不能加权。")
                % {"tallied": _number(told[name]), "total": total}
            )
    return dict(zip(CHOICES, votes, strict=True)) | {"blank": blank}
