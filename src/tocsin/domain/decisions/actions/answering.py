"""Answering what was beyond somebody's limit: approved, refused, withdrawn, or run out."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.decisions.actions.deciding import named, note_taken
from tocsin.domain.decisions.actions.telling import tell_asker
from tocsin.domain.decisions.enums import RequestState
from tocsin.domain.decisions.models import Request, Taken
from tocsin.domain.decisions.queries import catalogue, on_tickets
from tocsin.domain.decisions.rules import may_withdraw_request
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import Recording, begin, finish, text
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.events import StatusChanged
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, NotAllowed, NotFound


@transaction.atomic
def answer_request(*, request_id: UUID, approve: bool, answer: str, by: User, now: datetime) -> Request:
    """Approve (the decision is taken there and then, as the asker's) or refuse, with a reason in words.

    Only who was asked, or whose own right reaches as far, may answer; never the asker. Answering again in the same
    way changes nothing. Raises Conflict when it has ended otherwise or run out.
    """
    recording, request = _begin_on(request_id, by, now)
    wanted = RequestState.APPROVED if approve else RequestState.REFUSED
    if request.state == wanted and request.answered_by_id == by.pk:
        return request
    _check_open(request, now)
    if by.pk == request.asked_by_id:
        raise NotAllowed("own_request", "Nobody approves what they ask for themselves. Wait for the answer.")
    if not on_tickets.may_answer(request, by):
        names = ", ".join(one.name for one in request.asked_of.all())
        raise NotAllowed("not_asked", f"This is beyond your own limit, and you were not asked. Ask {names}.")
    words = text("answer", answer, limit=5_000, required=not approve)
    _end(request, wanted, now, by=by, answer=words)
    recording.fact(
        f"decision.{wanted}",
        request=request.pk,
        decision=request.decision.slug,
        name=request.decision.name,
        answer=words,
    )
    if approve:
        entry = catalogue.entry_of(request.decision)
        own = on_tickets.own_right(request, catalogue.standing_of(by))
        taken = Taken.objects.create(
            decision=request.decision, version=request.version, ticket=recording.ticket, by=request.asked_by,
            team=request.team, approved_by=by, request=request, amount=request.amount, reason=request.reason,
            record=request.record, right=named(own, entry)[:200] if own else request.as_who[:200], at=now,
        )  # fmt: skip
        note_taken(recording, taken, entry)
    finish(recording)
    tell_asker(request, now)
    return request


@transaction.atomic
def withdraw_request(*, request_id: UUID, by: User, now: datetime) -> Request:
    """Take a request back, by whoever asked. Withdrawing twice changes nothing."""
    recording, request = _begin_on(request_id, by, now)
    if not may_withdraw_request.test(by, request):
        raise NotAllowed("not_allowed", "Only whoever asked can withdraw it.")
    if request.state == RequestState.WITHDRAWN:
        return request
    _check_open(request, now)
    _end(request, RequestState.WITHDRAWN, now, by=by)
    recording.fact("decision.withdrawn", request=request.pk, name=request.decision.name)
    finish(recording)
    return request


@transaction.atomic
def expire_requests(*, now: datetime, limit: int) -> int:
    """End up to `limit` requests whose time is over and tell who asked. Returns how many were ended.

    Tickets that another worker holds are passed over, so any number of workers may do this side by side.
    """
    due = Request.objects.filter(due_at__lte=now)
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=due.order_by("due_at").values("ticket")[:limit]
    )
    held = {ticket.pk: ticket for ticket in tickets}
    rows = due.select_for_update(of=("self",)).filter(ticket__in=list(held)).order_by("ticket")
    ended = list(rows.select_related("decision", "asked_by", "ticket"))
    for request in ended:
        recording = Recording(ticket=held[request.ticket_id], now=now, actor="engine", by=None)
        _end(request, RequestState.EXPIRED, now)
        recording.fact("decision.expired", request=request.pk, name=request.decision.name)
        finish(recording)
        tell_asker(request, now)
    return len(ended)


def on_status_changed(event: StatusChanged) -> None:
    """Whatever is still asked for on a closed ticket is withdrawn: nobody need decide it any more."""
    if event.after != Status.CLOSED:
        return
    asked = Request.objects.select_for_update(of=("self",)).filter(ticket=event.ticket_id, state=RequestState.ASKED)
    for request in asked.select_related("decision", "asked_by", "ticket"):
        recording = begin(ticket_id=event.ticket_id, by=None, actor=event.actor, now=event.at)
        _end(request, RequestState.WITHDRAWN, event.at, answer="The ticket was closed.")
        recording.fact("decision.withdrawn", request=request.pk, name=request.decision.name)
        finish(recording)
        tell_asker(request, event.at)


def _begin_on(request_id: UUID, by: User, now: datetime) -> tuple[Recording, Request]:
    """Lock the ticket first, then the request. Raises NotFound for what `by` may not see."""
    found = on_tickets.access_request(by, request_id)
    absent = NotFound("request_not_found", "There is no such request, or you may not see it.")
    try:
        recording = begin(ticket_id=found.ticket_id, by=by, actor=None, now=now)
    except NotFound:
        raise absent from None
    rows = Request.objects.select_for_update(of=("self",)).select_related("ticket", "asked_by", "answered_by")
    request = rows.get(pk=request_id)
    request.decision = catalogue.decision_by_id(request.decision_id)
    return recording, request


def _check_open(request: Request, now: datetime) -> None:
    if request.state != RequestState.ASKED:
        said = request.get_state_display().lower()
        raise Conflict("request_ended", f"It is answered already: {said}. Nothing was changed.")
    if request.due_at is not None and request.due_at <= now:
        raise Conflict("request_expired", "The request has run out. Let it be asked for again.")


def _end(request: Request, state: str, now: datetime, *, by: User | None = None, answer: str = "") -> None:
    request.state, request.due_at, request.answered_at = state, None, now
    request.answered_by, request.answer = by, answer
    request.save(update_fields=["state", "due_at", "answered_at", "answered_by", "answer"])
