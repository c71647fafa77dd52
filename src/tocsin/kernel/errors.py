"""The errors the business raises: {code, message, fields}.

TocsinError
  InvalidInput     a field is wrong: names it and the remedy (HTTP 400)
  NotAllowed       this person may not do this (HTTP 403)
  NotFound         absent, or not visible to this person (HTTP 404)
  Conflict         the state has moved on; nothing was changed (HTTP 409)
  Unavailable      something outside is missing; try later (HTTP 503)
"""

from collections.abc import Mapping


class TocsinError(Exception):
    """A refusal that a person can act on.

    `code` is a stable word for programs, `message` a sentence for people that says the
    remedy, `fields` maps a field's name to what is wrong with it.
    """

    status = 500

    def __init__(self, code: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})

    def as_dict(self) -> dict[str, object]:
        """Return the shape shared by API, CLI --json and pages."""
        return {"code": self.code, "message": self.message, "fields": self.fields}


class InvalidInput(TocsinError):
    status = 400


class NotAllowed(TocsinError):
    status = 403


class NotFound(TocsinError):
    status = 404


class Conflict(TocsinError):
    status = 409


class Unavailable(TocsinError):
    status = 503
