"""What a process may still do once it is about to let Apprise send: connect to permitted addresses, and read libraries.

An audit hook (PEP 578) sees every connection with the address it goes to, after any look-up and any redirect, so a
name that resolves differently the second time, or a service that sends us on, gets nowhere. The same hook refuses to
start programs, and to open files but those of Python, its packages and the certificate store: some Apprise addresses
name a template or a key by path. A hook cannot be taken back; the process must be one of its own.
"""

import ipaddress
import os
import resource
import ssl
import sys
from collections.abc import Sequence
from typing import Any

from tocsin.domain.notify.guarded import may_reach

_PROGRAMS = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.forkpty", "os.startfile",
    "pty.spawn", "ctypes.dlopen", "os.kill", "os.remove", "os.rename", "os.mkdir", "os.chmod", "os.link", "os.symlink",
    "shutil.rmtree", "socket.bind",
})  # fmt: skip
_OUT = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Forbidden(OSError):
    """Refused. An OSError, since that is what senders expect of a connection that fails."""


class Confinement:
    """Once entered it holds for the life of the process. `refused`: what was refused since it was last emptied."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = tuple(allow)
        self._readable = _library_folders()
        self.refused: list[str] = []

    def enter(self) -> None:
        """Begin. Everything that is needed from elsewhere must have been imported."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        sys.addaudithook(self._look)

    def _look(self, event: str, details: tuple[Any, ...]) -> None:
        if event in _OUT:
            self._check_address(details[1] if len(details) > 1 else None)
        elif event == "open":
            self._check_file(details[0], details[2])
        elif event in _PROGRAMS:
            self._refuse(f"{event} is not allowed")

    def _check_address(self, to: Any) -> None:
        host = to[0] if isinstance(to, tuple) and to else None
        try:
            address = ipaddress.ip_address(str(host).partition("%")[0])
        except ValueError:
            self._refuse("only internet addresses can be reached")
            return
        if not may_reach(address, self._allow):
            self._refuse(
                f"{address} is not a public address. An operator can allow its network with TOCSIN_WEBHOOK_ALLOW."
            )

    def _check_file(self, path: Any, flags: Any) -> None:
        if isinstance(path, int):
            return  # a descriptor that is open already
        if isinstance(flags, int) and flags & _WRITING:
            self._refuse("writing files is not allowed")
        real = os.path.realpath(os.fsdecode(path))
        if not real.startswith(self._readable):
            self._refuse("reading files is not allowed")

    def _refuse(self, why: str) -> None:
        self.refused.append(why)
        raise Forbidden(why)


def _library_folders() -> tuple[str, ...]:
    """Return where Python, its packages, time zones and certificates are, each with a closing slash."""
    paths = ssl.get_default_verify_paths()
    stores = [store for store in (paths.capath, paths.openssl_capath) if store]
    libraries = [f"{root}/lib" for root in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    known = [*libraries, *packages, *stores, "/usr/share/zoneinfo"]
    return tuple({f"{os.path.realpath(folder)}{os.sep}" for folder in known})
