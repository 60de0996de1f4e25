"""The disaster drill: a backup is made while people vote, the machine is lost, and the site comes back whole."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import re
import secrets
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from audit import guards
from audit.models import AuditEntry, AuditLink
from consultation import secret_ballots, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.key_store import get_key_store, new_ref
from consultation.models import Ballot, Bulletin, Decision, Kiosk, Mark, Motion, Slip
from portal.backups import files, making, restoring
from portal.backups.archive import Archive, BackupError
from portal.backups.making import make_backup
from portal.backups.restoring import restore_backup
from tests import conftest
from tests.factories.consultation import Hall, close_vote, make_hall, open_vote
from tests.threads import all_at_once, kinds

# What a restore itself writes to, or empties.
TOUCHED = {"AuditEntry", "Motion", "Kiosk", "Session", "SignIn", "AuditLink", "AuditHead"}
SQLITE = "sqlite" in site.DATABASES["default"]["ENGINE"]


@pytest.fixture
def machine(committed_db, settings, tmp_path):
    """A site with folders and keys of its own."""
    settings.DATA_DIR = tmp_path / "data"
    for name, folder in {
        "MEDIA_ROOT": "media",
        "PRIVATE_ROOT": "private",
        "BALLOT_KEYS_DIR": "ballot-keys",
        "BALLOT_KEYS_COPY_DIR": "ballot-keys-copy",
    }.items():
        setattr(settings, name, settings.DATA_DIR / folder)
    settings.FIELD_KEY = secrets.token_urlsafe(48)
    settings.SECRET_KEY = secrets.token_urlsafe(48)
    write(settings.MEDIA_ROOT / "images" / "晒谷坪.jpg", b"\xff\xd8 a picture")
    write(settings.MEDIA_ROOT / "documents" / "a.pdf", b"%PDF" + bytes(range(256)) * 9000)
    write(settings.PRIVATE_ROOT / "photos" / "ab" / "abcd.jpg", b"a sheet")
    return settings.DATA_DIR


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def file_contents() -> dict[str, bytes]:
    return {
        f"{word}/{path.relative_to(root)}": path.read_bytes()
        for word, root in files.roots().items()
        for path in root.rglob("*")
        if path.is_file()
    }


def all_rows() -> dict[str, list[tuple]]:
    return {
        model.__name__: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model.__name__ not in TOUCHED and model._meta.managed and not model._meta.proxy
    }


def audit_log() -> list[tuple]:
    links = {link.entry_id: (link.chain, link.number, link.hash) for link in AuditLink.objects.all()}
    entries = AuditEntry.objects.order_by("pk").values_list("pk", "action", "detail", "at")
    return [(*entry, links[entry[0]]) for entry in entries]


def lose_everything(worker: str) -> None:
    """Another machine: a database just migrated, no files; the keys lie where they lay."""
    conftest._restore(worker)
    for root in files.roots().values():
        shutil.rmtree(root, ignore_errors=True)


def vote(motion, entry, choice="for"):
    """One ballot of a secret motion; the voter's own secret."""
    secret = secrets.token_bytes(16)
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret)
    )
    return secret


def secret_hall(households: int) -> tuple[Hall, Motion]:
    """A meeting with one secret motion counted and another one open."""
    hall = make_hall(households)
    counted = open_vote(hall, secret=True, text="选监票人")
    for entry, choice in zip(hall.entries, ["for", "for", "against", "for", "abstain", "for"], strict=False):
        vote(counted, entry, choice)
    voting.close_motion(counted, by=None)
    return hall, open_vote(hall, secret=True, text="晒谷坪设停车处")


