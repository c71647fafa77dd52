"""Escalations: list, read, start, answer, end; what proves how they went."""

from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field, RootModel

from tocsin.api.operation import Answered, ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut, page_of
from tocsin.api.schemas import escalations as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Limit, Number, Page
from tocsin.domain.decisions import actions as decisions
from tocsin.domain.escalation import actions, proofs
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.lists import escalations_for
from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.domain.people.enums import Scope
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput, NotFound

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.ESCALATIONS_WRITE
STAFF = "Escalating is"


class EscalationFilters(Given):
    state: Literal["", "open", "resolved", "cancelled", "expired", "de_escalated", "refused"] = ""
    policy: str = Field("", max_length=80, description="slug")
    type: Literal["", "technical", "customer", "internal"] = ""
    ticket: Number | None = None
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


class Proof(RootModel[dict[str, Any]]):
    """The proof ledger: why each level fired or did not, who was resolved by which evidence, every attempt and answer."""


@operation(router, "GET", "/escalations", scope=READ, answer=Page[schema.Escalation])
def list_escalations(request: ApiRequest, filters: Query[EscalationFilters]) -> Page[schema.Escalation]:
    """List escalations, latest first, on tickets that the caller may see. For those who work here."""
    user = request.caller.user
    finding.demand_internals(request.caller, "Escalations are")
    found = escalations_for(
        user, state=filters.state, policy=filters.policy, type=filters.type, ticket=filters.ticket
    )  # fmt: skip
    rows, following = page_of(found, order=("-opened_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[shown.escalation(row) for row in rows], next=following)


@operation(router, "GET", "/escalations/{uuid:escalation_id}", scope=READ, answer=schema.Escalation)
def read_escalation(request: ApiRequest, escalation_id: UUID) -> schema.Escalation:
    """Read an escalation."""
    return shown.escalation(finding.access_escalation(request.caller, escalation_id))


@operation(router, "GET", "/escalations/{uuid:escalation_id}/proof", scope=READ, answer=Proof)
def read_proof(request: ApiRequest, escalation_id: UUID) -> Proof:
    """Read the proof ledger of an escalation, with the journal's hashes.

    Save it to a file, and `tocsin proof --check FILE` recomputes them.
    """
    found = finding.access_escalation(request.caller, escalation_id)
    return Proof(proofs.proof_of(found.pk))


@operation(router, "GET", "/tickets/{number}/ladders", scope=READ, answer=Page[schema.Ladder])
def list_ladders(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Ladder]:
    """Show how the escalations of a ticket stand, rung by rung: who was paged, who comes next and when."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, "Escalations are")
    rows = escalation.ladders(found.pk, caller.now, user=caller.user)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda row: f"{row.opened_at.isoformat()} {row.run_id}")
    return Page(items=[shown.ladder(row) for row in page], next=following)


@operation(router, "POST", "/tickets/{number}/escalations", scope=WRITE, answer=schema.Escalation, status=201)
def escalate_ticket(request: ApiRequest, number: Number, given: schema.NewEscalation) -> Answered:
    """Escalate by a person's judgement, which is always possible.

    The policy's first level may demand what was tried, the impact, or what is wanted.
    """
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, STAFF)
    brief = decisions.Brief(
        happened=given.happened, tried=given.tried, known=given.known, impact=given.impact, wanted=given.wanted
    )
    decision = finding.decision_of(caller, given.decision) if given.decision else None
    made = decisions.escalate(
        ticket_id=found.pk, policy=given.policy, by=caller.user, now=caller.now, type=given.type, reason=given.reason,
        reason_text=given.reason_text, direction=given.direction, brief=brief,
        decision_id=decision.pk if decision else None, amount=given.amount,
    )  # fmt: skip
    return Answered(shown.escalation(escalation.escalation_of(made.pk)), location=f"/api/v1/escalations/{made.pk}")


@operation(router, "POST", "/tickets/{number}/escalation-wishes", scope=WRITE, answer=schema.Begun, status=201)
def ask_for_escalation(request: ApiRequest, number: Number, given: schema.Wish) -> schema.Begun:
    """Ask for an escalation as the customer, in their own words."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    begun = actions.ask(ticket_id=found.pk, reason=given.reason, by=caller.user, now=caller.now)
    return schema.Begun(escalations=[one.pk for one in begun] if finding.sees_internals(caller) else [])


@operation(router, "POST", "/escalations/{uuid:escalation_id}/end", scope=WRITE, answer=schema.Escalation)
def end_escalation(request: ApiRequest, escalation_id: UUID, given: schema.Ending) -> schema.Escalation:
    """End an escalation as done, or call it off. Every page that has not gone out is withdrawn."""
    caller = request.caller
    finding.access_escalation(caller, escalation_id)
    finding.demand_staff(caller, STAFF)
    who: dict[str, Any] = {"escalation_id": escalation_id, "by": caller.user, "now": caller.now}
    if given.how == "resolve":
        actions.resolve_escalation(**who, outcome=given.outcome)
    else:
        actions.cancel(**who, reason=given.outcome)
    return shown.escalation(escalation.escalation_of(escalation_id))


@operation(router, "POST", "/escalations/{uuid:escalation_id}/completion", scope=WRITE, answer=schema.Escalation)
def complete_escalation(request: ApiRequest, escalation_id: UUID, given: schema.Completion) -> schema.Escalation:
    """Add what was tried, the impact, or what is wanted, as a level's gate may demand."""
    caller = request.caller
    finding.access_escalation(caller, escalation_id)
    actions.complete(
        escalation_id=escalation_id, by=caller.user, now=caller.now, tried=given.tried, impact=given.impact,
        wanted=given.wanted,
    )  # fmt: skip
    return shown.escalation(escalation.escalation_of(escalation_id))


@operation(router, "POST", "/escalations/{uuid:escalation_id}/answers", scope=WRITE, answer=schema.Answered)
def answer_escalation(request: ApiRequest, escalation_id: UUID, given: schema.NewAnswer) -> schema.Answered:
    """Answer an escalation: acknowledge, decline, take, snooze, call the next, approve, refuse.

    Idempotent: an answer that comes too late, twice, or for an earlier cycle changes nothing and says how things stand.
    """
    caller = request.caller
    run_id = finding.access_run(caller, escalation_id)
    by, now = caller.user, caller.now
    if given.verb == "approve":
        done = actions.approve(run_id=run_id, by=by, now=now)
    elif given.verb == "refuse":
        done = actions.refuse(run_id=run_id, by=by, now=now, reason=given.reason)
    else:
        if given.verb == "decline" and not given.reason.strip():
            problem = "Say in a word why you cannot, so that the next one knows."
            raise InvalidInput("reason_missing", problem, {"reason": problem})
        said = Said(Verb(given.verb), reason=given.reason, minutes=given.minutes)
        done = actions.answer_page(run_id=run_id, cycle=given.cycle, by=by, said=said, via="api", now=now)
    return schema.Answered(changed=done.changed, status=done.status, message=done.message)


@operation(router, "POST", "/escalations/{uuid:escalation_id}/after-reassign", scope=WRITE, answer=schema.Escalation)
def decide_after_reassign(request: ApiRequest, escalation_id: UUID, given: schema.Choice) -> schema.Escalation:
    """Say what becomes of an escalation whose ticket changed hands, where its policy asks."""
    caller = request.caller
    finding.access_escalation(caller, escalation_id)
    actions.after_reassign(escalation_id=escalation_id, choice=given.choice, by=caller.user, now=caller.now)
    return shown.escalation(escalation.escalation_of(escalation_id))


@operation(
    router,
    "POST",
    "/escalations/{uuid:escalation_id}/de-escalations",
    scope=WRITE,
    answer=schema.DeEscalation,
    status=201,
)
def offer_de_escalation(request: ApiRequest, escalation_id: UUID, given: schema.NewDeEscalation) -> schema.DeEscalation:
    """Offer an escalation back to somebody at a lower line. Nothing changes until they accept."""
    caller = request.caller
    finding.access_escalation(caller, escalation_id)
    finding.demand_staff(caller, STAFF)
    acceptor = finding.person_of(caller, "acceptor", given.acceptor) or caller.user
    made = actions.offer_de_escalation(
        escalation_id=escalation_id, acceptor=acceptor, reason=given.reason, by=caller.user, now=caller.now
    )
    return shown.de_escalation(made, escalation_id)


def _answered_offer(request: ApiRequest, offer_id: UUID, *, accept: bool) -> schema.DeEscalation:
    caller = request.caller
    offer = escalation.offer_of(offer_id)
    try:
        finding.access_escalation(caller, offer.escalation_id)
    except NotFound:
        raise NotFound("offer_not_found", "There is no such offer.") from None
    done = actions.answer_de_escalation(offer_id=offer_id, accept=accept, by=caller.user, now=caller.now)
    return shown.de_escalation(done, offer.escalation_id)


@operation(router, "POST", "/de-escalations/{uuid:offer_id}/accept", scope=WRITE, answer=schema.DeEscalation)
def accept_de_escalation(request: ApiRequest, offer_id: UUID) -> schema.DeEscalation:
    """Take an escalation back: the ladder stops, and the caller owns the ticket."""
    return _answered_offer(request, offer_id, accept=True)


@operation(router, "POST", "/de-escalations/{uuid:offer_id}/decline", scope=WRITE, answer=schema.DeEscalation)
def decline_de_escalation(request: ApiRequest, offer_id: UUID) -> schema.DeEscalation:
    """Decline to take an escalation back."""
    return _answered_offer(request, offer_id, accept=False)


@operation(router, "GET", "/me/pages", scope=READ, answer=Page[schema.Asked])
def my_pages(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Asked]:
    """List the escalations that wait for the caller's answer, oldest first."""
    runs = escalation.open_runs_for(request.caller.user)
    page, following = cut(runs, limit=limit, cursor=cursor, key=lambda run: f"{run.started_at.isoformat()} {run.pk}")
    asked = [
        schema.Asked(
            escalation=run.escalation_id, ticket=run.ticket.number, subject=run.ticket.subject,
            policy=run.escalation.policy.slug, cycle=run.cycle, level=run.level, run_status=run.status,
            started_at=run.started_at,
        )
        for run in page
    ]  # fmt: skip
    return Page(items=asked, next=following)
