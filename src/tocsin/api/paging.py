"""Pages by cursor: where the last one ended, not how many came before, so that nothing is shown twice or left out when
rows are added meanwhile."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet

from tocsin.api.problems import Refused

LARGEST = 200
USUAL = 50
SALT = "tocsin.api.cursor"


def page_of[M: Model](
    rows: QuerySet[M], *, order: Sequence[str], limit: int, cursor: str, sort: str = ""
) -> tuple[list[M], str]:
    """Return up to `limit` rows after `cursor` ("" for the first ones) and the next cursor, "" at the end.

    `order` names columns that are never null, "-" for descending; together they must be unique. `sort` stands in the
    cursor: one of another order is refused. Raises Refused (400) for what is no cursor.
    """
    if cursor:
        rows = rows.filter(_after(order, _read(cursor, sort, len(order))))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], _write(sort, [_value(last, name) for name in order])


def cut[T](
    rows: Sequence[T], *, limit: int, cursor: str, key: Callable[[T], str], sort: str = ""
) -> tuple[list[T], str]:
    """Return the same of a short list that is at hand as a whole, in order of `key` (unique)."""
    ordered = sorted(rows, key=key)
    if cursor:
        (last,) = _read(cursor, sort, 1)
        ordered = [row for row in ordered if key(row) > str(last)]
    page = ordered[:limit]
    return page, _write(sort, [key(page[-1])]) if len(ordered) > limit else ""


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition "later in this order than these values"."""
    found = Q()
    for place in range(len(order)):
        same = {order[i].lstrip("-"): values[i] for i in range(place)}
        name, falling = order[place].lstrip("-"), order[place].startswith("-")
        found |= Q(**same) & Q(**{f"{name}__{'lt' if falling else 'gt'}": values[place]})
    return found


def _value(row: Model, name: str) -> Any:
    value = getattr(row, name.lstrip("-"))
    if isinstance(value, datetime):
        return {"at": value.astimezone(UTC).isoformat()}
    return str(value) if isinstance(value, UUID) else value


def _write(sort: str, values: list[Any]) -> str:
    return signing.dumps([sort, values], salt=SALT)


def _read(cursor: str, sort: str, many: int) -> list[Any]:
    """Return the values of a cursor. It is signed, so what stands in it is what we wrote."""
    try:
        found_sort, values = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        found_sort, values = None, []
    if found_sort != sort or len(values) != many:
        message = "This is no cursor of this list in this order. Begin without one, or repeat `next` as it was given."
        raise Refused(400, "bad_cursor", message, {"cursor": message})
    return [datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value for value in values]
