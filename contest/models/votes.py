"""The public's ballots: one of a voter in a contest, what is on it, what was noticed about it and decided."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from residents.models import Proposal

from .contests import Contest
from .entries import Entry

REASON_MOST = 300
KEY_MOST = 64
MARK_LENGTH = 32  # hex digits of a keyed hash


class VoteDecision(models.Model):
    """What two officers decided about a number of held ballots, with the reason that is published."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("等第二人确认")
        RELEASED = "released", _("放行，计入票数")
        REJECTED = "rejected", _("不计入票数")
        DROPPED = "dropped", _("没有办成，仍然暂扣")

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="vote_decisions", verbose_name=_("评选"))
    number = models.PositiveIntegerField(_("编号"))
    proposal = models.OneToOneField(
        Proposal, models.SET_NULL, null=True, related_name="vote_decision", verbose_name=_("待确认事项")
    )
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome, default=Outcome.WAITING)
    asked = models.CharField(_("提出怎么办"), max_length=10, choices=Outcome)
    reason = models.CharField(_("公布的理由"), max_length=REASON_MOST)
    count = models.PositiveIntegerField(_("票数"))
    first_at = models.DateTimeField(_("最早一票"))
    last_at = models.DateTimeField(_("最晚一票"))
    # How many of the ballots each signal spoke of, by its code.
    signals = models.JSONField(_("迹象"), default=dict)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("对暂扣票的决定")
        verbose_name_plural = _("对暂扣票的决定")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "number"], name="one_vote_decision_per_number"),
            models.CheckConstraint(condition=~Q(reason="") & Q(count__gt=0), name="vote_decision_says_why"),
            models.CheckConstraint(
                condition=Q(outcome__in=["waiting", "dropped"]) | Q(decided_at__isnull=False),
                name="vote_decision_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contest} {self.number}"


class ContestVoteQuerySet(models.QuerySet):
    def counted(self) -> Self:
        return self.filter(state=ContestVote.State.COUNTED)

    def held(self) -> Self:
        return self.filter(state=ContestVote.State.QUARANTINED)


class ContestVote(models.Model):
    """One ballot of one voter. Who that is, only `VoterKey` leads to, and only until the scores are locked.

    `device`, `address` and `network` are keyed hashes (contest/marks.py), never what they were made of; they and what
    else was noticed are forgotten after six months.
    """

    class State(models.TextChoices):
        COUNTED = "counted", _("计入")
        QUARANTINED = "quarantined", _("暂扣，等核查")
        REJECTED = "rejected", _("不计入")

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="votes", verbose_name=_("评选"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.COUNTED)
    cast_at = models.DateTimeField(_("投票时间"))
    changed_at = models.DateTimeField(_("改选时间"), null=True, blank=True)
    # The last one accepted, and those before it: a request that comes again finds its own and changes nothing.
    key = models.CharField(_("防重复提交"), max_length=KEY_MOST)
    spent_keys = models.JSONField(_("用过的防重复提交"), default=list, blank=True)
    device = models.CharField(_("设备标记"), max_length=MARK_LENGTH, blank=True)
    address = models.CharField(_("网络地址标记"), max_length=MARK_LENGTH, blank=True)
    network = models.CharField(_("网段标记"), max_length=MARK_LENGTH, blank=True)
    # The smallest of 10, 60, 1440, 10080 minutes that the account was younger than, empty for older ones: exactly, the
    # moment at which it was made would lead to the account. And whether it acts for somebody on a village's roll.
    age_under = models.PositiveIntegerField(_("账号开通不到多久（分钟）"), null=True, blank=True)
    on_roll = models.BooleanField(_("认领过居民身份"), default=False)
    score = models.PositiveSmallIntegerField(_("可疑程度"), default=0)
    reasons = models.JSONField(_("迹象"), default=list, blank=True)  # codes of contest.signals
    # What it is looked at together with: a place or a device, as a mark.
    cluster = models.CharField(_("同一批"), max_length=MARK_LENGTH + 2, blank=True)
    decision = models.ForeignKey(
        VoteDecision, models.SET_NULL, null=True, blank=True, related_name="votes", verbose_name=_("决定")
    )

    objects = ContestVoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("公众票")
        verbose_name_plural = _("公众票")
        indexes = [
            models.Index(fields=["contest", "state"], name="contest_votes_by_state"),
            models.Index(fields=["contest", "device"], name="contest_votes_by_device"),
        ]

    def __str__(self) -> str:
        return f"{self.contest} {self.pk}"  # nothing of who or what


class VoterKey(models.Model):
    """That somebody has voted in a contest: keyed hashes of what a voter can be known by, each once in a contest.

    A ballot has several where an account is known by several things: its number, its person on the roll, itself.
    `vote` is emptied when the scores are locked; from then on nothing leads from a person to what was picked.
    """

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="voter_keys", verbose_name=_("评选"))
    mark = models.CharField(_("投票人标记"), max_length=MARK_LENGTH)
    vote = models.ForeignKey(
        ContestVote, models.CASCADE, null=True, related_name="voter_keys", verbose_name=_("公众票")
    )

    class Meta:
        verbose_name = _("投票人标记")
        verbose_name_plural = _("投票人标记")
        constraints = [models.UniqueConstraint(fields=["contest", "mark"], name="one_contest_vote_per_voter")]

    def __str__(self) -> str:
        return str(self.pk)


class ContestPick(models.Model):
    """One entry on a ballot."""

    vote = models.ForeignKey(ContestVote, models.CASCADE, related_name="picks", verbose_name=_("公众票"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+", verbose_name=_("申报"))

    class Meta:
        verbose_name = _("选中的申报")
        verbose_name_plural = _("选中的申报")
        constraints = [models.UniqueConstraint(fields=["vote", "entry"], name="one_pick_per_entry")]

    def __str__(self) -> str:
        return str(self.pk)
