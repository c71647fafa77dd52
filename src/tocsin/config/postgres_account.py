"""Who the embedded server runs as: never root, which PostgreSQL refuses, and rightly."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Account:
    """The user (and group) that owns the data directory and runs the server's programs.

    `switch` is false when that is the current user already.
    """

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, with a bare environment: no PG* variable of ours may steer the server."""
        if self.switch:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if "stdout" not in options:
            options["capture_output"] = True
        return subprocess.run(command, cwd="/", env=environment, text=True, umask=0o077, check=False, **options)

    def enters(self, folder: Path) -> bool:
        """Say whether this user can enter `folder`, by trying."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0

    def give(self, path: Path, mode: int) -> None:
        """Make this user the only one who may use `path`."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def server_account() -> Account:
    """Return the current user, or as root TOCSIN_POSTGRES_USER, else `postgres`, else `nobody`."""
    uid = os.geteuid()
    if uid != 0:
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = str(uid)  # a container may run under a number without a name
        return Account(name, uid, os.getegid(), switch=False)
    wanted = os.environ.get("TOCSIN_POSTGRES_USER", "")
    for name in [wanted] if wanted else ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    raise Unavailable(
        "postgres_account",
        "PostgreSQL does not run as root, and there is no user to run it as "
        f"({wanted or 'postgres, nobody'}). Create one and name it in TOCSIN_POSTGRES_USER, or set DATABASE_URL.",
    )
