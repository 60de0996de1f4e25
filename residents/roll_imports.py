"""The committee's import by two people: what the second one confirms is what the first one saw."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Proposal, User, Village
from .rights import Act
from .sheets.applying import ImportRefused, import_people
from .sheets.people import People
from .sheets.preview import Preview, Shown
from .sheets.sealing import open_people, seal_people
from .two_people import NotWaiting, handler, propose

NAMED = 10  # people named to whoever confirms


def propose_import(village: Village, people: People, preview: Preview, *, whole: bool, by: User) -> Proposal:
    """Ask a second person for an import as it was previewed. Raises ImportRefused when it has problems or does nothing.

    Sending the same once more asks once.
    """
    if preview.problems:
        raise ImportRefused(_("表里还有问题，请改好再上传。"))
    if preview.nothing:
        raise ImportRefused(_("名册和表格一样，不用改。"))
    asked = Proposal.objects.of(village).waiting().filter(kind=Proposal.Kind.ROLL_IMPORT)
    if asked.filter(payload__digest=preview.digest).exists():
        raise ImportRefused(_("同样的表格已经提交过，正等第二人确认。"))
    counts = {
        "add": preview.add, "change": preview.change, "leave": preview.leave, "unchanged": preview.unchanged,
    }  # fmt: skip
    summary = _("导入名册：新增 %(add)s 人，更改 %(change)s 人，迁出 %(leave)s 人") % counts
    return propose(
        kind=Proposal.Kind.ROLL_IMPORT,
        village=village,
        summary=summary,
        payload={"whole": whole, "digest": preview.digest, "rows": preview.rows, "words": _words(preview), **counts},
        sealed=seal_people(people),
        by=by,
    )


def _words(preview: Preview) -> list[list[str]]:
    """What the second person reads: how many, and who comes first of each kind."""

    def named(people: Sequence[Shown], count: int) -> str:
        first = "、".join(f"{one.name}（{one.where}）" for one in people[:NAMED])
        return first if count <= NAMED else _("%(first)s 等 %(count)s 人") % {"first": first, "count": count}

    lines = [
        (_("新增"), named(preview.added, preview.add)),
        (_("更改"), named(preview.changed, preview.change)),
        (_("迁出"), named(preview.leaving, preview.leave)),
        (_("新立户"), str(preview.households or "")),
        (_("提醒"), str(len(preview.notes) or "")),
    ]
    return [[label, text] for label, text in lines if text]


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
