"""Walk every chain from its first entry and say where it breaks first, if it does. Changes nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .hashing import FIRST, chain_of, entry_hash
from .models import AuditEntry, AuditHead, AuditLink

BATCH = 1000


@dataclass(frozen=True)
class Published:
    """A head that was made public, from the database or from a copy that somebody kept."""

    chain: int
    day: datetime.date
    number: int
    hash: str


@dataclass(frozen=True)
class Checked:
    """One chain: how many entries hold, the hash of the last of them, and where it breaks, in words."""

    chain: int
    count: int
    head: str
    heads: int  # published ones that fit
    broken_at: int | None = None  # the number of the first entry that does not hold
    words: str = ""


def verify(chain: int | None = None, *, kept: Sequence[Published] = ()) -> list[Checked]:
    """Check one chain, or all; against the published heads and those in `kept`, too.

    While acts go on, what was written before the start is checked.
    """
    # Heads first, then entries, then links: what is written meanwhile can only be further on in the chain.
    heads: dict[int, list[Published]] = {}
    shown = AuditHead.objects.order_by("chain", "number").values_list("chain", "day", "number", "hash")
    published = [Published(*row) for row in (shown if chain is None else shown.filter(chain=chain))]
    for head in [*published, *(one for one in kept if chain in (None, one.chain))]:
        heads.setdefault(head.chain, []).append(head)
    loose = _without_number(chain)
    links = AuditLink.objects.order_by().values_list("chain", flat=True).distinct()
    chains = {chain} if chain is not None else {*links, *heads, *loose}
    return [_check(one, heads.get(one, []), loose.get(one)) for one in sorted(chains)]


def _check(chain: int, heads: Sequence[Published], loose: AuditEntry | None) -> Checked:
    wanted: dict[int, list[Published]] = {}
    for head in heads:
        wanted.setdefault(head.number, []).append(head)
    count, previous, fitting = 0, FIRST, 0
    for link, entry in _walk(chain):
        words = _wrong(link, entry, number=count + 1, previous=previous)
        if not words:
            words = _not_as_published(link, wanted.get(link.number, ()))
        if words:
            return Checked(chain, count, previous, fitting, count + 1, words)
        count, previous = link.number, link.hash
        fitting += len(wanted.get(link.number, ()))
    beyond = min((head for head in heads if not 1 <= head.number <= count), key=lambda head: head.number, default=None)
    if beyond is not None:
        words = _(
            "第 %(number)s 条以后的记录不见了：%(day)s公布过，那天已经有 %(published)s 条，现在只剩 %(count)s 条。"
        ) % {"number": count, "day": _day(beyond.day), "published": beyond.number, "count": count}
        return Checked(chain, count, previous, fitting, count + 1, words)
    if loose is not None:
        words = _("有一条没有编号的记录，是绕过系统塞进来的：%(at)s，%(subject)s（%(action)s，内部号 %(id)s）。") % {
            "at": _moment(loose.at), "subject": loose.subject, "action": loose.action, "id": loose.pk,
        }  # fmt: skip
        return Checked(chain, count, previous, fitting, count + 1, words)
    return Checked(chain, count, previous, fitting)


def _walk(chain: int) -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    """Each link with its entry, in the order of their numbers."""
    links = AuditLink.objects.filter(chain=chain).order_by("number").iterator(chunk_size=BATCH)
    while some := list(islice(links, BATCH)):
        entries: Mapping[int, AuditEntry] = AuditEntry.objects.in_bulk([link.entry_id for link in some])
        for link in some:
            yield link, entries.get(link.entry_id)


def _wrong(link: AuditLink, entry: AuditEntry | None, *, number: int, previous: str) -> str:
    """What is wrong with one link, given the one before it; empty when nothing is."""
    if link.number != number:
        return _("第 %(number)s 条缺失：它被删掉了，或者编号被改过，下一条是第 %(next)s 条。") % {
            "number": number, "next": link.number,
        }  # fmt: skip
    if entry is None:
        return _("第 %(number)s 条缺失：编号还在，内容被删掉了。") % {"number": number}
    told = {"number": number, "at": _moment(entry.at), "subject": entry.subject, "action": entry.action}
    if link.previous != previous:
        return (
            _(
                "第 %(number)s 条接不上前一条：中间删过、插过，或者前后调换过。"
                "这一条现在是：%(at)s，%(subject)s（%(action)s）。"
            )
            % told
        )
    if chain_of(entry) != link.chain or entry_hash(entry, number=number, previous=previous) != link.hash:
        return (
            _(
                "第 %(number)s 条被改过：内容、时间、人或者次序和写入时的不一样。"
                "这一条现在是：%(at)s，%(subject)s（%(action)s）。"
            )
            % told
        )
    return ""


def _not_as_published(link: AuditLink, heads: Iterable[Published]) -> str:
    for head in heads:
        if head.hash != link.hash:
            return _("第 %(number)s 条和 %(day)s公布的校验码不一样：这一条或者它前面的记录，公布以后被整个改写过。") % {
                "number": link.number, "day": _day(head.day),
            }  # fmt: skip
    return ""


def _without_number(chain: int | None) -> dict[int, AuditEntry]:
    """For each chain the first entry that has no place in any."""
    entries = AuditEntry.objects.filter(link__isnull=True).order_by("pk")
    if chain is not None:
        entries = entries.filter(Q(village_id=chain) if chain else Q(village_id=None) | Q(village_id=0))
    found: dict[int, AuditEntry] = {}
    for entry in entries.iterator(chunk_size=BATCH):
        found.setdefault(chain_of(entry), entry)
    return found


def _day(day: datetime.date) -> str:
    return _("%(year)s年%(month)s月%(day)s日") % {"year": day.year, "month": day.month, "day": day.day}


def _moment(at: datetime.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
