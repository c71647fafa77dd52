"""The whole API: its operations by address, and the short way to them past what only pages need."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, path
from django.urls.resolvers import RegexPattern
from ninja import NinjaAPI
from ninja.parser import Parser
from pydantic_core import from_json

from tocsin.api import etags
from tocsin.api.operation import Served
from tocsin.api.operations import ROUTERS
from tocsin.api.problems import Refused, problem_of, refuse_body
from tocsin.kernel.errors import Conflict

PREFIX = "api/v1"
VERSION = "1.0"
_LONE_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

type Next = Callable[[HttpRequest], HttpResponse]


class StrictJson(Parser):
    """JSON as the standard has it: no NaN, no lone surrogates, no NUL (PostgreSQL stores none).

    Ninja answers whatever is raised here in words of its own; `problems` finds ours on the request.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            raise refuse_body(request, Refused(400, "bad_json", f"The body is no JSON: {error}.")) from None
        if _LONE_NUL.search(request.body):
            message = "A text in the body holds a NUL character, which cannot be stored."
            raise refuse_body(request, Refused(422, "bad_character", message))
        return found


class Api(NinjaAPI):
    """Ninja reads parameters and bodies and describes them; gate, answers and refusals are ours."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Return a refusal; 412 instead of 409 to whoever said by If-Match what they had seen."""
        if isinstance(exc, Conflict) and exc.code == "ticket_changed" and "If-Match" in request.headers:
            return problem_of(request, etags.stale(exc.message))
        return problem_of(request, exc)


def _made() -> Api:
    made = Api(title="Tocsin", version=VERSION, openapi_url=None, docs_url=None, parser=StrictJson())
    for tag, router in ROUTERS.items():
        made.add_router("", router, tags=[tag])
    return made


api = _made()


def _patterns() -> list[URLPattern]:
    """Return one pattern for each address, whatever router its operations stand in."""
    found = []
    for bound in api._get_bound_routers():
        for route, path_view in bound.path_operations.items():
            served = Served(path_view)
            name = path_view.operations[0].url_name
            found.append(path(f"{PREFIX}/{_django(route)}", served, name=name))
    return found


def _django(route: str) -> str:
    """Return ninja's {uuid:id} as Django's <uuid:id>."""
    return re.sub(r"\{([^}]+)\}", r"<\1>", route.lstrip("/")).replace("<uuidstr:", "<uuid:")


patterns = _patterns()


class ShortWay:
    """Answer programs without sessions, languages and whatever else stands between pages and browsers.

    Stands first among the middlewares. Only requests with an Authorization to a view that says `short_way` go it;
    such a view knows its caller by itself. Those of a browser's session need the others.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(f"/{PREFIX}/") and "HTTP_AUTHORIZATION" in request.META:
            try:
                match = self._resolver.resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            request.resolver_match = match
            return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]  # a view's answer
        return self.get_response(request)

    @cached_property
    def _resolver(self) -> URLResolver:
        short = [one for one in get_resolver().url_patterns if getattr(one.callback, "short_way", False)]
        return URLResolver(RegexPattern(r"^/"), short)
