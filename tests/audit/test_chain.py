"""Each village's entries are one unbroken chain, and whatever is changed in what is stored is found."""

from __future__ import annotations

import datetime
import functools
import hashlib
import threading
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.chain import day_of, link
from audit.hashing import entry_text
from audit.heads import heads_of, publish_heads
from audit.log import record
from audit.models import AuditEntry, AuditHead, AuditLink
from audit.verifying import Published, verify
from residents.models import Village
from tests.factories.audit import make_entry, settle, unguarded
from tests.factories.residents import make_household, make_user, make_village
from tests.threads import all_at_once


def numbers(chain):
    return list(AuditLink.objects.filter(chain=chain).order_by("number").values_list("number", flat=True))


def broken():
    """Chain → the number at which it breaks."""
    return {one.chain: one.broken_at for one in verify() if one.broken_at is not None}


@pytest.mark.django_db
def test_villages_and_the_site_have_chains_of_their_own():
    for village in (7, None, 8, 7, 7, None):
        record(action="open_meeting", subject="会", village_id=village)
    settle()
    assert {chain: numbers(chain) for chain in (0, 7, 8)} == {0: [1, 2], 7: [1, 2, 3], 8: [1]}
    assert [(one.chain, one.count, one.broken_at) for one in verify()] == [(0, 2, None), (7, 3, None), (8, 1, None)]


@pytest.mark.django_db
def test_an_entrys_hash_is_anybodys_sha256_of_its_words_and_of_the_hash_before():
    user = make_user(display_name="贺光武")
    record(action="open_meeting", subject="会", village_id=7)
    record(
        action="check_in", subject="村民会议", village_id=7, actor=user, entries=[1, 2], share=0.5, urgent=None, ok=True
    )
    settle()
    first, second = AuditLink.objects.select_related("entry").order_by("number")
    assert (first.previous, second.previous) == ("", first.hash)
    text = entry_text(second.entry, number=2, previous=first.hash)
    assert second.hash == hashlib.sha256(text.encode()).hexdigest()
    at = second.entry.at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    assert text == (
        f'{{"action":"check_in","actor":{user.pk},"actor_name":"贺光武","at":"{at}",'
        '"detail":{"entries":[1,2],"ok":true,"share":0.5,"urgent":null},"format":"village-audit-1",'
        f'"id":{second.pk},"number":2,"previous":"{first.hash}","subject":"村民会议","village":7}}'
    )


@pytest.mark.django_db
def test_what_a_savepoint_takes_back_leaves_no_gap():
    record(action="open_meeting", subject="一", village_id=7)
    for _round in range(2):
        with transaction.atomic():
            record(action="open_meeting", subject="不算", village_id=7)
            record(action="open_meeting", subject="别村，不算", village_id=8)
            transaction.set_rollback(True)
    record(action="open_meeting", subject="二", village_id=7)
    settle()
    assert numbers(7) == [1, 2]
    assert numbers(8) == []
    assert broken() == {}


@pytest.mark.django_db
def test_many_entries_of_one_act_ask_little_more_than_one(django_assert_max_num_queries):
    with django_assert_max_num_queries(50 * (1 if connection.vendor == "postgresql" else 6) + 12):
        for _number in range(50):
            record(action="end_claim", subject="认领", village_id=7)
        settle()
    assert numbers(7) == list(range(1, 51))
    assert broken() == {}


@pytest.mark.usefixtures("committed_db")
def test_an_act_and_its_place_are_committed_or_taken_back_together():
    with transaction.atomic():
        record(action="open_meeting", subject="一", village_id=7)
    with transaction.atomic():
        record(action="open_meeting", subject="不算", village_id=7)
        transaction.set_rollback(True)
    with transaction.atomic():
        record(action="open_meeting", subject="二", village_id=7)
    assert AuditEntry.objects.count() == 2
    assert numbers(7) == [1, 2]
    assert broken() == {}


@pytest.mark.usefixtures("committed_db")
def test_acts_at_once_make_one_unbroken_chain():
    """Several villages, in any order, each act with some of them."""

    def act(number):
        for turn in range(5):
            with transaction.atomic():
                for village in ((7, 8, None), (None, 8, 7), (8, 7, 7))[(number + turn) % 3]:
                    record(action="open_meeting", subject=f"{number}-{turn}", village_id=village)

    assert all_at_once([functools.partial(act, number) for number in range(4)]) == [None] * 4
    assert broken() == {}
    assert sum(one.count for one in verify()) == AuditEntry.objects.count() == 4 * 5 * 3


