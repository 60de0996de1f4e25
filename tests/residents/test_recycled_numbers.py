"""Numbers change hands, people change numbers: whatever the order, a number's new holder has nobody else's rights."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from residents.claims import ClaimError, claim_by_phone, confirm_family
from residents.models import Claim, User
from residents.names import same_name
from residents.offices import person_of
from residents.phone_accounts import account_for, account_of, attach_phone, phone_shown, release_phone
from residents.phone_sign_in import may_have_changed_hands
from tests.factories.residents import make_household, make_resident, make_village, phone_fields

NUMBERS = [f"1540000000{number}" for number in range(4)]
RESTS = datetime.timedelta(days=100)  # operators give a number out again after 90


class Numbers(RuleBasedStateMachine):
    """A couple shares the first number, a neighbour has the second; the others are free."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize()
    def people_and_numbers(self) -> None:
        self.now = timezone.now()
        self.village = make_village()
        home = make_household(self.village)
        self.couple = [
            make_resident(self.village, household=home, name=name, **phone_fields(NUMBERS[0])) for name in ("甲", "乙")
        ]
        neighbour = make_resident(self.village, name="丙", **phone_fields(NUMBERS[1]))
        # Who holds a number: the names they answer to; a stranger answers to none and has heard all of them.
        self.holder = {NUMBERS[0]: {"甲", "乙"}, NUMBERS[1]: {"丙"}}
        self.everybody = [*self.couple, neighbour]
        self.had: set[int] = set()  # lines whose own people have come in

    @rule(number=st.sampled_from(NUMBERS))
    def somebody_signs_in(self, number: str) -> None:
        names = self.holder.setdefault(number, set())
        user = account_for(number)
        if may_have_changed_hands(user, now=self.now):
            known = Claim.objects.confirmed().filter(user=user).values_list("resident__name", flat=True)
            if not any(same_name(name, one) for name in names for one in known):
                user = release_phone(user)
        phone_shown(user)
        User.objects.filter(pk=user.pk).update(last_login=self.now)
        for line in self.everybody:
            if not names or line.name in names:
                with contextlib.suppress(ClaimError):
                    claim_by_phone(user, self.village, name=line.name)
        own = person_of(user, self.village)
        if own is not None:
            confirm_family(user, own, [line.ref for line in self.everybody])
        if names:
            acts_for = Claim.objects.confirmed().filter(user=user).values_list("resident", flat=True)
            self.had |= set(acts_for)

    @rule(number=st.sampled_from(NUMBERS[:2]))
    def the_number_goes_to_a_stranger(self, number: str) -> None:
        self.now += RESTS
        self.holder[number] = set()

    @precondition(lambda self: any(account_of(number) for number in NUMBERS[:2]))
    @rule(before=st.sampled_from(NUMBERS[:2]), after=st.sampled_from(NUMBERS[2:]))
    def two_officers_give_somebody_another_number(self, before: str, after: str) -> None:
        user = account_of(before)
        if user is None or account_of(after) is not None or not self.holder[before]:
            return
        if person_of(user, self.village) is None:
            return
        attach_phone(user, after)
        self.holder[after], self.holder[before] = self.holder[before], set()
        self.now += RESTS

    @rule()
    def time_passes(self) -> None:
        self.now += datetime.timedelta(days=30)

    @invariant()
    def a_stranger_acts_for_nobody_who_has_come_in(self) -> None:
        for number, names in getattr(self, "holder", {}).items():
            user = account_of(number)
            if names or user is None:
                continue
            if may_have_changed_hands(user, now=self.now) and not self.signed_in_since(user):
                continue  # the code alone does not open it: the name is asked first
            held = Claim.objects.confirmed().filter(user=user, resident__in=self.had)
            assert not held.exists(), (number, list(held))

    @invariant()
    def nobody_acts_for_a_strangers_line(self) -> None:
        for number, names in getattr(self, "holder", {}).items():
            user = account_of(number)
            if names and user is not None and user.last_login == self.now:
                acting = set(Claim.objects.confirmed().filter(user=user).values_list("resident__name", flat=True))
                assert acting <= names, (number, acting)

    def signed_in_since(self, user: User) -> bool:
        return user.last_login is not None and user.last_login >= self.now


@pytest.mark.django_db
def test_a_recycled_number_gives_nobody_anothers_rights():
    run_state_machine_as_test(
        Numbers,
        settings=settings(
            max_examples=40, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
