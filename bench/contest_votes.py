"""A contest's public vote at the pace of 10,000 ballots in ten minutes, and those 10,000 weighed together.

`python -m bench.contest_votes seed OUT --base URL --voters N --there M` makes a contest on the portal's database, M
ballots in it and N signed-in voters to come, and a rehearsal file; `drive FILE --paced N --crowd M` casts by HTTP, the
first at that pace (scaled in time: fewer seconds, the same ballots a second), the others 32 at once; `weigh` counts
what was kept and takes the time of weighing all. Each prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import Any

import django

from .ballots import Ballots
from .candidates import Portal
from .http_client import Client
from .measure import use_of
from .processes import Failed, module, run
from .rehearsal import Rehearsal, Voter
from .stages import Figures

PER_SECOND = 10_000 / 600
CROWD_AT_ONCE = 32
SECONDS = 200
SLUG = "bench"
ENTRIES = 20


def votes(portal: Portal, *, there: int, seconds: float, crowd: int) -> Figures:
    """Milliseconds until the answer at that pace, ballots a second as fast as it goes, seconds of weighing all."""
    paced = round(PER_SECOND * seconds)
    file = portal.file("contest")
    try:
        seed = ("seed", file, "--base", portal.base, "--voters", paced + crowd, "--there", there)
        run(module("bench.contest_votes", *seed), portal.env, SECONDS)
        with portal.serving("contest") as served:
            drive = ("drive", file, "--paced", paced, "--crowd", crowd, "--pids", *served.pids)
            told = json.loads(run(module("bench.contest_votes", *drive), {}, SECONDS).splitlines()[-1])
        weighed = json.loads(run(module("bench.contest_votes", "weigh"), portal.env, SECONDS).splitlines()[-1])
    except Failed as error:
        return {"error": str(error)}
    acknowledged = told["paced"]["acknowledged"] + told["crowd"]["acknowledged"]
    return told | weighed | {"lost": abs(weighed["ballots"] - there - acknowledged) + paced + crowd - acknowledged}


# In processes of their own


def _contest(there: int) -> Any:
    """An open contest of a county that nobody else uses, with that many ballots of honest-looking voters."""
    import datetime

    from django.utils import timezone

    from contest.models import Contest, ContestPick, ContestVote, Entry, Stage
    from residents.bulk_rows import insert_rows
    from residents.models import Region, Village

    now, day = timezone.now(), datetime.timedelta(days=1)
    county = Region.objects.create(level="county", code="999902", name="测速县")
    town = Region.objects.create(level="township", code="999902100", name="测速镇", parent=county)
    contest = Contest.objects.create(slug=SLUG, title="测速", region=county, state="announced", picks_max=5)
    Stage.objects.create(
        contest=contest, key="public_vote", label="公众投票", position=1, opens_at=now - 3 * day, closes_at=now + day
    )
    village = Village.objects.create(
        region=town, slug="bench-contest", code="999902100201", kind="village", name="测速村", pinyin="c", initials="c"
    )
    entries = [
        Entry(contest=contest, village=village, number=n, key=f"e{n}", title=f"第{n}件", state="shortlisted",
              submitted_at=now)
        for n in range(1, ENTRIES + 1)
    ]  # fmt: skip
    insert_rows(entries)
    made = [
        ContestVote(
            contest=contest, cast_at=now - 2 * day * (n / max(1, there)), key=f"there-{n}", device=f"{n:032x}",
            address=f"{n // 3:032x}", network=f"{n // 60:032x}", age_under=10, on_roll=n % 3 == 0,
        )
        for n in range(there)
    ]  # fmt: skip
    insert_rows(made)
    insert_rows(
        [
            ContestPick(vote=vote, entry=entries[(n * 7 + m * 3) % ENTRIES])
            for n, vote in enumerate(made)
            for m in range(4)
        ]
    )
    return contest


def seed(out: Path, base: str, voters: int, there: int) -> None:
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.db import transaction

    from residents.phone_accounts import account_for, phone_shown

    store = import_module(settings.SESSION_ENGINE).SessionStore
    people = []
    with transaction.atomic():
        contest = _contest(there)
        for number in range(voters):
            user = account_for(f"154{number:08d}")
            phone_shown(user)
            session = store()
            session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "residents.backends.AccountBackend"
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.create()
            csrf = secrets.token_hex(16)
            cookie = (
                f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={csrf}; "
                f"device={secrets.token_hex(16)}"
            )
            fields = {"key": secrets.token_urlsafe(16), "picks": str(1 + number % ENTRIES)}
            people.append(Voter(cookie, csrf, fields, ""))
    address = contest.address("vote_check")
    Rehearsal(base, address, address, address, address, {}, people).write(out)
    print(json.dumps({"voters": voters}))


async def drive(file: Path, paced: int, crowd: int, pids: list[int]) -> Figures:
    rehearsal = Rehearsal.read(file)
    where = rehearsal.address(rehearsal.cast_url)
    client = Client(where.hostname or "127.0.0.1", where.port or 80)
    told: Figures = {}
    for name, voters in (("paced", rehearsal.voters[:paced]), ("crowd", rehearsal.voters[paced : paced + crowd])):
        ballots = Ballots(rehearsal, client)
        before, began = use_of(pids), time.perf_counter()
        await (ballots.paced(voters, paced / PER_SECOND) if name == "paced" else ballots.crowd(voters, CROWD_AT_ONCE))
        seconds, after = time.perf_counter() - began, use_of(pids)
        told[name] = ballots.summary(len(voters)) | {
            "per_second": round(len(ballots.sent) / seconds, 1),
            "cpu_per_1000": round((after.cpu - before.cpu) * 1000 / max(1, len(ballots.sent)), 2),
        }
    return told


def weigh() -> None:
    from contest.models import Contest
    from contest.quarantine import weigh_again
    from contest.votes_counted import valid_votes

    contest = Contest.objects.get(slug=SLUG)
    began = time.perf_counter()
    weigh_again(contest, always=True)
    weighed = time.perf_counter() - began
    began = time.perf_counter()
    valid_votes(contest)
    counted = time.perf_counter() - began
    told = {"ballots": contest.votes.count(), "weigh_s": round(weighed, 2), "count_ms": round(1000 * counted, 1)}
    print(json.dumps(told))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.contest_votes", description=__doc__)
    parser.add_argument("what", choices=["seed", "drive", "weigh"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--base", default="")
    for name in ("voters", "there", "paced", "crowd"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--pids", type=int, nargs="*", default=[])
    asked = parser.parse_args()
    if asked.what == "drive":
        print(json.dumps(asyncio.run(drive(asked.file, asked.paced, asked.crowd, asked.pids))))
        return
    django.setup()
    if asked.what == "seed":
        seed(asked.file, asked.base, asked.voters, asked.there)
    else:
        weigh()


if __name__ == "__main__":
    main()
