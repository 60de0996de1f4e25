"""Suggesting to amend rules in force: put forward, seconded by households, taken up or declined by the committee.

Taking up opens the cycle of a new version (`drafting.start_version`) with the suggestion as its first opinion. The
seconds are counted as those of topics (`consultation.seconding`).
"""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from consultation.locks import database_now
from consultation.models.seconding import SecondingQuerySet
from consultation.seconding import count_of, on_roll, start_clock, write_second
from residents.legal_figures import figures_for
from residents.models import Claim, Resident, User, Village
from residents.rights import Act, may

from .drafting import start_version, under_way
from .errors import Incomplete, NotAllowed, WrongState
from .life_cycle import open_period
from .models import (
    SUGGESTION_MOST,
    SUGGESTION_REASON_MOST,
    RuleSuggestion,
    RuleVersion,
    SuggestionSecond,
    VillageRules,
)
from .models.suggestions import RuleSuggestionQuerySet
from .opinions import place_of, take_in_suggestion

OPEN_AT_ONCE = 5  # suggestions of one resident that wait for an answer
State = RuleSuggestion.State


def seconds_of(suggestion: RuleSuggestion) -> SecondingQuerySet:
    """All its seconds, also those that do not count today."""
    return SuggestionSecond.objects.of(suggestion.village).filter(suggestion=suggestion)


def seconds_count(suggestion: RuleSuggestion, *, on: datetime.date) -> int:
    """How many households second it, each once, by the roll of that day; frozen once it has ended."""
    return count_of(suggestion, seconds_of(suggestion), on=on)


@transaction.atomic
def suggest(
    *,
    rules: VillageRules,
    person: Resident,
    text: str,
    reason: str,
    by: User | None,
    lineage: uuid.UUID | None = None,
    at: datetime.datetime | None = None,
) -> RuleSuggestion:
    """Put forward a change of the text in force, of one article or the whole; one's own household is the first second.

    The same again from the same person gives the one that is open. Raises NotAllowed for who is not on the roll,
    WrongState where nothing is in force or too many wait, Incomplete.
    """
    village = rules.village
    moment = at or database_now()
    on = village.local_date(moment)
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)
    known = on_roll(village, person, on=on)
    if known is None:
        raise NotAllowed(_("提议修订的人要在本村（社区）的名册上。"))
    version = rules.version_in_force(on)
    if version is None:
        raise WrongState(_("这份村规现在没有施行的版本，不能提议修订。"))
    place = place_of(version, lineage)
    words = _words(text, SUGGESTION_MOST, _("请写明怎么改。"))
    why = _words(reason, SUGGESTION_REASON_MOST, _("请写明为什么改。"))
    waiting = RuleSuggestion.objects.of(village).open().filter(raised_by=known)
    same = waiting.filter(rules=rules, lineage=place.lineage, text=words).first()
    if same is not None:
        return same
    if waiting.count() >= OPEN_AT_ONCE:
        raise WrongState(_("您已经有 %(most)s 条提议在等答复，请等一等再提新的。") % {"most": OPEN_AT_ONCE})
    figures = figures_for(village.kind, on=on)
    needed, days = figures.get("suggestion_seconds"), figures.get("suggestion_answered")
    last = RuleSuggestion.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    made = RuleSuggestion.objects.create(
        village=village, number=last + 1, rules=rules, version=version, lineage=place.lineage, place=place.name,
        text=words, reason=why, raised_by=known, entered_by=by, raised_at=moment,
        seconds_needed=max(1, needed.least or 1) if needed else 1, answer_days=days.days if days else None,
        figures_basis=needed.basis[:200] if needed else "",
    )  # fmt: skip
    _note(made, "suggest_amendment", by=by, rules=rules.slug, place=place.name)
    _second(made, known, by=by, moment=moment)
    return made


def _words(text: str, most: int, missing: str) -> str:
    words = text.strip()
    if not words:
        raise Incomplete(missing)
    if len(words) > most:
        raise Incomplete(_("最多 %(most)s 个字。") % {"most": most})
    return words


def _note(suggestion: RuleSuggestion, action: str, *, by: User | None, **detail: object) -> None:
    """By number: a resident's own words stay within the village."""
    record(
        action=action, subject=str(suggestion), village_id=suggestion.village_id, actor=by, number=suggestion.number,
        **detail,
    )  # fmt: skip


def _locked(suggestion: RuleSuggestion) -> RuleSuggestion:
    return (
        RuleSuggestion.objects.select_for_update(of=("self",))
        .select_related("village", "rules__village", "version", "raised_by")
        .get(pk=suggestion.pk)
    )


def _open(suggestion: RuleSuggestion) -> RuleSuggestion:
    line = _locked(suggestion)
    if not line.is_open:
        raise WrongState(_("这条提议已经有结果了。"))
    return line


def _second(line: RuleSuggestion, person: Resident, *, by: User | None, moment: datetime.datetime) -> bool:
    """Under its lock."""
    on = line.village.local_date(moment)
    if not write_second(
        seconds_of(line), person=person, by=by, on=on, at=moment, village=line.village, suggestion=line
    ):  # fmt: skip
        return False
    start_clock(line, seconds_count(line, on=on), on=on)
    line.save(update_fields=["answer_by"])
    return True


@transaction.atomic
def second_suggestion(
    suggestion: RuleSuggestion, *, person: Resident, by: User | None, at: datetime.datetime | None = None
) -> bool:
    """Let the person's household second it; whether that was new. Raises WrongState once it has ended, NotAllowed."""
    moment = at or database_now()
    line = _open(suggestion)
    known = on_roll(line.village, person, on=line.village.local_date(moment))
    if known is None:
        raise NotAllowed(_("附议的人要在本村（社区）的名册上。"))
    new = _second(line, known, by=by, moment=moment)
    if new:
        _note(line, "second_suggestion", by=by, household=known.household.number)
    return new


