"""What is put to the vote, who has voted, what was counted and what was decided."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from consultation.options import Form, form_of, picks_of
from residents.models import Village, VillageQuerySet

from .attendance import RosterEntry
from .meetings import AgendaItem, Meeting


class Choice(models.TextChoices):
    FOR = "for", _("赞成")
    AGAINST = "against", _("反对")
    ABSTAIN = "abstain", _("弃权")


class Outcome(models.TextChoices):
    CARRIED = "carried", _("通过")
    LOST = "lost", _("未通过")
    TIED = "tied", _("赞成反对相等，未通过")
    INQUORATE = "inquorate", _("人数不够，无效")
    RUNOFF = "runoff", _("进入第二轮")
    REFERRED = "referred", _("转办")
    WITHDRAWN = "withdrawn", _("撤回")
    # Of what is talked about and not voted (unvoted.py).
    CONSENSUS = "consensus", _("协商一致")
    UNSETTLED = "unsettled", _("没有谈拢")
    NOTED = "noted", _("已听取")


class MotionQuerySet(VillageQuerySet):
    def running(self) -> Self:
        """Under vote or being counted."""
        return self.filter(state__in=[Motion.State.OPEN, Motion.State.PAUSED, Motion.State.CLOSING])

    def needed_a_key(self) -> Self:
        """Secret ones by phone that were ever opened, whether their key is still there or destroyed."""
        return self.filter(secret=True, method__in=Motion.BY_PHONE, opened_at__isnull=False)


class Motion(models.Model):
    """One question put to a meeting. Opening freezes its words, rule, electorate and those present."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草拟")
        ANNOUNCED = "announced", _("待表决")
        OPEN = "open", _("正在表决")
        PAUSED = "paused", _("暂停表决")
        CLOSING = "closing", _("正在计票")
        SEALED = "sealed", _("已计票")
        PUBLISHED = "published", _("已宣布")
        ANNULLED = "annulled", _("作废")
        DISPUTED = "disputed", _("有争议")
        INTERRUPTED = "interrupted", _("中断")

    # Every allowed move; any other is wrong_state. A restored backup turns OPEN into INTERRUPTED.
    MOVES = {
        State.DRAFT: {State.ANNOUNCED},
        State.ANNOUNCED: {State.OPEN, State.DRAFT, State.PUBLISHED},  # the last without a vote
        State.OPEN: {State.PAUSED, State.CLOSING, State.ANNULLED, State.INTERRUPTED},
        State.PAUSED: {State.OPEN, State.CLOSING, State.ANNULLED, State.INTERRUPTED},
        State.CLOSING: {State.SEALED, State.DISPUTED, State.ANNULLED, State.INTERRUPTED},
        State.SEALED: {State.PUBLISHED},
        State.DISPUTED: {State.SEALED, State.ANNULLED},
        State.INTERRUPTED: {State.CLOSING, State.ANNULLED},
        State.PUBLISHED: set(),
        State.ANNULLED: set(),
    }

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("赞成、反对、弃权")
        CHOICE = "choice", _("选一个方案")
        MULTI_CHOICE = "multi_choice", _("选几个方案")
        RANKED = "ranked", _("给方案排先后")
        OPINION = "opinion", _("意见")

    class Method(models.TextChoices):
        ONLINE = "online", _("手机")
        HANDS = "hands", _("举手")
        HANDS_AND_ONLINE = "hands_and_online", _("手机和举手")
        PAPER = "paper", _("纸票")
        PAPER_AND_ONLINE = "paper_and_online", _("手机和纸票")
        BELENIOS = "belenios", _("Belenios 投票")
        NONE = "none", _("不表决")

    BY_PHONE = (Method.ONLINE, Method.HANDS_AND_ONLINE, Method.PAPER_AND_ONLINE)
    WITH_PAPER = (Method.PAPER, Method.PAPER_AND_ONLINE)

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="motions", verbose_name=_("会议"))
    agenda_item = models.ForeignKey(
        AgendaItem,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="motions",
        verbose_name=_("议程"),
    )
    number = models.PositiveSmallIntegerField(_("序号"))
    text = models.CharField(_("表决事项"), max_length=500)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind, default=Kind.YES_NO)
    method = models.CharField(_("表决方式"), max_length=20, choices=Method, default=Method.HANDS_AND_ONLINE)
    secret = models.BooleanField(_("无记名"), default=False)
    # While it is open a voter may hand in another paper in place of the first.
    changeable = models.BooleanField(_("停止以前可以改票"), default=False, db_default=False)
    # The name of a secret motion's key in the key store; the key itself is never in the database.
    key_ref = models.CharField(max_length=32, blank=True, default="", db_default="")
    counts_shown = models.BooleanField(_("表决中显示票数"), default=False)
    # [{"key": "A", "text": "…"}] for choice motions.
    options = models.JSONField(_("方案"), default=list, blank=True)
    # How many of the options one ballot may pick; 1 unless several may.
    most = models.PositiveSmallIntegerField(_("最多选几个"), default=1, db_default=1)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.ANNOUNCED)
    # The how-manieth motion opened in its meeting, from 1; see Attendance.came_after.
    opening = models.PositiveSmallIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField(_("开始表决"), null=True, blank=True)
    closed_at = models.DateTimeField(_("停止表决"), null=True, blank=True)
    # Frozen by opening: what, under which rule, by whom; and its SHA-256.
    definition = models.JSONField(_("定稿"), default=dict, blank=True)
    definition_hash = models.CharField(_("定稿校验值"), max_length=64, blank=True)
    entitled_count = models.PositiveIntegerField(_("应到"), default=0)
    present_count = models.PositiveIntegerField(_("实到"), default=0)
    runoff_of = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="runoffs")
    replaces = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="replaced_by")
    # An amendment: of which motion, the words it would have, those it had, and when the chair put the new ones there.
    amends = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="amendments")
    new_options = models.JSONField(_("改成的方案"), default=list, blank=True, db_default=[])
    old_options = models.JSONField(_("原来的方案"), default=list, blank=True, db_default=[])
    new_text = models.CharField(_("改成"), max_length=500, blank=True, default="", db_default="")
    old_text = models.CharField(_("原来的话"), max_length=500, blank=True, default="", db_default="")
    taken_over_at = models.DateTimeField(_("照改时间"), null=True, blank=True)
    # Whose decision the matter is by law (ReservedFor); here it may then be voted as an opinion only.
    reserved_for = models.CharField(_("法律规定由谁定"), max_length=30, blank=True, default="", db_default="")
    # As what it was marked in the console, if it was (tabling.mark_reserved).
    reserved_category = models.ForeignKey(
        "consultation.TopicCategory", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("类别")
    )
    referred_to = models.CharField(_("转办去向"), max_length=60, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = MotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("表决事项")
        verbose_name_plural = _("表决事项")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_motion_per_number"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=models.Q(state__in=["open", "paused", "closing"]),
                name="one_running_motion_per_meeting",
            ),
            # Raised hands put nothing in order.
            models.CheckConstraint(
                condition=~models.Q(kind="ranked") | models.Q(method__in=["online", "paper", "paper_and_online"]),
                name="a_ranking_is_written",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def by_hands(self) -> bool:
        return self.method in (self.Method.HANDS, self.Method.HANDS_AND_ONLINE)

    @property
    def by_paper(self) -> bool:
        return self.method in self.WITH_PAPER

    @property
    def by_belenios(self) -> bool:
        """Voted elsewhere; what is counted here is the result that two people bring in."""
        return self.method == self.Method.BELENIOS

    @property
    def is_voted(self) -> bool:
        """Not only talked about (unvoted.py)."""
        return self.method != self.Method.NONE

    @property
    def by_phone(self) -> bool:
        return self.method in self.BY_PHONE

    @property
    def form(self) -> Form:
        """What its ballot offers."""
        return form_of(self.kind, self.options, self.most)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Key and words of everything that stands on the ballot, in its order."""
        if not self.form.keys:
            return [(choice.value, str(choice.label)) for choice in Choice]
        listed = [(str(option["key"]), str(option["text"])) for option in self.options]
        return [*listed, (Choice.ABSTAIN.value, str(Choice.ABSTAIN.label))]

    @property
    def counted_parts(self) -> list[tuple[str, str]]:
        """Key and words of everything that is counted, an option's with its letter; of a ranking it at each place."""
        if not self.form.keys:
            return self.choices
        options = [(key, f"{key} {label}") for key, label in self.choices[:-1]]
        if self.form.ranked:
            placed = _("%(option)s（第 %(place)s）")
            options = [
                (f"{place}{key}", str(placed % {"option": label, "place": place}))
                for key, label in options
                for place in self.form.places
            ]
        return [*options, self.choices[-1]]

    @property
    def awaits_runoff(self) -> bool:
        """No runoff of it is on the list yet, or that one was declared void."""
        return not self.runoffs.exclude(state=self.State.ANNULLED).exists()

    @property
    def is_undecided(self) -> bool:
        """It may still come to a result."""
        return self.state not in (self.State.PUBLISHED, self.State.ANNULLED)

    @property
    def words_wait(self) -> str:
        """Of an amendment, what the chair is to confirm: to `take` its words over, or to put the old ones `back`."""
        if self.amends_id is None or self.state != self.State.PUBLISHED:
            return ""
        decision = self.latest_decision
        carried = decision is not None and decision.outcome == Outcome.CARRIED
        if carried == (self.taken_over_at is not None):
            return ""
        return "take" if carried else "back"

    def named(self, choice: str) -> list[str]:
        """The words of each key in a row of them."""
        words = dict(self.choices)
        return [words.get(key, key) for key in (picks_of(choice) or (choice,))]

    def said(self, choice: str) -> str:
        """What a ballot says, in words."""
        named = self.named(choice)
        if self.form.ranked and choice != Choice.ABSTAIN:
            placed = _("第 %(place)s %(option)s")
            named = [str(placed % {"place": place, "option": option}) for place, option in enumerate(named, 1)]
        return str(_("、")).join(named)

    @property
    def latest_decision(self) -> Decision | None:
        """The result that stands now; sorted here so that a prefetch serves it."""
        return max(self.decisions.all(), key=lambda decision: decision.version, default=None)


class Mark(models.Model):
    """That a voting unit has voted, and nothing of how or when. The one place that makes a vote happen once.

    With `paper` set the unit holds a paper, so that it cannot vote by phone as well; handing it back unused takes the
    mark away. What is in the box is counted by a sheet, never by these.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="marks")
    entry = models.ForeignKey(RosterEntry, models.RESTRICT, related_name="marks")
    paper = models.BooleanField(default=False, db_default=False)

    objects = VillageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["motion", "entry"], name="one_mark_per_unit")]

    def __str__(self) -> str:
        return f"{self.motion_id}/{self.entry_id}"


class Ballot(models.Model):
    """A recorded (by name) ballot. A secret choice never enters this table."""

    class Channel(models.TextChoices):
        ONLINE = "online", _("手机")
        KIOSK = "kiosk", _("平板")
        RECORDER = "recorder", _("记录员代录")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="ballots")
    entry = models.ForeignKey(RosterEntry, models.RESTRICT, related_name="ballots")
    # One answer, or the keys of the options picked (options.py).
    choice = models.CharField(_("选择"), max_length=80)
    channel = models.CharField(_("途径"), max_length=12, choices=Channel)
    # The client's idempotency key: the same key again is the same success again.
    key = models.CharField(max_length=64)
    cast_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("表决票")
        verbose_name_plural = _("表决票")
        constraints = [models.UniqueConstraint(fields=["motion", "entry"], name="one_ballot_per_unit")]

    def __str__(self) -> str:
        return f"{self.motion_id}/{self.entry_id}"


class SpentKey(models.Model):
    """The key of a recorded ballot that its voter replaced: a late repetition of it does not bring it back."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)

    objects = VillageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["motion", "key"], name="a_key_is_spent_once")]

    def __str__(self) -> str:
        return f"{self.motion_id}"


