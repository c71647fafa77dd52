"""A review's way: meeting, actions, sign-off; and a new version after it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import RUNNERS, lock, tell, tickets_of
from tocsin.domain.reviews.events import ReviewSignedOff
from tocsin.domain.reviews.logic import lifecycle
from tocsin.domain.reviews.logic.lifecycle import Act
from tocsin.domain.reviews.models import Review, SignOff
from tocsin.domain.reviews.queries import document_of
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id


def meet(*, review_id: UUID, by: User, now: datetime) -> Review:
    """The meeting begins."""
    return _move(review_id, Act.MEET, by, now)


def finish_meeting(*, review_id: UUID, by: User, now: datetime) -> Review:
    """The meeting is over: what is left are the actions and the signature."""
    return _move(review_id, Act.FINISH, by, now)


@transaction.atomic
def revise(*, review_id: UUID, by: User, now: datetime) -> Review:
    """Begin a new version of a signed review. What was signed stays as it was signed."""
    found = _move(review_id, Act.REVISE, by, now)
    found.version += 1
    found.save(update_fields=["version"])
    return found


@transaction.atomic
def _move(review_id: UUID, act: Act, by: User, now: datetime) -> Review:
    found = lock(review_id)
    demand(by, rules.may_run_review, found, RUNNERS)
    before = found.state
    try:
        found.state = lifecycle.after(found.state, act)
    except lifecycle.Refused as refused:
        raise Conflict("wrong_state", f"{found.reference}: {refused}") from None
    if act is Act.MEET and found.meeting_at is None:
        found.meeting_at = now
    found.updated_at = now
    found.save(update_fields=["state", "updated_at", "meeting_at"])
    tell(found, "review.moved", by, now, before=before, after=found.state)
    return found


@transaction.atomic
def sign_off(*, review_id: UUID, by: User, now: datetime, word: str = "") -> SignOff:
    """Sign a version: all that it says is kept as it stands. Open actions stay open and are followed up.

    Raises InvalidInput for what a review still needs, Conflict if it is signed already.
    """
    found = _move(review_id, Act.SIGN, by, now)
    wanted = lifecycle.missing(
        summary=found.summary, contributing=found.causes.filter(contributing=True).count(),
        facilitator=found.facilitator_id is not None,
    )  # fmt: skip
    if wanted:
        raise InvalidInput("not_yet", " ".join(wanted), {"review": " ".join(wanted)})
    signed = SignOff.objects.create(
        id=new_id(), review=found, version=found.version, by=by, at=now, word=text("word", word, 500),
        document=document_of(found),
    )  # fmt: skip
    tell(found, "review.signed_off", by, now, tickets=tickets_of(found), version=found.version)
    publish(ReviewSignedOff(review_id=found.pk, version=found.version, at=now))
    return signed
