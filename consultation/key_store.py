"""Where the keys of secret motions lie: never in the database, never in a backup, twice on disk by default.

A key lives from the opening of a secret motion until it is counted. Another store (a county's key service) is a class
with the same functions, named by the setting BALLOT_KEY_STORE and made without arguments.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .errors import KeyStoreError
from .models import Motion

log = structlog.get_logger(__name__)

KEY_BYTES = 32
_REF = re.compile("[0-9a-f]{32}")
_MAGIC = b"ballot-key-1\n"
_LOCK = ".lock"
_PROBE = ".probe"
_MARK = ".ballot-keys"  # an empty mount point has none: a disk that is not there is never taken for one without keys


def new_ref() -> str:
    """A name for a key that follows no order: 32 hex digits."""
    return secrets.token_hex(16)


class KeyStore(ABC):
    """Makes, gives and destroys the keys of secret motions. A `ref` is 32 hex digits (`new_ref`)."""

    def prepare(self) -> None:  # noqa: B027  a service elsewhere is ready by itself
        """Set the store up, once for a site; done again it changes nothing. Raises KeyStoreError."""

    @abstractmethod
    def make(self, ref: str) -> bytes:
        """Make a new key of 32 random bytes under a name not used yet; it is kept for good before this returns.

        Raises KeyStoreError when it cannot be kept or the name is taken; then nothing is left of it.
        """

    @abstractmethod
    def read(self, ref: str) -> bytes:
        """The key under that name. Raises KeyStoreError when there is none that is whole."""

    @abstractmethod
    def destroy(self, ref: str) -> None:
        """Let nobody read the key again; one that is gone already is no error, so it may be asked for twice.

        Raises KeyStoreError when a copy is still there.
        """

    @abstractmethod
    def check(self) -> None:
        """Prove that a key could be kept and read now, setting nothing up. Raises KeyStoreError with what is wrong."""


class DirectoryKeyStore(KeyStore):
    """One small file for each key in each of two directories, best on two disks; a broken copy is mended by the other.

    Only `prepare` makes directories, and marks them: a directory without its mark is a disk that is not mounted.
    Directories are 0700 and files 0600, the portal's own. Overwriting before unlinking is all that a program can do:
    what a disk or a snapshot keeps below the file system is said in docs/operations.md.
    """

    def __init__(self, first: Path | str | None = None, second: Path | str | None = None) -> None:
        self.folders = (Path(first or settings.BALLOT_KEYS_DIR), Path(second or settings.BALLOT_KEYS_COPY_DIR))

    def prepare(self) -> None:
        try:
            for folder in self.folders:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not (folder / _MARK).exists():
                    _write(folder / _MARK, b"")
        except OSError as error:
            raise self._failure(_NOT_KEPT(), error) from error

    def make(self, ref: str) -> bytes:
        name = _checked(ref)
        key = secrets.token_bytes(KEY_BYTES)
        made: list[Path] = []
        try:
            with self._alone():
                if any((folder / name).exists() for folder in self.folders):
                    raise FileExistsError(name)
                for folder in self.folders:
                    made.append(folder / name)
                    _write(folder / name, _sealed(ref, key))
                if any(_key_in(folder / name, ref) != key for folder in self.folders):
                    raise OSError("what was written reads otherwise")
        except OSError as error:
            if not isinstance(error, FileExistsError):
                for path in made:
                    with contextlib.suppress(OSError):
                        _wipe(path)
            raise self._failure(_NOT_KEPT(), error) from error
        return key

    def read(self, ref: str) -> bytes:
        name = _checked(ref)
        keys = [_key_in(folder / name, ref) for folder in self.folders]
        whole = {key for key in keys if key is not None}
        if not whole:
            raise self._failure(None, f"no whole copy of {ref}")
        if len(whole) > 1:
            raise self._failure(None, f"two different copies of {ref}")
        if None in keys:
            self._mend(ref)
        return whole.pop()

    def destroy(self, ref: str) -> None:
        name = _checked(ref)
        failure: OSError | None = None
        try:
            with self._alone(all_there=False):
                for folder in self.folders:
                    if not _is_there(folder):
                        failure = _missing(folder)  # where a copy may lie
                        continue
                    for path in (folder / name, *folder.glob(f".{name}.*")):
                        try:
                            _wipe(path)
                        except OSError as error:
                            failure = error  # the other copy is destroyed all the same
                    _sync(folder)
        except OSError as error:
            failure = error
        if failure is not None:
            raise self._failure(_NOT_DESTROYED(), failure) from failure

    def check(self) -> None:
        if os.path.realpath(self.folders[0]) == os.path.realpath(self.folders[1]):
            raise self._failure(_NOT_KEPT(), "both directories are the same")
        try:
            with self._alone():
                for folder in self.folders:
                    token = secrets.token_bytes(KEY_BYTES)
                    probe = folder / _PROBE
                    _write(probe, token)
                    if probe.read_bytes() != token:
                        raise OSError(f"{folder}: what was written reads otherwise")
                    probe.unlink()
        except OSError as error:
            raise self._failure(_NOT_KEPT(), error) from error

    @contextlib.contextmanager
    def _alone(self, *, all_there: bool = True) -> Iterator[None]:
        """Nobody else at work in the directories: a mending must not bring back what a destroying takes away.

        Raises OSError when one of them is missing, or with `all_there` false when both are.
        """
        there = [folder for folder in self.folders if _is_there(folder)]
        if not there or (all_there and len(there) < len(self.folders)):
            raise _missing(next(folder for folder in self.folders if folder not in there))
        for folder in there:
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)
        descriptor = os.open(there[0] / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _mend(self, ref: str) -> None:
        """Write the whole copy in place of the missing or broken one. A failure is logged: the key is there."""
        try:
            with self._alone():
                keys = {folder / ref: _key_in(folder / ref, ref) for folder in self.folders}
                key = next((key for key in keys.values() if key is not None), None)
                if key is None:
                    return  # destroyed meanwhile
                for path in (path for path, found in keys.items() if found is None):
                    _write(path, _sealed(ref, key))
                    log.warning("ballot_key_mended", folder=str(path.parent))
        except OSError as error:
            log.error("ballot_key_not_mended", why=str(error))

    def _failure(self, message: str | None, why: object) -> KeyStoreError:
        folders = ", ".join(str(folder) for folder in self.folders)
        error = KeyStoreError(message, detail=f"{why} ({folders})")
        log.error("ballot_keys_unusable", why=error.detail)
        return error


def get_key_store() -> KeyStore:
    """The site's key store, made once for each setting."""
    return _made(settings.BALLOT_KEY_STORE, str(settings.BALLOT_KEYS_DIR), str(settings.BALLOT_KEYS_COPY_DIR))


