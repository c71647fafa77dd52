"""docs/permissions.md says what the marks say, and every route carries one."""

import os
from pathlib import Path

import pytest

from tocsin.web.permission_table import as_markdown, routes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@pytest.mark.django_db
def test_the_permission_table_is_up_to_date() -> None:
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(as_markdown(), "utf-8")
    assert PAGE.read_text("utf-8") == as_markdown(), "run WRITE_DOCS=1 .venv/bin/python -m pytest " + __file__


def test_every_route_carries_a_mark() -> None:
    assert [route.path for route in routes() if not route.access] == []
