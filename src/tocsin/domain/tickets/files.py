"""Where attachments lie: one folder outside of everything that is served, each file under its own digest.

The same bytes are kept once. A file is written whole (temporary name, fsync, rename) before the row that names it is
committed; one whose row was rolled back does no harm: nobody can reach it.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

from tocsin.kernel.errors import NotFound


def folder() -> Path:
    """Return the folder that holds all attachments."""
    return Path(settings.ATTACHMENTS)


def path_of(sha256: str) -> Path:
    """Return where the file with this digest lies."""
    return folder() / sha256[:2] / sha256[2:]


def keep(content: bytes) -> str:
    """Store `content` durably and return its SHA-256; storing the same bytes again changes nothing."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if path.exists() and path.stat().st_size == len(content):
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    return digest


def opened(sha256: str) -> BinaryIO:
    """Open a stored file for reading. Raises NotFound if it is gone from the folder."""
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError:
        raise NotFound(
            "file_gone", "This file is not in the attachments folder any more. Restore it from backup."
        ) from None


def remove(sha256: str) -> None:
    """Take a file away that no row names any more; absent is as good."""
    path_of(sha256).unlink(missing_ok=True)
