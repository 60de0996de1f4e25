"""The life cycle of rules as a table: every state, every step, every role; and each allowed step really taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import AuditEntry
from home.audit_words import ACTIONS
from residents.models import User
from residents.rights import Letter
from tests.factories.residents import make_resident
from tests.factories.rules import OTHER_TEXT, bring_to, end_period, letters_in, make_draft, make_meeting
from tests.home.pages import make_county, make_township, make_village_page
from villagerules import adopting, drafting, opinions, publication, reviewing, yearly
from villagerules.errors import NotAllowed, RulesError, WrongState
from villagerules.life_cycle import STEPS, why_not
from villagerules.models import RuleStep, RuleVersion
from villagerules.reading import read_rules

State = RuleVersion.State
# Columns: so soliciting, dr drafting, pc public_comment, tr township_review, rr review_returned, cl cleared,
# pd party_discussion, sc scheduled, ad adopted, vd voted_down, fi filed, co correction_ordered, pu published.
# ● done; otherwise why not, by its first words: · the state (“…”要在…时办), or what else the step asks for.
SHORT = ("so", "dr", "pc", "tr", "rr", "cl", "pd", "sc", "ad", "vd", "fi", "co", "pu")
STATES = dict(zip(SHORT, State, strict=True))
TABLE = """
                    may    so dr pc tr rr cl pd sc ad vd fi co pu
