"""One operation of the API: who may call it, what it takes and answers. Every way in goes through `Served.__call__`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.operation import Operation, PathView
from pydantic import BaseModel

from tocsin.api import etags, idempotency, rate
from tocsin.api.auth import Caller, caller_of
from tocsin.api.problems import Refused, problem_of
from tocsin.domain.people.enums import Scope
from tocsin.kernel.ids import new_id

READING = ("GET", "HEAD")
JSON = "application/json"
ONLY_JSON = "Content-Security-Policy"
REQUEST_ID = "X-Request-Id"


class ApiRequest(HttpRequest):
    """A request whose caller is known."""

    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of an operation beside its parameters: for the gate, and for its description."""

    scope: str
    status: int
    conditional: bool  # takes If-Match


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its headers: for those that say more than a body."""

    body: BaseModel
    version: str = ""
    location: str = ""


type Handler = Callable[..., BaseModel | Answered | None]


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    scope: Scope | str,
    answer: Any,
    status: int = 200,
    conditional: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a function as an operation. It takes the request first, then its parameters by ninja's rules.

    `scope`: what a token must have been made for. `answer`: the model it returns (None: nothing, 204).
    Its name is the operation's id, its docstring the description: the first line is the summary.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def called(request: HttpRequest, **values: Any) -> HttpResponse:
            return _written(handler(request, **values), status)

        lines = (handler.__doc__ or "").strip().split("\n", maxsplit=1)
        called.told = Told(scope=scope, status=status, conditional=conditional)  # type: ignore[attr-defined]  # read by Served
        router.add_api_operation(
            path, [method], called, auth=None, response={status: answer}, operation_id=handler.__name__,
            summary=lines[0].rstrip("."), description=" ".join(lines[-1].split()), url_name=f"api_{handler.__name__}",
        )  # fmt: skip
        return handler

    return decorate


def told_of(operation: Operation) -> Told:
    found: Told = operation.view_func.told  # type: ignore[attr-defined]  # set by `operation`
    return found


def _written(result: BaseModel | Answered | None, status: int) -> HttpResponse:
    """Return a handler's result as it travels; pydantic writes it in one step."""
    if result is None:
        return HttpResponse(status=status)
    answered = result if isinstance(result, Answered) else Answered(result)
    body = answered.body.__pydantic_serializer__.to_json(answered.body)
    response = HttpResponse(body, status=status, content_type=JSON)
    response.headers["ETag"] = etags.etag_of(body, answered.version)
    if answered.location:
        response.headers["Location"] = answered.location
    return response


class Served:
    """The view of one path: gate, operation, headers. Carries what the sign-in and the permission table ask for."""

    def __init__(self, path_view: PathView) -> None:
        self._operations = {method: one for one in path_view.operations for method in one.methods}
        self._queries = {method: _query_of(one) for method, one in self._operations.items()}
        self.csrf_exempt = True  # a session's CSRF token is checked by api.auth; a bearer token needs none
        self.short_way = True
        self.login_required = False  # whoever is not known gets 401, not the sign-in page
        self.access = "token: " + ", ".join(
            f"{method} {told_of(one).scope or 'any'}" for method, one in self._operations.items()
        )

    def __call__(self, request: HttpRequest, **values: Any) -> HttpResponse:
        """Answer one request; never raises."""
        headers: dict[str, str] = {}
        try:
            response = self._answer(request, values, headers)
        except Exception as error:
            response = problem_of(request, error)
        return finished(request, response, headers)

    def _answer(self, request: HttpRequest, values: Mapping[str, Any], headers: dict[str, str]) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        found = self._operations.get(method)
        if found is None:
            allowed = ", ".join(sorted(self._operations))
            raise Refused(405, "method_not_allowed", f"Here one can {allowed}.", headers={"Allow": allowed})
        request.get_host()  # raises for a name that is not ours
        check_address(request, self._queries[method])
        caller = caller_of(request)
        allowance = rate.spend(caller.id, caller.now)
        headers |= allowance.headers() if allowance else {}
        caller.demand(told_of(found).scope)
        request.caller = caller  # type: ignore[attr-defined]  # ApiRequest
        if method == "GET":
            return found.run(request, **values)  # type: ignore[return-value]  # ours are whole responses
        check_body(request)
        key = idempotency.key_of(request) if method == "POST" else ""

        def act() -> HttpResponse:
            return found.run(request, **values)  # type: ignore[return-value]  # as above

        return idempotency.once(request, caller=caller.id, key=key, now=caller.now, act=act) if key else act()


def _query_of(operation: Operation) -> frozenset[str]:
    """Return which parameters the operation's address may have."""
    models = [one for one in operation.models if one.__ninja_param_source__ == "query"]
    return frozenset(name for one in models for name in one.__ninja_flatten_map__)


def check_address(request: HttpRequest, known: frozenset[str]) -> None:
    """Raise Refused for an address that holds what no text can hold, or a parameter that would be passed over."""
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise Refused(422, "bad_address", "The address holds a character that no text can hold.")
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        problem = f"There is no such parameter here. Known: {', '.join(sorted(known)) or 'none'}."
        raise Refused(422, "unknown_parameter", problem, dict.fromkeys(unknown, problem))


def check_body(request: HttpRequest) -> None:
    """Raise Refused for a body that is too large, or that is no JSON by its own word."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > settings.API_BODY:
        raise Refused(413, "too_large", f"A body may have {settings.API_BODY} bytes at most.")
    if request.body and request.content_type not in (JSON, "application/merge-patch+json"):
        raise Refused(415, "not_json", f"Send the body as Content-Type: {JSON}.")


def finished(request: HttpRequest, response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    """Add what every answer carries; answer 304 to whoever has it already."""
    if request.method == "HEAD":
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""
    if request.method in READING and response.status_code == 200 and etags.not_modified(request, response):
        etag = response.headers["ETag"]
        response = HttpResponse(status=304)
        response.headers["ETag"] = etag
        del response.headers["Content-Type"]
    given = request.headers.get(REQUEST_ID, "")
    is_id = 0 < len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
    response.headers[REQUEST_ID] = given if is_id else str(new_id())
    response.headers["Cache-Control"] = "private, no-cache" if request.method in READING else "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[ONLY_JSON] = "default-src 'none'; frame-ancestors 'none'"
    response.headers.setdefault("Vary", "Authorization, Cookie")
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
