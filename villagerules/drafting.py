"""A draft on its way: begun, asked about, mended, shown to everybody for the days that are set.

民发〔2018〕144号: opinions are collected, a draft is made, opinions are asked again, then it goes to the township.
"""

from __future__ import annotations

import datetime
import zoneinfo

from django.db import transaction
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.legal_figures import figures_for
from residents.models import LegalFigure, User
from residents.rights import Act, may
from ui.dates import plain_date

from .canonical import text_hash, written_out
from .errors import Incomplete, NotAllowed, WrongState
from .keeping import next_version, rewrite
from .life_cycle import State, begin, finish, open_period, today_in
from .models import AskingPeriod, OpinionReply, RuleVersion, VillageRules
from .structure import RulesText

FEWEST_DAYS, MOST_DAYS = 1, 90  # of a call for opinions
# Of a document: what will not go on by itself.
ENDED = (State.PUBLISHED, State.VOTED_DOWN, State.CORRECTION_ORDERED)


def figure(version: RuleVersion, key: str) -> LegalFigure | None:
    """The county's figure that holds today for a village or community."""
    return figures_for(version.village.kind, on=today_in(version.village)).get(key)


def under_way(rules: VillageRules) -> RuleVersion | None:
    """The newer version that is being made, if any; an old text that waits for a second person is none."""
    return rules.versions.exclude(state__in=ENDED).exclude(imported=True).order_by("-number").first()


@transaction.atomic
def start_version(rules: VillageRules, *, by: User | None, days: int, note: str = "") -> RuleVersion:
    """Begin a new version with the words of the one in force (else the newest), and ask everybody what to change.

    Raises NotAllowed; WrongState while another one is under way or there is no text to begin with; Incomplete.
    """
    rules = VillageRules.objects.select_for_update(of=("self",)).select_related("village").get(pk=rules.pk)
    if by is not None and not may(by, Act.DRAFT_RULES, rules.village):
        raise NotAllowed(_("修订村规由村（居）民委员会办理。"))
    other = under_way(rules)
    if other is not None:
        raise WrongState(_("第 %(number)s 版还在办，办完再另起一版。") % {"number": other.number})
    base = rules.version_in_force(today_in(rules.village)) or rules.versions.order_by("-number").first()
    if base is None or not base.whole_text().count:
        raise WrongState(_("还没有全文，请先把村规的文字导入进来。"))
    return open_call(next_version(rules, base.whole_text(), before=base, note=note), by=by, days=days)


@transaction.atomic
def open_call(version: RuleVersion, *, by: User | None, days: int) -> RuleVersion:
    """Ask everybody for so many days what should be in it. Raises Incomplete for days out of bounds."""
    line = begin(version, "open_call", by=by)
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Incomplete(_("征集民意可以定 %(least)s 到 %(most)s 天。") % {"least": FEWEST_DAYS, "most": MOST_DAYS})
    period = _ask(line, AskingPeriod.Purpose.SOLICITING, days=days, basis=_("委员会自定"))
    return finish(
        line, "open_call", by=by, state=State.SOLICITING, days=days,
        result=_("%(days)s 天，到%(until)s为止") % {"days": days, "until": last_day(line, period)},
    )  # fmt: skip


def _ask(line: RuleVersion, purpose: AskingPeriod.Purpose, *, days: int, basis: str) -> AskingPeriod:
    """From now to the end of the last of so many whole days after today."""
    now = database_now()
    end = datetime.datetime.combine(
        line.village.local_date(now) + datetime.timedelta(days=days + 1),
        datetime.time(),
        tzinfo=zoneinfo.ZoneInfo(line.village.time_zone),
    )
    return AskingPeriod.objects.create(
        village=line.village, version=line, purpose=purpose, days=days, basis=basis, opens_at=now, closes_at=end
    )


def last_day(line: RuleVersion, period: AskingPeriod) -> str:
    """The last day on which opinions are taken, in words."""
    return plain_date(line.village.local_date(period.closes_at - datetime.timedelta(seconds=1)))


@transaction.atomic
def close_period(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """The days are over by the database's clock: no more opinions, the text may be mended. Raises WrongState before."""
    line = begin(version, "close_period", by=by)
    period = open_period(line)
    now = database_now()
    if period is None or now < period.closes_at:
        until = "" if period is None else last_day(line, period)
        raise WrongState(_("还没有到期：要等%(until)s过完。") % {"until": until})
    period.closed_at = now
    period.save(update_fields=["closed_at"])
    count = period.opinions.count()
    return finish(
        line, "close_period", by=by, state=State.DRAFTING, opinions=count,
        result=_("收到 %(count)s 条意见") % {"count": count},
    )  # fmt: skip


@transaction.atomic
def revise_text(version: RuleVersion, text: RulesText, *, by: User | None) -> RuleVersion:
    """Other words. What was cleared is no longer: it goes back to the drafters and to the township again.

    Raises Incomplete for a text without a title or articles, or one that is the same.
    """
    line = begin(version, "revise_text", by=by)
    if not text.title.strip() or not text.count:
        raise Incomplete(_("全文要有名称，至少有一条。"))
    if written_out(text) == written_out(line.whole_text()):
        raise Incomplete(_("和原来一个字不差，没有改动。"))
    rewrite(line, text)
    back = unclear(line)
    return finish(
        line, "revise_text", by=by, state=back, sha256=text_hash(line),
        result=_("审核过的文字改了，要重新送审") if back else "",
    )  # fmt: skip


def unclear(line: RuleVersion) -> State | None:
    """Words that are changed after clearance are no longer cleared: the state to go back to, None where none is."""
    if line.state not in (State.CLEARED, State.PARTY_DISCUSSION):
        return None
    line.party_on = None
    return State.DRAFTING


def require_answered(line: RuleVersion) -> None:
    """Raises WrongState while an opinion has no answer."""
    answered = OpinionReply.objects.of(line.village).filter(opinion__version=line).values("opinion")
    waiting = line.opinions.exclude(pk__in=answered).count()
    if waiting:
        raise WrongState(_("还有 %(count)s 条意见没有答复，请先逐条答复。") % {"count": waiting})


@transaction.atomic
def publish_draft(version: RuleVersion, *, by: User | None) -> RuleVersion:
    """Show the draft to everybody for the days that are set, with the answer to each opinion so far.

    Raises WrongState while an opinion is not answered, or nobody was asked at all; Incomplete without a text.
    """
    line = begin(version, "publish_draft", by=by)
    if not line.whole_text().count:
        raise Incomplete(_("草案还没有内容。"))
    if not line.periods.exists():
        raise WrongState(_("还没有征集过民意，请先征集。"))
    require_answered(line)
    days = figure(line, "rules_comment")
    if days is None or days.days is None:
        raise WrongState(_("县里还没有定公示征求意见的天数，请联系县里在“法定数字和期限”里填上。"))
    period = _ask(line, AskingPeriod.Purpose.PUBLIC_COMMENT, days=days.days, basis=days.basis)
    return finish(
        line, "publish_draft", by=by, state=State.PUBLIC_COMMENT, days=days.days, sha256=text_hash(line),
        result=_("公示 %(days)s 天，到%(until)s为止") % {"days": days.days, "until": last_day(line, period)},
    )  # fmt: skip
