"""The frozen roster of a meeting and who of it is there."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Household, Resident, Village, VillageQuerySet

from .meetings import Meeting, MeetingSession


class Roster(models.Model):
    """Who counts in this meeting, frozen when the notice went out."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="roster", verbose_name=_("会议"))
    frozen_at = models.DateTimeField(_("固定时间"))
    entitled_count = models.PositiveIntegerField(_("应到"))
    digest = models.CharField(_("校验值"), max_length=64)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("参会名册")
        verbose_name_plural = _("参会名册")

    def __str__(self) -> str:
        return f"{self.meeting}: {self.entitled_count}"


class RosterEntryQuerySet(VillageQuerySet):
    def named_like(self, words: str) -> Self:
        """By number, name, pinyin, initials or "六组"-like group label; spaces ignored."""
        asked = "".join(words.split()).lower()
        if not asked:
            return self.none()
        found = (
            models.Q(name__icontains=asked)
            | models.Q(pinyin__startswith=asked)
            | models.Q(initials__startswith=asked)
            | models.Q(resident__nickname__icontains=asked)
        )
        if asked.isdecimal():
            found |= models.Q(number=int(asked[:9]))
        return self.filter(found)


class RosterEntry(models.Model):
    """One voting unit: a person, a household (its voter fixed here) or a delegate."""

    class Unit(models.TextChoices):
        PERSON = "person", _("个人")
        HOUSEHOLD = "household", _("户")
        DELEGATE = "delegate", _("代表")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    roster = models.ForeignKey(Roster, models.CASCADE, related_name="entries", verbose_name=_("参会名册"))
    number = models.PositiveIntegerField(_("号牌"))
    unit = models.CharField(_("单位"), max_length=12, choices=Unit)
    resident = models.ForeignKey(
        Resident,
        models.RESTRICT,
        related_name="roster_entries",
        verbose_name=_("投票人"),
    )
    household = models.ForeignKey(
        Household,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("户"),
    )
    # Copies: the roster stays as it was however the roll goes on living.
    name = models.CharField(_("姓名"), max_length=60)
    pinyin = models.CharField(_("全拼"), max_length=200)
    initials = models.CharField(_("拼音首字母"), max_length=40)
    gender = models.CharField(_("性别"), max_length=1)
    birth_year = models.PositiveSmallIntegerField(_("出生年"))
    group_number = models.PositiveSmallIntegerField(_("组别"), default=0)

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("名册行")
        verbose_name_plural = _("名册行")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["roster", "number"], name="one_entry_per_number"),
            # In household mode a person votes for one household only; elsewhere once anyway.
            models.UniqueConstraint(fields=["roster", "resident"], name="one_entry_per_voter"),
            models.UniqueConstraint(
                fields=["roster", "household"],
                condition=models.Q(unit="household"),
                name="one_entry_per_household",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def told_apart(self) -> str:
        """Group and birth year, which tell namesakes apart."""
        if not self.birth_year:  # a delegate whose birth date the books do not tell
            return str(_("%(group)s组") % {"group": self.group_number})
        return str(_("%(group)s组 · %(year)s年生") % {"group": self.group_number, "year": self.birth_year})


class AttendanceQuerySet(VillageQuerySet):
    def present(self) -> Self:
        """Checked in, not checked out, not undone."""
        return self.filter(out_at__isnull=True, voided_at__isnull=True)

    def present_at(self, opening: int | models.OuterRef) -> Self:
        """There when the meeting's motion number `opening` (from 1) was opened."""
        stayed = models.Q(left_after__isnull=True) | models.Q(left_after__gte=opening)
        return self.filter(stayed, came_after__lt=opening, voided_at__isnull=True)


class Attendance(models.Model):
    """One stay of one voting unit, [in_at, out_at). A mistaken one is voided, never deleted."""

    class Method(models.TextChoices):
        QR = "qr", _("扫码")
        RECORDER = "recorder", _("记录员")
        REMOTE = "remote", _("远程")
        PROXY = "proxy", _("委托")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name=_("会议"))
    entry = models.ForeignKey(
        RosterEntry,
        models.CASCADE,
        related_name="attendances",
        verbose_name=_("名册行"),
    )
    session = models.ForeignKey(
        MeetingSession,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="attendances",
        verbose_name=_("会场"),
    )
    method = models.CharField(_("方式"), max_length=12, choices=Method)
    # Motions opened before the arrival and before the leaving: who came after an opening votes from the next one on.
    came_after = models.PositiveSmallIntegerField(default=0)
    left_after = models.PositiveSmallIntegerField(null=True, blank=True)
    in_at = models.DateTimeField(_("签到"), db_default=Now())
    out_at = models.DateTimeField(_("离场"), null=True, blank=True)
    voided_at = models.DateTimeField(_("撤销"), null=True, blank=True)
    void_reason = models.CharField(_("撤销原因"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("经手人"),
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("签到")
        verbose_name_plural = _("签到")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(out_at__isnull=True, voided_at__isnull=True),
                name="present_once",
            )
        ]
        indexes = [models.Index(fields=["meeting", "out_at", "voided_at"], name="attendance_present")]

    def __str__(self) -> str:
        return f"{self.entry} {self.in_at:%H:%M}"
