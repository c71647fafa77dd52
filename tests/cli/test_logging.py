"""Where commands log to."""

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from tocsin.cli.engine import log_to_stderr


@pytest.fixture
def settled() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_logger_outlives_the_standard_error_it_was_made_with(settled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log_to_stderr(as_json=True)
    log = structlog.get_logger("one").bind()
    log.info("begun")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.info("gone on")
    assert '"gone on"' in second.getvalue()
