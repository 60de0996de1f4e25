"""The append-only log: who did what, written in the same transaction as the act and chained by hashes.

The facts and their place in the chain are two rows, because a place is given last of all, just before the commit
(docs/decisions/0013-audit-chain.md), and no row of the log is ever changed.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One act. Holds no choice of any voter, and no address or device."""

    # Plain numbers: the log outlives and knows nothing of what it speaks of.
    village_id = models.BigIntegerField(null=True, db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name = _("审计记录")
        verbose_name_plural = _("审计记录")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"


class AuditLink(models.Model):
    """An entry's place in the chain of its village: its number, the hash before it and its own."""

    # No foreign key in the database: PostgreSQL would ask for the right to update entries, which nobody has.
    entry = models.OneToOneField(
        AuditEntry, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="link"
    )
    chain = models.BigIntegerField()  # the village's number, 0 for the site's own chain
    number = models.BigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("审计记录的编号")
        verbose_name_plural = _("审计记录的编号")
        constraints = (
            models.UniqueConstraint(fields=("chain", "number"), name="audit_one_entry_per_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_numbers_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.chain}#{self.number}"


class AuditHead(models.Model):
    """Where a chain stood when a day began, made public: who keeps it can tell whether older entries changed since."""

    chain = models.BigIntegerField()
    day = models.DateField()
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("审计日志的每日封号")
        verbose_name_plural = _("审计日志的每日封号")
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=("chain", "day"), name="audit_one_head_per_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.chain}#{self.number}"