def test_a_backup_made_while_people_vote_brings_back_whole_ballots_only(machine, worker, capsys):
    secret, box = secret_hall(16)
    shown = make_hall(16)
    close_vote(shown, text="修水渠")
    recorded = open_vote(shown, text="装路灯")
    hands = make_hall(4)
    lifted = open_vote(hands, method="hands", text="举手")
    voting.close_motion(lifted, by=None)
    sheets.enter_hands(lifted, reader=hands.people[0], counts={"for": 3}, by=None)
    with transaction.atomic():
        Kiosk.objects.create(village=shown.village, meeting=shown.meeting, number=1, token_hash="a" * 64)
    ballots = [lambda entry=entry: vote(box, entry) for entry in secret.entries]
    ballots += [
        lambda entry=entry: voting.cast_ballot(motion=recorded, entry=entry, choice="for", key=f"k{entry.pk}")
        for entry in shown.entries
    ]
    acts = [*itertools.chain.from_iterable(zip(ballots[:16], ballots[16:], strict=True))]
    acts.insert(6, lambda: make_backup(making.default_folder()))
    first = [act() for act in acts[:4]]  # acknowledged before the backup begins
    answers = all_at_once(acts[4:], threads=5)
    assert kinds(answers)["Made"] == 1
    assert len(kinds(answers)) == 3, answers
    made = next(answer for answer in answers if isinstance(answer, making.Made))
    assert made.files == 3
    kept = {model: list(model.objects.order_by("pk").values()) for model in (Bulletin, Decision)}
    contents = file_contents()

    lose_everything(worker)
    call_command("restore", str(made.path))

    told = capsys.readouterr().out
    assert "晒谷坪设停车处（无记名，票箱的钥匙还在，可以计票）" in told
    assert "装路灯" in told
    assert "修水渠" not in told
    for motion in (box, recorded, lifted):
        motion.refresh_from_db()
        assert motion.state == Motion.State.INTERRUPTED
    assert len(first) == 4
    assert 2 <= Slip.objects.filter(motion=box).count() == box.marks.count() <= 16
    assert set(recorded.marks.values_list("entry", flat=True)) == set(recorded.ballots.values_list("entry", flat=True))
    assert Motion.objects.exclude(pk__in=[box.pk, recorded.pk, lifted.pk]).count() == 2
    assert kept == {model: list(model.objects.order_by("pk").values()) for model in (Bulletin, Decision)}
    assert lifted.sheets.get().readings.count() == 1
    assert file_contents() == contents
    notes = AuditEntry.objects.filter(action="interrupt_motion").order_by("detail__meeting", "id")
    assert {(note.village_id, note.detail["was"], note.detail["key"]) for note in notes} == {
        (secret.village.pk, "open", True),
        (shown.village.pk, "open", None),
        (hands.village.pk, "closing", None),
    }
    assert all(note.actor_id is None for note in notes)
    assert AuditEntry.objects.filter(action="restore_backup").count() == 1
    assert not Kiosk.objects.filter(ended_at=None).exists()
    # What was in the box can still be counted: the key lies where it lay.
    key = get_key_store().read(box.key_ref)
    assert len(secret_papers(box)) == box.marks.count()
    assert key not in made.path.read_bytes()


def secret_papers(motion):
    from consultation.sealing import open_box

    return open_box(motion)