class DecisionQuerySet(VillageQuerySet):
    def published(self) -> Self:
        return self.filter(motion__state=Motion.State.PUBLISHED)


class Decision(models.Model):
    """A motion's frozen result with its whole arithmetic. Append-only: a correction is a new version."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    motion = models.ForeignKey(Motion, models.CASCADE, related_name="decisions", verbose_name=_("表决事项"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome)
    entitled = models.PositiveIntegerField(_("应到"))
    present = models.PositiveIntegerField(_("实到"))
    required = models.PositiveIntegerField(_("法定人数"))
    needed = models.PositiveIntegerField(_("通过所需"))
    # {"for": 171, "against": 30, "abstain": 15}, {"A": 6, …} or {"1A": 4, "2A": 2, …}; "channels" the same by
    # online/hands/recorder.
    counts = models.JSONField(_("票数"), default=dict)
    channels = models.JSONField(_("各途径票数"), default=dict, blank=True)
    # How many ballots, hands and papers said something: fewer than the sum of `counts` where one may pick several.
    cast = models.PositiveIntegerField(_("投了多少票"), default=0, db_default=0)
    # Keys of the options: those elected, and those that a runoff is held among.
    winner = models.CharField(_("胜出方案"), max_length=80, blank=True)
    going_on = models.CharField(_("进入第二轮"), max_length=80, blank=True, default="", db_default="")
    arithmetic = models.TextField(_("算法说明"), blank=True)
    # Without a vote: what was agreed on, or what remained open, in the meeting's words.
    words = models.TextField(_("谈成什么"), blank=True, default="", db_default="")
    reason = models.CharField(_("更正原因"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("作出时间"), db_default=Now())

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("表决结果")
        verbose_name_plural = _("表决结果")
        ordering = ("motion", "version")
        constraints = [models.UniqueConstraint(fields=["motion", "version"], name="one_decision_per_version")]

    def __str__(self) -> str:
        return f"{self.motion}: {self.outcome_label}"

    @property
    def outcome_label(self) -> str:
        """An option is chosen, not carried."""
        outcome = Outcome(self.outcome)
        chosen = {Outcome.CARRIED: _("选定"), Outcome.LOST: _("没有选出"), Outcome.TIED: _("票数相同，没有选出")}
        if self.motion.form.ranked:  # an opinion: nothing is passed by it
            chosen = {
                Outcome.CARRIED: _("排出先后"),
                Outcome.LOST: _("没有人排先后"),
                Outcome.TIED: _("得分相同，分不出先后"),
                Outcome.RUNOFF: _("并列最前，没有定论"),
            }
        return str(chosen.get(outcome, outcome.label) if self.motion.form.keys else outcome.label)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Label and count of each choice, in the order of the ballot, for bars and tables.

        Of a ranking the count is the points of an option, and `first` how many put it first.
        """
        if not self.motion.is_voted:
            return []
        labels, form = self.motion.choices, self.motion.form
        if form.ranked:
            scores = form.scores(self.counts)
            return [
                {"key": key, "label": label, "count": scores[key], "first": self.counts.get(f"1{key}", 0)}
                if key in scores
                else {"key": key, "label": label, "count": self.counts.get(key, 0)}
                for key, label in labels
            ]
        if self.motion.form.keys and "abstain" not in self.counts:  # as older ones were recorded
            labels = labels[:-1]
        return [{"key": key, "label": label, "count": self.counts.get(key, 0)} for key, label in labels]

    @property
    def told(self) -> list[str]:
        """Each line in words, to be read in a row."""
        points = _("%(option)s %(count)s 分")
        return [
            str(points % {"option": line["label"], "count": line["count"]})
            if "first" in line
            else f"{line['label']} {line['count']}"
            for line in self.lines
        ]

    @property
    def won(self) -> str:
        """The options that were elected, or that a ranking put first, in words."""
        return str(_("、")).join(self.motion.named(self.winner)) if self.winner else ""

    @property
    def goes_on(self) -> str:
        """The options that a runoff is held among, in words."""
        return str(_("、")).join(self.motion.named(self.going_on)) if self.going_on else ""
