"""Who may do what in a village: the whole matrix in one place, for views, sockets, admin, choosers and exports alike.

Roles are per village; a role elsewhere counts as a visitor here. docs/rights.md shows the same table to people.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum

from django.utils import timezone

from .models import Role, User, Village
from .offices import is_verified_resident, oversees, roles_in


class Letter(StrEnum):
    """Who somebody is in a village."""

    VISITOR = "V"
    ACCOUNT = "A"  # signed in, not verified
    RESIDENT = "R"
    RECORDER = "K"  # recorder or teller of a meeting
    CHAIR = "H"  # of a meeting
    DRAFTER = "E"
    PUBLISHER = "P"
    JUDGE = "J"
    MANAGER = "M"  # of a contest
    SUPERVISOR = "S"
    ADMIN = "G"
    TOWNSHIP = "T"
    OPERATOR = "O"


class Grant(StrEnum):
    MAY = "may"
    TWO = "two"  # with a second person
    OWN = "own"  # only what is one's own


class Act(StrEnum):
    """One row of the matrix."""

    READ_PUBLISHED = "read_published"
    READ_VILLAGE_ONLY = "read_village_only"
    CLAIM_ENTRY = "claim_entry"
    APPROVE_CLAIM = "approve_claim"
    IMPORT_ROLL = "import_roll"
    SEE_PHONE = "see_phone"
    JOIN_MEETING = "join_meeting"
    CAST = "cast"
    CHECK_IN = "check_in"
    CALL_MEETING = "call_meeting"
    RUN_POLL = "run_poll"
    ENTER_SHEET = "enter_sheet"
    SETTLE_RESULT = "settle_result"
    PUBLISH_RESULT = "publish_result"
    SEE_WHO_VOTED = "see_who_voted"
    SEE_SECRET_CHOICE = "see_secret_choice"  # noqa: S105  nobody's, and no password
    DRAFT_RULES = "draft_rules"
    REVIEW_RULES = "review_rules"
    PUBLISH_RULES = "publish_rules"
    SUBMIT_ENTRY = "submit_entry"
    SCORE = "score"
    RUN_CONTEST = "run_contest"
    RELEASE_VOTES = "release_votes"
    GIVE_ROLES = "give_roles"
    READ_AUDIT = "read_audit"
    EXPORT = "export"
    CREATE_VILLAGE = "create_village"
    SETTINGS = "settings"


def _row(**grants: str) -> dict[Letter, Grant]:
    """`may="VAR", two="GT", own="R"` as a row."""
    return {Letter(letter): Grant(kind) for kind, letters in grants.items() for letter in letters}


MATRIX: Mapping[Act, Mapping[Letter, Grant]] = {
    Act.READ_PUBLISHED: _row(may="VARKHEPJMSGTO"),
    Act.READ_VILLAGE_ONLY: _row(may="RKHEPSGT"),
    Act.CLAIM_ENTRY: _row(own="A"),
    Act.APPROVE_CLAIM: _row(two="KSG"),
    Act.IMPORT_ROLL: _row(two="G"),
    Act.SEE_PHONE: _row(own="R", may="G"),
    Act.JOIN_MEETING: _row(may="RKHS"),
    Act.CAST: _row(own="R"),
    Act.CHECK_IN: _row(may="KH"),
    Act.CALL_MEETING: _row(may="HG"),
    Act.RUN_POLL: _row(may="H"),
    Act.ENTER_SHEET: _row(two="KHS"),
    Act.SETTLE_RESULT: _row(two="HS"),
    Act.PUBLISH_RESULT: _row(may="HS"),
    Act.SEE_WHO_VOTED: _row(may="KHS"),
    Act.SEE_SECRET_CHOICE: _row(),
    Act.DRAFT_RULES: _row(may="EP"),
    Act.REVIEW_RULES: _row(may="T"),
    Act.PUBLISH_RULES: _row(two="PG"),
    Act.SUBMIT_ENTRY: _row(own="AR"),
    Act.SCORE: _row(own="J"),
    Act.RUN_CONTEST: _row(may="MS"),
    Act.RELEASE_VOTES: _row(two="MS"),
    Act.GIVE_ROLES: _row(two="GT"),
    Act.READ_AUDIT: _row(may="SGT"),
    Act.EXPORT: _row(own="R", may="HMSGT"),
    Act.CREATE_VILLAGE: _row(two="TO"),
    Act.SETTINGS: _row(may="O"),
}

# The offices behind the letters; H and K are held in a meeting, which knows its own officers.
OFFICES: Mapping[Letter, frozenset[str]] = {
    Letter.DRAFTER: frozenset({Role.COMMITTEE_MEMBER}),
    Letter.PUBLISHER: frozenset({Role.COMMITTEE_CHAIR, Role.PARTY_SECRETARY}),
    Letter.SUPERVISOR: frozenset({Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER}),
    Letter.ADMIN: frozenset({Role.VILLAGE_ADMIN}),
}
OPERATORS = "运营人员"  # untranslated: the name of the operators' group in the database
# Each of these needs a second factor.
OFFICERS = frozenset("KHPMSGTO")


def letters_of(user: User, village: Village, *, on: datetime.date | None = None) -> frozenset[Letter]:
    """Who the account is in this village on that day (default today). Everybody is a visitor."""
    found = {Letter.VISITOR}
    if not user.is_authenticated or not user.is_active:
        return frozenset(found)
    day = on or timezone.localdate()
    found.add(Letter.ACCOUNT)
    if is_verified_resident(user, village):
        found.add(Letter.RESIDENT)
    roles = roles_in(user, village, on=day)
    found |= {letter for letter, offices in OFFICES.items() if roles & offices}
    if oversees(user, village, Role.TOWNSHIP_REVIEWER, on=day):
        found.add(Letter.TOWNSHIP)
    if oversees(user, village, Role.JUDGE, on=day):
        found.add(Letter.JUDGE)
    if oversees(user, village, Role.ORGANIZER, on=day):
        found.add(Letter.MANAGER)
    if user.groups.filter(name=OPERATORS).exists():
        found.add(Letter.OPERATOR)
    return frozenset(found)


def grant(user: User, act: Act, village: Village, *, on: datetime.date | None = None) -> Grant | None:
    """What the account may do of an act here: alone, with a second person, or its own only; None for nothing."""
    row = MATRIX[act]
    granted = {row[letter] for letter in letters_of(user, village, on=on) if letter in row}
    return next((kind for kind in (Grant.MAY, Grant.TWO, Grant.OWN) if kind in granted), None)


def may(user: User, act: Act, village: Village, *, on: datetime.date | None = None) -> bool:
    """Whether the account may do it, alone or with a second person; what is only its own is no right here."""
    return grant(user, act, village, on=on) in (Grant.MAY, Grant.TWO)
