"""Who holds which office where and for how long."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Region, Village, VillageGroup, Yard
from .references import DIGITS, RandomReference


class Role(models.TextChoices):
    """Offices a person holds in a place for a term (chair, recorder, teller and scrutineer are held in a meeting)."""

    PARTY_SECRETARY = "party_secretary", _("党组织书记")
    COMMITTEE_CHAIR = "committee_chair", _("村（居）委会主任")
    COMMITTEE_MEMBER = "committee_member", _("村（居）委会委员")
    SUPERVISORY_CHAIR = "supervisory_chair", _("监督委员会主任")
    SUPERVISORY_MEMBER = "supervisory_member", _("监督委员会委员")
    GROUP_LEADER = "group_leader", _("小组长")
    REPRESENTATIVE = "representative", _("村（居）民代表")
    YARD_CHAIR = "yard_chair", _("院落理事长")
    YARD_DELEGATE = "yard_delegate", _("院落（小区）议事代表")
    OWNERS_COMMITTEE_CHAIR = "owners_committee_chair", _("业主委员会主任")
    PROPERTY_MANAGER = "property_manager", _("物业项目经理")
    HONGBAI_CHAIR = "hongbai_chair", _("红白理事会会长")
    HONGBAI_MEMBER = "hongbai_member", _("红白理事会成员")
    VILLAGE_ADMIN = "village_admin", _("村（社区）管理员")
    SOCIAL_WORKER = "social_worker", _("社工")
    RESIDENT_TEAM = "resident_team", _("驻村工作队")
    TOWNSHIP_REVIEWER = "township_reviewer", _("乡镇（街道）审核员")
    COUNTY_EDITOR = "county_editor", _("县级编辑")
    ORGANIZER = "organizer", _("评选组织者")
    JUDGE = "judge", _("评委")


class AppointmentQuerySet(models.QuerySet):
    def of(self, village: Village) -> Self:
        """Offices held in this village itself."""
        return self.filter(village=village)

    def current(self, on: datetime.date) -> Self:
        return self.filter(from_on__lte=on).filter(models.Q(until_on__isnull=True) | models.Q(until_on__gt=on))


class Appointment(models.Model):
    """A role in a village or in a region, held by a resident of the roll or by a staff account, for a term."""

    village = models.ForeignKey(
        Village,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("村（社区）"),
    )
    region = models.ForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("行政区划"),
    )
    resident = models.ForeignKey(
        Resident,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("居民"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("账号"),
    )
    # What stands in addresses.
    ref = models.CharField(max_length=DIGITS, editable=False, db_default=RandomReference())
    role = models.CharField(_("职务"), max_length=24, choices=Role)
    group = models.ForeignKey(
        VillageGroup,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("小组"),
    )
    yard = models.ForeignKey(
        Yard,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("屋场"),
    )
    duty = models.CharField(_("分工"), max_length=60, blank=True)
    from_on = models.DateField(_("任职起"))
    until_on = models.DateField(_("任职止"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(village__isnull=False) ^ models.Q(region__isnull=False),
                name="office_in_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(resident__isnull=False) ^ models.Q(user__isnull=False),
                name="office_of_one_person",
            ),
            models.UniqueConstraint(fields=["ref"], name="one_office_per_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.resident or self.user} {self.get_role_display()}"