@pytest.mark.postgres
@pytest.mark.usefixtures("committed_db")
def test_acts_that_lock_and_record_in_opposite_order_do_not_lock_each_other_out():
    """One records and then waits for a row; the other holds the row and records: both are done."""
    village = make_village()
    recorded, locked = threading.Event(), threading.Event()

    def records_first():
        with transaction.atomic():
            record(action="open_meeting", subject="先记后锁", village_id=village.pk)
            recorded.set()
            assert locked.wait(5)
            Village.objects.select_for_update().get(pk=village.pk)

    def locks_first():
        assert recorded.wait(5)
        with transaction.atomic():
            Village.objects.select_for_update().get(pk=village.pk)
            locked.set()
            record(action="close_meeting", subject="先锁后记", village_id=village.pk)

    assert all_at_once([records_first, locks_first]) == [None, None]
    assert numbers(village.pk) == [1, 2]
    assert broken() == {}


@pytest.mark.postgres
@pytest.mark.usefixtures("committed_db")
def test_a_reference_is_checked_before_the_chain_is_taken():
    """It may have to wait for whoever holds the village's row and is about to record."""
    village = make_village()
    written, locked = threading.Event(), threading.Event()

    def writes():
        assert locked.wait(5)
        with transaction.atomic():
            make_household(village)
            record(action="change_roll", subject="一户", village_id=village.pk)
            written.set()

    def holds():
        with transaction.atomic():
            Village.objects.select_for_update().get(pk=village.pk)
            locked.set()
            assert written.wait(5)
            record(action="import_roll", subject="整本", village_id=village.pk)

    assert all_at_once([writes, holds]) == [None, None]
    assert numbers(village.pk) == [1, 2]


# One alteration of what is stored, by somebody who owns the server: its name and what is done to entry number n of 5.
def _entry(n):
    return AuditEntry.objects.filter(link__chain=7, link__number=n)


def _link(n):
    return AuditLink.objects.filter(chain=7, number=n)


def _change(**to):
    return lambda n: AuditEntry.objects.filter(pk=_entry(n).get().pk).update(**to)


def _delete_both(n):
    pk = _entry(n).get().pk
    AuditLink.objects.filter(pk=pk).delete()
    AuditEntry.objects.filter(pk=pk)._raw_delete("default")


def _swap(n):
    """The entries of two numbers change places."""
    one, other = _link(n).get(), _link(n % 5 + 1).get()
    AuditLink.objects.filter(pk__in=[one.pk, other.pk]).delete()
    one.entry_id, other.entry_id = other.entry_id, one.entry_id
    AuditLink.objects.bulk_create([one, other])


def _insert(n):
    AuditEntry.objects.create(village_id=7, action="open_meeting", subject=f"塞进来的{n}")


ALTERATIONS = {
    "its village": _change(village_id=8),
    "none of a village": _change(village_id=None),
    "its actor": _change(actor_id=99),
    "its actor's name": _change(actor_name="别人"),
    "its action": _change(action="close_meeting"),
    "its subject": _change(subject="别的会"),
    "its detail": _change(detail={"number": 99}),
    "its time, by a millisecond": lambda n: _change(at=_entry(n).get().at + datetime.timedelta(milliseconds=1))(n),
    "its key": lambda n: _change(id=10_000)(n),
    "an entry deleted": lambda n: AuditEntry.objects.filter(pk=_entry(n).get().pk)._raw_delete("default"),
    "a link deleted": lambda n: _link(n).delete(),
    "both deleted": _delete_both,
    "two reordered": _swap,
    "one put in": _insert,
    "a link's chain": lambda n: _link(n).update(chain=9),
    "a link's number": lambda n: _link(n).update(number=50),
    "a link's previous hash": lambda n: _link(n).update(previous="ab" * 32),
    "a link's hash": lambda n: _link(n).update(hash="ab" * 32),
    "the head's hash": lambda _n: AuditHead.objects.filter(chain=7).update(hash="ab" * 32),
    "the head's number": lambda n: AuditHead.objects.filter(chain=7).update(number=n - 1),
}


