"""The workaround to everybody who waits for one: a public reply on every linked open ticket, in one act that can be undone."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk import actions as desk
from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.opening import RUNNERS
from tocsin.domain.problems.actions.recording import demand, lock, tell, text
from tocsin.domain.problems.models import Push
from tocsin.domain.problems.queries.reading import waiting_for_workaround
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

UNDO = timedelta(seconds=60)  # longer than for one reply: it goes to many
NAME = "{name}"


@transaction.atomic
def push_workaround(*, problem_id: UUID, body: str, by: User, now: datetime, expected_count: int | None = None) -> Push:
    """Reply publicly on every linked open ticket that has not had this text yet. They leave `UNDO` later.

    `{name}` in the text becomes the requester's name. With `expected_count` (what the preview showed) Conflict if there
    are more or fewer by now; InvalidInput if nobody waits for it.
    """
    found = lock(problem_id)
    demand(by, rules.may_run_problem, found, RUNNERS)
    words = text("body", body, 100_000, required=True)
    waiting = waiting_for_workaround(found.pk, words)
    if not waiting:
        raise InvalidInput(
            "nobody_waits", "No linked open ticket waits for this text.", {"body": "Everybody has it already."}
        )
    if expected_count is not None and expected_count != len(waiting):
        raise Conflict("preview_is_old", f"There are {len(waiting)} tickets by now. Look at the list again, then send.")
    bodies = {one.pk: words.replace(NAME, one.requester.name if one.requester else "") for one in waiting}
    held = desk.hold_many(bodies=bodies, by=by, now=now, undo=UNDO)
    push = Push.objects.create(
        id=new_id(), problem=found, body=words, by=by, at=now, sent_at=now + UNDO, held=[str(pk) for pk in held]
    )
    push.tickets.set(waiting)
    if not found.workaround:
        found.workaround = words
    found.updated_at = now
    found.save()
    tell(found, "problem.workaround_sent", by, now, count=len(waiting))
    return push


@transaction.atomic
def take_push_back(*, push_id: UUID, by: User, now: datetime) -> int:
    """Take back the replies of a push that have not left yet; return how many. Raises Conflict if all have left."""
    problem = Push.objects.filter(pk=push_id, by=by).values_list("problem_id", flat=True).first()
    if problem is None:
        raise NotFound("push_not_found", "There is no such message of yours.")
    found = lock(problem)
    push = Push.objects.get(pk=push_id)
    dropped = desk.drop_held(held_ids=[UUID(pk) for pk in push.held], by=by)
    if not dropped:
        raise Conflict("already_sent", "It has been sent. Write another reply to put it right.")
    push.taken_back_at = now
    push.save(update_fields=["taken_back_at"])
    tell(found, "problem.workaround_taken_back", by, now, count=dropped)
    return dropped
