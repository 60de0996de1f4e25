"""Where people live: regions, villages and communities, groups, yards, households."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .tenancy import VillageQuerySet

slug_field = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", _("网址代号只能用小写字母、数字和短横线。"))


class Region(models.Model):
    """A province, prefecture, county or township. Codes: GB/T 2260 and GB/T 10114 (2, 4, 6 and 9 digits)."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("省")
        PREFECTURE = "prefecture", _("市（州）")
        COUNTY = "county", _("县（市、区）")
        TOWNSHIP = "township", _("乡镇（街道）")

    parent = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    level = models.CharField(_("层级"), max_length=12, choices=Level)
    code = models.CharField(_("区划代码"), max_length=9, unique=True)
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    def ancestors(self) -> list[Self]:
        """From the province down to the parent."""
        above: list[Self] = []
        region = self.parent
        while region is not None:
            above.insert(0, region)
            region = region.parent
        return above


class PlaceCode(models.Model):
    """A code a region or village had or has (GB/T 2260, GB/T 10114, statistics code): codes change, places stay."""

    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="codes")
    village = models.ForeignKey("residents.Village", models.CASCADE, null=True, blank=True, related_name="codes")
    code = models.CharField(_("代码"), max_length=12)
    from_on = models.DateField(_("启用日期"), null=True, blank=True)
    until_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("代码沿革")
        verbose_name_plural = _("代码沿革")
        ordering = ("code", "from_on")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(village__isnull=False) ^ models.Q(region__isnull=False), name="code_of_one_place"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class VillageSetQuerySet(models.QuerySet):
    def real(self) -> Self:
        """Without practice villages, which never mix with real ones."""
        return self.filter(is_practice=False)

    def standing(self) -> Self:
        """Without those that joined another."""
        return self.filter(merged_into=None)

    def named_like(self, words: str) -> Self:
        """Villages whose name, pinyin, initials or township answers to `words` (any length, spaces ignored)."""
        asked = "".join(words.split()).lower()
        if not asked:
            return self.none()
        return self.filter(
            models.Q(name__icontains=asked)
            | models.Q(pinyin__startswith=asked)
            | models.Q(initials__startswith=asked)
            | models.Q(region__name__icontains=asked)
            | models.Q(region__parent__name__icontains=asked)
        ).distinct()


class Village(models.Model):
    """A village (村) or urban community (社区): the tenant of everything below it."""

    class Kind(models.TextChoices):
        VILLAGE = "village", _("村")
        COMMUNITY = "community", _("社区")

    region = models.ForeignKey(Region, models.RESTRICT, related_name="villages", verbose_name=_("乡镇（街道）"))
    slug = models.CharField(_("网址代号"), max_length=60, unique=True, validators=[slug_field])
    code = models.CharField(_("统计代码"), max_length=12, unique=True)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind)
    name = models.CharField(_("名称"), max_length=60)
    pinyin = models.CharField(_("全拼"), max_length=200, db_index=True)
    initials = models.CharField(_("拼音首字母"), max_length=40, db_index=True)
    population = models.PositiveIntegerField(_("户籍人口"), default=0)
    resident_population = models.PositiveIntegerField(_("常住人口"), default=0)
    over_60 = models.PositiveIntegerField(_("六十岁以上"), default=0)
    time_zone = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")
    # A village that joined another keeps its pages and meetings; its people live on in the other one's roll.
    merged_into = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="absorbed", verbose_name=_("并入")
    )
    merged_on = models.DateField(_("合并日期"), null=True, blank=True)
    # A practice village holds fictitious people; rehearsals fill it and nothing real ever enters it.
    is_practice = models.BooleanField(_("练习用"), default=False)

    objects = VillageSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("村（社区）")
        verbose_name_plural = _("村（社区）")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    def became(self) -> list[Self]:
        """The villages it went over into, one after the other; empty while it stands for itself."""
        chain: list[Self] = []
        village = self.merged_into
        while village is not None:
            chain.append(village)
            village = village.merged_into
        return chain

    def local_date(self, moment: datetime.datetime) -> datetime.date:
        """The day it is in the village at that moment (aware)."""
        return moment.astimezone(zoneinfo.ZoneInfo(self.time_zone)).date()

    @property
    def is_community(self) -> bool:
        return self.kind == self.Kind.COMMUNITY

    @property
    def committee_name(self) -> str:
        return str(_("居民委员会") if self.is_community else _("村民委员会"))

    @property
    def residents_name(self) -> str:
        return str(_("居民") if self.is_community else _("村民"))

    @property
    def rules_name(self) -> str:
        return str(_("居民公约") if self.is_community else _("村规民约"))


class VillageGroup(models.Model):
    """A numbered group of villagers (村民小组) or residents."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="groups", verbose_name=_("村（社区）"))
    number = models.PositiveSmallIntegerField(_("组别"))
    name = models.CharField(_("组名"), max_length=30, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("小组")
        verbose_name_plural = _("小组")
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["village", "number"], name="one_group_per_number")]

    def __str__(self) -> str:
        return self.name or str(_("%(number)s组") % {"number": self.number})


class Yard(models.Model):
    """A cluster of houses that talks matters over together: 屋场, 院落 or 小区."""

    class Kind(models.TextChoices):
        HAMLET = "hamlet", _("屋场")
        YARD = "yard", _("院落")
        ESTATE = "estate", _("小区")

    village = models.ForeignKey(Village, models.CASCADE, related_name="yards", verbose_name=_("村（社区）"))
    slug = models.CharField(_("网址代号"), max_length=60, validators=[slug_field])
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类别"), max_length=8, choices=Kind, default=Kind.HAMLET)
    groups = models.ManyToManyField(VillageGroup, blank=True, related_name="yards", verbose_name=_("小组"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("屋场（院落、小区）")
        verbose_name_plural = _("屋场（院落、小区）")
        constraints = [models.UniqueConstraint(fields=["village", "slug"], name="one_yard_per_slug")]

    def __str__(self) -> str:
        return self.name


class HouseholdQuerySet(VillageQuerySet):
    def on_roll(self, on: datetime.date) -> Self:
        """Those that exist on that day."""
        return self.filter(models.Q(from_on__isnull=True) | models.Q(from_on__lte=on)).filter(
            models.Q(until_on__isnull=True) | models.Q(until_on__gt=on)
        )


class Household(models.Model):
    """One household (户): the voting unit of household mode, with the member who votes for it."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="households", verbose_name=_("村（社区）"))
    group = models.ForeignKey(VillageGroup, models.RESTRICT, related_name="households", verbose_name=_("小组"))
    yard = models.ForeignKey(
        Yard,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="households",
        verbose_name=_("屋场（院落、小区）"),
    )
    number = models.PositiveIntegerField(_("户号"))
    # As the committee's own books write it ("3-012", a register's number); empty where they know only ours.
    own_number = models.CharField(_("村里的户号"), max_length=30, blank=True)
    from_on = models.DateField(_("立户日期"), null=True, blank=True)
    until_on = models.DateField(_("销户日期"), null=True, blank=True)
    representative = models.ForeignKey(
        "residents.Resident",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("户代表"),
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("户")
        verbose_name_plural = _("户")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_household_per_number"),
            models.UniqueConstraint(
                fields=["village", "own_number"],
                condition=~models.Q(own_number=""),
                name="one_household_per_own_number",
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(number)s户") % {"number": self.own_number or self.number})
