"""The description as JSON for programs, and as a page for people: our own, so that it needs nothing from elsewhere."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.api.described import INTRODUCTION, WHEN, described
from tocsin.api.etags import etag_of, not_modified
from tocsin.domain.people.enums import Scope


@dataclass(frozen=True, slots=True)
class Line:
    """A parameter, or a field of a schema."""

    name: str
    kind: str
    where: str  # of a parameter: path, query, header
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation in the reference."""

    id: str
    method: str
    address: str
    summary: str
    words: str
    scope: str
    parameters: list[Line]
    body: str
    answer: str
    status: str
    refusals: list[str]

    @property
    def parts(self) -> list[str]:
        """The address by its steps: narrow screens break it between them."""
        return self.address.strip("/").split("/")


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    anchor: str
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema."""

    name: str
    words: str
    lines: list[Line]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The document itself."""
    body, etag = _document()
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
    if not_modified(request, response):
        return HttpResponse(status=304, headers={"ETag": etag})
    return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference."""
    context = {
        "groups": reference(), "shapes": shapes(), "scopes": [(s.value, s.label) for s in Scope],
        "paragraphs": _plain(INTRODUCTION).split("\n\n"),
        "refusals": [(status, _plain(words)) for status, words in sorted(WHEN.items())],
        "base_url": settings.BASE_URL or "https://tocsin.example",
    }  # fmt: skip
    return render(request, "api/reference.html", context)


def _plain(words: str) -> str:
    """Return a text without the marks that OpenAPI's readers make code of."""
    return words.replace("`", "")


for _view in (openapi, docs):
    _view.access = "public"  # type: ignore[attr-defined]  # what the API is, is no secret; read by the permission table
    _view.login_required = False  # type: ignore[attr-defined]  # read by the sign-in's middleware


@cache
def _document() -> tuple[bytes, str]:
    body = json.dumps(described(), indent=1).encode()
    return body, etag_of(body)


@cache
def reference() -> list[Group]:
    """Return the operations by their headings, in the order of the code."""
    groups: dict[str, Group] = {}
    for address, methods in described()["paths"].items():
        for method, one in methods.items():
            tag = one["tags"][0]
            group = groups.setdefault(tag, Group(tag, tag.lower().replace(" ", "-")))
            group.entries.append(_entry(address, method.upper(), one))
    return list(groups.values())


@cache
def shapes() -> list[Shape]:
    """Return the schemas by name."""
    found = []
    for name, one in sorted(described()["components"]["schemas"].items()):
        required = one.get("required", [])
        lines = [
            Line(key, _kind(value), "", key in required, value.get("description", ""))
            for key, value in one.get("properties", {}).items()
        ]
        found.append(Shape(name, one.get("description", ""), lines))
    return found


def _entry(address: str, method: str, one: dict[str, Any]) -> Entry:
    parameters = [
        Line(p["name"], _kind(p["schema"]), p["in"], bool(p["required"]), p.get("description", ""))
        for p in one["parameters"]
    ]
    status = next(code for code in one["responses"] if code.startswith("2"))
    answer = one["responses"][status].get("content", {}).get("application/json", {}).get("schema", {})
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    scopes = one["security"][0]["bearer"]
    return Entry(
        id=one["operationId"], method=method, address=address, summary=one["summary"],
        words="" if one["description"].rstrip(".") == one["summary"] else one["description"],
        scope=scopes[0] if scopes else "", parameters=parameters, body=_kind(body) if body else "",
        answer=_kind(answer) if answer else "", status=status,
        refusals=[code for code in one["responses"] if code[0] in "34"],
    )  # fmt: skip


def _kind(schema: dict[str, Any]) -> str:  # noqa: PLR0911 - one answer for each form a schema has
    """Return a schema in a few words: "Ticket", "string", "list of Step", "one of open, closed"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) or '""' for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("type", "any value"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return f"{kind}, {schema['format']}" if "format" in schema else kind
