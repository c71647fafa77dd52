"""The small desk behind the pages, with a token for each of its people."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Desk, desk
from tocsin.api import rate
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import User

__all__ = ["Desk", "desk"]


@dataclass(slots=True)
class Program:
    """A program that calls as one person."""

    token: str
    client: Client

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request below /api/v1; header names are given as in Python: If_Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": f"Bearer {self.token}", **named}
        more: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        where = path if path.startswith("/api") else f"/api/v1{path}"
        return self.client.generic(method, where, headers=given, **_encoded(more))


def _encoded(more: dict[str, Any]) -> dict[str, Any]:
    if "data" in more and not isinstance(more["data"], (str, bytes)):
        more["data"] = json.dumps(more["data"])
    return more


@pytest.fixture
def program(desk: Desk) -> Callable[..., Program]:
    """Return a program of one of the desk's people, by name, or of any person; its token has every scope by default."""
    rate.forget()

    def made(who: str | User, *scopes: str) -> Program:
        person = getattr(desk, who) if isinstance(who, str) else who
        token, _ = people.make_token(owner=person, name="test", scopes=scopes or [Scope.ADMIN], by=person, now=desk.now)
        return Program(token, Client())

    return made
