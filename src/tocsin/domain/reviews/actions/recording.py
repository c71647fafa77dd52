"""One act on one review: lock, check, change, tell the journal."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import text
from tocsin.domain.reviews.enums import ReviewState
from tocsin.domain.reviews.models import Review
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

LONGEST = 100_000
WRITERS = "Reviews are written by those who work on tickets."
RUNNERS = "This is done by whoever facilitates the review, by leads, problem managers and escalation managers."


def lock(review_id: UUID) -> Review:
    """Lock a review until the transaction ends. Raises NotFound."""
    found = Review.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
    if found is None:
        raise NotFound("review_not_found", "There is no such review, or you may not see it.")
    return found


def writable(review_id: UUID) -> Review:
    """Lock a review that may be written on. Raises Conflict once it is signed off: what was signed stays as it is."""
    found = lock(review_id)
    if found.state == ReviewState.SIGNED_OFF:
        message = f"{found.reference} is signed off. Press “Change it” first; that begins version {found.version + 1}."
        raise Conflict("signed_off", message)
    return found


def tell(
    review: Review, kind: str, by: User | None, now: datetime, *, tickets: Collection[UUID] = (), **data: Any
) -> None:
    """Journal something on a review, and on the tickets that should show it."""
    actor = "system" if by is None else f"person:{by.pk}"
    told = {"review": review.reference, "title": review.title, **data}
    streams = [f"review:{review.pk}", *(f"ticket:{pk}" for pk in sorted(tickets))]
    record_many([Fact(stream=stream, kind=kind, at=now, actor=actor, data=told) for stream in streams])


def tickets_of(review: Review) -> set[UUID]:
    return set(review.escalations.values_list("ticket_id", flat=True))


def touch(review: Review, now: datetime) -> None:
    review.updated_at = now
    review.save(update_fields=["updated_at"])


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('reviews_number')")
        return int(cursor.fetchone()[0])


def web_address(name: str, value: str) -> str:
    """Return a whole web address or "". Raises InvalidInput for anything else (no script, no file)."""
    cleaned = text(name, value, 500)
    if cleaned:
        try:
            URLValidator(schemes=["http", "https"])(cleaned)
        except ValidationError:
            problem = "Give a whole web address, beginning with https://."
            raise InvalidInput("bad_url", problem, {name: problem}) from None
    return cleaned


def chosen(name: str, value: str, choices: Collection[str], *, optional: bool = False) -> str:
    """Return a stored word. Raises InvalidInput if it is none of `choices`."""
    if value in choices or (optional and not value):
        return value
    raise InvalidInput(f"bad_{name}", f"Choose one of: {', '.join(choices)}.", {name: "Choose one of those offered."})
