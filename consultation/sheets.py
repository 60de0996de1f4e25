"""Counts made by people: typed blind by two of them, and counted only when both say the same."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User

from . import live
from .balance import VALID, Papers, Room, counted, parts_of, picks_fit, surplus, valid_of
from .errors import Invalid, SamePerson, TooManyHands, WrongState
from .locks import database_now, stop_casting
from .models import Mark, MeetingSession, Motion, Photo, Sheet, SheetReading
from .models.sheets import Counts
from .options import Form
from .paper import papers_of
from .pictures import discard_photo
from .places import require_counted_once, require_hands_in

# So many have counted without any two agreeing, and whoever counted may count again: there may be nobody else.
ALL_HAVE_COUNTED = 3


def methods_of(motion: Motion) -> list[str]:
    """The kinds of sheet that this motion is counted by."""
    return [
        method
        for method, asked in (
            (Sheet.Method.HANDS, motion.by_hands),
            (Sheet.Method.PAPER, motion.by_paper),
            (Sheet.Method.BELENIOS, motion.by_belenios),
        )
        if asked
    ]


@transaction.atomic
def enter_reading(
    motion: Motion,
    *,
    method: str,
    reader: Resident,
    numbers: Mapping[str, int],
    by: User | None,
    session: MeetingSession | None = None,
    photo: Photo | None = None,
) -> Sheet:
    """Enter one person's count; it counts once a second person has typed the same without seeing the first.

    `numbers` maps the parts of that kind of count (balance.parts_of) to whole numbers; what is missing is 0. Two that
    differ make a mismatch, and any two later readings by different people confirm it; when three have counted and none
    agree, each may count again. `photo` shows the tally form; nobody sees it before the sheet is confirmed.
    Raises WrongState unless the motion is being counted, SamePerson for a second reading by the same person,
    TooManyHands or Invalid when the numbers do not add up, WrongState for hands that are in another count already.
    """
    motion = stop_casting(motion)
    if motion.state != Motion.State.CLOSING:
        raise WrongState(_("请先停止表决，再录入清点的数字。"))
    if method not in methods_of(motion):
        raise WrongState(_("这一项表决不用这种计票单。"))
    if session is not None and session.meeting_id != motion.meeting_id:
        raise Invalid(_("这个会场不属于这次会议。"), field="place")
    form = motion.form
    typed = _typed(form, method, numbers)
    sheet = _sheet(motion, method, session)
    if sheet.state == Sheet.State.CONFIRMED:
        raise WrongState(_("这张计票单已经核对过了，不用再录。"))
    readings = list(sheet.readings.select_related("reader"))
    latest = {reading.reader_id: reading for reading in readings}
    if reader.pk in latest and len(latest) < ALL_HAVE_COUNTED:
        raise SamePerson(_("您已经录过一次。请另一位工作人员不看您的数字，再录一次。"))
    room = room_of(motion)
    papers = papers_of(motion, session) if method == Sheet.Method.PAPER else Papers()
    _require_balance(form, method, typed, room, papers)
    base = room.left_for(method)
    if method == Sheet.Method.HANDS:
        if session is not None:
            base = min(base, require_hands_in(motion, session, counted(typed, form)))
        require_counted_once(motion, session, counted(typed, form))
    reading = SheetReading(village=motion.village, sheet=sheet, number=len(readings) + 1, reader=reader)
    _put(reading, form, typed)
    reading.save()
    others = [earlier for earlier in latest.values() if earlier.reader_id != reader.pk]
    agreed = next((earlier for earlier in others if earlier.numbers == reading.numbers), None)
    replaced = sheet.photo if photo is not None else None
    if photo is not None:
        sheet.photo = photo
    if agreed is not None:
        _put(sheet, form, typed)
        _confirm(sheet, agreed, reading, base=base, papers=papers)
    elif others:
        sheet.state = Sheet.State.MISMATCH
    sheet.save()
    if replaced is not None:
        discard_photo(replaced)
    _note(sheet, reading, papers, by=by)
    live.announce(motion.meeting_id)
    return sheet


def _put(counts: Counts, form: Form, typed: Mapping[str, int]) -> None:
    for part, number in typed.items():
        counts.put(part, number)
    counts.put(VALID, valid_of(form, typed))


def _typed(form: Form, method: str, numbers: Mapping[str, int]) -> dict[str, int]:
    parts = parts_of(form, method)
    if any(numbers[part] for part in numbers if part not in parts):
        raise Invalid(_("这种计票单上没有这一栏，请刷新页面再录。"))
    typed = {part: numbers.get(part, 0) for part in parts}
    if any(number < 0 for number in typed.values()):
        raise Invalid(_("人数要填 0 或者更大的整数。"))
    return typed


def _sheet(motion: Motion, method: str, session: MeetingSession | None) -> Sheet:
    kept = Sheet.objects.select_for_update(of=("self",)).filter(motion=motion, method=method, session=session)
    return kept.first() or Sheet.objects.create(village=motion.village, motion=motion, method=method, session=session)


def _confirm(sheet: Sheet, first: SheetReading, second: SheetReading, *, base: int, papers: Papers) -> None:
    """Two people agree: both names are the sheet's, and what its numbers were compared with."""
    sheet.state = Sheet.State.CONFIRMED
    sheet.base_count = base
    sheet.issued_count, sheet.spoiled_count = papers.issued, papers.spoiled
    sheet.returned_count = sheet.returned if sheet.method != Sheet.Method.HANDS else 0
    sheet.entered_by, sheet.confirmed_by = first.reader.name, second.reader.name
    sheet.confirmed_at = database_now()


