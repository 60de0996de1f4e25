"""What contests hold of an account's votes, for that account's eyes: what is on a ballot only until the scores are
locked, because from then on nothing leads there."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from residents.models import User
from residents.own_data import Part, held_from, moment

from .models import Contest
from .voters import voters_for
from .voting import has_voted, own_vote


@held_from
def votes_of(user: User, most: int) -> Iterable[Part]:
    """The contests it has voted in, the newest first."""
    told = []
    for contest in Contest.objects.public().select_related("village", "region"):
        for voter in voters_for(user, contest):
            vote = own_vote(contest, voter)
            if vote is not None:
                picks = "、".join(str(pick.entry) for pick in vote.picks.select_related("entry"))
                when = moment(vote.changed_at or vote.cast_at)
                told.append([(_("评选"), contest.title), (_("投的是"), picks), (_("时间"), when)])
            elif has_voted(contest, voter):
                told.append([(_("评选"), contest.title), (_("投的是"), _("已经投过；投了谁，分数锁定后就查不到了"))])
    purpose = _("保证每人一票。投了谁只有您自己看得到；手机和网络只留核对用的值，半年后删除。")
    yield Part("contest_votes", _("您在评选里投的票"), purpose, told[:most], len(told))
