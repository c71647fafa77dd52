"""The addresses of the API, for config/urls.py and the short way."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from tocsin.api.docs import docs, openapi
from tocsin.api.operation import finished
from tocsin.api.problems import Refused, problem
from tocsin.api.serving import PREFIX, patterns

NOWHERE = "There is nothing at this address. All of them stand at /api/docs."


def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer for every other address below the API's as the API does."""
    return finished(request, problem(Refused(404, "no_such_address", NOWHERE)), {})


nowhere.login_required = False  # type: ignore[attr-defined]  # read by the sign-in's middleware
nowhere.csrf_exempt = True  # type: ignore[attr-defined]  # it does nothing
nowhere.access = "public"  # type: ignore[attr-defined]  # read by the permission table

routes: list[URLPattern] = [
    path("api/docs", docs, name="api_docs"),
    path(f"{PREFIX}/openapi.json", openapi, name="api_openapi"),
    *patterns,
    re_path(rf"^{PREFIX}/[\s\S]*$", nowhere, name="api_nowhere"),
]
