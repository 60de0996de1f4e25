"""What becomes of the meeting and of the server: put off and gone on with; restarted, brought back from a backup."""

from __future__ import annotations

import datetime
import functools
import sys
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from consultation import attendance, live, locks, meetings, recovery, sealing, voting
from consultation.key_store import get_key_store
from consultation.models import Meeting, Motion
from tests.factories.acting import make_kiosk
from tests.factories.consultation import Hall

from .hall_machine import UNITS, HallMachine, Part, choice, small, unit, word
from .plain_vote import BALLOTS

OURS = ("consultation", "residents", "audit")
MOST_PARTS = 3
MOST_DISTURBED = 3  # in one run; each costs as much as many other moves


@functools.cache
def kept_in_memory() -> list[Callable[[], None]]:
    """How to forget what functions of ours remember."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    found = [getattr(kept, "cache_clear", None) for module in modules for kept in list(vars(module).values())]
    return [forget for forget in found if callable(forget)]


def restart() -> None:
    """What is in memory goes with the process; the next one does what `serve` does before it serves."""
    connections.close_all()
    for cache in caches.all():
        cache.clear()
    ContentType.objects.clear_cache()
    for forget in kept_in_memory():
        forget()
    locks._turns = locks._Turns()
    live.registry.__init__()  # type: ignore[misc]
    get_key_store().prepare()
    sealing.tidy_up()


class _Killed(Exception):
    pass


class Course(HallMachine):
    @precondition(lambda self: self.plain.state == "live" and (not self.plain.enough or self.plain.running))
    @rule()
    def put_off(self) -> None:
        self.both(self.plain.put_off(), meetings.adjourn_meeting, self.meeting, by=None, reason="人走了一半")

    @precondition(lambda self: self.plain.state == "live" and not self.plain.running and len(self.parts) < MOST_PARTS)
    @rule(
        leave=st.sets(unit, min_size=3), come=st.integers(3, UNITS), at_once=st.sampled_from([True, True, False]),
        more=st.booleans(), secret=st.booleans(),
    )  # fmt: skip
    def too_few_are_left(self, leave: set[int], come: int, at_once: bool, more: bool, secret: bool) -> None:
        if more:  # that will be left over
            self.table("online", secret, False, "yes_no")
            self.amend(0, "改甲")
        for one in sorted(leave):
            self.come_and_go(one, "out", 2)
        self.open(0)
        assert self.plain.enough == attendance.quorum_reached(self.meeting)
        if not self.plain.enough and self.plain.running is None:
            self.put_off()
            if at_once:
                self.go_on(come)

    @precondition(lambda self: self.plain.state == "adjourned" and len(self.parts) < MOST_PARTS)
    @rule(come=st.integers(3, UNITS))
    def go_on(self, come: int) -> None:
        """The committee sends the form as it is offered; the notice fixes a roster of its own."""
        before, hall, client = self.part, self.base["hall"], self.base["client"]
        # Anew each time: a session ends sooner than the long form of this machine.
        client.force_login(hall.chair, backend="residents.backends.AccountBackend")
        address = reverse("consultation:call", args=[hall.village.slug])
        offered = client.get(f"{address}?continue={before.meeting.number}").context["form"].initial
        held_on = timezone.localdate() + datetime.timedelta(days=20)
        sent = {name: value for name, value in offered.items() if value not in (None, [])} | {
            "method": offered["method"] or "online", "held_on": held_on.isoformat(), "continues": before.meeting.number,
        }  # fmt: skip
        answer = client.post(address, sent)
        if before.plain.uncounted:
            assert "投了票还没有结果" in str(answer.context["form"].errors)
            assert not Meeting.objects.filter(continues=before.meeting).exists()
            return
        assert answer.status_code == 302, answer.context["form"].errors
        meeting = meetings.publish_notice(Meeting.objects.get(continues=before.meeting), by=None)
        meeting.rules |= {"proxy": "written", "proxy_cap": 3}
        meeting.save()
        meeting = meetings.open_meeting(meeting, by=None)
        following = Hall(hall.village, meeting, hall.people)
        self.parts.append(
            Part(
                before.plain.next_part(UNITS - len(self.gone)), meeting, following.entries, make_kiosk(following)[0],
                list(meeting.sessions.all()),
            )
        )  # fmt: skip
        assert len(self.entries) == self.plain.units
        assert len(self.part.places) == len(before.places)
        assert meeting.motions.count() == len(self.plain.votes)
        assert not {vote.text for vote in self.plain.votes} & {
            vote.text for vote in before.plain.votes if vote.opening and not vote.amends
        }
        self.note("go on in a new meeting")
        self.note("carried on into the new meeting", carried_out=bool(self.plain.votes))
        self.note("carried on with an amendment", carried_out=any(vote.amends for vote in self.plain.votes))
        self.all_come(min(come, self.plain.units))
        if not self.plain.votes:
            self.table("hands_and_online", False, True, "yes_no")
        self.open(0)

    @precondition(lambda self: len(self.parts) > 1)
    @rule(unit=unit, choice=choice, key=word, pick=small)
    def vote_late_in_the_part_before(self, unit: int, choice: int, key: str, pick: int) -> None:
        """From an old page: nothing of it counts."""
        part = self.parts[-2]
        voted = [vote for vote in part.plain.votes if vote.opening and not vote.secret]
        if voted:
            vote, unit = voted[pick % len(voted)], unit % part.plain.units
            expected = part.plain.cast(vote, unit, "for", f"{unit}{key}")
            self.both(
                expected, voting.cast_ballot, motion=self.motion_of(vote, part), entry=part.entries[unit],
                choice="for", key=f"{unit}{key}",
            )  # fmt: skip

    # The server

    @precondition(lambda self: self.disturbed < MOST_DISTURBED)
    @rule()
    def restart_the_server(self) -> None:
        self.disturbed += 1
        restart()
        assert not Motion.objects.filter(state__in=sealing.DONE).exclude(key_ref="").exists()
        self.note("restart the server")

    @precondition(lambda self: self.disturbed < MOST_DISTURBED)
    @rule(what=st.sampled_from(["cast", "cast", "close", "open", "check in", "put off"]), unit=unit, choice=choice)
    def the_server_is_killed_in_the_middle(self, what: str, unit: int, choice: int) -> None:
        """All was written but the commit: nothing has happened."""
        self.disturbed += 1
        vote, entry = self.vote, self.entries[self.who(unit)]
        waiting = next((one for one in self.plain.votes if one.state == "announced"), vote)
        motion, said = self.motion, BALLOTS[vote.kind][choice % len(BALLOTS[vote.kind])]
        who = min(vote.there - vote.voted.keys() - vote.out, default=0)
        acts: dict[str, Any] = {
            "cast": lambda: voting.cast_ballot(motion=motion, entry=self.entries[who], choice=said, key="killed"),
            "cast in secret": lambda: self._slip(motion, who, said, "killed", 1, "online"),
            "close": lambda: voting.close_motion(motion, by=None),
            "open": lambda: voting.open_motion(self.motion_of(waiting), by=None),
            "check in": lambda: attendance.check_in(self.meeting, [entry], method="recorder", by=None),
            "put off": lambda: meetings.adjourn_meeting(self.meeting, by=None, reason="停电"),
        }
        try:
            with transaction.atomic():
                acts["cast in secret" if what == "cast" and vote.secret else what]()
                raise _Killed
        except _Killed:
            self.note(f"killed in the middle of: {what}")
        except Exception:  # noqa: BLE001  refused, as it would have been; nothing has happened either
            self.note(f"killed in the middle of: {what}", carried_out=False)
        restart()

    @precondition(lambda self: self.disturbed < MOST_DISTURBED and any(part.plain.running for part in self.parts))
    @rule()
    def bring_a_backup_back(self) -> None:
        """One of this very moment, so that the rest is as it was; two decide about what was running."""
        self.disturbed += 1
        with transaction.atomic():
            recovery.interrupt_running(backed_up_at=timezone.now())
            recovery.end_tablets()
        for part in self.parts:
            part.plain.interrupt()
        restart()
        if self.plain.state == "live":
            self.part.tablet = make_kiosk(Hall(self.base["hall"].village, self.meeting, []))[0]
        self.note("bring a backup back")
