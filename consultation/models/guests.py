"""Those who are asked to a meeting and do not vote: township, experts, whoever else it concerns (VL 33, UL 32)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .meetings import Meeting


class Guest(models.Model):
    """Somebody invited (列席). They may speak; they are in no roster, so no count knows them."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="guests", verbose_name=_("会议"))
    number = models.PositiveSmallIntegerField(_("序号"))
    name = models.CharField(_("姓名"), max_length=60)
    position = models.CharField(_("单位、职务"), max_length=60, blank=True)
    came_at = models.DateTimeField(_("到会"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("邀请的人")
        verbose_name_plural = _("邀请的人")
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_guest_per_number")]

    def __str__(self) -> str:
        return f"{self.name}（{self.position}）" if self.position else self.name