open_call           EP     ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
add_opinion         RS     ●  ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
enter_opinion       EP     ●  ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
answer_opinion      EP     ●  ●  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
close_period        EP     ●  ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
revise_text         EP     ·  ●  ·  ·  ●  ●  ●  ·  ·  ·  ·  ·  ·
publish_draft       EP     ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
submit_review       EP     ·  1  ·  ·  2  ·  ·  ·  ·  ·  ·  ·  ·
add_finding         T      ·  ·  ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·
drop_finding        T      ·  ·  ·  3  ·  ·  ·  ·  ·  ·  ·  ·  ·
return_rules        T      ·  ·  ·  4  ·  ·  ·  ·  ·  ·  ·  ·  ·
clear_rules         T      ·  ·  ·  ●  ·  ·  ·  ·  ·  ·  ·  ·  ·
record_party_step   P      ·  ·  ·  ·  ·  ●  ·  ·  ·  ·  ·  ·  ·
put_to_vote         EP     ·  ·  ·  ·  ·  ·  ●  5  ·  ·  ·  ·  ·
take_result         EP     ·  ·  ·  ·  ·  ·  ·  6  7  7  ·  ·  ·
enter_amended_text  EP     ·  ·  ·  ·  ·  ·  ·  ·  8  ·  ·  ·  ·
file_rules          T      ·  ·  ·  ·  ·  ·  ·  ·  ●  ·  ·  ·  ·
order_correction    T      ·  ·  ·  ·  ·  ·  ·  ·  ●  ·  ●  ·  ●
check_rules         T      ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ●
publish_rules       PG     ·  ·  ·  ·  ·  ·  ·  ·  9  ·  ●  ·  ·
repeal_rules        PG     ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  0
"""
REASONS = {
    "·": "要在“",
    "1": "还没有公示征求过意见",
    "2": "全文没有改过",
    "3": "已经不在了",
    "4": "请先写审查意见",
    "5": "已经列在一次会议",
    "6": "还没有宣布结果",
    "7": "没有变化",
    "8": "没有通过修正案",
    "9": "还没有备案",
    "0": "请选一项写明",
}


def read_table() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    heading, *lines = TABLE.strip().splitlines()
    columns = [STATES[name] for name in heading.split()[1:]]
    may, cells = {}, {}
    for line in lines:
        action, letters, *signs = line.split()
        may[action] = letters
        cells |= {(state, action): sign for state, sign in zip(columns, signs, strict=True)}
    return may, cells


MAY, CELLS = read_table()
EVERYBODY = "VAREPJMSGTO"  # K and H hold their office in a meeting
Do = Callable[[RuleVersion, User | None], object]


def _opinion(version: RuleVersion) -> opinions.Opinion:
    """The one that waits; in a state without any it cannot be made here, so the first is looked for."""
    return version.opinions.first()


TODAY = timezone.localdate
TAKE: dict[str, Do] = {
    "open_call": lambda v, by: drafting.open_call(v, by=by, days=3),
    "add_opinion": lambda v, by: opinions.add_opinion(v, text="写清楚些", by=by),
    "enter_opinion": lambda v, by: opinions.enter_opinion(
        v, text="写清楚些", source="meeting", source_note="屋场会", by=by
    ),
    "answer_opinion": lambda v, by: opinions.answer_opinion(_opinion(v), verdict="adopted", text="改了", by=by),
    "close_period": lambda v, by: drafting.close_period(v, by=by),
    "revise_text": lambda v, by: drafting.revise_text(v, read_rules(OTHER_TEXT).rules, by=by),
    "publish_draft": lambda v, by: drafting.publish_draft(v, by=by),
    "submit_review": lambda v, by: reviewing.submit_review(v, by=by),
    "add_finding": lambda v, by: reviewing.add_finding(v, severity="should", text="写清楚些", by=by),
    "drop_finding": lambda v, by: reviewing.drop_finding(v, 1, by=by),
    "return_rules": lambda v, by: reviewing.return_rules(v, by=by),
    "clear_rules": lambda v, by: reviewing.clear_rules(
        v, checked=[item["code"] for item in reviewing.checklist()], by=by
    ),
    "record_party_step": lambda v, by: reviewing.record_party_step(v, on=TODAY(), by=by),
    "take_result": lambda v, by: adopting.take_result(v, by=by),
    "enter_amended_text": lambda v, by: adopting.enter_amended_text(v, read_rules(OTHER_TEXT).rules, by=by),
    "file_rules": lambda v, by: reviewing.file_rules(v, number="1号", on=TODAY(), by=by),
    "order_correction": lambda v, by: reviewing.order_correction(v, text="要改", by=by),
    "check_rules": lambda v, by: yearly.check_rules(v, on=TODAY(), result="fine", by=by),
    "publish_rules": lambda v, by: publication.propose_publication(v, effective_on=TODAY(), where="公开栏", by=by),
}


def test_the_table_knows_every_step_and_every_step_has_words():
    assert list(MAY) == list(STEPS)
    assert set(STEPS) <= set(ACTIONS)
    assert {state for state, _action in CELLS} == set(State)


@pytest.mark.parametrize("action", STEPS)
def test_every_state_and_every_role(action: str) -> None:
    """All of state × role for one step: refused for the right first, then for the state, each with its reason."""
    for state in State:
        for letter in EVERYBODY:
            refused = why_not({Letter(letter)}, state, action)
            if letter not in MAY[action]:
                assert isinstance(refused, NotAllowed), (state, letter)
                assert refused.message
            elif CELLS[state, action] == "·":
                assert isinstance(refused, WrongState), (state, letter)
                assert str(State(state).label) in refused.message
            else:
                assert refused is None, (state, letter)


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_every_step_in_every_state_by_who_may(state: str) -> None:
    village = make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")
    version = make_draft(village)
    accounts = letters_in(village)
    people = [make_resident(village) for _ in range(4)]
    if state == State.DRAFTING:  # as it stands after people were asked
        drafting.open_call(version, by=None, days=3)
    else:
        version = bring_to(version, state, people=people)
    if version.state in (State.SOLICITING, State.PUBLIC_COMMENT) or state == State.DRAFTING:
        opinion = opinions.enter_opinion(version, text="好", source="paper", source_note="意见箱", by=None)
        opinions.answer_opinion(opinion, verdict="adopted", text="好", by=None)
    if state == State.DRAFTING:
        end_period(version)
        version = drafting.close_period(version, by=None)
    take = dict(TAKE)
    if not version.opinions.exists():  # nothing to answer: an opinion that never was stands for it
        take["answer_opinion"] = lambda v, by: opinions.answer_opinion(
            opinions.Opinion(version=v, number=1), verdict="adopted", text="好", by=by
        )
    meeting = version.motion.meeting if version.motion_id else make_meeting(village, people)
    take["put_to_vote"] = lambda v, by: adopting.put_to_vote(v, meeting, by=by, secret=False, method="online")
    motion = version.motion or adopting.Motion(pk=0, meeting=meeting)
    take["repeal_rules"] = lambda v, by: publication.propose_repeal(v, motion, on=TODAY(), by=by)
    assert set(take) == set(STEPS)
    assert version.state == state
    for action, do in take.items():
        sign, who = CELLS[state, action], accounts[MAY[action][0]]
        before = AuditEntry.objects.count()
        undo = transaction.savepoint()
        if action == "close_period":
            end_period(version)
        if sign == "●":
            do(version, who)
            assert AuditEntry.objects.count() > before, action
        else:
            with pytest.raises(RulesError) as refused:
                do(version, who)
            assert REASONS[sign] in refused.value.message, (action, refused.value.message)
            assert AuditEntry.objects.count() == before, action
        transaction.savepoint_rollback(undo)
    for action, do in take.items():  # who may not is told so, whatever the state
        if "A" not in MAY[action]:
            with pytest.raises(NotAllowed):
                do(version, accounts["A"])
    assert RuleStep.objects.filter(version=version).last().state == state or state == State.DRAFTING
