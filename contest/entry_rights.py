"""Who enters for a village, who checks entries at which stage, and who sees what is not on show."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from residents.models import Region, Role, User, Village
from residents.offices import roles_over
from residents.rights import Act, Grant, grant, may, may_over

from .models import Contest, Entry, Stage
from .rights import may_run


def may_enter(user: User | AnonymousUser, contest: Contest, village: Village) -> bool:
    """The committee for its village; in a contest of one line each verified resident of it for themselves."""
    if not user.is_authenticated:
        return False
    if contest.form == Contest.Form.LINE:
        return grant(user, Act.JOIN_MEETING, village) is not None and grant(user, Act.SUBMIT_ENTRY, village) is not None
    return grant(user, Act.SUBMIT_ENTRY, village) == Grant.MAY


def may_edit(user: User | AnonymousUser, entry: Entry) -> bool:
    """A village's entry is edited by its whole committee, a resident's line by that resident."""
    if not may_enter(user, entry.contest, entry.village):
        return False
    return entry.contest.form != Contest.Form.LINE or entry.created_by_id == user.pk


def region_at(village: Village, level: str) -> Region | None:
    """The region of that level in which the village lies."""
    return next((one for one in [village.region, *village.region.ancestors()] if one.level == level), None)


def may_check(user: User | AnonymousUser, stage: Stage, village: Village) -> bool:
    """The township's reviewers at its stage; above, the organizers of that region (or above) and its editors."""
    level = Stage.CHECKS.get(Stage.Key(stage.key))
    if not user.is_authenticated or level is None:
        return False
    if stage.key == Stage.Key.TOWNSHIP_REVIEW:
        return may(user, Act.CHECK_ENTRY, village)
    region = region_at(village, level)
    if region is None:
        return False
    held = roles_over(user, region, on=timezone.localdate())
    return Role.COUNTY_EDITOR in held or may_over(user, Act.RUN_CONTEST, region)


def may_see(user: User | AnonymousUser, entry: Entry) -> bool:
    """Everybody what is on show; before that the village that enters and those above who check or run it."""
    if entry.is_on_show and entry.contest.is_public:
        return True
    if not user.is_authenticated:
        return False
    if may_edit(user, entry) or may_run(user, entry.contest):
        return True
    if entry.state == Entry.State.DRAFT:
        return False
    return any(may_check(user, one, entry.village) for one in entry.contest.stages.all())
