"""What people say on rules that are being made, and what is answered to each of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.models import Resident, User
from residents.offices import person_of

from .errors import Incomplete, NotAllowed, WrongState
from .life_cycle import begin, note, open_period
from .models import ANSWER_MOST, OPINION_MOST, Article, AskingPeriod, Opinion, OpinionReply, RuleVersion, Stanza
from .numbering import stanza_label

MOST_OPINIONS = 5000  # of a version


@dataclass(frozen=True)
class Place:
    """An article or stanza that something is said about; without a lineage the whole text."""

    lineage: uuid.UUID | None = None
    name: str = ""


def places_of(version: RuleVersion) -> list[Place]:
    """All articles and stanzas of a version in their order."""
    articles = Article.objects.of(version.village).filter(chapter__version=version)
    articles = articles.order_by("chapter__number", "number", "inserted", "id")
    stanzas = Stanza.objects.of(version.village).filter(version=version)
    return [
        *(Place(one.lineage, str(one)[:60]) for one in articles),
        *(Place(one.lineage, f"{stanza_label(one.number)} {one.title}".strip()[:60]) for one in stanzas),
    ]  # fmt: skip


def place_of(version: RuleVersion, lineage: uuid.UUID | None) -> Place:
    """Raises Incomplete for an article that this version does not have."""
    if lineage is None:
        return Place()
    found = next((one for one in places_of(version) if one.lineage == lineage), None)
    if found is None:
        raise Incomplete(_("这一版里没有这一条，请重新选。"))
    return found


def _words(text: str, most: int) -> str:
    words = text.strip()
    if not words:
        raise Incomplete(_("请写下意见。"))
    if len(words) > most:
        raise Incomplete(_("最多 %(most)s 个字。") % {"most": most})
    return words


@transaction.atomic
def add_opinion(version: RuleVersion, *, text: str, by: User, lineage: uuid.UUID | None = None) -> Opinion:
    """A resident's own, by the site, while the period runs by the database's clock.

    The account must be a person of the roll; others read its display name, once it is let through or answered. The
    same words sent twice are one opinion. Raises NotAllowed, WrongState, Incomplete.
    """
    line = begin(version, "add_opinion", by=by)
    person = person_of(by, line.village)
    if person is None:
        raise NotAllowed(_("名册上的村（居）民才能提意见。您的账号还没有和名册对上，请先确认“我是谁”。"))
    period = open_period(line)
    if period is None or database_now() >= period.closes_at:
        raise WrongState(_("征求意见已经截止。还有话要说，请直接告诉委员会。"))
    same = line.opinions.filter(period=period, author=person, lineage=lineage, text=text.strip()).first()
    if same is not None:
        return same
    return _keep(line, period, text=text, lineage=lineage, by=by, source=Opinion.Source.WEB, author=person)


@transaction.atomic
def enter_opinion(
    version: RuleVersion, *, text: str, source: str, source_note: str, by: User | None, lineage: uuid.UUID | None = None
) -> Opinion:
    """One that came at a meeting, on paper or by voice, typed by the recorder; until the opinions are gathered in, so
    that what was handed in on the last day still counts. The village reads it at once: the recorder has read it.
    Raises NotAllowed, WrongState, Incomplete.
    """
    line = begin(version, "enter_opinion", by=by)
    if source not in Opinion.BY_RECORDER:
        raise Incomplete(_("请选这条意见从哪里来：会上、纸条，还是电话。"))
    if not source_note.strip():
        raise Incomplete(_("请写明来源，例如“9月3日屋场会”“意见箱”。"))
    period = open_period(line)
    if period is None:
        raise WrongState(_("意见已经收齐了，不能再录。"))
    return _keep(
        line, period, text=text, lineage=lineage, by=by, source=source, source_note=source_note.strip()[:200],
        shown_at=database_now(), looked_at_by=by,
    )  # fmt: skip


def take_in_suggestion(
    version: RuleVersion, *, text: str, author: Resident, by: User | None, lineage: uuid.UUID | None
) -> Opinion:
    """A suggestion that was taken up, as the opinion of who put it forward (`by` is the account they used). Where the
    version has its article no longer, it stands with the whole. The village has read its words already, so they show.
    Raises WrongState outside a period."""
    line = begin(version, "add_opinion", by=None)
    period = open_period(line)
    if period is None:
        raise WrongState(_("现在不收意见。"))
    known = lineage if any(one.lineage == lineage for one in places_of(line)) else None
    return _keep(
        line, period, text=text, lineage=known, by=by, source=Opinion.Source.WEB, author=author,
        shown_at=database_now(),
    )  # fmt: skip


def _keep(
    line: RuleVersion, period: AskingPeriod, *, text: str, lineage: uuid.UUID | None, by: User | None, **fields: object
) -> Opinion:
    words, place = _words(text, OPINION_MOST), place_of(line, lineage)
    number = (line.opinions.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > MOST_OPINIONS:
        raise WrongState(_("这一版的意见已经有 %(most)s 条，录不下了。") % {"most": MOST_OPINIONS})
    opinion = Opinion.objects.create(
        village=line.village, version=line, period=period, number=number, text=words, lineage=place.lineage,
        place=place.name, entered_by=by, **fields,
    )  # fmt: skip
    note(line, "enter_opinion" if fields["source"] != Opinion.Source.WEB else "add_opinion", by=by, opinion=number)
    return opinion


@transaction.atomic
def answer_opinion(
    opinion: Opinion, *, verdict: str, text: str, by: User | None, withheld_because: str = ""
) -> OpinionReply:
    """Adopted, partly or not, and why. From then on the village reads both; with `withheld_because` the answer only.

    An answer may be given anew until the draft goes on. Raises NotAllowed, WrongState, Incomplete.
    """
    line = begin(opinion.version, "answer_opinion", by=by)
    if verdict not in OpinionReply.Verdict.values:
        raise Incomplete(_("请选：采纳、部分采纳，还是不采纳。"))
    words = text.strip()
    if not words:
        raise Incomplete(_("请写明怎么改了，或者为什么不采纳。"))
    if len(words) > ANSWER_MOST:
        raise Incomplete(_("最多 %(most)s 个字。") % {"most": ANSWER_MOST})
    reply, _created = OpinionReply.objects.update_or_create(
        opinion=opinion,
        defaults={
            "village": line.village, "verdict": verdict, "text": words, "by": by, "at": database_now(),
            "withheld_because": withheld_because.strip()[:200],
        },
    )  # fmt: skip
    note(
        line, "answer_opinion", by=by, opinion=opinion.number, verdict=verdict, withheld=bool(withheld_because.strip())
    )
    return reply