@contextmanager
def undone():
    """What is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def five():
    for number in range(1, 6):
        record(action="open_meeting", subject=f"第{number}次会", village_id=7, number=number)
    record(action="make_backup", subject="别处")
    record(action="open_meeting", subject="邻村", village_id=8)
    settle()
    publish_heads()
    assert broken() == {}


@pytest.mark.django_db
def test_any_single_alteration_is_found(five):
    with undone(), unguarded():
        for name, alter in ALTERATIONS.items():
            for number in range(1, 6):
                with undone():
                    alter(number)
                    assert 7 in broken(), f"{name}, of number {number}"
        assert broken() == {}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(1, 5),
    field=st.sampled_from(["actor_name", "action", "subject"]),
    words=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=40),
)
def test_no_other_words_have_the_same_hash(five, number, field, words):
    """Whatever is written in its place, it is told at its own number; the same words again are no change."""
    with undone(), unguarded():
        same = getattr(_entry(number).get(), field) == words
        _change(**{field: words})(number)
        assert broken() == ({} if same else {7: number})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("alteration", "number", "words"),
    [
        ("its subject", 3, "第 3 条被改过"),
        ("both deleted", 3, "第 3 条缺失"),
        ("an entry deleted", 3, "第 3 条缺失：编号还在"),
        ("a link's previous hash", 3, "第 3 条接不上前一条"),
        ("both deleted", 5, "第 4 条以后的记录不见了"),
        ("one put in", 1, "绕过系统塞进来"),
        ("the head's hash", 1, "第 5 条和"),
    ],
)
def test_the_first_break_is_told_in_words_with_its_number(five, alteration, number, words):
    with unguarded():
        ALTERATIONS[alteration](number)
    (told,) = [one.words for one in verify(7)]
    assert words in told
    assert [one.broken_at for one in verify(8)] == [None]


@pytest.mark.django_db
def test_a_chain_written_anew_from_some_entry_on_is_told_by_a_head_that_was_kept(five):
    kept = [Published(head.chain, head.day, head.number, head.hash) for head in AuditHead.objects.all()]
    with unguarded():
        later = [link.entry_id for link in AuditLink.objects.filter(chain=7, number__gte=3).order_by("number")]
        AuditLink.objects.filter(pk__in=later).delete()
        AuditEntry.objects.filter(pk=later[0]).update(subject="改过的会")
        AuditHead.objects.all().delete()
    link(later)
    assert broken() == {}
    assert [one.broken_at for one in verify(7, kept=kept)] == [5]


@pytest.mark.django_db
def test_the_first_act_of_a_day_publishes_where_the_chain_stood_before_it():
    yesterday = timezone.now() - datetime.timedelta(days=1)
    for _number in range(3):
        make_entry(village_id=7, at=yesterday)
        settle()
    assert heads_of(7) == []
    for _number in range(2):
        record(action="open_meeting", subject="今天", village_id=7)
        settle()
    (head,) = heads_of(7)
    third = AuditLink.objects.get(chain=7, number=3)
    assert (head.day, head.number, head.hash) == (day_of(timezone.now()), 3, third.hash)
    assert broken() == {}


@pytest.mark.django_db
def test_the_night_publishes_each_chain_that_grew_once_a_day():
    record(action="open_meeting", subject="会", village_id=7)
    record(action="make_backup", subject="备份")
    settle()
    assert publish_heads() == 2
    assert publish_heads() == 0
    record(action="open_meeting", subject="会", village_id=7)
    settle()
    # One head a day: what was written since is in tomorrow's.
    assert publish_heads() == 0
    assert [head.number for head in heads_of(7)] == [1]


@pytest.mark.django_db
def test_entries_from_before_there_was_a_chain_are_chained_in_their_order(five, monkeypatch):
    migration = import_module("audit.migrations.0003_chain_existing")
    monkeypatch.setattr(migration, "BATCH", 2)
    with unguarded():
        before = list(AuditLink.objects.order_by("chain", "number").values())
        AuditLink.objects.exclude(number=1).delete()
        AuditHead.objects.all().delete()
    migration.chain_existing(apps, SimpleNamespace(connection=connection))
    assert list(AuditLink.objects.order_by("chain", "number").values()) == before
    assert broken() == {}
