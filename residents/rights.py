"""Who may do what in a village: the whole matrix in one place, for views, sockets, admin, choosers and exports alike.

Roles are per village; a role elsewhere counts as a visitor here. docs/rights.md shows the same table to people, and a
test keeps the two alike.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from django.utils import timezone

from .models import Region, Role, User, Village
from .offices import REGION_ROLES, is_verified_resident, roles_anywhere, roles_in_and_above, roles_over


class Letter(StrEnum):
    """Who somebody is in a village."""

    VISITOR = "V"
    ACCOUNT = "A"  # signed in, not verified
    RESIDENT = "R"
    RECORDER = "K"  # recorder or teller of a meeting
    CHAIR = "H"  # of a meeting
    DRAFTER = "E"
    PUBLISHER = "P"
    COUNCIL = "C"  # of weddings and funerals (红白理事会)
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
    BRING_IN = "bring_in"  # somebody at the desk who has no SMS
    CALL_MEETING = "call_meeting"
    RUN_POLL = "run_poll"
    ENTER_SHEET = "enter_sheet"
    SETTLE_RESULT = "settle_result"
    ADD_TO_MINUTES = "add_to_minutes"  # once they are signed
    PUBLISH_RESULT = "publish_result"
    SEE_WHO_VOTED = "see_who_voted"
    SEE_SECRET_CHOICE = "see_secret_choice"  # noqa: S105  nobody's, and no password
    ANSWER_TOPIC = "answer_topic"
    ENTER_SIGNATURES = "enter_signatures"  # type a signed list of a petition, or compare what somebody typed
    READ_SIGNATURES = "read_signatures"  # who signed a petition
    VOID_SIGNATURE = "void_signature"  # find a signature of a petition invalid
    FOLLOW_UP = "follow_up"  # say who does what a meeting promised, and report on anybody's
    LEAD_FLOOR = "lead_floor"  # call speakers, show or reject questions from the floor
    TAKE_TEMPERATURE = "take_temperature"  # ask what people think just now; no vote
    WRITE_DOWN = "write_down"  # what somebody said instead of typing it
    MODERATE_OPINIONS = "moderate_opinions"  # let opinions on rules through, hide them, decide what is reported
    DRAFT_RULES = "draft_rules"
    REVIEW_RULES = "review_rules"
    RECORD_PARTY_STEP = "record_party_step"  # the day on which the Party organisation studied a draft of rules
    PUBLISH_RULES = "publish_rules"
    KEEP_EVENTS = "keep_events"  # the register of weddings and funerals, with names
    SET_POINTS = "set_points"  # write down a category of points that the assembly decided on
    ENTER_POINTS = "enter_points"  # points or a commendation of a household
    DECIDE_OBJECTION = "decide_objection"  # of a household against its points
    DECIDE_APPEAL = "decide_appeal"  # the same once more
    SHARE_RULES = "share_rules"  # let other villages take a document's articles as examples, or no longer
    PICK_CLAUSES = "pick_clauses"  # choose model clauses among what a village shares
    SUBMIT_ENTRY = "submit_entry"
    CHECK_ENTRY = "check_entry"  # of a contest, for the township; above it organizers and editors recommend
    SCORE = "score"
    RUN_CONTEST = "run_contest"
    RELEASE_VOTES = "release_votes"
    GIVE_ROLES = "give_roles"
    READ_AUDIT = "read_audit"
    EXPORT = "export"
    CREATE_VILLAGE = "create_village"  # and name its first administrator
    MARK_PILOT = "mark_pilot"  # show a village as a pilot unit, or no longer
    SETTINGS = "settings"


def _row(**grants: str) -> dict[Letter, Grant]:
    """`may="VAR", two="GT", own="R"` as a row."""
    return {Letter(letter): Grant(kind) for kind, letters in grants.items() for letter in letters}


MATRIX: Mapping[Act, Mapping[Letter, Grant]] = {
    Act.READ_PUBLISHED: _row(may="VARKHEPCJMSGTO"),
    Act.READ_VILLAGE_ONLY: _row(may="RKHEPCSGT"),
    Act.CLAIM_ENTRY: _row(own="A"),
    Act.APPROVE_CLAIM: _row(two="KSG"),
    Act.IMPORT_ROLL: _row(two="G"),
    Act.SEE_PHONE: _row(own="R", may="G"),
    Act.JOIN_MEETING: _row(may="RKHS"),
    Act.CAST: _row(own="R"),
    Act.CHECK_IN: _row(may="KH"),
    Act.BRING_IN: _row(may="KHG"),
    # E and P beside H and G: it is the committee that calls the assembly (VL 25, UL 26), before there is any chair.
    Act.CALL_MEETING: _row(may="HEPG"),
    Act.RUN_POLL: _row(may="H"),
    Act.ENTER_SHEET: _row(two="KHS"),
    Act.SETTLE_RESULT: _row(two="HS"),
    Act.ADD_TO_MINUTES: _row(two="KHS"),
    Act.PUBLISH_RESULT: _row(may="HS"),
    Act.SEE_WHO_VOTED: _row(may="KHS"),
    Act.SEE_SECRET_CHOICE: _row(),
    Act.ANSWER_TOPIC: _row(may="EP"),
    Act.ENTER_SIGNATURES: _row(two="KEPS"),
    Act.READ_SIGNATURES: _row(may="EPS"),
    # Not by those who would have to call the meeting.
    Act.VOID_SIGNATURE: _row(two="S"),
    Act.FOLLOW_UP: _row(may="EP"),
    Act.LEAD_FLOOR: _row(may="KH"),
    Act.TAKE_TEMPERATURE: _row(may="H"),
    Act.WRITE_DOWN: _row(may="KEP"),
    Act.MODERATE_OPINIONS: _row(may="KEP"),
    Act.DRAFT_RULES: _row(may="EP"),
    Act.REVIEW_RULES: _row(may="T"),
    Act.RECORD_PARTY_STEP: _row(may="P"),
    Act.PUBLISH_RULES: _row(two="PG"),
    Act.KEEP_EVENTS: _row(may="EPC"),
    Act.SET_POINTS: _row(may="EP"),
    Act.ENTER_POINTS: _row(two="EP"),
    Act.DECIDE_OBJECTION: _row(may="EP"),
    # Not by those who decided before.
    Act.DECIDE_APPEAL: _row(may="S"),
    Act.SHARE_RULES: _row(may="EP"),
    Act.PICK_CLAUSES: _row(may="EPT"),
    # A village's entry is its committee's; a line of one's own, where a contest asks for lines, is a resident's.
    Act.SUBMIT_ENTRY: _row(own="AR", may="EP"),
    Act.CHECK_ENTRY: _row(may="T"),
    Act.SCORE: _row(own="J"),
    Act.RUN_CONTEST: _row(may="MS"),
    Act.RELEASE_VOTES: _row(two="MS"),
    Act.GIVE_ROLES: _row(two="GT"),
    Act.READ_AUDIT: _row(may="SGT"),
    Act.EXPORT: _row(own="R", may="HMSGT"),
    Act.CREATE_VILLAGE: _row(two="TO"),
    Act.MARK_PILOT: _row(two="TO"),
    Act.SETTINGS: _row(may="O"),
}

# The offices behind the letters. K, H and the scrutineer's S are held in a meeting, which knows its own officers.
OFFICES: Mapping[Letter, frozenset[str]] = {
    Letter.DRAFTER: frozenset({Role.COMMITTEE_MEMBER}),
    Letter.PUBLISHER: frozenset({Role.COMMITTEE_CHAIR, Role.PARTY_SECRETARY}),
    Letter.COUNCIL: frozenset({Role.HONGBAI_CHAIR, Role.HONGBAI_MEMBER}),
    Letter.SUPERVISOR: frozenset({Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER}),
    Letter.ADMIN: frozenset({Role.VILLAGE_ADMIN}),
}
REGION_OFFICES: Mapping[Letter, frozenset[str]] = {
    Letter.TOWNSHIP: frozenset({Role.TOWNSHIP_REVIEWER}),
    Letter.JUDGE: frozenset({Role.JUDGE}),
    Letter.MANAGER: frozenset({Role.ORGANIZER}),
}
# All other offices of a village (leaders of groups, representatives, social workers …) read and speak as residents do.
AS_RESIDENTS: frozenset[str] = frozenset(Role.values) - frozenset().union(*OFFICES.values()) - REGION_ROLES
OPERATORS = "运营人员"  # untranslated: the name of the operators' group in the database
# Who has nothing to do with a place.
STRANGERS = frozenset({Letter.VISITOR, Letter.ACCOUNT})
# Each of these needs a second factor, and the first two may use a code by SMS as such.
OFFICERS = frozenset(Letter(letter) for letter in "KHPMSGTO")
BY_SMS = frozenset({Letter.RECORDER, Letter.CHAIR})
# What an office of one meeting lets do in the village around it: at the table where people are signed in.
_BEYOND_THE_MEETING = frozenset(
    {
        Act.READ_PUBLISHED,
        Act.READ_VILLAGE_ONLY,
        Act.JOIN_MEETING,
        Act.CHECK_IN,
        Act.BRING_IN,
        Act.APPROVE_CLAIM,
        Act.WRITE_DOWN,
        Act.MODERATE_OPINIONS,
        Act.ENTER_SIGNATURES,
    }
)
# What a group's leader may do, for the own group alone: call it together, sign its people in (domain of the office).
GROUP_LEADERS = frozenset({Act.CALL_MEETING, Act.CHECK_IN})

# Offices that are kept above this app: each says which letters an account holds in a village (None: in any).
LetterSource = Callable[[User, Village | None], Iterable[Letter]]
_sources: list[LetterSource] = []


def letters_from(source: LetterSource) -> LetterSource:
    """Let an app above tell of its own offices, those held in a meeting."""
    _sources.append(source)
    return source


def _by_roles(village_roles: Iterable[str], region_roles: Iterable[str]) -> set[Letter]:
    own, above = frozenset(village_roles), frozenset(region_roles)
    found = {letter for letter, offices in OFFICES.items() if own & offices}
    found |= {letter for letter, offices in REGION_OFFICES.items() if above & offices}
    return found | ({Letter.RESIDENT} if own & AS_RESIDENTS else set())


def letters_of_roles(roles: Iterable[str]) -> frozenset[Letter]:
    """The letters behind these offices, wherever they are held."""
    held = frozenset(roles)
    return frozenset(_by_roles(held, held))


def is_operator(user: User) -> bool:
    return bool(user.is_authenticated and user.is_active and user.groups.filter(name=OPERATORS).exists())


def letters_of(user: User, village: Village, *, on: datetime.date | None = None) -> frozenset[Letter]:
    """Who the account is in this village on that day (default today). Everybody is a visitor."""
    if not user.is_authenticated or not user.is_active:
        return frozenset({Letter.VISITOR})
    here, above = roles_in_and_above(user, village, on=on or timezone.localdate())
    found = {Letter.VISITOR, Letter.ACCOUNT} | _by_roles(here, above)
    if is_verified_resident(user, village):
        found.add(Letter.RESIDENT)
    if is_operator(user):
        found.add(Letter.OPERATOR)
    for source in _sources:
        found.update(source(user, village))
    return frozenset(found)


def letters_over(user: User, region: Region, *, on: datetime.date | None = None) -> frozenset[Letter]:
    """Who the account is to a county or township itself: those named there or above it."""
    if not user.is_authenticated or not user.is_active:
        return frozenset({Letter.VISITOR})
    found = {Letter.VISITOR, Letter.ACCOUNT}
    found |= _by_roles((), roles_over(user, region, on=on or timezone.localdate()))
    return frozenset(found | ({Letter.OPERATOR} if is_operator(user) else set()))


def letters_anywhere(user: User, *, on: datetime.date | None = None) -> frozenset[Letter]:
    """Every letter the account holds in some place; says nothing about any one village."""
    if not user.is_authenticated or not user.is_active:
        return frozenset({Letter.VISITOR})
    here, above = roles_anywhere(user, on=on or timezone.localdate())
    found = {Letter.VISITOR, Letter.ACCOUNT} | _by_roles(here, above)
    if is_operator(user):
        found.add(Letter.OPERATOR)
    for source in _sources:
        found.update(source(user, None))
    return frozenset(found)


def is_officer(user: User) -> bool:
    """Whether the account holds, anywhere, an office that needs a second factor."""
    return bool(letters_anywhere(user) & OFFICERS)


def _named(letters: Iterable[Letter], act: Act, in_meeting: bool) -> frozenset[Letter]:
    """Those of the letters that stand in the act's row. An office of a meeting counts fully only in it."""
    held = {letter for letter in letters if letter in MATRIX[act]}
    if not in_meeting and act not in _BEYOND_THE_MEETING:
        held -= BY_SMS
    return frozenset(held)


