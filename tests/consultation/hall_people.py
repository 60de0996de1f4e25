"""Who is there, where, in whose place, and who leads the meeting."""

from __future__ import annotations

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from consultation import attendance, eligibility, meetings, places, proxies
from consultation.models import Proxy, RosterEntry
from residents.models import Household, Resident

from .hall_machine import HallMachine, small, unit

MORTAL = (5, 6)  # who holds no office that the machine needs


class People(HallMachine):
    @rule(unit=unit, act=st.sampled_from(["in", "in", "out", "undo"]), place=small)
    def come_and_go(self, unit: int, act: str, place: int) -> None:
        unit, at = self.who(unit), self.place(place)
        meeting, entry = self.meeting, self.entries[unit]
        if act == "in":
            expected = self.plain.check_in(unit, at)
            self.both(
                expected, attendance.check_in, meeting, [entry], method="recorder", by=None, session=self.session(at)
            )
        elif act == "out":
            self.both(self.plain.check_out(unit), attendance.check_out, meeting, entry, by=None)
        else:
            self.both(self.plain.undo(unit), attendance.undo_check_in, meeting, entry, by=None, reason="误")

    @precondition(lambda self: self.part.places)
    @rule(unit=unit, place=st.integers(0, 1), twice=st.booleans())
    def go_to_another_place(self, unit: int, place: int, twice: bool) -> None:
        """By signing in there once more, which changes nothing; or moved by whoever stands there."""
        unit = self.who(unit)
        if twice:
            self.note("sign in at a second place", carried_out=self.plain.where.get(unit, place) not in (place, None))
            self.come_and_go(unit, "in", place)
        session = self.part.places[place]
        self.both(self.plain.move(unit, place), places.move_to, self.meeting, self.entries[unit], session, by=None)

    @rule(grantor=unit, holder=unit)
    def grant(self, grantor: int, holder: int) -> None:
        grantor, holder = self.who(grantor), self.who(holder)
        entries = [RosterEntry.objects.select_related("roster").get(pk=self.entries[n].pk) for n in (grantor, holder)]
        self.both(
            self.plain.grant(grantor, holder),
            proxies.grant_proxy,
            self.meeting, grantor=entries[0], holder=entries[1], photo=self.base["photo"], by=None,
        )  # fmt: skip

    @precondition(lambda self: self.plain.grants)
    @rule(pick=small)
    def end_a_grant(self, pick: int) -> None:
        grantor = sorted(self.plain.grants)[pick % len(self.plain.grants)]
        proxy = Proxy.objects.standing().get(grantor=self.entries[grantor])
        self.both(self.plain.end_grant(grantor), proxies.end_proxy, proxy, by=None, reason="收回")

    @precondition(lambda self: len(self.gone) < len(MORTAL))
    @rule(who=st.sampled_from(MORTAL), why=st.sampled_from(["deceased", "moved_out"]))
    def die_or_move_away(self, who: int, why: str) -> None:
        """The roll knows it at once; this meeting's roster, fixed by its notice, does not."""
        person = self.base["hall"].people[who]
        today = timezone.localdate()
        Resident.objects.filter(pk=person.pk).update(until_on=today, left_because=why)
        Household.objects.filter(pk=person.household_id).update(until_on=today)  # nobody else lived there
        self.gone.add(who)
        self.note("die or move away")

    @rule(office=st.sampled_from(["chair", "recorder"]), to=st.integers(0, 4))
    def hand_over(self, office: str, to: int) -> None:
        person = self.base["hall"].people[to]
        self.both(self.plain.hand_over(office, to), meetings.hand_over, self.meeting, role=office, to=person, by=None)
        accounts = enumerate(self.base["accounts"])
        chairs = [number for number, account in accounts if eligibility.may_chair(account, self.meeting)]
        assert chairs == [self.plain.officers["chair"]]
