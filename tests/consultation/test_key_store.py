"""Keys of secret motions: kept twice, mended, destroyed, and told in plain words when they cannot be."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
import threading

import pytest
from structlog.testing import CapturingLogger

from consultation import key_store
from consultation.errors import KeyStoreError
from consultation.key_store import DirectoryKeyStore, KeyStore, get_key_store, new_ref
from tests import key_service
from tests.threads import all_at_once, kinds


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "keys", tmp_path / "elsewhere" / "copy"


@pytest.fixture
def unprepared(folders):
    return DirectoryKeyStore(*folders)


@pytest.fixture
def directory(unprepared):
    unprepared.prepare()
    return unprepared


@pytest.fixture(params=["directory", "service"])
def store(request, directory):
    """What every store has to do, the directories as well as a service behind a wire."""
    return directory if request.param == "directory" else key_service.ServiceKeyStore(key_service.Service())


def test_a_key_is_made_read_and_destroyed(store: KeyStore):
    one, other = new_ref(), new_ref()
    key = store.make(one)
    assert len(key) == 32
    assert store.make(other) != key
    assert store.read(one) == store.read(one) == key
    store.destroy(one)
    with pytest.raises(KeyStoreError):
        store.read(one)
    store.destroy(one)  # gone already
    store.destroy(new_ref())  # never there
    assert len(store.read(other)) == 32
    store.check()


def test_a_name_that_is_taken_keeps_its_key(store: KeyStore):
    ref = new_ref()
    key = store.make(ref)
    with pytest.raises(KeyStoreError):
        store.make(ref)
    assert store.read(ref) == key


@pytest.mark.parametrize("ref", ["", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n", "/" + "a" * 31])
def test_a_name_is_never_a_path(directory, folders, ref):
    before = [sorted(folder.iterdir()) for folder in folders]
    for act in (directory.make, directory.read, directory.destroy):
        with pytest.raises(KeyStoreError):
            act(ref)
    assert [sorted(folder.iterdir()) for folder in folders] == before


def test_only_the_portal_may_look_into_the_directories(unprepared, folders):
    folders[0].mkdir(mode=0o755)
    directory = unprepared
    directory.prepare()
    ref = new_ref()
    directory.make(ref)
    for folder in folders:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [stat.S_IMODE(path.stat().st_mode) for path in folder.glob(ref)] == [0o600]


@pytest.mark.parametrize("broken", [0, 1])
@pytest.mark.parametrize("how", ["gone", "cut", "empty", "flipped", "another key's"])
def test_a_broken_copy_is_mended_by_the_other(directory, folders, broken, how):
    ref, other = new_ref(), new_ref()
    key = directory.make(ref)
    directory.make(other)
    path = folders[broken] / ref
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "another key's":
        shutil.copyfile(folders[broken] / other, path)
    else:
        flipped = content[:20] + bytes([content[20] ^ 1]) + content[21:]
        path.write_bytes({"cut": content[:-1], "empty": b"", "flipped": flipped}[how])
    assert directory.read(ref) == key
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("gone", [0, 1])
@pytest.mark.parametrize("mount_point", [False, True], ids=["no directory", "an empty one"])
def test_a_disk_that_is_not_mounted_gets_no_keys(directory, folders, tmp_path, gone, mount_point):
    ref = new_ref()
    key = directory.make(ref)
    folders[gone].rename(tmp_path / "unmounted")
    if mount_point:
        folders[gone].mkdir()
    assert directory.read(ref) == key  # from the other, which is there
    for act in (lambda: directory.make(new_ref()), directory.check):
        with pytest.raises(KeyStoreError) as refused:
            act()
        assert str(folders[gone]) in refused.value.detail
    # A copy that cannot be reached is not destroyed; the other is.
    with pytest.raises(KeyStoreError):
        directory.destroy(ref)
    assert not (folders[1 - gone] / ref).exists()
    assert (list(folders[gone].iterdir()) if mount_point else folders[gone].exists()) in ([], False)
    # Mounted again, it takes keys again and the copy goes.
    if mount_point:
        folders[gone].rmdir()
    (tmp_path / "unmounted").rename(folders[gone])
    directory.check()
    directory.destroy(ref)
    assert not (folders[gone] / ref).exists()


def test_a_lost_directory_is_made_anew_by_hand_only_and_mended_then(directory, folders):
    ref = new_ref()
    key = directory.make(ref)
    shutil.rmtree(folders[0])
    directory.prepare()
    assert directory.read(ref) == key
    assert (folders[0] / ref).exists()
    directory.check()


def test_setting_up_again_changes_nothing(directory, folders):
    ref = new_ref()
    key = directory.make(ref)
    directory.prepare()
    assert directory.read(ref) == key


def test_nothing_but_setting_up_makes_a_directory(unprepared, folders):
    for act in (unprepared.check, lambda: unprepared.make(new_ref()), lambda: unprepared.destroy(new_ref())):
        with pytest.raises(KeyStoreError):
            act()
    assert not any(folder.exists() for folder in folders)


def test_two_whole_copies_that_differ_are_no_key(directory, folders, tmp_path):
    ref = new_ref()
    directory.make(ref)
    stranger = DirectoryKeyStore(tmp_path / "a", tmp_path / "b")
    stranger.prepare()
    stranger.make(ref)
    shutil.copyfile(tmp_path / "a" / ref, folders[1] / ref)
    with pytest.raises(KeyStoreError):
        directory.read(ref)


def test_what_is_destroyed_is_overwritten_first(directory, folders):
    ref = new_ref()
    key = directory.make(ref)
    held = [(folder / ref).open("rb") for folder in folders]  # as a forgotten handle or a hard link would
    directory.destroy(ref)
    for file in held:
        with file:
            assert key not in file.read()
    assert not list(folders[0].glob(f"*{ref}*"))
    assert not list(folders[1].glob(f"*{ref}*"))


def test_mending_does_not_bring_back_what_is_destroyed(directory, folders):
    for _ in range(30):
        ref = new_ref()
        directory.make(ref)
        (folders[1] / ref).unlink()
        all_at_once([lambda ref=ref: directory.read(ref), lambda ref=ref: directory.destroy(ref)])
        with pytest.raises(KeyStoreError):
            directory.read(ref)


def test_a_key_that_goes_just_before_the_mending_stays_gone(directory, folders, monkeypatch):
    ref = new_ref()
    key = directory.make(ref)
    (folders[1] / ref).unlink()
    alone = directory._alone

    def after_somebody_elses_destroying():
        (folders[0] / ref).unlink()
        return alone()

    monkeypatch.setattr(directory, "_alone", after_somebody_elses_destroying)
    assert directory.read(ref) == key  # it was there when it was asked for
    assert not [path for folder in folders for path in folder.glob(f"*{ref}*")]


def test_one_name_is_made_once_by_many(directory):
    ref = new_ref()
    answers = all_at_once([lambda: directory.make(ref)] * 6)
    assert kinds(answers) == {"KeyStoreError": 5, "bytes": 1}
    assert directory.read(ref) == next(answer for answer in answers if isinstance(answer, bytes))


@pytest.mark.parametrize("blocked", [0, 1])
def test_a_directory_that_takes_nothing_is_told_and_no_half_key_stays(unprepared, folders, blocked):
    directory = unprepared
    folders[blocked].parent.mkdir(exist_ok=True)
    folders[blocked].write_text("a file where the directory should be")
    with pytest.raises(KeyStoreError, match="请运营人员检查"):
        directory.prepare()
    with pytest.raises(KeyStoreError, match="请运营人员检查") as refused:
        directory.make(new_ref())
    assert str(folders[blocked]) in refused.value.detail
    assert str(folders[blocked]) not in str(refused.value.message)
    with pytest.raises(KeyStoreError):
        directory.check()
    assert not [path for path in folders[1 - blocked].glob("*") if len(path.name) == 32]


def test_a_disk_that_fills_up_in_the_middle_leaves_no_half_key(directory, folders, monkeypatch):
    directory.check()
    synced = iter([0])
    real = os.fsync

    def full(descriptor: int) -> None:
        if next(synced, None) is None and stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(key_store.os, "fsync", full)
    ref = new_ref()
    with pytest.raises(KeyStoreError):
        directory.make(ref)
    monkeypatch.undo()
    assert not [path for folder in folders for path in folder.glob(f"*{ref}*")]
    with pytest.raises(KeyStoreError):
        directory.read(ref)
    assert directory.make(ref) == directory.read(ref)


def test_a_disk_that_gives_back_something_else_is_found_out_at_once(directory, folders, monkeypatch):
    read_bytes = pathlib.Path.read_bytes
    monkeypatch.setattr(pathlib.Path, "read_bytes", lambda path: b"other" + read_bytes(path)[5:])
    with pytest.raises(KeyStoreError, match="存不下来"):
        directory.make(new_ref())
    with pytest.raises(KeyStoreError, match="存不下来"):
        directory.check()
    assert not [path for folder in folders for path in folder.glob("[0-9a-f]*")]


@pytest.mark.parametrize("broken", [0, 1])
def test_a_copy_that_cannot_be_destroyed_is_told_and_the_other_one_goes(directory, folders, monkeypatch, broken):
    ref = new_ref()
    directory.make(ref)
    unlink = pathlib.Path.unlink

    def refuses(path, **how):
        if path == folders[broken] / ref:
            raise OSError(30, "Read-only file system")
        unlink(path, **how)

    monkeypatch.setattr(pathlib.Path, "unlink", refuses)
    with pytest.raises(KeyStoreError, match="没有全部销毁") as refused:
        directory.destroy(ref)
    assert "Read-only" in refused.value.detail
    assert [(folder / ref).exists() for folder in folders] == [broken == 0, broken == 1]
    with pytest.raises(KeyStoreError):
        directory.read(ref)  # what is left was overwritten
    monkeypatch.undo()
    directory.destroy(ref)
    assert not (folders[broken] / ref).exists()


def test_directories_out_of_reach_are_told_when_a_key_is_to_go(directory, folders):
    for folder in folders:
        shutil.rmtree(folder)
    with pytest.raises(KeyStoreError, match="没有全部销毁"):
        directory.destroy(new_ref())


def test_a_copy_that_cannot_be_mended_keeps_nobody_from_the_key(directory, folders, monkeypatch):
    ref = new_ref()
    key = directory.make(ref)
    (folders[1] / ref).unlink()

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_store, "_write", full)
    assert directory.read(ref) == key
    assert not (folders[1] / ref).exists()


def test_one_directory_for_both_copies_is_no_second_copy(tmp_path):
    both = DirectoryKeyStore(tmp_path / "keys", tmp_path / "keys" / ".." / "keys")
    both.prepare()
    with pytest.raises(KeyStoreError) as refused:
        both.check()
    assert refused.value.detail.startswith("both directories are the same (")


def test_looking_whether_a_key_could_be_kept_leaves_nothing_behind(directory, folders):
    before = {path for folder in folders for path in folder.iterdir()}
    directory.check()
    assert {path.name for folder in folders for path in folder.iterdir()} - {path.name for path in before} == {".lock"}
    for path in [path for folder in folders for path in (folder, *folder.iterdir())]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_operator_is_told_which_key_and_where(directory, folders, tmp_path):
    ref = new_ref()
    with pytest.raises(KeyStoreError) as refused:
        directory.read(ref)
    assert refused.value.detail == f"no whole copy of {ref} ({folders[0]}, {folders[1]})"
    directory.make(ref)
    stranger = DirectoryKeyStore(tmp_path / "a", tmp_path / "b")
    stranger.prepare()
    stranger.make(ref)
    shutil.copyfile(tmp_path / "a" / ref, folders[1] / ref)
    with pytest.raises(KeyStoreError) as refused:
        directory.read(ref)
    assert refused.value.detail.startswith(f"two different copies of {ref} (")


def test_nothing_stays_open(directory):
    directory.check()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        ref = new_ref()
        directory.make(ref)
        directory.destroy(ref)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_site_has_one_store_and_another_when_the_settings_say_so(settings, tmp_path):
    store = get_key_store()
    assert store is get_key_store()
    settings.BALLOT_KEYS_DIR = tmp_path / "other"
    assert get_key_store() is not store
    settings.BALLOT_KEY_STORE = "tests.key_service.ServiceKeyStore"
    assert isinstance(get_key_store(), key_service.ServiceKeyStore)
    settings.BALLOT_KEY_STORE = "pathlib.Path"
    with pytest.raises(TypeError):
        get_key_store()


def test_a_service_that_does_not_answer_is_told_like_a_disk():
    service = key_service.Service()
    store = key_service.ServiceKeyStore(service)
    ref = new_ref()
    store.make(ref)
    service.away = True
    for act in (lambda: store.make(new_ref()), lambda: store.read(ref), lambda: store.destroy(ref), store.check):
        with pytest.raises(KeyStoreError) as refused:
            act()
        assert refused.value.code == "try_again"


def test_keys_are_made_and_destroyed_beside_one_another(directory):
    done = threading.Lock()
    refs = [new_ref() for _ in range(12)]

    def live(ref: str) -> bool:
        key = directory.make(ref)
        with done:
            same = directory.read(ref) == key
        directory.destroy(ref)
        return same

    assert all_at_once([lambda ref=ref: live(ref) for ref in refs], threads=6) == [True] * len(refs)


def test_a_key_is_on_the_disk_before_it_has_its_name_and_its_name_is_too(directory, monkeypatch):
    """Over a power cut: the whole file first, then the directory; to destroy likewise."""
    synced = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        what = os.fstat(descriptor)
        synced.append("directory" if stat.S_ISDIR(what.st_mode) else what.st_size)
        real(descriptor)

    monkeypatch.setattr(key_store.os, "fsync", fsync)
    ref = new_ref()
    directory.make(ref)
    whole = len(key_store._sealed(ref, bytes(32)))
    assert synced == [whole, "directory"] * 2
    synced.clear()
    key = directory.read(ref)
    monkeypatch.setattr(key_store.os, "fsync", lambda descriptor: overwritten(descriptor) or fsync(descriptor))

    def overwritten(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            assert key not in os.pread(descriptor, whole, 0)

    directory.destroy(ref)
    assert synced == [whole, "directory"] * 2


def test_a_draft_that_a_power_cut_left_is_destroyed_with_its_key(directory, folders):
    ref = new_ref()
    key = directory.make(ref)
    drafts = [folder / f".{ref}.0a1b" for folder in folders]
    for draft in drafts:
        shutil.copyfile(folders[0] / ref, draft)
    directory.destroy(ref)
    assert not [draft for draft in drafts if draft.exists()]
    assert not [path for folder in folders for path in folder.iterdir() if path.is_file() and key in path.read_bytes()]


def test_nobody_who_looks_for_trouble_in_the_log_misses_it(directory, folders, monkeypatch):
    log = CapturingLogger()
    monkeypatch.setattr(key_store, "log", log)
    ref = new_ref()
    directory.make(ref)
    (folders[1] / ref).unlink()
    directory.read(ref)
    (folders[1] / ref).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(key_store, "_write", _full)
        directory.read(ref)
    with pytest.raises(KeyStoreError):
        directory.read(new_ref())
    with monkeypatch.context() as patch:
        patch.setattr(key_store.os, "fsync", _read_only)
        patch.setattr(key_store, "_sync", lambda folder: None)
        directory.destroy(ref)
    assert not (folders[0] / ref).exists()
    assert [(call.method_name, *call.args) for call in log.calls] == [
        ("warning", "ballot_key_mended"), ("error", "ballot_key_not_mended"), ("error", "ballot_keys_unusable"),
        ("warning", "ballot_key_not_overwritten"),
    ]  # fmt: skip
    assert log.calls[0].kwargs == {"folder": str(folders[1])}


def _full(path, content):
    raise OSError(28, "No space left on device")


def _read_only(descriptor):
    raise OSError(30, "Read-only file system")
