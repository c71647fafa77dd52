"""What feedback does when tickets and escalations end, and when somebody rates. Wired in config/wiring.py."""

from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import EscalationEnded
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback import queries
from tocsin.domain.feedback.actions.asking import GOES_ON
from tocsin.domain.feedback.actions.recovering import open_recovery
from tocsin.domain.feedback.actions.setting import set_in_use
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.events import FeedbackGiven
from tocsin.domain.feedback.logic import asking
from tocsin.domain.feedback.models import Ask, Setting
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets.events import StatusChanged, TicketRated
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Change, Rating, Ticket

ASKED_ABOUT = (EscalationState.RESOLVED, EscalationState.DE_ESCALATED, EscalationState.EXPIRED)
IMPORTED = "import"


def on_status_changed(event: StatusChanged) -> None:
    """Plan to ask when a ticket is resolved; take it back when it is opened again."""
    if event.before in lifecycle.ENDED and event.after not in lifecycle.ENDED:
        rows = Ask.objects.filter(ticket=event.ticket_id, kind=Kind.CSAT)
        rows.filter(state__in=[AskState.PLANNED, AskState.ASKED]).update(
            state=AskState.WITHDRAWN, why="it was opened again", due_at=None
        )
    elif event.before not in lifecycle.ENDED and event.after in lifecycle.ENDED:
        told = queries.setting()
        if told.asks_ratings:
            _plan_csat(event.ticket_id, told, event.at)


def _plan_csat(ticket_id: UUID, told: Setting, now: datetime) -> None:
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.is_drill or ticket.channel == IMPORTED or ticket.requester_id is None or ticket.resolved_at is None:
        return
    ask = Ask(
        kind=Kind.CSAT, party=Party.CUSTOMER, ticket=ticket, person_id=ticket.requester_id,
        resolved_at=ticket.resolved_at, planned_at=now,
    )  # fmt: skip
    if asking.in_sample(ticket.pk, ticket.resolved_at.isoformat(), told.share):
        ask.due_at = now + timedelta(minutes=told.delay_minutes)
    else:
        ask.state, ask.why = AskState.SKIPPED, "not in the sample"
    Ask.objects.bulk_create([ask], ignore_conflicts=True)


def on_escalation_ended(event: EscalationEnded) -> None:
    """Plan to ask all parties, by the organisation's sample for the type and severity."""
    told = queries.setting()
    if not told.asks_parties or event.state not in ASKED_ABOUT:
        return
    escalation = Escalation.objects.select_related("ticket__team", "ticket__owner").get(pk=event.escalation_id)
    ticket, share = escalation.ticket, int(told.party_shares.get(escalation.type, 100))
    wanted = escalation.parent_id is None and not ticket.is_drill and ticket.channel != IMPORTED
    if not wanted or ticket.priority > told.least_severity:
        return
    due_at = event.at + timedelta(minutes=told.delay_minutes)
    # Ended, begun again and ended: who was not asked because it went on is asked now.
    Ask.objects.filter(escalation=escalation, state=AskState.SKIPPED, why=GOES_ON).update(
        state=AskState.PLANNED, why="", due_at=due_at
    )
    if not asking.in_sample(escalation.pk, "360", share):
        return
    Ask.objects.bulk_create(
        [
            Ask(
                kind=Kind.ESCALATION, party=party, ticket=ticket, person_id=person, escalation=escalation,
                questions=set_in_use(party, event.at), planned_at=event.at, due_at=due_at,
            )
            for party, person in asking.parties(_cast(escalation)).items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _cast(escalation: Escalation) -> asking.Cast:
    ticket, team = escalation.ticket, escalation.ticket.team
    opener = escalation.opened_by.removeprefix("person:") if escalation.opened_by.startswith("person:") else ""
    by = User.objects.filter(pk=opener).first() if opener else None
    owned = Change.objects.filter(ticket=ticket, field="owner", at__lte=escalation.opened_at)
    then = owned.order_by("-at", "-id").values_list("after", flat=True).first()
    return asking.Cast(
        requester=ticket.requester_id,
        opened_by=by.pk if by is not None and is_staff.test(by) else None,
        owner_then=UUID(then) if then else None,
        owner_now=ticket.owner_id,
        acknowledged_by=escalation.owner_id,
        escalation_manager=team.escalation_manager_id if team else None,
        lead=team.lead_id if team else None,
        manager_of_owner=ticket.owner.manager_id if ticket.owner else None,
    )


def on_ticket_rated(event: TicketRated) -> None:
    """Close the question with its answer, tell who listens, and open a recovery for a bad rating."""
    rating = Rating.objects.get(pk=event.rating_id)
    ask = Ask.objects.select_for_update().filter(
        kind=Kind.CSAT, ticket=event.ticket_id, resolved_at=rating.resolved_at
    ).first()  # fmt: skip
    if ask is None:
        ask = Ask(
            kind=Kind.CSAT, party=Party.CUSTOMER, ticket_id=event.ticket_id, person_id=rating.by_id,
            resolved_at=rating.resolved_at, planned_at=event.at,
        )  # fmt: skip
    if ask.state != AskState.ANSWERED:
        ask.answered_at, ask.via = event.at, event.via
    ask.state, ask.why, ask.due_at, ask.rating = AskState.ANSWERED, "", None, rating
    ask.save()
    publish(
        FeedbackGiven(
            ask_id=ask.pk, ticket_id=event.ticket_id, escalation_id=None, kind=Kind.CSAT, party=Party.CUSTOMER,
            score=event.score, again=event.before is not None, at=event.at,
        )
    )  # fmt: skip
    if event.score <= queries.setting().low_score:
        open_recovery(rating=rating, now=event.at)
