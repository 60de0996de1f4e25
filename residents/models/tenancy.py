"""Every row of a village says so itself, and every door asks for one village's rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from .places import Village


class VillageQuerySet(models.QuerySet):
    """Base of the querysets of all models that carry `village`."""

    def of(self, village: Village) -> Self:
        """Only this village's rows."""
        return self.filter(village=village)
