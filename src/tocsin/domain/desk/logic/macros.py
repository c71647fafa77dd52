"""Filling in a macro: {{ variable }} and nothing else. Whatever stands in a ticket stays text (no template engine)."""

import re
from collections.abc import Mapping

VARIABLES = {
    "requester": "name of the requester",
    "requester_first": "first name of the requester",
    "customer": "the customer's name",
    "reference": "T-1001",
    "subject": "the ticket's subject",
    "service": "the service",
    "owner": "name of the owner",
    "me": "your name",
    "my_first": "your first name",
    "team": "the ticket's team",
    "next_update": "when the next update is promised, in the requester's time",
}
_VARIABLE = re.compile(r"\{\{\s*([a-z_]{1,40})\s*(?:\|([^{}]{0,80}))?\}\}")


def unknown(body: str) -> list[str]:
    """Return the variables in `body` that do not exist, in order."""
    return [match[1] for match in _VARIABLE.finditer(body) if match[1] not in VARIABLES]


def fill(body: str, values: Mapping[str, str]) -> str:
    """Return `body` with its variables filled in; what is unknown or empty becomes its default ({{ name|there }}) or "".

    One pass: a value that looks like a variable is not filled in again.
    """
    return _VARIABLE.sub(lambda match: values.get(match[1], "") or (match[2] or "").strip(), body)
