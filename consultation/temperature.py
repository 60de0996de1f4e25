"""Taking the temperature: one question, three buttons, no vote. It shares nothing with motions, and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import live
from .errors import Invalid, WrongState
from .floor import changed, item_now, require_running, require_there
from .locks import database_now, lock_meeting
from .models import Leaning, Meeting, RosterEntry, Temperature, TemperatureAnswer
from .small_cells import LEAST

MOST_CHARACTERS = 200


@transaction.atomic
def take_temperature(meeting: Meeting, text: str, *, by: User | None) -> Temperature:
    """Ask those who are there. Raises WrongState while a vote or another question runs, Invalid without words."""
    meeting = lock_meeting(meeting)
    require_running(meeting)
    text = text.strip()
    if not text:
        raise Invalid(_("请写要问大家什么。"), field="text")
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，这时候不能摸底，免得和表决弄混。"))
    if meeting.temperatures.running().exists():
        raise WrongState(_("上一个问题大家还在按，请先结束它。"))
    meeting.temperatures.filter(on_screen=True).update(on_screen=False)
    asked = Temperature.objects.create(
        village=meeting.village,
        meeting=meeting,
        number=(meeting.temperatures.aggregate(last=Max("number"))["last"] or 0) + 1,
        item=item_now(meeting),
        text=text,
        started_at=database_now(),
    )
    record(
        action="take_temperature", subject=asked, village_id=meeting.village_id, actor=by,
        meeting=meeting.number, number=asked.number, text=text,
    )  # fmt: skip
    changed(meeting)
    return asked


@transaction.atomic
def say(meeting: Meeting, number: int, entry: RosterEntry, answer: str) -> None:
    """One unit that is there says what it thinks; another answer takes the place of the first.

    Raises WrongState when the question does not run any more, Invalid or NotCheckedIn as for speaking.
    """
    if answer not in Leaning.values:
        raise Invalid(_("请在三个按钮里选一个。"), field="answer")
    # The question's own row is what an answer and the end of it exclude each other by: else a name could stay behind.
    asked = Temperature.objects.of(meeting.village).filter(meeting=meeting, number=number)
    running = asked.select_for_update().running().first()
    if running is None:
        raise WrongState(_("这个问题已经结束了，刚才按的没有计入。"))
    require_there(meeting, entry)
    TemperatureAnswer.objects.update_or_create(
        temperature=running, entry=entry, defaults={"answer": answer}, create_defaults={
            "answer": answer, "village": meeting.village
        },
    )  # fmt: skip
    live.announce(meeting.pk)


def _end(meeting: Meeting, running: Temperature, *, on_screen: bool, by: User | None) -> None:
    running = Temperature.objects.select_for_update().get(pk=running.pk)
    counted = running.answers.order_by().values_list("answer").annotate(number=Count("pk"))
    sums = dict.fromkeys(Leaning.values, 0) | dict(counted)
    running.answered_count = sum(sums.values())
    if running.answered_count >= LEAST:
        running.agree_count, running.more_count = sums[Leaning.AGREE], sums[Leaning.MORE]
        running.disagree_count = sums[Leaning.DISAGREE]
    running.ended_at, running.on_screen = database_now(), on_screen
    running.save()
    running.answers.all().delete()
    record(
        action="end_temperature", subject=running, village_id=meeting.village_id, actor=by,
        meeting=meeting.number, number=running.number, answered=running.answered_count,
    )  # fmt: skip
    changed(meeting)


@transaction.atomic
def end_temperature(meeting: Meeting, number: int, *, by: User | None) -> bool:
    """Only the sums are kept, of fewer than ten answers only how many there were. Whether it was still running."""
    meeting = lock_meeting(meeting)
    running = meeting.temperatures.running().filter(number=number).first()
    if running is None:
        return False
    _end(meeting, running, on_screen=True, by=by)
    return True


@transaction.atomic
def take_down(meeting: Meeting, number: int) -> bool:
    """The sums leave the screens."""
    meeting = lock_meeting(meeting)
    if not meeting.temperatures.filter(number=number, on_screen=True).update(on_screen=False):
        return False
    changed(meeting)
    return True


def clear(meeting: Meeting, *, by: User | None) -> None:
    """A vote begins, the meeting goes on or ends: a question that runs is closed, sums leave the screens.

    To be called under the meeting's lock.
    """
    if not meeting.floor:
        return
    running = meeting.temperatures.running().first()
    if running is not None:
        _end(meeting, running, on_screen=False, by=by)
    elif meeting.temperatures.filter(on_screen=True).update(on_screen=False):
        changed(meeting)


def said_by(asked: Temperature | None, entries: Sequence[RosterEntry]) -> dict[int, str]:
    """What these units have pressed, for their own page, while the question runs."""
    if asked is None or not asked.running or not entries:
        return {}
    return dict(asked.answers.filter(entry__in=entries).values_list("entry", "answer"))
