"""docs/rights.md and residents/rights.py are one table, and the docs' is the one people read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from residents.models import Appointment, Role
from residents.rights import (
    AS_RESIDENTS,
    MATRIX,
    OFFICERS,
    OFFICES,
    REGION_OFFICES,
    Act,
    Grant,
    Letter,
    grant,
    grant_to,
    letters_of,
    letters_over,
    may,
    may_over,
)
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user, make_village

DOCS = Path(__file__).resolve().parents[2] / "docs" / "rights.md"
# The words of the documentation for each act.
WORDS = {
    Act.READ_PUBLISHED: "Read published rules, notices, results, bulletins",
    Act.READ_VILLAGE_ONLY: "Read village-only pages, minutes, named open votes",
    Act.CLAIM_ENTRY: "Claim a roll entry",
    Act.APPROVE_CLAIM: "Approve a claim that does not match by itself",
    Act.IMPORT_ROLL: "Import or edit the roll",
    Act.SEE_PHONE: "See a full phone number (each look is logged)",
    Act.JOIN_MEETING: "Join a meeting, ask to speak, raise and second topics, comment",
    Act.CAST: "Cast, change if allowed, grant or end a proxy",
    Act.CHECK_IN: "Check people in, issue paper",
    Act.BRING_IN: "Sign somebody in at the desk, with their consent",
    Act.CALL_MEETING: "Create and announce meetings and polls",
    Act.RUN_POLL: "Open, pause, close a poll",
    Act.ENTER_SHEET: "Enter a sheet / confirm a sheet",
    Act.SETTLE_RESULT: "Annul, settle disputed or interrupted, correct a result",
    Act.ADD_TO_MINUTES: "Add to minutes that were signed (chair or recorder writes)",
    Act.PUBLISH_RESULT: "Publish a sealed result",
    Act.SEE_WHO_VOTED: "See who has voted while open",
    Act.SEE_SECRET_CHOICE: "See a secret choice or a running secret tally",
    Act.ANSWER_TOPIC: "Answer a topic: take it up, pass it on, merge, settle or reject it",
    Act.ENTER_SIGNATURES: "Type a list signed by hand for a petition / compare it with its photo",
    Act.READ_SIGNATURES: "Read who signed a petition",
    Act.VOID_SIGNATURE: "Find a petition's signature invalid, with a reason",
    Act.FOLLOW_UP: "Say who does by when what a meeting promised; report on it in anybody's place",
    Act.LEAD_FLOOR: (
        "Call speakers, write down what is said, show, reject and answer questions from the floor "
        "(the recorder, not a teller)"
    ),
    Act.TAKE_TEMPERATURE: "Take the temperature of a meeting",
    Act.WRITE_DOWN: "Hear a topic's recording and write it down",
    Act.MODERATE_OPINIONS: (
        "Let opinions on rules be seen, hide them with a reason, decide what was reported (never one's own)"
    ),
    Act.DRAFT_RULES: "Draft rules, answer opinions",
    Act.REVIEW_RULES: "Review, return, clear, file, order correction of rules",
    Act.RECORD_PARTY_STEP: "Record the day on which the Party organisation studied a draft of rules",
    Act.PUBLISH_RULES: "Publish, withdraw, supersede rules",
    Act.KEEP_EVENTS: "Keep the red-and-white council's register of events, take its year away",
    Act.SET_POINTS: "Write down a category of points that the assembly decided on",
    Act.ENTER_POINTS: "Enter points or a commendation of a household / confirm them",
    Act.DECIDE_OBJECTION: ("Decide on a household's objection to its points (neither of the two who entered them)"),
    Act.DECIDE_APPEAL: "Decide on it once more",
    Act.SHARE_RULES: "Let other villages take one's rules as an example, or no longer",
    Act.PICK_CLAUSES: "Choose model clauses among what the village shares",
    Act.SUBMIT_ENTRY: "Submit to a contest; edit before its deadline",
    Act.CHECK_ENTRY: "Check a village's entry in a contest: let through, return, reject",
    Act.SCORE: "Score (blind until locked, never own or declared kin)",
    Act.RUN_CONTEST: "Run a contest, see scores after lock",
    Act.RELEASE_VOTES: "Release or reject quarantined public votes",
    Act.GIVE_ROLES: "Give or end village offices",
    Act.READ_AUDIT: "Read the village audit log",
    Act.EXPORT: "Export (stepped-up sign-in, logged, reason asked)",
    Act.CREATE_VILLAGE: "Make and merge villages, name the first administrator, offices of a region",
    Act.MARK_PILOT: "Mark a village as a pilot unit by a document of the authorities, end it",
    Act.SETTINGS: "Settings, backups, upgrades, health",
}
SIGNS = {Grant.MAY: "●", Grant.TWO: "②", Grant.OWN: "○"}


def line_of(act: Act) -> str:
    cells = [SIGNS[MATRIX[act][letter]] if letter in MATRIX[act] else "" for letter in Letter]
    return f"| {WORDS[act]} |" + "".join(f" {cell} |" if cell else " |" for cell in cells)


@pytest.mark.parametrize("act", Act, ids=lambda act: act.value)
def test_each_act_stands_in_the_docs_as_in_the_code(act):
    assert act in WORDS, f"say here in words what {act} is, and add its line to docs/rights.md"
    assert line_of(act) in DOCS.read_text(encoding="utf-8").splitlines()


def test_the_docs_have_no_act_that_the_code_does_not_know():
    table = DOCS.read_text(encoding="utf-8").split("| Act |")[1].split("\n\n")[0].splitlines()[2:]
    assert [re.match(r"\| (.*?) \|", line)[1] for line in table] == [WORDS[act] for act in Act]


def test_the_heading_names_the_letters_in_their_order():
    heading = next(line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| Act |"))
    assert re.findall(r"\| ([A-Z]) ", heading) == [letter.value for letter in Letter]


def test_every_office_stands_behind_a_letter():
    known = frozenset().union(*OFFICES.values(), *REGION_OFFICES.values(), AS_RESIDENTS)
    assert set(Role.values) - known == {Role.COUNTY_EDITOR}  # its pages and statistics, no village's records


def test_nobody_sees_a_secret_choice():
    assert not MATRIX[Act.SEE_SECRET_CHOICE]
    assert grant_to(set(Letter), Act.SEE_SECRET_CHOICE, in_meeting=True) is None


def test_who_may_do_what_others_may_not_is_an_officer():
    """All that is more than a resident's own waits for a second factor, but what drafters, council and judges do."""
    beyond = {letter for row in MATRIX.values() for letter in row} - OFFICERS
    assert beyond == {Letter.VISITOR, Letter.ACCOUNT, Letter.RESIDENT, Letter.DRAFTER, Letter.COUNCIL, Letter.JUDGE}


@pytest.mark.django_db
def test_letters_follow_offices_here_and_nowhere_else():
    village, elsewhere = make_village(), make_village()
    person = make_resident(village)
    appoint(person, "village_admin")
    user = make_account(person)
    assert letters_of(user, village) == {"V", "A", "R", "G"}
    assert letters_of(user, elsewhere) == {"V", "A"}
    assert may(user, Act.GIVE_ROLES, village)
    assert not may(user, Act.GIVE_ROLES, elsewhere)
    assert grant(user, Act.CAST, village) == Grant.OWN
    assert not may(user, Act.CAST, village)  # what is only one's own is no right over others


@pytest.mark.django_db
def test_a_township_reaches_its_villages_and_no_other():
    village, elsewhere = make_village(), make_village()
    user = make_user()
    Appointment.objects.create(region=village.region, user=user, role="township_reviewer", from_on=SINCE)
    assert "T" in letters_of(user, village)
    assert "T" not in letters_of(user, elsewhere)
    assert may_over(user, Act.CREATE_VILLAGE, village.region)
    assert not may_over(user, Act.CREATE_VILLAGE, elsewhere.region)
    assert "G" not in letters_over(user, village.region)
