"""Where each chain stands, made public every day: by the night's work, and by the first act of a day itself."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from .chain import day_of, last_link, publish, take
from .models import AuditHead, AuditLink


def publish_heads() -> int:
    """Make public where every chain that grew since stands now; how many were. One transaction for each."""
    today = day_of(timezone.now())
    grown = dict(AuditLink.objects.order_by().values_list("chain").annotate(last=Max("number")))
    shown = dict(AuditHead.objects.order_by().values_list("chain").annotate(last=Max("number")))
    done = 0
    for chain, number in sorted(grown.items()):
        if shown.get(chain, 0) >= number:
            continue
        with transaction.atomic():
            take([chain])
            last = last_link(chain)
            done += last is not None and publish(last, day=today)
    return done


def heads_of(village_id: int, *, before: datetime.date | None = None, most: int = 100) -> list[AuditHead]:
    """Those of a village, newest first; with `before` only older ones."""
    heads = AuditHead.objects.filter(chain=village_id)
    if before is not None:
        heads = heads.filter(day__lt=before)
    return list(heads[:most])
