"""Counts made by people: typed blind by two of them, and counted only when both say the same."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User

from . import live
from .errors import Invalid, SamePerson, TooManyHands, WrongState
from .locks import database_now, stop_casting
from .models import MeetingSession, Motion, Sheet, SheetReading
from .tally import YES_NO


@transaction.atomic
def enter_hands(
    motion: Motion,
    *,
    reader: Resident,
    counts: Mapping[str, int],
    by: User | None,
    session: MeetingSession | None = None,
) -> Sheet:
    """Enter a count of hands; it counts once a second person has typed the same without seeing the first.

    `counts` maps for, against and abstain to whole numbers. Two that differ make a mismatch; the count then stands
    when any two readings by different people agree. Raises WrongState unless the motion is being counted,
    SamePerson for a second reading by the same person, TooManyHands when more hands than people who could raise one.
    """
    motion = stop_casting(motion)
    if motion.state != Motion.State.CLOSING:
        raise WrongState(_("请先停止手机表决，再录入举手人数。"))
    numbers = {choice: counts.get(choice, 0) for choice in YES_NO}
    if any(number < 0 for number in numbers.values()):
        raise Invalid(_("人数要填 0 或者更大的整数。"))
    sheet = (
        Sheet.objects.select_for_update().filter(motion=motion, method=Sheet.Method.HANDS, session=session).first()
    ) or Sheet.objects.create(village=motion.village, motion=motion, session=session)
    if sheet.state == Sheet.State.CONFIRMED:
        raise WrongState(_("举手人数已经核对过了，不用再录。"))
    readings = list(sheet.readings.all())
    if any(reading.reader_id == reader.pk for reading in readings):
        raise SamePerson(_("您已经录过一次。请另一位工作人员不看您的数字，再录一次。"))
    base = hands_base(motion)
    if sum(numbers.values()) > base:
        raise TooManyHands(
            _("举手一共 %(hands)s 人，可是除去手机上投过票的，会场里只有 %(base)s 人可以举手。请重新清点。")
            % {"hands": sum(numbers.values()), "base": base}
        )
    reading = SheetReading.objects.create(
        village=motion.village,
        sheet=sheet,
        number=len(readings) + 1,
        reader=reader,
        for_count=numbers["for"],
        against_count=numbers["against"],
        abstain_count=numbers["abstain"],
    )
    agreed = any(earlier.numbers == reading.numbers for earlier in readings)
    if agreed:
        sheet.state = Sheet.State.CONFIRMED
        sheet.for_count, sheet.against_count, sheet.abstain_count = reading.counts.values()
        sheet.base_count = base
        sheet.confirmed_at = database_now()
    elif readings:
        sheet.state = Sheet.State.MISMATCH
    sheet.save()
    record(
        action="enter_hands", subject=motion, village_id=motion.village_id, actor=by,
        motion=motion.number, meeting=motion.meeting.number, reading=reading.number, state=sheet.state,
    )  # fmt: skip
    live.announce(motion.meeting_id)
    return sheet


def hands_base(motion: Motion) -> int:
    """How many of those present may still raise a hand: without those who voted otherwise and confirmed sheets."""
    counted = sum(sum(sheet.counts.values()) for sheet in motion.sheets.filter(state=Sheet.State.CONFIRMED))
    return motion.present_count - motion.marks.count() - counted
