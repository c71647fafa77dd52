"""The API's own description: OpenAPI 3.1, written from the operations themselves."""

from functools import cache
from http import HTTPStatus
from typing import Any

from ninja.operation import Operation

from tocsin.api import idempotency
from tocsin.api.operation import REQUEST_ID, told_of
from tocsin.api.problems import MEDIA_TYPE
from tocsin.api.serving import PREFIX, api
from tocsin.domain.people.enums import Scope

EVERY = (400, 401, 403, 404, 422, 429)
CHANGING = (409, 413, 415)
CONDITIONAL = 412
WHEN = {
    400: "Something given is wrong; `fields` names what, and the remedy.",
    401: "Nobody is known by what was sent.",
    403: "The token lacks the scope, or its person may not do this.",
    404: "There is no such thing, or the caller may not see it.",
    409: "The state has moved on; nothing was changed.",
    412: "It was changed since the If-Match was read; nothing was changed.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request is not of the form described here, or an Idempotency-Key was used for another one.",
    429: "The token has used up its requests of this minute; Retry-After says how long to wait.",
}
INTRODUCTION = """\
The same actions that the pages use, for programs. Send `Authorization: Bearer <token>`; tokens are made under Account,
API tokens, with the scopes they need, and act as their person: what that person may not see does not exist (404).

Refusals are RFC 9457 problem details with `code` (a stable word), `message` (a sentence with the remedy) and `fields`.
Lists come in pages: give `next` as `cursor` for the following one. POST takes an `Idempotency-Key`: sent again within
24 hours, the same request is answered as the first time and not done again. Answers carry an `ETag`; send it as
`If-None-Match` to get 304 while nothing has changed, and as `If-Match` to change a ticket only as you know it.
Times are UTC."""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "message", "fields"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "the same as `message`"},
        "code": {"type": "string", "description": "a stable word for programs"},
        "message": {"type": "string", "description": "a sentence for people that says the remedy"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "what is wrong with which field",
        },
    },
}
_LIMITS = {
    "RateLimit-Limit": ("requests in a minute", "integer"),
    "RateLimit-Remaining": ("how many are left, at least", "integer"),
    "RateLimit-Reset": ("seconds until the next minute", "integer"),
    REQUEST_ID: ("of this request: the one that was sent, or a new one", "string"),
}


@cache
def described() -> dict[str, Any]:
    """Return the whole document."""
    found = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    told = {one.operation_id: one for one in _operations()}
    for methods in found["paths"].values():
        for method, one in methods.items():
            _complete(one, method.upper(), told[one["operationId"]])
    components = found["components"]
    components["schemas"]["Problem"] = _PROBLEM
    components["headers"] = {
        name: {"description": words, "schema": {"type": kind}} for name, (words, kind) in _LIMITS.items()
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "; ".join(f"{s.value}: {s.label}" for s in Scope)},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "sessionid",
            "description": "a browser's own session; anything but reading needs X-CSRFToken",
        },
    }  # fmt: skip
    found["info"]["description"] = INTRODUCTION
    found["servers"] = [{"url": "/"}]
    return found


def _operations() -> list[Operation]:
    return [
        one
        for bound in api._get_bound_routers()
        for path_view in bound.path_operations.values()
        for one in path_view.operations
    ]


def _complete(one: dict[str, Any], method: str, operation: Operation) -> None:
    """Add to what ninja knows: who may call, headers, refusals."""
    told = told_of(operation)
    one["security"] = [{"bearer": [told.scope] if told.scope else []}, {"session": []}]
    answers = {str(status): answer for status, answer in one["responses"].items()}
    for status, answer in answers.items():
        answer["description"] = HTTPStatus(int(status)).phrase
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _LIMITS}
    refusals = [*EVERY, *(() if method == "GET" else CHANGING), *((CONDITIONAL,) if told.conditional else ())]
    for status in sorted(refusals):
        answers[str(status)] = {
            "description": WHEN[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method == "GET":
        answers["304"] = {"description": "Nothing has changed since the ETag of If-None-Match."}
    one["responses"] = dict(sorted(answers.items()))
    for name, words, longest in _headers(method, conditional=told.conditional):
        schema: dict[str, Any] = {"type": "string", "maxLength": longest}
        if name == idempotency.HEADER:
            schema |= {"minLength": 1, "pattern": f"^{idempotency.PATTERN}$"}
        one["parameters"].append(
            {"in": "header", "name": name, "required": False, "description": words, "schema": schema}
        )
    one["description"] = one.get("description", "")


def _headers(method: str, *, conditional: bool) -> list[tuple[str, str, int]]:
    found = []
    if method == "GET":
        found.append(("If-None-Match", "ETag of what the caller has: 304 while it is the same", 2_000))
    if method == "POST":
        words = "a word of the caller's own, such as a UUID: the same request sent again is not done again"
        found.append((idempotency.HEADER, words, idempotency.LONGEST_KEY))
    if conditional:
        found.append(("If-Match", "ETag of the ticket as the caller knows it: 412 if it was changed since", 2_000))
    return found