def _note(sheet: Sheet, reading: SheetReading, papers: Papers, *, by: User | None) -> None:
    """Who entered which reading, never its numbers; for papers how many the table handed out."""
    motion = sheet.motion
    detail: dict[str, object] = {"reading": reading.number, "state": sheet.state}
    if sheet.session is not None:
        detail["place"] = sheet.session.number
    if sheet.method == Sheet.Method.PAPER:
        detail |= {"issued": papers.issued, "spoiled": papers.spoiled}
    record(
        action=f"enter_{sheet.method}", subject=motion, village_id=motion.village_id, actor=by,
        motion=motion.number, meeting=motion.meeting.number, **detail,
    )  # fmt: skip


def _require_balance(form: Form, method: str, typed: Mapping[str, int], room: Room, papers: Papers) -> None:
    """Refuse numbers that cannot be true, naming them and what to do."""
    base = room.left_for(method)
    total = counted(typed, form)
    if form.ranked and not picks_fit(form, typed):
        raise Invalid(
            _(
                "各位次的张数对不上：排第 1、第 2……的合计是 %(places)s 张。"
                "后一位不会比前一位多，一个方案加起来也不会比排第 1 的合计多。请重新清点。"
            )
            % {"places": _("、").join(str(form.at_place(place, typed)) for place in form.places)}
        )
    if not picks_fit(form, typed):
        raise Invalid(
            _("各方案的票数和“选了方案的”人数对不上：每人选 1 到 %(most)s 个，哪个方案都不会比人数多。请重新清点。")
            % {"most": form.most},
            field=VALID,
        )
    if method == Sheet.Method.HANDS and total > base:
        raise TooManyHands(
            _("举手一共 %(hands)s 人，可是除去已经投过票的，会场里只有 %(base)s 人可以举手。请重新清点。")
            % {"hands": total, "base": base}
        )
    if method == Sheet.Method.BELENIOS and total > base:
        raise Invalid(
            _("Belenios 一共 %(total)s 票，可是表决开始时只有 %(base)s 人可以在那里投。请核对是不是这一项的结果。")
            % {"total": total, "base": base}
        )
    if method == Sheet.Method.PAPER:
        _require_papers(form, typed, papers, total=total, base=base)


def _require_papers(form: Form, typed: Mapping[str, int], papers: Papers, *, total: int, base: int) -> None:
    off = surplus(typed, papers, form)
    said = {
        "issued": papers.issued,
        "spoiled": papers.spoiled,
        "expected": papers.expected,
        "total": total,
        "missing": typed["not_returned"],
        "off": abs(off),
    }
    if off > 0:
        raise Invalid(
            _(
                "纸票对不上，多了 %(off)s 张：发出 %(issued)s 张，换下作废 %(spoiled)s 张，应该有 %(expected)s 张；"
                "您填的是箱里 %(total)s 张、没有交回 %(missing)s 张。"
                "请把箱里的票重新数一遍；还是多，就不能计票，请告诉主持人。"
            )
            % said
        )
    if off < 0:
        raise Invalid(
            _(
                "纸票对不上，少了 %(off)s 张：发出 %(issued)s 张，换下作废 %(spoiled)s 张，应该有 %(expected)s 张；"
                "您填的是箱里 %(total)s 张、没有交回 %(missing)s 张。请重新数；确实没有投进票箱的，填在“没有交回”里。"
            )
            % said
        )
    if total > base:
        raise Invalid(
            _("箱里有 %(total)s 张票，可是除去用手机投过票的，实到的人里只有 %(base)s 人可以投纸票。请重新清点。")
            % {"total": total, "base": base}
        )


def room_of(motion: Motion) -> Room:
    """Those present at the opening, and what is counted already by marks and confirmed sheets."""
    marks = dict(Mark.objects.filter(motion=motion).order_by().values_list("paper").annotate(Count("pk")))
    sums = dict.fromkeys(Sheet.Method.values, 0)
    for sheet in motion.sheets.confirmed():
        sums[sheet.method] += sheet.returned
    return Room(
        present=motion.present_count,
        voted=marks.get(False, 0),
        holding=marks.get(True, 0),
        hands=sums[Sheet.Method.HANDS],
        papers=sums[Sheet.Method.PAPER],
        elsewhere=sums[Sheet.Method.BELENIOS],
    )


def enter_hands(
    motion: Motion,
    *,
    reader: Resident,
    counts: Mapping[str, int],
    by: User | None,
    session: MeetingSession | None = None,
) -> Sheet:
    """Enter a count of hands (enter_reading); `counts` maps each choice to a whole number."""
    return enter_reading(motion, method=Sheet.Method.HANDS, reader=reader, numbers=counts, by=by, session=session)