@transaction.atomic
def take_back_second(suggestion: RuleSuggestion, *, person: Resident, by: User | None) -> bool:
    """The household no longer seconds it; whether there was anything to take back.

    Raises WrongState once it has ended, and for the household that put it forward; NotAllowed.
    """
    line = _open(suggestion)
    on = line.village.local_date(database_now())
    known = on_roll(line.village, person, on=on)
    if known is None:
        raise NotAllowed(_("附议的人要在本村（社区）的名册上。"))
    if known.household_id == line.raised_by.household_id:
        raise WrongState(_("这是您家提出的，不用附议；不想提了，请撤回提议。"))
    gone, _each = seconds_of(line).filter(household=known.household_id).delete()
    if gone:
        _note(line, "unsecond_suggestion", by=by, household=known.household.number)
    return bool(gone)


def put_forward_by(suggestion: RuleSuggestion, user: User) -> bool:
    """Whether the account is, or helps, the person who put it forward."""
    mine = Claim.objects.of(suggestion.village).confirmed().filter(user=user, resident=suggestion.raised_by_id)
    return bool(user.is_authenticated) and mine.exists()


@transaction.atomic
def withdraw_suggestion(suggestion: RuleSuggestion, *, by: User) -> RuleSuggestion:
    """Who put it forward does so no longer. Raises NotAllowed; WrongState once it has ended, or once enough households
    second it: then it is theirs too."""
    line = _locked(suggestion)
    if not put_forward_by(line, by):
        raise NotAllowed(_("只有提出的人可以撤回。"))
    if line.state == State.WITHDRAWN:
        return line
    line = _open(line)
    count = seconds_count(line, on=line.village.local_date(database_now()))
    if line.answer_by is not None and count > 1:
        raise WrongState(
            _("附议的住户已经够了，要等%(body)s答复，不能再撤回。") % {"body": line.village.committee_name}
        )
    _end(line, State.WITHDRAWN)
    _note(line, "withdraw_suggestion", by=by)
    return line


def _end(line: RuleSuggestion, state: RuleSuggestion.State) -> None:
    now = database_now()
    line.seconds_count = seconds_count(line, on=line.village.local_date(now))
    line.state, line.ended_at = state, now
    line.save()


def _to_answer(suggestion: RuleSuggestion, answer: str, by: User | None) -> tuple[RuleSuggestion, str]:
    if by is not None and not may(by, Act.DRAFT_RULES, suggestion.village):
        raise NotAllowed(_("提议由村（居）民委员会答复。"))
    return _open(suggestion), _words(answer, SUGGESTION_REASON_MOST, _("请写明理由。答复和理由会公布。"))


@transaction.atomic
def decline_suggestion(suggestion: RuleSuggestion, *, answer: str, by: User | None) -> RuleSuggestion:
    """Not to be amended, and why: for everybody to read. Raises NotAllowed, WrongState, Incomplete."""
    line, words = _to_answer(suggestion, answer, by)
    line.answer, line.answered_by = words, by
    _end(line, State.DECLINED)
    _note(line, "decline_suggestion", by=by, seconds=line.seconds_count)
    return line


@transaction.atomic
def take_up_suggestion(suggestion: RuleSuggestion, *, answer: str, days: int, by: User | None) -> RuleSuggestion:
    """Begin a new version that asks everybody for so many days, with this as its first opinion; where people are being
    asked about one already, it becomes an opinion on that one.

    Raises NotAllowed; WrongState while a version is under way that takes no opinions now; Incomplete.
    """
    line, words = _to_answer(suggestion, answer, by)
    version = under_way(line.rules)
    if version is None:
        version = start_version(line.rules, by=by, days=days, note=str(line))
    elif not _takes_opinions(version):
        raise WrongState(
            _("第 %(number)s 版正在办，现在不收意见。请等这一版办完再采纳，或者先答复不修订。")
            % {"number": version.number}
        )
    line.opinion = take_in_suggestion(
        version, text=_told(line), author=line.raised_by, by=line.entered_by, lineage=line.lineage
    )
    line.taken_into, line.answer, line.answered_by = version, words, by
    _end(line, State.TAKEN_UP)
    _note(line, "take_up_suggestion", by=by, seconds=line.seconds_count, version=version.number)
    return line


def _takes_opinions(version: RuleVersion) -> bool:
    period = open_period(version)
    return period is not None and database_now() < period.closes_at


def _told(line: RuleSuggestion) -> str:
    return _("%(text)s\n理由：%(reason)s（修订提议 %(number)s 号）") % {
        "text": line.text, "reason": line.reason, "number": line.number,
    }  # fmt: skip


@transaction.atomic
def note_unanswered(*, at: datetime.datetime | None = None) -> int:
    """Write into each village's log, once, that a suggestion was not answered in time; how many."""
    moment = at or timezone.now()
    late: RuleSuggestionQuerySet = RuleSuggestion.objects.overdue(timezone.localdate(moment))
    count = 0
    for line in late.filter(overdue_noted_on=None, village__is_practice=False).select_related("village").order_by("pk"):
        today = line.village.local_date(moment)
        if line.is_overdue(today) and RuleSuggestion.objects.open().filter(pk=line.pk).update(overdue_noted_on=today):
            _note(line, "miss_suggestion", by=None, answer_by=str(line.answer_by))
            count += 1
    return count
