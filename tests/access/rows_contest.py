"""The doors of contests; the world's own one is run by the county of the accounts' village, the other one elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from .rows import Row, cells, everybody, signed_in


def by_organizer(answer: str = "ok", *, method: str = "get") -> Row:
    """What the organizer of its region does; a contest is no secret, so all others are told that they may not."""
    own = cells(V="sign-in", M=answer, others="403")
    return Row(own, cells(V="sign-in", others="403"), method)


CONTEST: Mapping[str, Row] = {
    "contest:gallery": everybody(),
    "contest:entry": everybody("404"),  # the world's contest has no entry
    "contest:entry_photo": everybody("404"),
    "contest:entry_film": everybody("404"),
    "contest:vote": everybody(),
    "contest:vote_check": signed_in("on"),  # nothing was picked: back to picking
    "contest:progress": everybody(),
    "contest:held": by_organizer(),
    "contest:settle_held": by_organizer("404", method="post"),  # nothing was proposed
    "contest:judging": signed_in(),
    "contest:recompute": everybody(),
    "contest:judging_sheet": signed_in("404"),  # nobody's own
    "contest:judging_conflict": signed_in("404"),
    "contest:results": everybody("404"),  # not before the notice
    "contest:results_file": everybody("404"),
}
