"""Every operation, with requests that schemathesis makes up from the description itself: no fault, nothing undocumented."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tocsin.api import rate
from tocsin.config.wsgi import application
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Scope

CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance, checks.allow_header_conformance,
]  # fmt: skip
ROUNDS = int(os.environ.get("TOCSIN_FUZZ", "5"))  # requests of each kind for each operation


def real(desk: Any) -> dict[str, Any]:
    """Return things that exist, by the name of the path's parameter."""
    return {
        "number": desk.ticket.number, "escalation_id": str(desk.escalated.pk), "slug": "first-line",
        "person_id": str(desk.agent.pk), "organisation_id": str(desk.customer.pk),
    }  # fmt: skip


def cases(operation: Any, desk: Any) -> Iterator[tuple[Any, int]]:
    """Yield strategies: sound and unsound requests, about things that exist and about anything."""
    known = real(desk)
    names = [one.name for one in operation.path_parameters]
    ours = {name: known[name] for name in names if name in known}
    if "/policies/" in operation.path and "slug" in ours:
        ours["slug"] = "quick"
    there = {"path_parameters": ours} if ours and set(ours) == set(names) else {}
    yield operation.as_strategy(GenerationMode.POSITIVE, **there), ROUNDS
    yield operation.as_strategy(GenerationMode.NEGATIVE, **there), ROUNDS
    if there:
        yield operation.as_strategy(GenerationMode.POSITIVE), 2


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Keep the test's connection open: the handler closes it after each request, as Django's own test client knows."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
def test_nothing_that_can_be_sent_is_answered_by_a_fault_or_in_an_undocumented_way(  # type: ignore[no-untyped-def]
    desk, settings: Any
) -> None:
    settings.API_RATE = 0
    settings.ALLOWED_HOSTS = ["*"]
    rate.forget()
    # Whoever may do least comes first. Making a request up takes longer than answering it: both send the same ones.
    tokens = [_token(person, desk) for person in (desk.requester, desk.admin)]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=SchemathesisConfig())
    walked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        walked += 1
        for strategy, rounds in cases(operation, desk):
            _walk(strategy, rounds, tokens)
    assert walked >= 50


def _token(person: Any, desk: Any) -> str:
    return people.make_token(owner=person, name="fuzz", scopes=[Scope.ADMIN], by=person, now=desk.now)[0]


def _walk(strategy: Any, rounds: int, tokens: list[str]) -> None:
    @given(case=strategy)
    @settings(
        max_examples=rounds,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def walk(case: Any) -> None:
        for token in tokens:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    walk()
