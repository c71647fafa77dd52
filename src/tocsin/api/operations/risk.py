"""Risk: the models and how well they do, the scores of a ticket, what people say about them."""

from typing import cast

from ninja import Router

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.schemas import risk as schema
from tocsin.api.schemas.given import Number
from tocsin.domain.people.enums import Scope
from tocsin.domain.risk import actions, queries, tasks
from tocsin.domain.risk.queries import Card
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
RISKS = "Risks are"


def _name(outcome: str) -> schema.OutcomeName:
    return cast(schema.OutcomeName, outcome)


def _model(card: Card) -> schema.RiskModel:
    it, training = card.model, card.training
    return schema.RiskModel(
        outcome=_name(card.outcome.value), on=card.on, in_use=card.scores, why=it.why if it else "No model yet.",
        trained_at=it.made_at if it else None, tickets=it.tickets if it else 0, came=it.came if it else 0,
        judged=[schema.Judged(**one) for one in it.judged] if it else [],
        months=[schema.Month(**one) for one in it.months] if it else [],
        training=training.state if training else "", training_message=training.message if training else "",
    )  # fmt: skip


@operation(router, "GET", "/risk/models", scope=READ, answer=schema.RiskModels)
def list_risk_models(request: ApiRequest) -> schema.RiskModels:
    """List every outcome with its model: what it was trained on, how well it does beside its baselines, drift by month."""
    finding.demand_staff(request.caller, RISKS)
    return schema.RiskModels(items=[_model(card) for card in queries.cards()])


@operation(router, "POST", "/risk/models/{outcome}/train", scope=WRITE, answer=schema.Training, status=202)
def train_risk_model(request: ApiRequest, outcome: schema.OutcomeName) -> schema.Training:
    """Ask for a training. It runs in the background; the list of models tells when it is done."""
    caller = request.caller
    made = actions.request_training(outcome=outcome, by=caller.user, now=caller.now)
    tasks.train.defer(training=str(made.pk))
    return schema.Training(id=made.pk, outcome=outcome, state=made.state, asked_at=made.asked_at)


@operation(router, "POST", "/risk/models/{outcome}/switch", scope=WRITE, answer=schema.RiskModel)
def switch_risk_model(request: ApiRequest, outcome: schema.OutcomeName, given: schema.RiskSwitch) -> schema.RiskModel:
    """Turn a risk on or off for everybody. Off: no scores, and no trigger fires by it."""
    caller = request.caller
    actions.switch(outcome=outcome, on=given.on, by=caller.user, now=caller.now)
    return _model(queries.card(outcome))


@operation(router, "GET", "/tickets/{number}/risks", scope=READ, answer=schema.RiskList)
def list_risks(request: ApiRequest, number: Number) -> schema.RiskList:
    """List the scores of a ticket with their reasons, the highest first. Empty where no model is in use."""
    return _risks(request.caller, number)


@operation(router, "POST", "/tickets/{number}/risks/answers", scope=WRITE, answer=schema.RiskList)
def answer_risk(request: ApiRequest, number: Number, given: schema.RiskAnswer) -> schema.RiskList:
    """Agree, snooze or disagree with a score. Kept as a label; the last two make it silent."""
    caller = request.caller
    found = _ticket(caller, number)
    actions.answer(
        ticket_id=found.pk, outcome=given.outcome, opinion=given.opinion, hours=given.hours, note=given.note,
        by=caller.user, now=caller.now,
    )  # fmt: skip
    return _risks(caller, number)


def _ticket(caller: Caller, number: int) -> Ticket:
    """Return the ticket for staff; what one may not see does not exist, before anything is refused."""
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, RISKS)
    return found


def _risks(caller: Caller, number: int) -> schema.RiskList:
    found = _ticket(caller, number)
    return schema.RiskList(
        items=[
            schema.Risk(
                outcome=_name(one.score.outcome), value=one.score.value, at=one.score.at, event=one.score.event,
                reasons=[schema.Reason(**reason) for reason in one.score.reasons], silent=one.quiet,
            )
            for one in queries.risks_of(found.pk, caller.now)
        ]
    )  # fmt: skip
