"""The people on the roll. A resident may have no account; a user is not a resident."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from .places import Household, Village
from .references import DIGITS, RandomReference
from .tenancy import VillageQuerySet

ADULT_YEARS = 18  # the age of majority and of the vote: Constitution art. 34, VL 16 (2025), UL 16 (2025)


def adult_since(on: datetime.date) -> datetime.date:
    """The latest birth date of somebody who is an adult on that day (29 February counts from 1 March)."""
    try:
        return on.replace(year=on.year - ADULT_YEARS)
    except ValueError:
        return on.replace(year=on.year - ADULT_YEARS, day=28)


class ResidentQuerySet(VillageQuerySet):
    def on_roll(self, on: datetime.date) -> Self:
        """Those the living register holds on that day."""
        return self.filter(models.Q(from_on__isnull=True) | models.Q(from_on__lte=on)).filter(
            models.Q(until_on__isnull=True) | models.Q(until_on__gt=on)
        )

    def adults(self, on: datetime.date) -> Self:
        return self.filter(born_on__lte=adult_since(on))

    def named_like(self, words: str) -> Self:
        """By name, nickname, full pinyin or initials; spaces ignored."""
        asked = "".join(words.split()).lower()
        if not asked:
            return self.none()
        return self.filter(
            models.Q(name__icontains=asked)
            | models.Q(nickname__icontains=asked)
            | models.Q(pinyin__startswith=asked)
            | models.Q(initials__startswith=asked)
        )


class Resident(models.Model):
    """One person on a village's roll."""

    class Gender(models.TextChoices):
        MALE = "m", _("男")
        FEMALE = "f", _("女")

    class Leaving(models.TextChoices):
        MOVED_OUT = "moved_out", _("迁出")
        DECEASED = "deceased", _("去世")
        MERGED = "merged", _("村（社区）合并")
        MISTAKE = "mistake", _("登记有误")

    village = models.ForeignKey(Village, models.CASCADE, related_name="residents", verbose_name=_("村（社区）"))
    household = models.ForeignKey(Household, models.RESTRICT, related_name="members", verbose_name=_("户"))
    # What stands in addresses; it stays whatever happens to the line.
    ref = models.CharField(max_length=DIGITS, editable=False, db_default=RandomReference())
    name = models.CharField(_("姓名"), max_length=60)
    nickname = models.CharField(_("小名"), max_length=60, blank=True)
    pinyin = models.CharField(_("全拼"), max_length=200, db_index=True)
    initials = models.CharField(_("拼音首字母"), max_length=40, db_index=True)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender, blank=True)
    # Empty where the committee's books do not tell; such a line counts in no base until somebody fills it in.
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    relation_to_head = models.CharField(_("与户主关系"), max_length=20, blank=True)
    is_head = models.BooleanField(_("户主"), default=False)
    is_local = models.BooleanField(_("本地户籍"), default=True)
    lives_here = models.BooleanField(_("常住"), default=True)
    # An identity number is never kept: only whether a sheet speaks of the same person (residents/phones.py).
    identity_hash = models.CharField(_("身份证号（校验）"), max_length=64, blank=True, db_index=True)
    # A phone is never an identity: old couples share one. Sealed under FIELD_KEY, found by its keyed hash.
    phone_sealed = models.BinaryField(_("电话（加密）"), blank=True, default=b"")
    phone_hash = models.CharField(_("电话（校验）"), max_length=64, blank=True, db_index=True)
    from_on = models.DateField(_("入册日期"), null=True, blank=True)
    until_on = models.DateField(_("出册日期"), null=True, blank=True)
    left_because = models.CharField(_("出册原因"), max_length=12, choices=Leaving, blank=True)
    # The same person's line in a village that was merged into this one.
    came_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="went_to", verbose_name=_("原名册")
    )
    note = models.CharField(_("备注"), max_length=200, blank=True)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("居民")
        verbose_name_plural = _("居民")
        ordering = ("household__number", "born_on")
        constraints = [models.UniqueConstraint(fields=["village", "ref"], name="one_resident_per_reference")]
        indexes = [models.Index(fields=["village", "born_on"], name="resident_by_age")]

    def __str__(self) -> str:
        return self.name
