"""Who reads what somebody said on rules: let through, hidden with a reason that is published, reported, decided.

What is said stays within the village until somebody of the committee, or the recorder, has looked at it; its author
always reads it. No list of words decides here.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.models import User
from residents.offices import person_of
from residents.rights import Act, may

from .drafting import figure
from .errors import Incomplete, NotAllowed, WrongState
from .life_cycle import note
from .models import HIDDEN_MOST, REPORT_MOST, Opinion, OpinionReport

Reason, Outcome = OpinionReport.Reason, OpinionReport.Outcome


def _locked(opinion: Opinion) -> Opinion:
    return (
        Opinion.objects.select_for_update(of=("self",))
        .select_related("village", "version__village", "version__rules", "reply", "author")
        .get(pk=opinion.pk)
    )


def _judged(opinion: Opinion, *, by: User | None) -> Opinion:
    """Locked, for somebody who may decide about it: never about one's own. Without an account it is the system's."""
    line = _locked(opinion)
    if by is not None:
        if not may(by, Act.MODERATE_OPINIONS, line.village):
            raise NotAllowed(_("意见由委员会或者记录员看过以后放出来。"))
        person = person_of(by, line.village)
        if person is not None and person.pk == line.author_id:
            raise NotAllowed(_("这是您自己的意见，请委员会里别的人来看。"))
    return line


@transaction.atomic
def let_through(opinion: Opinion, *, by: User | None) -> bool:
    """Others may read its words from now on, whatever was reported; whether that was news.

    Raises NotAllowed; WrongState where the answer itself keeps the words back.
    """
    line = _judged(opinion, by=by)
    if line.answer is not None and line.answer.withheld_because:
        raise WrongState(_("答复里写了不公开原文。要公开，请改答复，把那一栏空出来。"))
    decided = _decide(line, Outcome.KEPT, by=by)
    if line.is_readable and line.shown_at is not None and not decided:
        return False
    line.shown_at, line.hidden_because, line.held_at = line.shown_at or database_now(), "", None
    line.looked_at_by = by
    line.save(update_fields=["shown_at", "hidden_because", "held_at", "looked_at_by"])
    note(line.version, "let_opinion_through", by=by, opinion=line.number, reports=decided)
    return True


@transaction.atomic
def hide(opinion: Opinion, *, because: str, by: User | None) -> Opinion:
    """Its words are not shown; others read why. Its number, its answer and what its author reads stay.

    Raises NotAllowed; Incomplete without a reason.
    """
    line = _judged(opinion, by=by)
    why = because.strip()
    if not why:
        raise Incomplete(_("请写为什么不公开，大家会看到这个原因。"))
    if len(why) > HIDDEN_MOST:
        raise Incomplete(_("最多 %(most)s 个字。") % {"most": HIDDEN_MOST})
    decided = _decide(line, Outcome.HIDDEN, by=by)
    line.hidden_because, line.held_at, line.looked_at_by = why, None, by
    line.save(update_fields=["hidden_because", "held_at", "looked_at_by"])
    note(line.version, "hide_opinion", by=by, opinion=line.number, reports=decided)
    return line


def _decide(line: Opinion, outcome: OpinionReport.Outcome, *, by: User | None) -> int:
    waiting = OpinionReport.objects.of(line.village).filter(opinion=line, decided_at__isnull=True)
    return waiting.update(outcome=outcome, decided_at=database_now(), decided_by=by)


@transaction.atomic
def report(opinion: Opinion, *, reason: str, words: str = "", by: User) -> OpinionReport:
    """Somebody of the roll says that it should not stand there, once.

    It stays until somebody decides, unless so many households object (the county's figure `opinion_reports`) that it
    is put aside until then. Raises NotAllowed, WrongState, Incomplete.
    """
    line = _locked(opinion)
    person = person_of(by, line.village)
    if person is None:
        raise NotAllowed(_("名册上的村（居）民才能举报。您的账号还没有和名册对上，请先确认“我是谁”。"))
    if person.pk == line.author_id:
        raise NotAllowed(_("这是您自己的意见，不用举报。"))
    if reason not in Reason.values:
        raise Incomplete(_("请选一个原因。"))
    said = words.strip()
    if reason == Reason.OTHER and not said:
        raise Incomplete(_("请写明是什么原因。"))
    if len(said) > REPORT_MOST:
        raise Incomplete(_("最多 %(most)s 个字。") % {"most": REPORT_MOST})
    mine = OpinionReport.objects.of(line.village).filter(opinion=line)
    if mine.filter(reporter=person).exists():
        raise WrongState(_("您已经举报过这一条了，处理以后在“我的”里告诉您。"))
    if not line.is_readable:
        raise WrongState(_("这条意见现在没有公开，不用举报。"))
    made = OpinionReport.objects.create(
        village=line.village, opinion=line, reporter=person, household=person.household, entered_by=by, reason=reason,
        words=said,
    )  # fmt: skip
    homes = mine.filter(decided_at__isnull=True).values("household").distinct().count()
    enough = figure(line.version, "opinion_reports")
    held = enough is not None and enough.least is not None and homes >= enough.least
    if held:
        line.held_at = database_now()
        line.save(update_fields=["held_at"])
    note(line.version, "report_opinion", by=by, opinion=line.number, reason=reason, held=held)
    return made
