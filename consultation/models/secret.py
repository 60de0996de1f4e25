"""Secret ballots: slips in the box, choices on the table, and no path from either to a voter."""

from __future__ import annotations

import secrets

from django.db import models

from residents.models import Village, VillageQuerySet

from .motions import Motion

ID_BYTES = 20  # 160 bits, from the system's generator


def random_id() -> str:
    """40 hex digits that follow no order."""
    return secrets.token_hex(ID_BYTES)


class Slip(models.Model):
    """A sealed paper in the box of a motion under vote: no voter, no time. Gone once the motion is counted.

    `key` is SHA-256("slip" ‖ s) of the voter's own secret `s`; `payload` the choice and the board code, sealed
    under the motion's key, of one length for all.
    """

    key = models.CharField(primary_key=True, max_length=64)
    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="slips")
    payload = models.BinaryField()

    objects = VillageQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.motion_id}"


class Counted(models.Model):
    """One choice that came out of the box, under a fresh random id; written only when the motion is sealed."""

    id = models.CharField(primary_key=True, max_length=40, default=random_id)
    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="counted")
    question = models.PositiveSmallIntegerField(default=1)
    choice = models.CharField(max_length=12)

    objects = VillageQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.motion_id}/{self.question}"


class Bulletin(models.Model):
    """What was counted in one motion, for anyone to recount. Chained within the village, never changed.

    `body` is the canonical JSON of docs/bulletin.md, letter by letter; `body_hash` its SHA-256; `root` the Merkle root
    over its leaves; `previous_hash` the `body_hash` of the village's bulletin before it.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="bulletins")
    number = models.PositiveIntegerField()
    motion = models.ForeignKey(Motion, models.RESTRICT, related_name="bulletins")
    version = models.PositiveSmallIntegerField(default=1)
    body = models.TextField()
    body_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64)

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_bulletin_per_number"),
            models.UniqueConstraint(fields=["motion", "version"], name="one_bulletin_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.root[:8]}"
