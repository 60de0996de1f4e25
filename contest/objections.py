"""Objections against a result during its public notice: taken from anybody, answered in public, without a name."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from .errors import Incomplete, NotAllowed, WrongState
from .locked import with_votes_removed, without_entry
from .models import Contest, Entry, Objection, Ranking, Stage
from .models.results import REASON_MOST, TEXT_MOST
from .results import make_ranking, newest, require_runner
from .rights import may_run
from .stages import require_open

NAME_MOST = 60
OF_ONE_MOST = 5  # of one account in one contest


@transaction.atomic
def object_to(
    contest: Contest,
    *,
    by: User,
    text: str,
    real_name: str,
    entry: Entry | None = None,
    channel: str = Objection.Channel.ONLINE,
) -> Objection:
    """Take an objection about an entry or the whole: from a signed-in account with a verified number, or entered by
    who runs the contest for somebody who wrote or called. Raises NotAllowed, WrongState, Closed, Incomplete."""
    locked = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
    online = channel == Objection.Channel.ONLINE
    if channel not in Objection.Channel.values:
        raise Incomplete(_("请选异议是怎么来的。"), "channel")
    if not online and not may_run(by, locked):
        raise NotAllowed(_("书面和电话异议由主办方代录。"))
    if online and (by.pk is None or by.phone_verified_at is None):
        raise NotAllowed(_("请先验证手机号，再提异议；也可以打电话或者书面提，由主办方代录。"))
    require_open(locked, Stage.Key.PUBLIC_NOTICE)
    if locked.state != Contest.State.PUBLIC_NOTICE:
        raise WrongState(_("结果还没有公示，现在不收异议。"))
    if online and locked.objections.filter(account=by).count() >= OF_ONE_MOST:
        raise WrongState(_("一个账号最多提 %(most)s 件异议。") % {"most": OF_ONE_MOST})
    text, real_name = text.strip(), real_name.strip()
    if not text or len(text) > TEXT_MOST:
        raise Incomplete(_("请写明异议的内容和依据，最多 %(most)s 个字。") % {"most": TEXT_MOST}, "text")
    if not real_name or len(real_name) > NAME_MOST:
        raise Incomplete(_("请写真实姓名，只有主办方看得到。"), "real_name")
    if entry is not None and entry.contest_id != locked.pk:
        raise Incomplete(_("这次评选没有这件申报。"), "entry")
    made = Objection.objects.create(
        contest=locked, number=locked.objections.count() + 1, entry=entry, channel=channel, text=text,
        real_name=real_name, account=by if online else None, entered_by=None if online else by,
    )  # fmt: skip
    record(
        action="object_to_result", subject=locked, village_id=locked.village_id, actor=None if online else by,
        number=made.number, channel=channel, entry=entry.number if entry else None,
    )  # fmt: skip
    return made


def _decide(
    objection: Objection, *, by: User, upheld: bool, answer: str, public_words: str
) -> tuple[Objection, Contest]:
    require_runner(objection.contest, by)
    contest = Contest.objects.select_for_update(of=("self",)).get(pk=objection.contest_id)
    found = Objection.objects.select_for_update(of=("self",)).select_related("entry").get(pk=objection.pk)
    if contest.state != Contest.State.PUBLIC_NOTICE or found.state != Objection.State.OPEN:
        raise WrongState(_("这件异议已经答复过，请刷新页面看看。"))
    answer, public_words = answer.strip(), public_words.strip()
    if not public_words or len(public_words) > TEXT_MOST:
        raise Incomplete(_("请写公布时怎么说这件异议（不写提出人是谁）。"), "public_words")
    if found.real_name in public_words or found.real_name in answer:
        raise Incomplete(
            _("公布的话里有提出人的姓名，请改掉。"), "public_words" if found.real_name in public_words else "answer"
        )
    if not answer or len(answer) > TEXT_MOST:
        raise Incomplete(_("请写答复，最多 %(most)s 个字。") % {"most": TEXT_MOST}, "answer")
    found.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
    found.answer, found.public_words = answer, public_words
    found.decided_by, found.decided_at = by, timezone.now()
    found.save()
    record(
        action="decide_contest_objection", subject=contest, village_id=contest.village_id, actor=by,
        number=found.number, state=found.state,
    )  # fmt: skip
    return found, contest


@transaction.atomic
def dismiss(objection: Objection, *, by: User, answer: str, public_words: str) -> Objection:
    """It does not hold, with the answer that is published. Raises NotAllowed, WrongState, Incomplete."""
    return _decide(objection, by=by, upheld=False, answer=answer, public_words=public_words)[0]


@transaction.atomic
def uphold(
    objection: Objection, *, by: User, answer: str, public_words: str, disqualify: bool = False, votes_removed: int = 0
) -> Ranking | None:
    """It holds. Its entry is out, or loses so many votes: then all is ranked again from the locked numbers, as a new
    version; the earlier one is kept and shown. With neither the ranking stays (an error in words, say).

    Raises NotAllowed, WrongState, Incomplete.
    """
    found, contest = _decide(objection, by=by, upheld=True, answer=answer, public_words=public_words)
    if not disqualify and not votes_removed:
        return None
    before = newest(contest)
    if found.entry is None or before is None:
        raise Incomplete(_("这件异议没有指明是哪一件申报，不能取消资格或者扣票。"), "effect")
    reason = _("异议 %(number)s：%(answer)s") % {"number": found.number, "answer": answer}
    if len(reason) > REASON_MOST:
        reason = reason[: REASON_MOST - 1] + "…"
    try:
        if disqualify:
            document = without_entry(before.document, found.entry.key, reason)
        else:
            document = with_votes_removed(before.document, found.entry.key, votes_removed)
    except KeyError:
        raise WrongState(_("这件申报已经不在排名里了。")) from None
    except ValueError:
        raise Incomplete(_("扣的票要在 1 和它的有效票数之间。"), "votes_removed") from None
    if disqualify:
        found.entry.state, found.entry.reason, found.entry.out_at = Entry.State.DISQUALIFIED, reason, timezone.now()
        found.entry.save(update_fields=["state", "reason", "out_at"])
    made = make_ranking(contest, document, by=by, reason=reason)
    record(
        action="rank_again", subject=contest, village_id=contest.village_id, actor=by,
        version=made.version, digest=made.digest, objection=found.number,
    )  # fmt: skip
    return made
