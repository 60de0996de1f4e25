"""The committee's import by two people: what the second one confirms is what the first one saw."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Proposal, User, Village
from .rights import Act
from .sheets.applying import ImportRefused, import_people
from .sheets.people import People
from .sheets.plan import Plan
from .sheets.sealing import open_people, seal_people
from .two_people import NotWaiting, handler, propose


def propose_import(village: Village, people: People, plan: Plan, *, whole: bool, by: User) -> Proposal:
    """Ask a second person for an import whose preview is `plan`. Raises ImportRefused when it has problems."""
    if plan.problems:
        raise ImportRefused(_("表里还有问题，请改好再上传。"))
    counts = {"add": len(plan.add), "change": len(plan.change), "leave": len(plan.leave), "unchanged": plan.unchanged}
    summary = _("导入名册：新增 %(add)s 人，更改 %(change)s 人，迁出 %(leave)s 人") % counts
    return propose(
        kind=Proposal.Kind.ROLL_IMPORT,
        village=village,
        summary=summary,
        payload={"whole": whole, "digest": plan.digest, "rows": plan.rows, **counts},
        sealed=seal_people(people),
        by=by,
    )


@handler(Proposal.Kind.ROLL_IMPORT, Act.IMPORT_ROLL)
def _import(proposal: Proposal, by: User) -> None:
    assert proposal.village is not None  # noqa: S101  an import is always of a village
    try:
        import_people(
            proposal.village,
            open_people(bytes(proposal.sealed)),
            on=timezone.localdate(),
            whole=proposal.payload["whole"],
            by=proposal.proposed_by,
            confirmed_by=by,
            expected=proposal.payload["digest"],
        )
    except ImportRefused as refused:
        raise NotWaiting(str(refused)) from refused
