"""Sharing a redacted version with a customer, and taking it back."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import demand
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import RUNNERS, lock, tell
from tocsin.domain.reviews.logic.redaction import PARTS
from tocsin.domain.reviews.models import Share
from tocsin.domain.reviews.queries import access_share, redacted_document, setting
from tocsin.kernel.errors import InvalidInput
from tocsin.kernel.ids import new_id


@transaction.atomic
def share(*, review_id: UUID, parts: Collection[str], by: User, now: datetime) -> Share:
    """Fix a redacted version of chosen parts behind a signed link. Later changes of the review do not reach it."""
    found = lock(review_id)
    demand(by, rules.may_run_review, found, RUNNERS)
    wanted = [name for name in PARTS if name in parts]
    if not wanted or set(parts) - set(PARTS):
        problem = "Choose at least one of the parts."
        raise InvalidInput("parts", problem, {"parts": problem})
    made = Share.objects.create(
        id=new_id(), review=found, parts=wanted, document=redacted_document(found, wanted), made_at=now, made_by=by,
        expires_at=now + timedelta(days=setting().link_days),
    )  # fmt: skip
    tell(found, "review.shared", by, now, parts=wanted)
    return made


@transaction.atomic
def revoke_share(*, review_id: UUID, share_id: UUID, by: User, now: datetime) -> Share:
    """Take a shared version back: its link shows nothing from now on. Doing it again changes nothing."""
    found = lock(review_id)
    demand(by, rules.may_run_review, found, RUNNERS)
    shared = access_share(found, share_id)
    if shared.revoked_at is None:
        shared.revoked_at = now
        shared.save(update_fields=["revoked_at"])
        tell(found, "review.share_revoked", by, now)
    return shared