def test_a_backup_at_rest_comes_back_row_for_row_and_holds_no_key(machine, worker, settings):
    hall, box = secret_hall(7)
    key = get_key_store().read(box.key_ref)
    vote(box, hall.entries[3])
    client = Client()
    client.force_login(hall.chair)
    session = client.session.session_key
    rows, log = all_rows(), audit_log()
    made = make_backup(machine / "backups")
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]

    content = made.path.read_bytes()
    for secret in (key, settings.FIELD_KEY.encode(), settings.SECRET_KEY.encode()):
        for shape in (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
            assert shape not in content
    assert session.encode() not in content
    for path in machine.joinpath("ballot-keys").iterdir():
        assert path.stat().st_size == 0 or path.read_bytes() not in content

    with pytest.raises(BackupError, match="--yes"):
        restore_backup(made.path)
    voting.close_motion(box, by=None)
    assert Bulletin.objects.count() == 2
    write(settings.MEDIA_ROOT / "images" / "later.jpg", b"came after")
    call_command("restore", str(made.path), "--yes")
    assert all_rows() == rows
    # The log comes back as it was, goes on from there, and is guarded as before.
    assert audit_log()[: len(log)] == log
    assert [note for _id, note, *_rest in audit_log()[len(log) :]] == ["interrupt_motion", "restore_backup"]
    assert guards.missing(connection) == []
    call_command("verify_audit")
    assert not (settings.MEDIA_ROOT / "images" / "later.jpg").exists()
    assert client.get("/me/").status_code == 302  # signed out
    assert Bulletin.objects.count() == 1
    # New rows get numbers of their own.
    assert close_vote(make_hall()).state == Motion.State.PUBLISHED
    # Its box was opened and its key destroyed since: it can only be declared void.
    box.refresh_from_db()
    assert (box.state, AuditEntry.objects.get(action="interrupt_motion").detail["key"]) == ("interrupted", False)


def altered(made: Path, tmp_path: Path) -> dict[str, Path]:
    """The backup broken in every way that comes to mind."""
    content = made.read_bytes()
    shapes = {
        "empty": b"",
        "text": "这不是备份".encode(),
        "cut in the middle": content[: len(content) // 2],
        "cut before the manifest": content[: content.rindex(b"manifest.json")],
        "cut in the manifest": content[: content.rindex(b'"members"')],
        "a byte of a picture": content.replace(b"a picture", b"A picture"),
        "a byte of the database": content.replace("晒谷坪设停车处".encode(), "晒谷坪设停车楼".encode()),
        "a count of the manifest": re.sub(rb'"consultation_mark": \d+', b'"consultation_mark": 99', content),
    }
    paths = {}
    for name, shape in shapes.items():
        assert shape != content, name
        paths[name] = tmp_path / f"{name}.tar"
        paths[name].write_bytes(shape)
    for name, add in {"a foreign tar": "etc/passwd", "a way out": "media/../../x", "a link": "media/link"}.items():
        paths[name] = tmp_path / f"{name}.tar"
        with tarfile.open(paths[name], "w") as tar:
            entry = tarfile.TarInfo(add)
            if name == "a link":
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(entry)
    paths["missing"] = tmp_path / "missing.tar"
    paths["a folder"] = tmp_path
    return paths


def test_a_broken_or_foreign_file_changes_nothing(machine, tmp_path, settings):
    secret_hall(6)
    made = make_backup(machine / "backups")
    before, contents = all_rows(), file_contents()
    motions = list(Motion.objects.order_by("pk").values())
    for name, path in altered(made.path, tmp_path).items():
        with pytest.raises(CommandError) as refused:
            call_command("restore", str(path), "--yes")
        assert re.search("没有这个文件|不是本门户的备份", str(refused.value)), name

    archive = Archive(made.path).manifest
    for change, words in {
        "vendor": "不能互相恢复",
        "migration": "升级",
        "count": "对不上",
        "version": "升级",
    }.items():
        manifest = json.loads(json.dumps(archive))
        if change == "vendor":
            manifest["database"]["vendor"] = "postgresql" if SQLITE else "sqlite"
        elif change == "migration":
            manifest["database"]["migrations"]["consultation"].append("9999_from_the_future")
        elif change == "count":
            manifest["database"]["counts"]["consultation_mark"] += 1
        else:
            manifest["version"] = 2
        with pytest.raises(BackupError, match=words):
            restore_backup(forged(made.path, manifest, tmp_path / f"{change}.tar"), replace=True)
    # Written by somebody who has the file, but not the site's key.
    forgery = tmp_path / "forgery.tar"
    forged(made.path, archive, forgery, seal=False)
    with pytest.raises(BackupError, match="不是本门户的备份"):
        restore_backup(forgery, replace=True)
    field_key, settings.FIELD_KEY = settings.FIELD_KEY, "another"
    with pytest.raises(BackupError, match="FIELD_KEY"):
        restore_backup(made.path, replace=True)
    settings.FIELD_KEY = field_key

    assert all_rows() == before
    assert file_contents() == contents
    assert list(Motion.objects.order_by("pk").values()) == motions
    assert not list(machine.rglob(".*restor*"))


def forged(made: Path, manifest: dict, target: Path, *, seal: bool = True) -> Path:
    """The same members under a manifest that was changed and digested anew."""
    import io

    from portal.backups import archive

    manifest["digest"] = archive._digest(manifest)
    manifest["seal"] = archive._seal(manifest) if seal else "0" * 64
    content = json.dumps(manifest).encode()
    with tarfile.open(made) as source, tarfile.open(target, "w") as tar:
        for entry in source:
            if entry.name == "manifest.json":
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
            else:
                tar.addfile(entry, source.extractfile(entry))
    return target


def test_a_restore_that_fails_in_the_middle_leaves_the_old_site(machine, monkeypatch):
    hall = make_hall()
    made = make_backup(machine / "backups")
    recorded = open_vote(hall)
    before, contents = all_rows(), file_contents()

    def fail(**_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "interrupt_running", fail)
    with pytest.raises(BackupError, match="空间"):
        restore_backup(made.path, replace=True)
    assert all_rows() == before
    recorded.refresh_from_db()
    assert recorded.state == "open"
    assert file_contents() == contents
    assert connection.settings_dict["NAME"] == site.DATABASES["default"]["NAME"]


def test_a_restore_says_that_the_directories_of_the_keys_are_away_and_makes_none(machine, capsys):
    secret_hall(5)
    made = make_backup(machine / "backups")
    shutil.rmtree(machine / "ballot-keys")
    call_command("restore", str(made.path), "--yes")
    assert "ballot_keys --prepare" in capsys.readouterr().out
    assert not (machine / "ballot-keys").exists()


def test_backups_are_kept_by_number_and_nothing_else_is_touched(machine, capsys):
    folder = machine / "backups"
    write(folder / "portal-backup-notes.txt", b"mine")
    write(folder / "portal-backup-20250101-000000.tar", b"an old one")
    call_command("backup", out=folder, keep=2)
    assert (folder / "portal-backup-20250101-000000.tar").exists()
    call_command("backup", out=folder, keep=2)
    told = capsys.readouterr().out
    assert "备份好了" in told
    assert "删掉了旧的备份：portal-backup-20250101-000000.tar" in told
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert "portal-backup-notes.txt" in names
    assert AuditEntry.objects.filter(action="make_backup").count() == 2
    with pytest.raises(CommandError, match="至少是 1"):
        call_command("backup", out=folder, keep=0)


@pytest.mark.parametrize(
    "folder", ["ballot-keys", "ballot-keys/x", "ballot-keys-copy", ".", "..", "media", "private/x"]
)
def test_a_backup_never_lies_beside_the_keys_or_among_what_is_served(machine, folder):
    get_key_store().prepare()
    get_key_store().make(new_ref())
    with pytest.raises(CommandError, match="--out"):
        call_command("backup", out=machine / folder)
    assert not list(machine.parent.rglob("*.tar"))


def test_keys_among_the_files_stop_the_backup(machine, settings):
    settings.BALLOT_KEYS_DIR = settings.MEDIA_ROOT / "keys"
    with pytest.raises(CommandError, match="BALLOT_KEYS_DIR"):
        call_command("backup")
    assert not list(machine.rglob("*.tar"))


def test_a_full_disk_leaves_no_half_backup(machine, monkeypatch):
    def full(_writer):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "add_files", full)
    with pytest.raises(CommandError, match="空间和权限"):
        call_command("backup")
    assert not list((machine / "backups").iterdir())


def test_links_and_pipes_among_the_files_are_not_followed(machine, settings):
    import os

    secret = settings.DATA_DIR / "site.env"
    write(secret, b"SECRET_KEY=not-for-anybody")
    (settings.MEDIA_ROOT / "link.jpg").symlink_to(secret)
    (settings.MEDIA_ROOT / "folder").symlink_to(settings.DATA_DIR)
    os.mkfifo(settings.MEDIA_ROOT / "pipe")
    made = make_backup(machine / "backups")
    assert made.files == 3
    assert b"not-for-anybody" not in made.path.read_bytes()


@pytest.mark.skipif(not SQLITE, reason="how SQLite stores rows")
def test_slips_lie_in_the_order_of_their_keys_and_deleted_ones_are_gone(machine, tmp_path):
    """A table keeps hidden row numbers in the order of writing, and a file what was deleted from it."""
    hall, box = secret_hall(12)
    for entry in hall.entries:
        vote(box, entry)
    payloads = [bytes(payload) for payload in Slip.objects.values_list("payload", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=OFF")
    Slip.objects.filter(pk=Slip.objects.order_by("key").first().pk).delete()
    gone = [payload for payload in payloads if not Slip.objects.filter(payload=payload).exists()]
    archive = Archive(make_backup(machine / "backups").path)
    archive.extract("database/portal.sqlite3", tmp_path / "copy.sqlite3")
    content = (tmp_path / "copy.sqlite3").read_bytes()
    assert [payload in content for payload in payloads].count(True) == 11
    assert len(gone) == 1
    with sqlite3.connect(tmp_path / "copy.sqlite3") as database:
        keys = [key for (key,) in database.execute("SELECT key FROM consultation_slip ORDER BY rowid")]
        counted = [key for (key,) in database.execute("SELECT id FROM consultation_counted ORDER BY rowid")]
    database.close()
    assert keys == sorted(keys)
    assert len(keys) == 11
    assert counted == sorted(counted)


@pytest.mark.skipif(not SQLITE, reason="PostgreSQL waits by itself")
def test_a_portal_that_still_runs_sees_the_old_or_the_new_database(machine, monkeypatch):
    from portal.backups import sqlite

    make_hall()
    made = make_backup(machine / "backups")
    before = all_rows()
    make_hall()
    monkeypatch.setattr(sqlite, "_WAIT", 0.1)
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as portal:
        portal.execute("PRAGMA busy_timeout=20000")
        portal.execute("BEGIN IMMEDIATE")
        with pytest.raises(BackupError, match="先停下网站"):
            restore_backup(made.path, replace=True)
        assert portal.execute("SELECT COUNT(*) FROM consultation_meeting").fetchone() == (2,)
        portal.execute("COMMIT")
        restore_backup(made.path, replace=True)
        assert portal.execute("SELECT COUNT(*) FROM consultation_meeting").fetchone() == (1,)
        portal.execute("BEGIN IMMEDIATE")
        portal.execute("COMMIT")
    assert all_rows() == before


@pytest.mark.skipif(not SQLITE, reason="a file that went bad")
def test_a_database_that_went_bad_is_told_and_one_put_aside_is_replaced(machine):
    close_vote(make_hall())
    made = make_backup(machine / "backups")
    before = all_rows()
    connection.close()
    path = Path(connection.settings_dict["NAME"])
    for left in path.parent.glob(f"{path.name}-*"):
        left.unlink()
    path.write_bytes(b"not a database at all" * 1000)
    for command in (["backup"], ["restore", str(made.path)], ["restore", str(made.path), "--yes"]):
        with pytest.raises(CommandError, match=r"读不出来|打不开|换不掉"):
            call_command(*command)
    connection.close()
    path.unlink()
    call_command("restore", str(made.path))
    assert all_rows() == before


@pytest.mark.skipif(not SQLITE, reason="PostgreSQL makes the whole schema anew: in the long form")
def test_an_older_backup_is_brought_up_to_this_program(machine):
    older_backup(machine)


@pytest.mark.postgres
@pytest.mark.long
def test_an_older_backup_is_brought_up_to_this_program_on_postgresql(machine):
    older_backup(machine)


def older_backup(machine: Path) -> None:
    """Made one migration back, restored by the program of today."""
    hall = make_hall()
    call_command("migrate", "django_tasks_database", "0018", verbosity=0)
    made = make_backup(machine / "backups")
    call_command("migrate", verbosity=0)
    before = {name: rows for name, rows in all_rows().items() if name not in ("Permission", "ContentType")}
    restore_backup(made.path, replace=True)
    after = all_rows()
    assert {name: after[name] for name in before} == before
    assert Mark.objects.count() == Ballot.objects.count() == 0
    assert close_vote(hall).state == Motion.State.PUBLISHED
