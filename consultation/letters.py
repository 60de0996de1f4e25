"""The offices of a meeting as letters of the rights' table: they are held for the meeting and end with it."""

from __future__ import annotations

from residents.models import Claim, User, Village
from residents.rights import Letter, letters_from

from .models import Meeting, Officer

LETTERS = {
    Officer.Role.CHAIR: Letter.CHAIR,
    Officer.Role.RECORDER: Letter.RECORDER,
    Officer.Role.TELLER: Letter.RECORDER,
}
# In the village around it they count from the invitation until people have gone home.
_SERVING = (Meeting.State.NOTICED, Meeting.State.LIVE)


@letters_from
def letters_in_meetings(user: User, village: Village | None) -> set[Letter]:
    """Of the meetings that are to come or go on, in that village (None: in any); a scrutineer's ends at its door."""
    held = Officer.objects.serving().filter(
        meeting__state__in=_SERVING,
        role__in=LETTERS,
        resident__claims__user=user,
        resident__claims__state=Claim.State.CONFIRMED,
        resident__claims__relation=Claim.Relation.SELF,
    )
    if village is not None:
        held = held.filter(village=village)
    return {LETTERS[Officer.Role(role)] for role in held.values_list("role", flat=True).distinct()}
