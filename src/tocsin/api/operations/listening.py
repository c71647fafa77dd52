"""What customers say matters, how they sound, and how a draft reads."""

from uuid import UUID

from ninja import Router

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.paging import cut
from tocsin.api.schemas import listening as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page, Person
from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Said
from tocsin.domain.listening.models import Signal
from tocsin.domain.people.enums import Scope
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE


@operation(router, "GET", "/tickets/{number}/listening", scope=READ, answer=schema.Record)
def read_listening_record(request: ApiRequest, number: Number) -> schema.Record:
    """Read what the customer said matters, and whether they confirmed it."""
    found = tickets.access_ticket(request.caller.user, number)
    finding.demand_internals(request.caller, "Listening records are")
    return _record(found.pk)


@operation(router, "POST", "/tickets/{number}/listening", scope=WRITE, answer=schema.Record)
def write_listening_record(request: ApiRequest, number: Number, given: schema.NewRecord) -> schema.Record:
    """Write a listening record, or its next version. The customer is asked anew by playing it back."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    actions.write_record(
        ticket_id=found.pk, concerns=[Said(one.words, one.message) for one in given.concerns], impact=given.impact,
        wanted=given.wanted, expected_version=given.version, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _record(found.pk)


@operation(router, "POST", "/tickets/{number}/listening/play-back", scope=WRITE, answer=schema.Record)
def play_back_record(request: ApiRequest, number: Number) -> schema.Record:
    """Send the record to the requester, who is asked whether that is it."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    actions.play_back(ticket_id=found.pk, by=caller.user, now=caller.now)
    return _record(found.pk)


@operation(
    router, "POST", "/tickets/{number}/listening/concerns/{uuid:concern_id}/answer", scope=WRITE, answer=schema.Record
)
def answer_concern(request: ApiRequest, number: Number, concern_id: UUID, given: schema.ConcernAnswer) -> schema.Record:
    """Say which reply answered a concern."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    actions.mark_answered(
        ticket_id=found.pk, concern_id=concern_id, message_id=given.message, by=caller.user, now=caller.now
    )
    return _record(found.pk)


@operation(router, "GET", "/tickets/{number}/signals", scope=READ, answer=Page[schema.Signal])
def list_signals(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Signal]:
    """List how the customer's messages on a ticket sound, oldest first, with the words that say so."""
    found = tickets.access_ticket(request.caller.user, number)
    finding.demand_internals(request.caller, "Signals are")
    rows = queries.signals_on(found.pk)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda one: f"{one.at.isoformat()} {one.pk}")
    return Page(items=[_signal(row) for row in page], next=following)


@operation(router, "POST", "/signals/{uuid:signal_id}/judge", scope=WRITE, answer=schema.Signal)
def judge_signal(request: ApiRequest, signal_id: UUID, given: schema.Verdict) -> schema.Signal:
    """Say that a signal is right, too strong or wrong: its words count by it from now on."""
    caller = request.caller
    queries.signal_by_id(caller.user, signal_id)
    finding.demand_staff(caller, "Signals are")
    return _signal(actions.correct_signal(signal_id=signal_id, verdict=given.verdict, by=caller.user, now=caller.now))


@operation(router, "POST", "/advice", scope=READ, answer=schema.Advice)
def advise_draft(request: ApiRequest, given: schema.Draft) -> schema.Advice:
    """Ask what a draft could say better. Nothing is kept."""
    caller = request.caller
    finding.demand_staff(caller, "Writing advice is")
    found = tickets.access_ticket(caller.user, given.ticket) if given.ticket is not None else None
    said = queries.advice_for(given.text, ticket_id=found.pk if found else None)
    return schema.Advice(
        hints=[
            schema.Hint(kind=one.rule.kind, words=one.words, why=one.rule.why, better=one.rule.better)
            for one in said.hints
        ],
        says_next=said.says_next, says_when=said.says_when, unanswered=[one.words for one in said.unanswered],
    )  # fmt: skip


def _record(ticket_id: UUID) -> schema.Record:
    heard = queries.heard_on(ticket_id)
    if heard is None:
        raise NotFound("record_not_found", "Nothing is written down on this ticket yet.")
    row = heard.record
    concerns = [
        schema.Concern(id=one.pk, words=one.words, message=one.message_id, answered_by=one.answered_by_message_id)
        for one in heard.concerns
    ]
    return schema.Record(
        version=row.version, state=row.state, concerns=concerns, impact=row.impact, wanted=row.wanted,
        played_back_at=row.played_back_at, answered_at=row.answered_at, answered_via=row.answered_via, answer=row.answer,
    )  # fmt: skip


def _signal(row: Signal) -> schema.Signal:
    evidence = [schema.Evidence(**{name: one[name] for name in schema.Evidence.model_fields}) for one in row.evidence]
    by = Person(id=row.judged_by.pk, name=row.judged_by.name) if row.judged_by else None
    return schema.Signal(
        id=row.pk, message=row.message_id, at=row.at, degree=row.degree, urgency=row.urgency, language=row.language,
        evidence=evidence, judged=row.judged, judged_by=by,
    )  # fmt: skip