@functools.cache
def _made(name: str, *_folders: str) -> KeyStore:
    store = import_string(name)()
    if not isinstance(store, KeyStore):
        raise TypeError(f"BALLOT_KEY_STORE: {name} is no consultation.key_store.KeyStore")
    return store


def prepare_when_new() -> None:
    """Set the store up on a site that has never had a key, and on no other: there missing directories are a disk that
    is not mounted, and new keys would go to the wrong one. Raises KeyStoreError."""
    if not Motion.objects.needed_a_key().exists():
        get_key_store().prepare()


def _NOT_KEPT() -> str:  # noqa: N802  a sentence, in the language of who asks
    return _("票箱的钥匙现在存不下来，无记名表决不能开始。请运营人员检查存放钥匙的两个目录，然后再试一次。")


def _NOT_DESTROYED() -> str:  # noqa: N802  as above
    return _("计票已经完成，可是票箱的钥匙还没有全部销毁。请运营人员检查存放钥匙的两个目录，然后再试一次。")


def _checked(ref: str) -> str:
    """The file's name; never a path. Raises KeyStoreError."""
    if not _REF.fullmatch(ref):
        raise KeyStoreError(detail="the name of a ballot key is 32 hex digits")
    return ref


def _is_there(folder: Path) -> bool:
    return (folder / _MARK).is_file()


def _missing(folder: Path) -> OSError:
    return FileNotFoundError(
        f"{folder} is no directory of ballot keys: mount its disk, or `manage.py ballot_keys --prepare` if it is lost"
    )


def _sealed(ref: str, key: bytes) -> bytes:
    """What a file holds: the key, and a checksum over its name and itself."""
    return _MAGIC + key + hashlib.sha256(_MAGIC + ref.encode() + key).digest()


def _key_in(path: Path, ref: str) -> bytes | None:
    """The key in a file that is whole, else None."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    key = content[len(_MAGIC) : len(_MAGIC) + KEY_BYTES]
    return key if len(key) == KEY_BYTES and secrets.compare_digest(content, _sealed(ref, key)) else None


def _write(path: Path, content: bytes) -> None:
    """The file as a whole or not at all, also over a power cut."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            _wipe(draft)
        raise
    _sync(path.parent)


def _wipe(path: Path) -> None:
    """Overwrite and unlink; what is gone already is no error, and a disk that takes no writing still unlinks."""
    with contextlib.suppress(FileNotFoundError):
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(max(path.stat().st_size, KEY_BYTES)))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("ballot_key_not_overwritten", why=str(error))
        path.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
