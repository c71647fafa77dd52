"""Escalating well: the brief and its files stand on the ticket, and whether it was for a decision is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tocsin.domain.decisions.actions.deciding import checked_amount, named
from tocsin.domain.decisions.enums import Unit
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.models import Decision, ForDecision
from tocsin.domain.decisions.queries import catalogue, on_tickets
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.escalation.ticket_views import ticket_views
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import lock
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import home_team

BRIEF = "escalation"  # how a note says that it is the brief of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the next person is told, in five parts (SEMANTICS 6). The last three stand in the escalation itself too."""

    happened: str = ""
    tried: str = ""
    known: str = ""
    impact: str = ""
    wanted: str = ""

    def as_note(self) -> str:
        """Return the brief as it stands in the timeline (markdown); empty parts are left out."""
        parts = [
            ("What happened", self.happened), ("Tried", self.tried), ("Known", self.known), ("Impact", self.impact),
            ("Wanted", self.wanted),
        ]  # fmt: skip
        return "\n\n".join(f"**{title}**\n\n{said.strip()}" for title, said in parts if said.strip())


@transaction.atomic
def escalate(
    *,
    ticket_id: UUID,
    policy: str,
    brief: Brief,
    by: User,
    now: datetime,
    type: str = "",  # noqa: A002 - the field's name everywhere else
    reason: str = "",
    reason_text: str = "",
    direction: str = "",
    files: Sequence[Upload] = (),
    decision_id: UUID | None = None,
    amount: Decimal | None = None,
) -> Escalation:
    """Escalate by a person's judgement, which is always possible; all or nothing.

    What happened or is known, and files, become a note, so that the brief survives. `decision_id`: the decision it
    is for; where the own right would have done, the escalation counts as avoidable. Raises what the escalation
    raises: the level's gate names the fields that it demands.
    """
    decision = catalogue.decision_by_id(decision_id) if decision_id is not None else None
    size = checked_amount(decision, amount) if decision is not None and amount is not None else None
    made = escalation.escalate(
        ticket_id=ticket_id, policy=policy, by=by, now=now, type=type, reason=reason, reason_text=reason_text,
        direction=direction, tried=brief.tried, impact=brief.impact, wanted=brief.wanted,
    )  # fmt: skip
    if decision is not None:
        _mark(made, lock(ticket_id), decision, size, by, now)
    if brief.happened.strip() or brief.known.strip() or files:
        body = brief.as_note() or "Files for the escalation."
        tickets.add_message(
            ticket_id=ticket_id, kind=MessageKind.NOTE, body=body, by=by, now=now, files=files, via=BRIEF
        )
    return made


def _mark(
    made: Escalation, ticket: Ticket, decision: Decision, amount: Decimal | None, by: User, now: datetime
) -> None:
    """Keep which decision it is for, and whether the own right would have done. Without an amount that is not known."""
    entry = catalogue.entry_of(decision)
    view = ticket_views([ticket.pk], now)[ticket.pk]
    here = not rights.why_not_here(entry, on_tickets.case_of(ticket, decision, view, now))
    verdict = rights.judge(entry, catalogue.standing_of(by), amount)
    limited = verdict.right is not None and verdict.right.limit is not None and decision.unit != Unit.NONE
    sufficed = here and verdict.allowed and not (limited and amount is None)
    right = named(verdict.right, entry) if verdict.right is not None else ""
    ForDecision.objects.create(
        escalation=made, decision=decision, version=decision.version, by=by, team=home_team(by, ticket.team),
        amount=amount, sufficed=sufficed, right=right[:200], at=now,
    )  # fmt: skip
    data = {
        "escalation": str(made.pk), "decision": decision.slug, "name": decision.name, "sufficed": sufficed,
        "size": rights.sized(amount, entry.unit, entry.unit_name), "right": right,
    }  # fmt: skip
    record(stream=f"ticket:{ticket.pk}", kind="escalation.for_decision", actor=f"person:{by.pk}", at=now, data=data)
