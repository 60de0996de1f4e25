"""Petitions (请求召开会议): a share of the village that the law names demands a meeting; it must be called.

Not a topic: a topic asks for an answer, a petition for an assembly.
"""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .meetings import Meeting
from .photos import Photo
from .presets import ProcedurePreset

TITLE_MOST = 60
REASON_MOST = 500
# A meeting that is only prepared, or was called off, has not been called.
NOT_CALLED = (Meeting.State.PREPARING, Meeting.State.CANCELLED)


class PetitionQuerySet(VillageQuerySet):
    def open(self) -> Self:
        """Those that may be signed."""
        return self.filter(state__in=Petition.OPEN).exclude(self._called())

    def waiting(self) -> Self:
        """Those that have enough and for which no meeting was called yet."""
        return self.filter(state=Petition.State.REACHED).exclude(self._called())

    def overdue(self, on: datetime.date) -> Self:
        return self.waiting().filter(call_by__lt=on)

    @staticmethod
    def _called() -> Q:
        return Q(meeting__isnull=False) & ~Q(meeting__state__in=NOT_CALLED)


class Petition(models.Model):
    """One demand for a meeting. Share, base, number needed and days are copied when it starts, by the roll of that day,
    and do not follow later edits.
    """

    class State(models.TextChoices):
        COLLECTING = "collecting", _("征集签名")
        REACHED = "reached", _("人数够了")
        WITHDRAWN = "withdrawn", _("发起人撤回")

    class Ground(models.TextChoices):
        """Whose share counts."""

        RESIDENTS = "residents", _("村（居）民")
        REPRESENTATIVES = "representatives", _("村（居）民代表")

    OPEN = (State.COLLECTING, State.REACHED)
    # Signatures found invalid may take it below what is needed again.
    MOVES = {
        State.COLLECTING: {State.REACHED, State.WITHDRAWN},
        State.REACHED: {State.COLLECTING},
        State.WITHDRAWN: frozenset(),
    }

    village = models.ForeignKey(Village, models.CASCADE, related_name="petitions", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    preset = models.ForeignKey(ProcedurePreset, models.RESTRICT, related_name="+", verbose_name=_("要开什么会"))
    body = models.SlugField(_("机关"), max_length=60)
    ground = models.CharField(_("由谁请求"), max_length=16, choices=Ground)
    title = models.CharField(_("要商量什么"), max_length=TITLE_MOST)
    reason = models.CharField(_("为什么要开会"), max_length=REASON_MOST)
    started_by = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("发起人"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    started_at = models.DateTimeField(_("发起时间"))
    share_num = models.PositiveSmallIntegerField(_("比例分子"))
    share_den = models.PositiveSmallIntegerField(_("比例分母"))
    base_count = models.PositiveIntegerField(_("基数"))
    needed = models.PositiveIntegerField(_("要多少人"))
    call_days = models.PositiveSmallIntegerField(_("够了几天内召集"), null=True, blank=True)
    days_basis = models.CharField(_("天数的依据"), max_length=60, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.COLLECTING)
    reached_at = models.DateTimeField(_("够数时间"), null=True, blank=True)
    call_by = models.DateField(_("最迟召集日"), null=True, blank=True)
    overdue_noted_on = models.DateField(_("记过逾期"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="petitions", verbose_name=_("应请求召开的会议")
    )

    objects = PetitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("请求召开会议")
        verbose_name_plural = _("请求召开会议")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_petition_per_number"),
            models.CheckConstraint(
                condition=Q(share_den__gt=0, share_num__gt=0) & Q(share_num__lte=F("share_den")),
                name="petition_share_at_most_one",
            ),
            models.CheckConstraint(condition=Q(needed__gt=0), name="petition_needs_somebody"),
            models.CheckConstraint(
                condition=Q(state="reached", reached_at__isnull=False)
                | ~Q(state="reached") & Q(reached_at__isnull=True),
                name="petition_reached_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at__isnull=True),
                name="petition_withdrawn_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="reached") | Q(meeting__isnull=True), name="petition_met_was_reached"
            ),
        ]
        indexes = [models.Index(fields=["village", "state", "call_by"], name="petition_to_call")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("consultation:petition", args=[self.village.slug, self.number])

    @property
    def is_called(self) -> bool:
        return self.meeting is not None and self.meeting.state not in NOT_CALLED

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN and not self.is_called

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.REACHED and not self.is_called

    @property
    def late(self) -> bool:
        """Overdue today, by the village's clock; for templates."""
        return self.is_overdue(self.village.local_date(timezone.now()))

    def is_overdue(self, on: datetime.date) -> bool:
        return self.is_waiting and self.call_by is not None and self.call_by < on


class PetitionBase(models.Model):
    """Who counted on the day it started, as keys of the roll: apart, because it may be long and few pages need it."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    petition = models.OneToOneField(Petition, models.CASCADE, related_name="base", verbose_name=_("请求"))
    people = models.JSONField(_("发起那天算在里面的人"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("请求的基数")
        verbose_name_plural = _("请求的基数")

    def __str__(self) -> str:
        return str(self.petition)


class PetitionSheet(models.Model):
    """A list signed by hand: its photo, typed by one person, compared by another; until then nobody on it counts."""

    class State(models.TextChoices):
        ENTERED = "entered", _("等第二人核对")
        CONFIRMED = "confirmed", _("核对过了")
        REFUSED = "refused", _("退回")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    petition = models.ForeignKey(Petition, models.CASCADE, related_name="sheets", verbose_name=_("请求"))
    number = models.PositiveSmallIntegerField(_("第几张"))
    photos = models.ManyToManyField(Photo, related_name="+", verbose_name=_("照片"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ENTERED)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("录入人")
    )
    entered_person = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField(_("录入时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    decided_person = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("核对时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("纸上的签名")
        verbose_name_plural = _("纸上的签名")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["petition", "number"], name="one_petition_sheet_per_number"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")),
                name="two_accounts_for_a_petition_sheet",
            ),
            models.CheckConstraint(
                condition=Q(decided_person__isnull=True) | ~Q(decided_person=F("entered_person")),
                name="two_people_for_a_petition_sheet",
            ),
        ]

    def __str__(self) -> str:
        return str(_("第 %(number)s 张") % {"number": self.number})


class PetitionSignatureQuerySet(VillageQuerySet):
    def valid(self) -> Self:
        """Those that count: given online, or on a list that a second person compared; not found invalid."""
        return self.filter(
            Q(sheet__isnull=True) | Q(sheet__state=PetitionSheet.State.CONFIRMED), voided_at__isnull=True
        )


class PetitionSignature(models.Model):
    """One person signs. Only the committee and the supervisors read who."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    petition = models.ForeignKey(Petition, models.CASCADE, related_name="signatures", verbose_name=_("请求"))
    # By which it is spoken of where nobody's name may stand.
    number = models.PositiveIntegerField(_("编号"))
    resident = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("签名人"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    at = models.DateTimeField(_("签名时间"))
    sheet = models.ForeignKey(
        PetitionSheet, models.RESTRICT, null=True, blank=True, related_name="signatures", verbose_name=_("纸上的签名")
    )
    voided_at = models.DateTimeField(_("认定无效的时间"), null=True, blank=True)
    void_reason = models.CharField(_("为什么无效"), max_length=200, blank=True)

    objects = PetitionSignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("请求的签名")
        verbose_name_plural = _("请求的签名")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["petition", "number"], name="one_petition_signature_per_number"),
            # Whose signature was forged may still sign.
            models.UniqueConstraint(
                fields=["petition", "resident"],
                condition=Q(voided_at__isnull=True),
                name="one_petition_signature_each",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="") | Q(voided_at__isnull=False) & ~Q(void_reason=""),
                name="void_signature_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.resident)


class PetitionNotice(models.Model):
    """One account is told by SMS, once, what a petition has come to: a row first, as reminders are."""

    class About(models.TextChoices):
        REACHED = "reached", _("签名够数")
        OVERDUE = "overdue", _("过期没有召集")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    petition = models.ForeignKey(Petition, models.CASCADE, related_name="notices", verbose_name=_("请求"))
    about = models.CharField(_("什么事"), max_length=8, choices=About)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("账号"))
    tries = models.PositiveSmallIntegerField(_("发了几次"), default=0)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("请求的短信")
        verbose_name_plural = _("请求的短信")
        constraints = [
            models.UniqueConstraint(fields=["petition", "about", "user"], name="one_petition_notice_per_account")
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.about} {self.user_id}"
