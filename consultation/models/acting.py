"""Who votes in whose place, and where: written grants, a household's substitute, a tablet handed round."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .attendance import Roster, RosterEntry
from .meetings import Meeting
from .motions import Motion
from .photos import Photo


class ProxyQuerySet(VillageQuerySet):
    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def votable(self) -> Self:
        """Those under which the holder may hand in a ballot now: standing, or ended while a motion is running that
        opened before (opening freezes who votes in whose place)."""
        running = Motion.objects.running().filter(meeting=OuterRef("meeting"), opening__lte=OuterRef("ended_after"))
        return self.filter(Q(ended_at__isnull=True) | Exists(running))


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
    # Motions opened before the grant and before its end, as with Attendance: a running one is never touched.
    granted_after = models.PositiveSmallIntegerField(default=0)
    ended_after = models.PositiveSmallIntegerField(null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_after__isnull=True)
                | Q(ended_at__isnull=False, ended_after__isnull=False),
                name="proxy_ended_as_a_whole",
            ),
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


class KioskQuerySet(VillageQuerySet):
    def standing(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def let_go(self) -> int:
        """Nobody is called up on these any more."""
        return self.exclude(call="").update(entry=None, motion=None, call="")


class Kiosk(models.Model):
    """A tablet handed round the hall. It has no account: it shows one paper, for whom the recorder called up.

    `entry` is who is called up now, `motion` for what, `call` a random word for this one call; all three are emptied
    by the ballot itself, and nothing keeps who was called before. `done` is the word of the last call that was voted,
    so that a tablet which lost the answer is told the truth.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="kiosks")
    number = models.PositiveSmallIntegerField(_("平板"))
    # SHA-256 of the link's token until a tablet has opened it, then of the one in that tablet's cookie.
    token_hash = models.CharField(max_length=64, unique=True)
    paired = models.BooleanField(default=False)
    entry = models.ForeignKey(RosterEntry, models.SET_NULL, null=True, blank=True, related_name="+")
    motion = models.ForeignKey(Motion, models.SET_NULL, null=True, blank=True, related_name="+")
    call = models.CharField(max_length=32, blank=True)
    done = models.CharField(max_length=32, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手人")
    )
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = KioskQuerySet.as_manager()

    class Meta:
        verbose_name = _("投票平板")
        verbose_name_plural = _("投票平板")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_kiosk_per_number"),
            models.UniqueConstraint(fields=["entry"], condition=Q(entry__isnull=False), name="called_to_one_kiosk"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} #{self.number}"
