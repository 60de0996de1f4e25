"""Losing a right closes open sockets within five seconds."""

import asyncio
import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from consultation import meetings, voting
from consultation.live import registry
from residents.appointment_proposals import propose_end
from residents.models import Appointment, Claim, User
from residents.roll_changes import end_resident
from residents.two_people import decide
from tests.factories.consultation import open_vote
from tests.factories.residents import SINCE, make_user

from .watcher import Watcher, committed, token_for

pytestmark = pytest.mark.asyncio

WITHIN = 5.0  # seconds


def signed_in(user):
    """The session key of somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    return client


def overseer_of(village):
    user = make_user()
    return Appointment.objects.create(region=village.region, user=user, role="township_reviewer", from_on=SINCE)


async def test_who_loses_the_right_signs_out_or_is_disabled_is_closed_and_nobody_else(hall):
    users = [await committed(hall.account, number) for number in range(5)]
    term = await committed(overseer_of, hall.village)
    client = await committed(signed_in, users[3])
    watchers = {
        "claim ended": Watcher(hall.meeting, token_for(hall.meeting, users[0])),
        "disabled": Watcher(hall.meeting, token_for(hall.meeting, users[1])),
        "term over": Watcher(hall.meeting, token_for(hall.meeting, term.user)),
        "signed out": Watcher(
            hall.meeting,
            token_for(hall.meeting, users[3]),
            cookie=f"language=en; sessionid={client.cookies['sessionid'].value}",
        ),
        "stays": Watcher(hall.meeting, token_for(hall.meeting, users[4])),
    }
    await asyncio.gather(*(watcher.__aenter__() for watcher in watchers.values()))

    def revoke():
        Claim.objects.filter(user=users[0]).update(state="ended")
        User.objects.filter(pk=users[1].pk).update(is_active=False)
        Appointment.objects.filter(pk=term.pk).update(until_on=SINCE)
        client.logout()

    await committed(revoke)
    began = time.monotonic()
    codes = {name: await watcher.closed() for name, watcher in watchers.items() if name != "stays"}
    assert time.monotonic() - began <= WITHIN
    assert codes == {"claim ended": 4403, "disabled": 4403, "term over": 4403, "signed out": 4401}
    assert (await watchers["stays"].beat())["type"] == "beat"
    await asyncio.gather(*(watcher.__aexit__() for watcher in watchers.values()))


async def test_who_left_the_village_ended_a_session_or_has_a_new_password_hears_nothing_more(hall):
    """The other ways; each socket is closed within five seconds, and not one frame follows."""
    gone, elsewhere, reset = [await committed(hall.account, number) for number in (3, 4, 5)]
    devices = [await committed(signed_in, user) for user in (elsewhere, reset)]
    keys = [device.cookies["sessionid"].value for device in devices]
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    watchers = {
        "left": Watcher(hall.meeting, token_for(hall.meeting, gone)),
        "elsewhere": Watcher(hall.meeting, token_for(hall.meeting, elsewhere), cookie=f"sessionid={keys[0]}"),
        "reset": Watcher(hall.meeting, token_for(hall.meeting, reset), cookie=f"sessionid={keys[1]}"),
    }
    await asyncio.gather(*(watcher.__aenter__() for watcher in watchers.values()))

    def revoke():
        end_resident(hall.people[3], on=timezone.localdate(), because="moved_out", by=None)
        Session.objects.filter(session_key=keys[0]).delete()
        reset.set_password("neu und lang genug")
        reset.save()

    await committed(revoke)
    began = time.monotonic()
    codes = {name: await watcher.closed() for name, watcher in watchers.items()}
    assert time.monotonic() - began <= WITHIN
    assert codes == {"left": 4403, "elsewhere": 4401, "reset": 4401}
    await committed(voting.cast_ballot, motion=motion, entry=entries[0], choice="for", key="a")
    for watcher in watchers.values():
        assert await watcher.wire.receive_nothing(timeout=0.3)
    await asyncio.gather(*(watcher.__aexit__() for watcher in watchers.values()))


async def test_who_hands_an_office_of_the_meeting_over_loses_its_doors_and_stays_a_resident(hall):
    """Who hands over and stays on the roll may watch on; the console is closed to them at once."""
    recorder = await committed(lambda: hall.recorder)
    client = await committed(signed_in, recorder)
    console = hall.meeting.address("console")
    async with Watcher(hall.meeting, token_for(hall.meeting, recorder)) as watcher:
        await committed(meetings.hand_over, hall.meeting, role="recorder", to=hall.people[5], by=None)
        assert (await committed(client.get, console)).status_code == 403
        assert (await watcher.beat())["type"] == "beat"  # a resident like any other


async def test_an_office_that_two_people_ended_closes_its_socket_and_its_pages(hall):
    """Not the row behind their back, but the way officers really go: proposed, confirmed, gone within five seconds."""

    def in_office():
        reviewers = [overseer_of(hall.village).user for _number in range(2)]
        helper = make_user()
        term = Appointment.objects.create(village=hall.village, user=helper, role="social_worker", from_on=SINCE)
        return reviewers, term

    (first, second), term = await committed(in_office)
    client = await committed(signed_in, term.user)
    screen = hall.meeting.address("hall")
    assert (await committed(client.get, screen)).status_code == 200

    async with Watcher(hall.meeting, token_for(hall.meeting, term.user)) as watcher:

        def end():
            proposal = propose_end(term, on=timezone.localdate(), reason="工作期满", by=first)
            decide(proposal, by=second, accept=True)

        await committed(end)
        began = time.monotonic()
        assert (await committed(client.get, screen)).status_code in (403, 404)
        assert await watcher.closed() == 4403
        assert time.monotonic() - began <= WITHIN


async def test_a_stream_of_ballots_does_not_hold_the_closing_back(hall):
    """Announcements every few milliseconds must not starve the beat, by which rights are judged again."""
    user = await committed(lambda: hall.chair)
    async with Watcher(hall.meeting, token_for(hall.meeting, user)) as watcher:
        await committed(Claim.objects.filter(user=user).update, state="ended")

        async def stream():
            while True:
                registry.mark(hall.meeting.pk)
                await asyncio.sleep(0.002)

        streaming = asyncio.create_task(stream())
        try:
            began = time.monotonic()
            assert await watcher.closed() == 4403
            assert time.monotonic() - began <= WITHIN
        finally:
            streaming.cancel()
