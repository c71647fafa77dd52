"""Refusals as RFC 9457 problem details: {type, title, status, detail, code, message, fields}."""

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from tocsin.api.auth import NotAuthenticated
from tocsin.kernel.errors import TocsinError

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("django.request")


class Refused(TocsinError):
    """A refusal by the API itself, with its HTTP status and headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, fields)
        self.status = status
        self.headers = dict(headers or {})


def problem(error: TocsinError) -> HttpResponse:
    """Return a refusal as it travels."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        **error.as_dict(),
    }
    response = HttpResponse(json.dumps(body), status=error.status, content_type=MEDIA_TYPE)
    for name, value in getattr(error, "headers", {}).items():
        response.headers[name] = value
    if isinstance(error, NotAuthenticated):
        response.headers["WWW-Authenticate"] = 'Bearer realm="Tocsin", error="invalid_token"'
    return response


def refuse_body(request: HttpRequest, refused: Refused) -> Refused:
    """Keep on the request why its body cannot be read; return the same, to be raised."""
    request.body_refused = refused  # type: ignore[attr-defined]  # read by _refusal
    return refused


def problem_of(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return whatever was raised as a problem; what nobody foresaw is logged, and says nothing of itself."""
    return problem(_refusal(request, error))


def _refusal(request: HttpRequest, error: Exception) -> TocsinError:
    if isinstance(error, TocsinError):
        return error
    if isinstance(error, ValidationError):
        return _invalid(error.errors)
    if isinstance(error, HttpError):
        refused: TocsinError | None = getattr(request, "body_refused", None)
        return refused or Refused(error.status_code, "bad_request", str(error))
    if isinstance(error, (RequestDataTooBig, TooManyFieldsSent)):
        return Refused(413, "too_large", "The body is larger than this installation takes.")
    if isinstance(error, DisallowedHost):
        return Refused(400, "bad_host", "The Host header names another installation. See TOCSIN_ALLOWED_HOSTS.")
    log.error("Internal Server Error: %s", request.path, exc_info=error, extra={"status_code": 500, "request": request})
    message = (
        "Something went wrong here, and it was logged. Try again; if it stays, give the operator the request's id."
    )
    return Refused(500, "internal_error", message)


def _invalid(errors: Iterable[Mapping[str, Any]]) -> Refused:
    """Return what pydantic found as {place: problem}."""
    fields = {".".join(str(part) for part in one["loc"]): str(one["msg"]) for one in errors}
    fields = {_short(place): words for place, words in fields.items()}
    return Refused(422, "invalid_request", f"Correct {', '.join(fields) or 'the request'}.", fields)


def _short(place: str) -> str:
    """Return "body.subject" of "body.given.subject": the parameter's own name in our code is nobody's business."""
    parts = place.split(".")
    return ".".join([parts[0], *parts[2:]]) if parts[0] == "body" and len(parts) > 2 else place
