"""Who votes in whose place, and where: written grants, a household's substitute, a tablet handed round."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .attendance import Roster, RosterEntry
from .meetings import Meeting
from .photos import Photo


class ProxyQuerySet(VillageQuerySet):
    def standing(self) -> ProxyQuerySet:
        return self.filter(ended_at__isnull=True)


class Proxy(models.Model):
    """A unit's written grant to another of the meeting: who casts its separate ballot while it stays away."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="proxies")
    grantor = models.ForeignKey(RosterEntry, models.CASCADE, related_name="grants", verbose_name=_("委托人"))
    holder = models.ForeignKey(RosterEntry, models.CASCADE, related_name="held_grants", verbose_name=_("受托人"))
    photo = models.ForeignKey(Photo, models.RESTRICT, related_name="+", verbose_name=_("委托书照片"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手人")
    )
    granted_at = models.DateTimeField(_("委托时间"), db_default=Now())
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    end_reason = models.CharField(_("结束原因"), max_length=120, blank=True)

    objects = ProxyQuerySet.as_manager()

    class Meta:
        verbose_name = _("委托")
        verbose_name_plural = _("委托")
        constraints = [
            models.UniqueConstraint(
                fields=["grantor"], condition=Q(ended_at__isnull=True), name="one_proxy_per_grantor"
            ),
            models.CheckConstraint(condition=~Q(grantor=F("holder")), name="nobody_is_their_own_proxy"),
        ]

    def __str__(self) -> str:
        return f"{self.grantor} → {self.holder}"


class RosterCorrection(models.Model):
    """A household sends somebody else of the house: the roster's line gets another voter, with the reason."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    roster = models.ForeignKey(Roster, models.CASCADE, related_name="corrections")
    entry = models.ForeignKey(RosterEntry, models.CASCADE, related_name="corrections")
    before = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("原来的投票人"))
    after = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("改为"))
    reason = models.CharField(_("原因"), max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手人")
    )
    made_at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("名册更正")
        verbose_name_plural = _("名册更正")
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return f"{self.entry}: {self.before} → {self.after}"


class Kiosk(models.Model):
    """A tablet handed round the hall. It has no account: it shows one paper, for whom the recorder called up.

    `entry` is who is called up now; it is emptied by the ballot itself, and nothing keeps who was called before.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="kiosks")
    number = models.PositiveSmallIntegerField(_("平板"))
    token_hash = models.CharField(max_length=64, unique=True)
    entry = models.ForeignKey(RosterEntry, models.SET_NULL, null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手人")
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("投票平板")
        verbose_name_plural = _("投票平板")
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_kiosk_per_number")]

    def __str__(self) -> str:
        return f"{self.meeting_id} #{self.number}"
