"""Topics (议题): what residents want talked about, who seconds it, and what the committee answered."""

from __future__ import annotations

import datetime
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .photos import Photo, private_storage
from .seconding import HouseholdSecond, Seconded

TITLE_MOST = 60
TEXT_MOST = 2000
REASON_MOST = 500

_OPEN = ["proposed", "collecting_seconds"]
_FREE_ANSWERS = ["accepted", "resolved_directly", "redirected", "merged", "rejected"]
_UNANSWERED = [*_OPEN, "withdrawn"]


class ReservedFor(models.TextChoices):
    """Who alone may decide such a matter (domain of the law): a topic of theirs is passed on to them."""

    VILLAGERS_ASSEMBLY = "villagers_assembly", _("村民会议（或者它授权的村民代表会议）")
    RESIDENTS_ASSEMBLY = "residents_assembly", _("居民会议（或者居民代表会议）")
    COLLECTIVE_ASSEMBLY = "collective_members_assembly", _("农村集体经济组织成员大会")
    OWNERS_VOTE = "owners_vote", _("业主共同决定")
    GOVERNMENT = "government", _("乡镇（街道）或者有关部门")


class TopicCategoryQuerySet(models.QuerySet):
    def for_kind(self, kind: str) -> Self:
        """Those a village or a community chooses from, the ordinary ones first."""
        return self.filter(applies_to=kind, offered=True)


class TopicCategory(models.Model):
    """What a topic is about; `reserved_for` says by what law somebody else alone decides it. Kept by the county."""

    key = models.SlugField(_("代号"), max_length=40)
    applies_to = models.CharField(_("适用"), max_length=12, choices=Village.Kind)
    position = models.PositiveSmallIntegerField(_("排在第几"), default=0)
    label = models.CharField(_("名称"), max_length=60)
    reserved_for = models.CharField(
        _("法律规定由谁定"),
        max_length=30,
        choices=ReservedFor,
        blank=True,
        help_text=_("填了的，议题只能转给它定。已经提出的议题按提出时的规定办，不跟着改。"),
    )
    source = models.CharField(_("依据"), max_length=120)
    citation = models.CharField(_("条款"), max_length=60, blank=True)
    verified = models.BooleanField(_("依据已核对"), default=False)
    offered = models.BooleanField(_("可以选"), default=True)

    objects = TopicCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("议题类别")
        verbose_name_plural = _("议题类别")
        ordering = ("applies_to", "position", "id")
        constraints = [models.UniqueConstraint(fields=["key", "applies_to"], name="one_topic_category_per_key")]

    def __str__(self) -> str:
        return self.label

    @property
    def basis(self) -> str:
        """Where it comes from, in words; an article that nobody has checked is not cited."""
        return f"《{self.source}》{self.citation}" if self.verified and self.citation else ""


class TopicQuerySet(VillageQuerySet):
    def open(self) -> Self:
        """Those still to be answered."""
        return self.filter(state__in=Topic.OPEN)

    def answered(self) -> Self:
        """Those the committee has answered: what everybody may read."""
        return self.filter(state__in=Topic.ANSWERED)

    def overdue(self, on: datetime.date) -> Self:
        """Open ones whose last day has passed."""
        return self.open().filter(answer_by__lt=on)