def granting(letters: Iterable[Letter], act: Act, *, in_meeting: bool = False) -> frozenset[Letter]:
    """Those of the letters by which the act is granted; what lets do one's own alone grants nothing to others' things.

    An administrator who lives in the village does not see the village's phones as a resident.
    """
    named = _named(letters, act, in_meeting)
    return frozenset(letter for letter in named if MATRIX[act][letter] != Grant.OWN)


def grant_to(letters: Iterable[Letter], act: Act, *, in_meeting: bool = False) -> Grant | None:
    """The strongest grant these letters give."""
    granted = {MATRIX[act][letter] for letter in _named(letters, act, in_meeting)}
    return next((kind for kind in (Grant.MAY, Grant.TWO, Grant.OWN) if kind in granted), None)


def grant(user: User, act: Act, village: Village, *, on: datetime.date | None = None) -> Grant | None:
    """What the account may do of an act here: alone, with a second person, or its own only; None for nothing."""
    return grant_to(letters_of(user, village, on=on), act)


def may(user: User, act: Act, village: Village, *, on: datetime.date | None = None) -> bool:
    """Whether the account may do it, alone or with a second person; what is only its own is no right here."""
    return grant(user, act, village, on=on) in (Grant.MAY, Grant.TWO)


def may_over(user: User, act: Act, region: Region, *, on: datetime.date | None = None) -> bool:
    """The same for a county or township itself."""
    return grant_to(letters_over(user, region, on=on), act) in (Grant.MAY, Grant.TWO)


def roles_granted(act: Act) -> tuple[frozenset[str], frozenset[str]]:
    """The offices of a village and of the regions above that are granted an act, for queries over many accounts."""
    row = {letter for letter, kind in MATRIX[act].items() if kind != Grant.OWN}
    own = frozenset().union(*(offices for letter, offices in OFFICES.items() if letter in row))
    above = frozenset().union(*(offices for letter, offices in REGION_OFFICES.items() if letter in row))
    return own | (AS_RESIDENTS if Letter.RESIDENT in row else frozenset()), above
