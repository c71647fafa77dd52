"""Writing small logs to files."""

from pathlib import Path

import pytest

from tests.intake.imports.logs import WriteLog, log_writer


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Return a function that writes lines as a log file."""
    return log_writer(tmp_path)
