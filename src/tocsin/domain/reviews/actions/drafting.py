"""Drafting a review: its timeline from the journal, a summary, who takes part, what is talked about."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal import queries as journal
from tocsin.domain.journal.models import Entry
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.problems.actions.recording import demand
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import WRITERS, tell, touch, writable
from tocsin.domain.reviews.logic.durations import spoken
from tocsin.domain.reviews.logic.moments import tell as told
from tocsin.domain.reviews.models import Moment, Review
from tocsin.domain.reviews.queries import paged_of, promises_of, spans_of
from tocsin.domain.tickets.models import Message
from tocsin.kernel.ids import new_id

MOST_ENTRIES = 20_000
AGENDA = """1. What happened: read the timeline together, correct it
2. What went well
3. Why: ask until the answer is something that can be changed
4. What each party saw differently
5. Corrective actions: who, by when, how we shall know"""


def draft_due(*, now: datetime, limit: int = 20) -> int:
    """Draft the reviews that rules have started; return how many."""
    due = list(
        Review.objects.filter(draft_due_at__lte=now).order_by("draft_due_at").values_list("pk", flat=True)[:limit]
    )
    return sum(_draft_one(pk, now) for pk in due)


@transaction.atomic
def _draft_one(pk: UUID, now: datetime) -> int:
    found = Review.objects.select_for_update(skip_locked=True).filter(pk=pk, draft_due_at__lte=now).first()
    if found is None:
        return 0
    draft(found, now)
    return 1


def draft(review: Review, now: datetime) -> None:
    """Write the first version of everything that can be known. What people wrote meanwhile stays."""
    found = list(
        review.escalations.select_related("ticket__organisation", "ticket__owner", "policy", "run").order_by(
            "opened_at"
        )
    )
    for one in found:
        _gather(review, one)
    review.summary = review.summary or "\n\n".join(_summary(review, one) for one in found)
    review.agenda = review.agenda or AGENDA
    review.draft_due_at = None
    review.updated_at = now
    review.save(update_fields=["summary", "agenda", "draft_due_at", "updated_at"])
    review.participants.add(*_those_who_were_there(found))
    tell(review, "review.drafted", None, now, moments=review.moments.count())


@transaction.atomic
def gather(*, review_id: UUID, by: User, now: datetime) -> int:
    """Take what has happened since the draft into the timeline's offers; return how many. Nothing picked changes."""
    found = writable(review_id)
    demand(by, rules.may_write_reviews, None, WRITERS)
    added = sum(_gather(found, one) for one in found.escalations.all())
    touch(found, now)
    return added


def _gather(review: Review, escalation: Escalation) -> int:
    stream = f"ticket:{escalation.ticket_id}"
    last = review.moments.filter(stream=stream).order_by("-position").values_list("position", flat=True).first() or 0
    entries = journal.entries(stream, after=last, limit=MOST_ENTRIES)
    names = _names(entries)
    bodies = _bodies(entries)
    rows = []
    for entry in entries:
        who = names.get(entry.actor, "Tocsin")
        line = told(entry.kind, entry.data, who, names, bodies.get(str(entry.data.get("message", "")), ""))
        if line is not None:
            rows.append(Moment(
                id=new_id(), review=review, stream=stream, position=entry.position, at=entry.at, text=line.text,
                picked=line.picked, internal=line.internal,
            ))  # fmt: skip
    return len(Moment.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000))


def _names(entries: list[Entry]) -> dict[str, str]:
    actors = {one.actor for one in entries}
    for one in entries:
        actors |= {f"person:{one.data[key]}" for key in ("by", "person", "after_owner", "owner") if one.data.get(key)}
    return people.names_of_actors({actor.replace("person:person:", "person:") for actor in actors})


def _bodies(entries: list[Entry]) -> dict[str, str]:
    ids = [one.data["message"] for one in entries if one.kind == "message.added" and one.data.get("message")]
    return {str(pk): body for pk, body in Message.objects.filter(pk__in=ids).values_list("pk", "body")}


def _summary(review: Review, one: Escalation) -> str:
    """Return two or three sentences of plain facts, to be rewritten by people."""
    ticket = one.ticket
    customer = f" of {ticket.organisation.name}" if ticket.organisation else ""
    reason = one.reason_text or one.get_reason_display().lower()
    parts = [f"{ticket.reference} “{ticket.subject}”{customer} was escalated by {one.policy.name}: {reason}."]
    figures = {span.key: span.elapsed for span in spans_of(review, one)}
    paged = {line.person for line in paged_of(one)}
    if paged:
        count = "one person was" if len(paged) == 1 else f"{len(paged)} people were"
        after = f"; it was acknowledged after {spoken(figures['acknowledge'])}" if figures["acknowledge"] else ""
        parts.append(f"{count.capitalize()} paged{after}.")
    if figures["resolve"]:
        parts.append(f"It was resolved {spoken(figures['resolve'])} after it was opened.")
    broken = sum(promise.state == "broken" for promise in promises_of(one))
    if broken:
        parts.append(f"{broken} promise{'s were' if broken > 1 else ' was'} not kept.")
    if one.outcome:
        parts.append(one.outcome.strip())
    return " ".join(parts)


def _those_who_were_there(found: list[Escalation]) -> set[User]:
    ids = {one.ticket.owner_id for one in found}
    for one in found:
        kind, _, pk = one.opened_by.partition(":")
        ids |= {UUID(pk)} if kind == "person" else set()
        acknowledger = one.run.state.get("acknowledger")
        ids |= {UUID(str(acknowledger))} if acknowledger else set()
    return {
        one
        for one in User.objects.filter(pk__in=[pk for pk in ids if pk is not None], is_active=True)
        if is_staff.test(one)
    }
