"""Writing small logs to files."""

import gzip
from pathlib import Path

import pytest

from tests.intake.imports.logs import WriteLog


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Write lines as a file: `write_log(header, *rows, packed=True, encoding="utf-8", name="log.csv")`."""

    def write(*lines: str, packed: bool = False, encoding: str = "utf-8", name: str = "log.csv") -> Path:
        data = ("\n".join(lines) + "\n").encode(encoding)
        path = tmp_path / (name + ".gz" if packed else name)
        path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
        return path

    return write
