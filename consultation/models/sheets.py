"""Counts made by people: of hands, of papers in a box, of an election held elsewhere."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .attendance import RosterEntry
from .meetings import MeetingSession
from .motions import Motion
from .photos import Photo

COUNT_FIELDS = ("for_count", "against_count", "abstain_count", "blank_count", "invalid_count", "not_returned_count")
NUMBERS = (*COUNT_FIELDS, "valid_count")


class Counts(models.Model):
    """What somebody counts: the numbers of each answer, and of papers that say nothing or did not come back."""

    for_count = models.PositiveIntegerField(_("赞成"), default=0)
    against_count = models.PositiveIntegerField(_("反对"), default=0)
    abstain_count = models.PositiveIntegerField(_("弃权"), default=0)
    blank_count = models.PositiveIntegerField(_("空白票"), default=0, db_default=0)
    invalid_count = models.PositiveIntegerField(_("废票"), default=0, db_default=0)
    not_returned_count = models.PositiveIntegerField(_("没有交回"), default=0, db_default=0)
    # Between options: the number of each by its key, and how many hands or papers picked any.
    option_counts = models.JSONField(_("各方案"), default=dict, blank=True)
    valid_count = models.PositiveIntegerField(_("选了方案的"), default=0, db_default=0)

    class Meta:
        abstract = True

    @property
    def counts(self) -> dict[str, int]:
        if self.option_counts:
            return {**self.option_counts, "abstain": self.abstain_count}
        return {"for": self.for_count, "against": self.against_count, "abstain": self.abstain_count}

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that was typed, in one order; two people agree when these are equal."""
        plain = tuple(getattr(self, name) for name in COUNT_FIELDS)
        if not self.option_counts:
            return plain
        return (*plain, self.valid_count, *(number for _key, number in sorted(self.option_counts.items())))

    @property
    def speaking(self) -> int:
        """Hands and papers that say something."""
        return self.for_count + self.against_count + self.abstain_count + self.valid_count

    @property
    def returned(self) -> int:
        """Papers in the box: every one says something, or nothing, or cannot be read."""
        return self.speaking + self.blank_count + self.invalid_count

    def put(self, part: str, number: int) -> None:
        """Set one number of those that people type (balance.parts_of)."""
        if f"{part}_count" in NUMBERS:
            setattr(self, f"{part}_count", number)
        else:
            self.option_counts = {**self.option_counts, part: number}

    def number(self, part: str) -> int:
        """One number of those that people type."""
        if f"{part}_count" in NUMBERS:
            return int(getattr(self, f"{part}_count"))
        return int(self.option_counts.get(part, 0))


class SheetQuerySet(VillageQuerySet):
    def confirmed(self) -> Self:
        """Typed alike by two people; in one order wherever it is asked, for pages number them by it."""
        return self.filter(state=Sheet.State.CONFIRMED).order_by("motion__number", "method", "pk")


class Sheet(Counts):
    """A count for one motion, at one place or for all. It counts only when two people typed the same."""

    class State(models.TextChoices):
        ENTERED = "entered", _("等待第二人录入")
        MISMATCH = "mismatch", _("两次不一致，请重新清点")
        CONFIRMED = "confirmed", _("已核对")

    class Method(models.TextChoices):
        HANDS = "hands", _("举手")
        PAPER = "paper", _("纸票")
        BELENIOS = "belenios", _("Belenios 投票")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="sheets")
    session = models.ForeignKey(MeetingSession, models.RESTRICT, null=True, blank=True, related_name="+")
    method = models.CharField(_("方式"), max_length=12, choices=Method, default=Method.HANDS)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.ENTERED)
    # Those present when the motion opened who had not voted otherwise: what the sum may not pass.
    base_count = models.PositiveIntegerField(_("可举手人数"), default=0)
    # Papers: how many went out and how many of them were spoiled, as the portal's own list of issues says.
    issued_count = models.PositiveIntegerField(_("发出"), default=0, db_default=0)
    spoiled_count = models.PositiveIntegerField(_("作废换发"), default=0, db_default=0)
    returned_count = models.PositiveIntegerField(_("收回"), default=0, db_default=0)
    photo = models.ForeignKey(Photo, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("照片"))
    # The first and the second of the two whose numbers agreed, by name, as the bulletin shows them.
    entered_by = models.CharField(_("录入"), max_length=60, blank=True, default="", db_default="")
    confirmed_by = models.CharField(_("核对"), max_length=60, blank=True, default="", db_default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("计票单")
        verbose_name_plural = _("计票单")
        constraints = [
            models.UniqueConstraint(fields=["motion", "method", "session"], name="one_sheet_per_place"),
            # SQLite takes nulls for different values, so the sheet without a place needs its own.
            models.UniqueConstraint(
                fields=["motion", "method"], condition=Q(session__isnull=True), name="one_sheet_in_all"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", method="hands")
                | Q(base_count__gte=F("for_count") + F("against_count") + F("abstain_count") + F("valid_count"))
                & Q(blank_count=0, invalid_count=0, not_returned_count=0),
                name="hands_within_base",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", method="paper")
                | Q(
                    returned_count=F("for_count")
                    + F("against_count")
                    + F("abstain_count")
                    + F("valid_count")
                    + F("blank_count")
                    + F("invalid_count")
                )
                & Q(issued_count=F("returned_count") + F("spoiled_count") + F("not_returned_count")),
                name="papers_balance",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", method="belenios")
                | Q(
                    returned_count=F("for_count")
                    + F("against_count")
                    + F("abstain_count")
                    + F("valid_count")
                    + F("blank_count")
                    + F("invalid_count")
                )
                & Q(base_count__gte=F("returned_count"), not_returned_count=0),
                name="elsewhere_within_base",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.motion_id} {self.get_method_display()}"


class SheetReading(Counts):
    """One person's typing of a sheet, blind to the others'."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="readings")
    number = models.PositiveSmallIntegerField()
    reader = models.ForeignKey(Resident, models.RESTRICT, related_name="+")
    entered_at = models.DateTimeField(db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="one_reading_per_number")]

    def __str__(self) -> str:
        return f"{self.sheet_id} #{self.number}"


class PaperIssue(models.Model):
    """One paper handed to a voting unit. Which paper it was, nobody can tell: papers have no numbers."""

    class State(models.TextChoices):
        OUT = "out", _("已发")
        SPOILED = "spoiled", _("写坏换发")
        UNUSED = "unused", _("没用交回")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="papers")
    entry = models.ForeignKey(RosterEntry, models.RESTRICT, related_name="papers")
    # Where it was handed out, in a meeting of several places: each place's box is counted by itself.
    session = models.ForeignKey(MeetingSession, models.RESTRICT, null=True, blank=True, related_name="+")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.OUT)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("发票人")
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("发出的纸票")
        verbose_name_plural = _("发出的纸票")
        constraints = [
            models.UniqueConstraint(fields=["motion", "entry"], condition=Q(state="out"), name="one_paper_out_per_unit")
        ]

    def __str__(self) -> str:
        return f"{self.motion_id}/{self.entry_id}"
