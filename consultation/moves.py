"""The one place that moves a motion from state to state."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .errors import WrongState
from .models import Motion


def move(motion: Motion, state: Motion.State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Motion.MOVES[Motion.State(motion.state)]:
        raise WrongState(_("这一项现在是“%(state)s”，不能这样做。") % {"state": motion.get_state_display()})
    motion.state = state
