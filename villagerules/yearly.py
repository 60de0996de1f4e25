"""The township's yearly check of rules in force (民发〔2018〕144号): when it is due, and what came of it."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from residents.models import User
from ui.dates import plain_date

from .errors import Incomplete, WrongState
from .life_cycle import begin, finish, today_in
from .models import CHECK_NOTE_MOST, RuleVersion, YearlyCheck


def is_in_force(version: RuleVersion) -> bool:
    """Today, by the days alone."""
    return version.rules.versions.in_force(today_in(version.village)).filter(pk=version.pk).exists()


@transaction.atomic
def check_rules(
    version: RuleVersion, *, on: datetime.date, result: str, by: User | None, words: str = ""
) -> RuleVersion:
    """Write down what the check of that day found; everybody reads it. It changes nothing of the rules: what is
    unlawful is corrected by an order.

    Raises WrongState for a version that is not in force; Incomplete for a day to come, before it took effect or before
    the check before, and for 要整改 without a word of what.
    """
    line = begin(version, "check_rules", by=by)
    if not is_in_force(line):
        raise WrongState(_("年检只查正在施行的版本。"))
    if result not in YearlyCheck.Result.values:
        raise Incomplete(_("请选结果：正常，还是要整改。"))
    if on > today_in(line.village):
        raise Incomplete(_("年检日期还没有到。"))
    if line.effective_on is not None and on < line.effective_on:
        raise Incomplete(_("年检日期不能比施行日期早。"))
    last = line.yearly_checks.first()
    if last is not None and on < last.on:
        raise Incomplete(_("%(day)s已经年检过，日期不能更早。") % {"day": plain_date(last.on)})
    said = words.strip()
    if len(said) > CHECK_NOTE_MOST or (result == YearlyCheck.Result.MEND and not said):
        raise Incomplete(_("要整改的，请写明改什么，最多 %(most)s 个字。") % {"most": CHECK_NOTE_MOST})
    check = YearlyCheck.objects.create(village=line.village, version=line, on=on, result=result, note=said, by=by)
    told = _("%(day)s，%(result)s") % {"day": plain_date(on), "result": check.get_result_display()}
    return finish(line, "check_rules", by=by, result=f"{told} {said}".strip()[:300], on=on.isoformat(), outcome=result)