class Topic(Seconded):
    """One matter a resident raised. What it was raised under (seconds needed, days to answer, who alone may decide it)
    is copied when it is raised and does not follow later edits of the figures.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("刚提出")
        COLLECTING_SECONDS = "collecting_seconds", _("征集附议")
        ACCEPTED = "accepted", _("列为议题")
        REJECTED = "rejected", _("不列为议题")
        REDIRECTED = "redirected", _("转别处办理")
        MERGED = "merged", _("并入别的议题")
        RESOLVED_DIRECTLY = "resolved_directly", _("直接解决")
        REFERRED = "referred", _("转给有权的会议或者机关定")
        WITHDRAWN = "withdrawn", _("提出人撤回")

    OPEN = (State.PROPOSED, State.COLLECTING_SECONDS)
    # What the committee may answer; a reserved matter has one answer only.
    FREE_ANSWERS = (State.ACCEPTED, State.RESOLVED_DIRECTLY, State.REDIRECTED, State.MERGED, State.REJECTED)
    # What a meeting may talk about: what was taken up, and what is passed on to whoever decides it.
    ON_AGENDA = (State.ACCEPTED, State.REFERRED)
    ANSWERED = (*FREE_ANSWERS, State.REFERRED)
    MOVES = {
        State.PROPOSED: {State.COLLECTING_SECONDS, *ANSWERED, State.WITHDRAWN},
        State.COLLECTING_SECONDS: {*ANSWERED, State.WITHDRAWN},
        **dict.fromkeys((*ANSWERED, State.WITHDRAWN), frozenset()),
    }

    village = models.ForeignKey(Village, models.CASCADE, related_name="topics", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    title = models.CharField(_("题目"), max_length=TITLE_MOST)
    text = models.TextField(_("说明"), max_length=TEXT_MOST)
    category = models.ForeignKey(TopicCategory, models.RESTRICT, related_name="+", verbose_name=_("类别"))
    reserved_for = models.CharField(_("法律规定由谁定"), max_length=30, choices=ReservedFor, blank=True)
    raised_by = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("提出人"))
    # Whether the village reads the name; those who answer and those who supervise always do.
    show_name = models.BooleanField(_("显示姓名"), default=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    raised_at = models.DateTimeField(_("提出时间"))
    photos = models.ManyToManyField(Photo, blank=True, related_name="+", verbose_name=_("照片"))
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.PROPOSED)
    # Under what words the answer is public: a resident's own words stay within the village.
    published_title = models.CharField(_("公开的题目"), max_length=TITLE_MOST, blank=True)
    reason = models.CharField(_("答复和理由"), max_length=REASON_MOST, blank=True)
    sent_to = models.CharField(_("转给谁"), max_length=60, blank=True)
    merged_into = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="merged", verbose_name=_("并入")
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    ended_at = models.DateTimeField(_("答复（撤回）时间"), null=True, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("议题")
        verbose_name_plural = _("议题")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_topic_per_number"),
            models.CheckConstraint(
                condition=Q(state__in=_UNANSWERED) | ~Q(reason="") & ~Q(published_title=""),
                name="topic_answer_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, ended_at__isnull=True) | ~Q(state__in=_OPEN) & Q(ended_at__isnull=False),
                name="topic_end_has_time",
            ),
            models.CheckConstraint(
                condition=Q(reserved_for="", state__in=[*_UNANSWERED, *_FREE_ANSWERS])
                | ~Q(reserved_for="") & Q(state__in=[*_UNANSWERED, "referred"]),
                name="topic_reserved_is_only_referred",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["redirected", "referred"]) | ~Q(sent_to=""), name="topic_sent_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) & ~Q(merged_into=F("id"))
                | ~Q(state="merged") & Q(merged_into__isnull=True),
                name="topic_merged_into_another",
            ),
        ]
        indexes = [models.Index(fields=["village", "state", "answer_by"], name="topic_to_answer")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("consultation:topic", args=[self.village.slug, self.number])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_answered(self) -> bool:
        return self.state in self.ANSWERED


class Seconding(HouseholdSecond):
    """One household (户) seconds a topic (附议), by one of its members."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="secondings", verbose_name=_("议题"))

    class Meta:
        verbose_name = _("附议")
        verbose_name_plural = _("附议")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["topic", "household"], name="one_second_per_household"),
            models.UniqueConstraint(fields=["topic", "resident"], name="one_second_per_person"),
        ]


def recording_name(recording: Recording, name: str) -> str:
    """A random name that tells nothing; the ending says what it is."""
    del name
    token = secrets.token_hex(16)
    return f"recordings/{token[:2]}/{token}.{recording.kind}"


class Recording(models.Model):
    """A topic said instead of typed: kept as it was sent, heard by few, written down by one of them."""

    class Kind(models.TextChoices):
        WEBM = "webm", "audio/webm"
        OGG = "ogg", "audio/ogg"
        MP4 = "m4a", "audio/mp4"
        MP3 = "mp3", "audio/mpeg"
        WAV = "wav", "audio/wav"
        AMR = "amr", "audio/amr"

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    topic = models.OneToOneField(Topic, models.CASCADE, related_name="recording", verbose_name=_("议题"))
    kind = models.CharField(_("格式"), max_length=4, choices=Kind)
    file = models.FileField(storage=private_storage, upload_to=recording_name)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(db_default=Now())
    words = models.TextField(_("写下来的话"), max_length=TEXT_MOST, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁写的")
    )
    written_at = models.DateTimeField(_("写下来的时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("议题的语音")
        verbose_name_plural = _("议题的语音")
        constraints = [
            models.CheckConstraint(
                condition=Q(words="", written_at__isnull=True) | ~Q(words="") & Q(written_at__isnull=False),
                name="recording_words_have_time",
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
