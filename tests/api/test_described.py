"""The description says what there is, and needs nothing from elsewhere."""

from typing import Any

import pytest
from django.test import Client

from tocsin.api.described import described
from tocsin.api.docs import reference
from tocsin.domain.people.enums import Scope
from tocsin.web.permission_table import routes


def operations() -> list[dict[str, Any]]:
    return [
        {**one, "method": method, "address": a} for a, m in described()["paths"].items() for method, one in m.items()
    ]


def test_it_is_openapi_3_1_and_every_operation_says_its_scope_and_refusals() -> None:
    assert described()["openapi"].startswith("3.1")
    scopes = {scope for one in operations() for scope in one["security"][0]["bearer"]}
    assert scopes == set(Scope.values) - {Scope.ADMIN, Scope.EVENTS_WRITE}
    for one in operations():
        assert {"400", "401", "403", "404", "422", "429"} <= set(one["responses"]), one["operationId"]
        if one["method"] == "get":
            assert "304" in one["responses"]
        else:
            assert {"409", "413", "415"} <= set(one["responses"])
        assert ("Idempotency-Key" in {p["name"] for p in one["parameters"]}) == (one["method"] == "post")
        assert ("412" in one["responses"]) == ("If-Match" in {p["name"] for p in one["parameters"]})
        assert one["summary"] and one["tags"]


def test_no_two_operations_share_a_name() -> None:
    names = [one["operationId"] for one in operations()]
    assert len(names) == len(set(names)) >= 45


@pytest.mark.django_db
def test_the_reference_names_every_operation_and_holds_no_script_or_style() -> None:
    page = Client().get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert all(f'id="{one["operationId"]}"' in text for one in operations())
    assert " style=" not in text and "<style" not in text and "https://cdn" not in text
    assert sum(len(group.entries) for group in reference()) == len(operations())


def test_every_route_of_the_api_stands_in_the_permission_table_with_its_scopes() -> None:
    marks = {route.path: route.access for route in routes() if route.access.startswith("token: ")}
    assert marks["/api/v1/tickets"] == "token: GET tickets:read, POST tickets:write"
    assert len(marks) == len(described()["paths"])
