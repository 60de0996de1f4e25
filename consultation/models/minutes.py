"""The minutes of a meeting, from draft to the village's page."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .meetings import Meeting, Officer
from .photos import Photo

ADDENDUM_MOST = 2000


class Minutes(models.Model):
    """Drafted from what was recorded, checked by the supervisory committee, signed by the officers, then immutable."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        CHECKED = "checked", _("监委会已核对")
        SIGNED = "signed", _("已签字")
        PUBLISHED = "published", _("已公布")
        ARCHIVED = "archived", _("已归档")

    MOVES = {
        State.DRAFT: {State.CHECKED},
        State.CHECKED: {State.SIGNED, State.DRAFT},
        State.SIGNED: {State.PUBLISHED},
        State.PUBLISHED: {State.ARCHIVED},
        State.ARCHIVED: set(),
    }

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="minutes", verbose_name=_("会议"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    # Rises with every save, so that two editors can't overwrite each other unseen.
    revision = models.PositiveIntegerField(default=1)
    # {"应到": "312", …}: the recorded facts, copied when drafted and when first signed.
    facts = models.JSONField(_("会议情况"), default=dict)
    proceedings = models.TextField(_("会议经过"), blank=True, max_length=20_000)
    opinion = models.TextField(_("协商意见"), blank=True, max_length=20_000)
    # Set by the first signature: from then on no word changes. Taken away with the signatures when it is given back.
    digest = models.CharField(_("签字时校验值"), max_length=64, blank=True)
    checked_by = models.ForeignKey(
        Resident,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("核对人"),
    )
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    check_note = models.CharField(_("核对意见"), max_length=500, blank=True)
    signed_at = models.DateTimeField(_("签齐的时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议记录")
        verbose_name_plural = _("会议记录")

    def __str__(self) -> str:
        return str(_("%(meeting)s会议记录") % {"meeting": self.meeting})


class Signature(models.Model):
    """That one officer stands for the words with this digest: signed here, or by hand on paper shown by a photo.

    The photo was taken in by somebody else, who says with it whose hand it is. With `missing_because` the officer did
    not sign, and the supervisory committee says why (`excused_by`).
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="signatures", verbose_name=_("会议记录"))
    role = models.CharField(_("职责"), max_length=12, choices=Officer.Role)
    resident = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("签字人"))
    name = models.CharField(_("签字时的姓名"), max_length=60)
    digest = models.CharField(_("签字时校验值"), max_length=64)
    signed_at = models.DateTimeField(_("签字时间"))
    photo = models.OneToOneField(
        Photo, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("签字页照片")
    )
    uploaded_by = models.ForeignKey(
        Resident, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("上传照片的人")
    )
    missing_because = models.CharField(_("没有签字的原因"), max_length=200, blank=True, default="", db_default="")
    excused_by = models.ForeignKey(
        Resident, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("说明没有签字的人")
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("签字")
        verbose_name_plural = _("签字")
        ordering = ("minutes", "signed_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "role"], name="one_signature_per_office"),
            models.UniqueConstraint(fields=["minutes", "resident"], name="one_signature_per_person"),
            models.CheckConstraint(
                condition=Q(photo__isnull=True, uploaded_by__isnull=True)
                | Q(photo__isnull=False, uploaded_by__isnull=False) & ~Q(uploaded_by=F("resident")),
                name="signed_page_shown_by_another",
            ),
            models.CheckConstraint(
                condition=Q(missing_because="", excused_by__isnull=True)
                | ~Q(missing_because="")
                & Q(excused_by__isnull=False, photo__isnull=True)
                & ~Q(excused_by=F("resident")),
                name="missing_signature_excused_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.name}"


class Addendum(models.Model):
    """Words added after all have signed: by one person, confirmed by another. Append-only, chained by its digest."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="addenda", verbose_name=_("会议记录"))
    number = models.PositiveSmallIntegerField(_("第几号"))
    text = models.TextField(_("补记"), max_length=ADDENDUM_MOST)
    # Over this one and the digest before it; the first follows the minutes' own.
    digest = models.CharField(_("校验值"), max_length=64)
    written_by = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("谁写的"))
    writer_name = models.CharField(_("写的人的姓名"), max_length=60)
    written_at = models.DateTimeField(_("写的时间"))
    confirmed_by = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("谁确认的"))
    confirmer_name = models.CharField(_("确认的人的姓名"), max_length=60)
    confirmed_at = models.DateTimeField(_("确认时间"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("补记")
        verbose_name_plural = _("补记")
        ordering = ("minutes", "number")
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="one_addendum_per_number"),
            models.CheckConstraint(condition=~Q(confirmed_by=F("written_by")), name="addendum_by_two_people"),
            models.CheckConstraint(condition=~Q(text=""), name="addendum_has_words"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
