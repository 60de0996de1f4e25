"""A meeting: what it is about, when and where, who leads it, and how far it has got."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from residents.models import Resident, Village, VillageGroup, VillageQuerySet, Yard

from .presets import ProcedurePreset


class MeetingQuerySet(VillageQuerySet):
    def announced(self) -> Self:
        """What the public may know of: everything but what is still being prepared."""
        return self.exclude(state=Meeting.State.PREPARING)

    def live(self) -> Self:
        return self.filter(state=Meeting.State.LIVE)

    def upcoming(self, now: datetime.datetime) -> Self:
        return self.filter(state=Meeting.State.NOTICED, ends_at__gte=now).order_by("starts_at")

    def real(self) -> Self:
        return self.filter(village__is_practice=False)


class Meeting(index.Indexed, models.Model):
    """One meeting of one body of a village, numbered within the village."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("筹备中")
        NOTICED = "noticed", _("已通知")
        LIVE = "live", _("正在开会")
        CLOSED = "closed", _("已散会")
        RESULTS_PUBLISHED = "results_published", _("结果已公布")
        ARCHIVED = "archived", _("已归档")
        ADJOURNED = "adjourned", _("延期")
        CANCELLED = "cancelled", _("取消")

    class Phase(models.TextChoices):
        CHECK_IN = "check_in", _("签到")
        QUORUM_CONFIRMED = "quorum_confirmed", _("人数已够")
        REPORT = "report", _("通报")
        DISCUSSION = "discussion", _("讨论")
        VOTING = "voting", _("表决")
        ANNOUNCED = "announced", _("宣布结果")
        CLOSING = "closing", _("散会")

    # Everybody may read what was decided.
    PUBLIC = (State.RESULTS_PUBLISHED, State.ARCHIVED)
    MOVES = {
        State.PREPARING: {State.NOTICED, State.CANCELLED},
        State.NOTICED: {State.LIVE, State.ADJOURNED, State.CANCELLED},
        State.LIVE: {State.CLOSED, State.ADJOURNED},
        State.CLOSED: {State.RESULTS_PUBLISHED},
        State.RESULTS_PUBLISHED: {State.ARCHIVED},
        State.ADJOURNED: {State.RESULTS_PUBLISHED},
        State.CANCELLED: set(),
        State.ARCHIVED: set(),
    }

    village = models.ForeignKey(Village, models.CASCADE, related_name="meetings", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    title = models.CharField(_("标题"), max_length=120)
    preset = models.ForeignKey(
        ProcedurePreset,
        models.RESTRICT,
        related_name="meetings",
        verbose_name=_("会议类型"),
    )
    # The preset as it was when the notice went out; what the meeting runs under whatever is edited later.
    rules = models.JSONField(_("程序（固定）"), default=dict, blank=True)
    yard = models.ForeignKey(
        Yard,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("屋场"),
    )
    group = models.ForeignKey(
        VillageGroup,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("小组"),
    )
    place = models.CharField(_("地点"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("预计结束"))
    noticed_at = models.DateTimeField(_("通知时间"), null=True, blank=True)
    urgent_reason = models.CharField(_("立即召开的原因"), max_length=200, blank=True)
    remote_allowed = models.BooleanField(_("可以远程参加"), default=False)
    remote_basis = models.CharField(_("远程参加的依据"), max_length=200, blank=True)
    # The households a consultation concerns, picked one by one; beside those of its yard.
    affected = models.ManyToManyField("residents.Household", blank=True, related_name="+", verbose_name=_("涉及的户"))
    invited = models.CharField(_("邀请人员"), max_length=200, blank=True)
    # None: as long as the procedure has it; 0: no limit.
    speech_minutes = models.PositiveSmallIntegerField(_("每次发言最多几分钟"), null=True, blank=True)
    new_voices_first = models.BooleanField(_("还没讲过的先讲"), default=False, db_default=False)
    # Rises with whatever changes of who speaks and what is asked: the board is made anew then (board.py).
    floor = models.PositiveIntegerField(default=0, db_default=0)
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.PREPARING)
    phase = models.CharField(_("环节"), max_length=20, choices=Phase, blank=True)
    item_number = models.PositiveSmallIntegerField(_("当前议程"), default=0)
    # How many motions have been opened so far; attendance is told apart by it, so no clock can reorder the two.
    openings = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(_("开会时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("散会时间"), null=True, blank=True)
    results_published_at = models.DateTimeField(_("结果公布时间"), null=True, blank=True)
    state_reason = models.CharField(_("延期或者取消的原因"), max_length=200, blank=True)
    continues = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("接续"),
    )

    objects = MeetingQuerySet.as_manager()

    # Saved at every turn of its agenda: what is to be found changes with the notice and at the end (meetings.py).
    search_auto_update = False
    search_fields = [index.SearchField("title"), index.SearchField("place"), index.SearchField("agenda_words")]

    class Meta:
        verbose_name = _("会议")
        verbose_name_plural = _("会议")
        ordering = ("-starts_at",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_meeting_per_number"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="meeting_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="meeting_by_state")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.address("meeting")

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[Meeting]:
        """What the public may know of."""
        return cls.objects.announced().prefetch_related("agenda__motions")

    @property
    def agenda_words(self) -> str:
        """Its items with what is put to the vote, a line each: what everybody reads on its page."""
        lines = []
        for item in self.agenda.all():
            lines += [item.title, *(motion.text for motion in item.motions.all())]
        return "\n".join(lines)

    @property
    def procedure(self) -> dict[str, Any]:
        """The frozen rules, or the preset's present ones while the notice isn't out."""
        return self.rules or self.preset.frozen_copy()

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE

    def address(self, door: str, *extra: object) -> str:
        """Path of one of the meeting's doors ("meeting", "board", "hall", "console"…): slug and number, no key."""
        return reverse(f"consultation:{door}", args=[self.village.slug, self.number, *extra])


class MeetingSession(models.Model):
    """One of several places of a split meeting (分片召开)."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sessions", verbose_name=_("会议"))
    number = models.PositiveSmallIntegerField(_("会场"))
    place = models.CharField(_("地点"), max_length=120)
    groups = models.ManyToManyField(VillageGroup, blank=True, related_name="+", verbose_name=_("小组"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("会场")
        verbose_name_plural = _("会场")
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_session_per_number")]

    def __str__(self) -> str:
        return self.place


class AgendaItem(models.Model):
    class Kind(models.TextChoices):
        REPORT = "report", _("通报")
        READING = "reading", _("宣读")
        DISCUSSION = "discussion", _("讨论")
        VOTING = "voting", _("表决")
        ANNOUNCEMENT = "announcement", _("宣布")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda", verbose_name=_("会议"))
    number = models.PositiveSmallIntegerField(_("序号"))
    title = models.CharField(_("内容"), max_length=120)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind, default=Kind.DISCUSSION)
    minutes = models.PositiveSmallIntegerField(_("预计分钟"), default=15)
    # How long it has been treated so far, and since when it is treated now (agenda_times.py).
    treated_seconds = models.PositiveIntegerField(_("用了多久（秒）"), default=0, db_default=0)
    treated_since = models.DateTimeField(_("从什么时候起"), null=True, blank=True)
    # What somebody raised and the committee took up, when this item is about it.
    topic = models.ForeignKey(
        "consultation.Topic",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name=_("议题"),
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("议程")
        verbose_name_plural = _("议程")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_item_per_number"),
            models.UniqueConstraint(
                fields=["meeting"], condition=models.Q(treated_since__isnull=False), name="one_item_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def treated_minutes(self) -> int:
        """Of an item that is not treated now."""
        return self.treated_seconds // 60


class OfficerQuerySet(VillageQuerySet):
    def serving(self) -> Self:
        return self.filter(until_at__isnull=True)


class Officer(models.Model):
    """Who leads, records, counts or scrutinises in one meeting; handing over ends one row and starts another."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("主持人")
        RECORDER = "recorder", _("记录员")
        TELLER = "teller", _("计票人")
        SCRUTINEER = "scrutineer", _("监票人")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="officers", verbose_name=_("会议"))
    resident = models.ForeignKey(Resident, models.RESTRICT, related_name="meeting_offices", verbose_name=_("居民"))
    role = models.CharField(_("职责"), max_length=12, choices=Role)
    since_at = models.DateTimeField(_("起"))
    until_at = models.DateTimeField(_("止"), null=True, blank=True)
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("指定人"),
    )

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议职责")
        verbose_name_plural = _("会议职责")
        ordering = ("role", "since_at")
        constraints = [
            # They watch over one another, so one person holds one of them at a time.
            models.UniqueConstraint(
                fields=["meeting", "resident"],
                condition=models.Q(until_at__isnull=True),
                name="one_office_per_person",
            ),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=models.Q(until_at__isnull=True, role="chair"),
                name="one_chair_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.resident}"
