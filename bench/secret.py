"""What secrecy costs: secret casts beside recorded ones through the same door, and the sealing of a full box.

`python -m bench.secret --ballots N` fills and seals a box on the portal's own database and prints one JSON object of
seconds, beside the bare work: every slip opened with its key, every choice written, all of it by hand.
"""

from __future__ import annotations

import argparse
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import django

from .candidates import Portal
from .plan import Stage
from .processes import Failed, module, run
from .stages import Figures, drive

KINDS = ("recorded", "secret")
# Taken by turns, so that a machine that grows busy meanwhile is as bad for both.
TURNS = (("recorded", 1), ("secret", 1), ("secret", 2), ("recorded", 2))
SEAL_SECONDS = 150
CHOICES = ("for", "against", "abstain")


def rehearse_casts(portal: Portal, voters: int) -> None:
    """A rehearsal for each series of `casts`."""
    for kind, turn in TURNS:
        portal.rehearse(f"{kind}-{turn}", voters, secret=kind == "secret")


def casts(portal: Portal, voters: int) -> Figures:
    """Ballots a second and CPU seconds for 1,000, 32 at once, of both kinds: the better of two series each."""
    stage = Stage(watchers=1, ballots=0, seconds=0, crowd=voters)
    taken: dict[str, list[Figures]] = {kind: [] for kind in KINDS}
    try:
        with portal.serving("casts") as served:
            for kind, turn in TURNS:
                taken[kind].append(drive(portal.file(f"{kind}-{turn}"), stage, served)["crowd"])
    except Failed as error:
        return {"error": str(error)}
    return {
        kind: {
            "per_second": max(one["per_second"] for one in series),
            "cpu_per_1000": min(one["cpu_per_1000"] for one in series),
            "lost": sum(abs(one["counted_minus_acknowledged"]) + voters - one["acknowledged"] for one in series),
        }
        for kind, series in taken.items()
    }


def sealing(portal: Portal, ballots: int) -> Figures:
    """Seconds that closing a secret vote of that many takes; `{"error": str}` when it fails."""
    try:
        told = run(module("bench.secret", "--ballots", ballots), portal.env, SEAL_SECONDS)
        return json.loads(told.splitlines()[-1])
    except Failed as error:
        return {"error": str(error)}


# In the process of its own


def _fill_roster(meeting: Any, count: int) -> list[Any]:
    """So many more lines on the meeting's roster, each of a made-up person of its own."""
    from consultation.models import RosterEntry
    from residents.bulk_rows import insert_rows
    from residents.models import Resident

    first = Resident.objects.of(meeting.village).first()
    people = [
        Resident(
            village=meeting.village, household=first.household, name=f"人{number}", pinyin=f"ren{number}",
            initials="r", gender="m", born_on=first.born_on,
        )
        for number in range(count)
    ]  # fmt: skip
    insert_rows(people)
    entries = [
        RosterEntry(
            village=meeting.village, roster=meeting.roster, number=1000 + number, unit="person", resident=person,
            name=person.name, pinyin=person.pinyin, initials="r", gender="m", birth_year=1980,
        )
        for number, person in enumerate(people)
    ]  # fmt: skip
    insert_rows(entries)
    return entries


def fill_box(count: int) -> Any:
    """An open secret motion with that many marks and slips."""
    from django.db import transaction

    from consultation import key_store, practice, voting
    from consultation.bulletin_text import board_code, slip_key
    from consultation.models import Mark, Motion, Slip
    from consultation.slips import Paper, seal_paper
    from residents.bulk_rows import insert_rows

    with transaction.atomic():
        village = practice.make_practice_village()
        people = [home.representative for home in practice.add_households(village, 5)]
        meeting = practice.hold_meeting(village, officers=people[:3], title="封箱", by=None)
        motion = voting.open_motion(
            voting.table_motion(meeting=meeting, text="封箱", method="online", secret=True, by=None), by=None
        )
        entries = _fill_roster(meeting, count)
        key = key_store.get_key_store().read(motion.key_ref)
        slips = []
        for number in range(count):
            kept = secrets.token_bytes(16)
            name, paper = slip_key(kept), Paper(CHOICES[number % 3], board_code(kept))
            payload = seal_paper(key, paper, motion_id=motion.pk, slip=name)
            slips.append((name, village.pk, motion.pk, payload))
        insert_rows([Mark(village=village, motion=motion, entry=entry) for entry in entries])
        _write(Slip._meta.db_table, ("key", "village_id", "motion_id", "payload"), slips)
        Motion.objects.filter(pk=motion.pk).update(present_count=count + 5, entitled_count=count + 5)
    motion.refresh_from_db()
    return motion


def _write(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608  our own


def bare_seconds(motion: Any) -> float:
    """The least that any sealing has to do; taken back afterwards, so that it can be done in earnest."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from django.db import connection, transaction

    from consultation import key_store
    from consultation.models import Counted, Slip

    opener = AESGCM(key_store.get_key_store().read(motion.key_ref))

    def opened(cursor: Any) -> Iterator[tuple[str, str]]:
        for name, payload in cursor.fetchall():
            content = bytes(payload)
            choice, *_rest = json.loads(opener.decrypt(content[:12], content[12:], f"{motion.pk}:{name}".encode()))
            yield secrets.token_hex(16), choice

    began = time.perf_counter()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT key, payload FROM {Slip._meta.db_table} WHERE motion_id = %s", [motion.pk])  # noqa: S608
            rows = [(key, motion.village_id, motion.pk, 1, choice) for key, choice in sorted(opened(cursor))]
            _write(Counted._meta.db_table, ("id", "village_id", "motion_id", "question", "choice"), rows)
            cursor.execute(f"DELETE FROM {Slip._meta.db_table} WHERE motion_id = %s", [motion.pk])  # noqa: S608
        transaction.set_rollback(True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.secret", description=__doc__)
    parser.add_argument("--ballots", type=int, required=True)
    count = parser.parse_args().ballots
    django.setup()
    from consultation import voting

    motion = fill_box(count)
    bare = bare_seconds(motion)
    began = time.perf_counter()
    decision = voting.close_motion(motion, by=None).latest_decision
    seconds = time.perf_counter() - began
    if decision is None or decision.cast != count:
        raise SystemExit("what came out of the box is not what was put in")
    told = {"ballots": count, "seconds": round(seconds, 3), "bare": round(bare, 3), "ratio": round(seconds / bare, 2)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
