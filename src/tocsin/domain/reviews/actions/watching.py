"""Who has a review open, and what they are writing on: so that two do not write the same."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import demand
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import WRITERS, chosen
from tocsin.domain.reviews.enums import WritingOn
from tocsin.domain.reviews.models import Writing


@transaction.atomic
def see(*, review_id: UUID, part: str, by: User, now: datetime) -> None:
    """Note that `by` reads the review (no part) or writes on a part of it."""
    demand(by, rules.may_write_reviews, None, WRITERS)
    kept = {"part": chosen("part", part, WritingOn.values, optional=True), "seen_at": now}
    Writing.objects.update_or_create(review_id=review_id, user=by, defaults=kept)


@transaction.atomic
def leave(*, review_id: UUID, by: User) -> None:
    """Note that `by` has closed the page."""
    Writing.objects.filter(review=review_id, user=by).delete()
