"""People answer scores: agree, snooze, disagree. Each answer is kept as a label."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.risk import rules
from tocsin.domain.risk.enums import Opinion
from tocsin.domain.risk.models import Answer, Score
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_see_ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

SNOOZES = (4, 24, 72)  # hours that are offered
LONGEST = 24 * 14


@transaction.atomic
def answer(
    *, ticket_id: UUID, outcome: str, opinion: str, by: User, now: datetime, hours: int = 24, note: str = ""
) -> Answer:
    """Say whether a score is right; snooze and disagree make it silent until it has risen far above what it was.

    Raises NotFound where the ticket has no such score, InvalidInput for an opinion or a snooze that is none.
    """
    if not rules.may_answer_risks.test(by):
        raise NotAllowed("not_allowed", "Risks are answered by those who work on tickets. Ask one of them.")
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id).first()
    if ticket is None or not may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", "There is no such ticket, or you may not see it.")
    score = Score.objects.filter(ticket=ticket, outcome=outcome).first()
    if score is None:
        raise NotFound(
            "risk_not_found", "This ticket has no such score now: it has ended, come true, or no model is in use."
        )
    if opinion not in Opinion.values:
        problem = "Choose agree, snooze or disagree."
        raise InvalidInput("bad_opinion", problem, {"opinion": problem})
    if opinion == Opinion.SNOOZE and not 1 <= hours <= LONGEST:
        problem = f"Snooze for 1 to {LONGEST} hours."
        raise InvalidInput("bad_snooze", problem, {"hours": problem})
    if len(note) > 300:
        problem = f"The note has {len(note)} characters; 300 fit."
        raise InvalidInput("too_long", problem, {"note": problem})
    until = now + timedelta(hours=hours) if opinion == Opinion.SNOOZE else None
    made = Answer.objects.create(
        id=new_id(), ticket=ticket, outcome=outcome, opinion=opinion, value=score.value, event=score.event,
        model_id=score.model_id, by=by, at=now, until=until, note=note.strip(),
    )  # fmt: skip
    data = {"outcome": outcome, "opinion": opinion, "percent": round(100 * score.value), "note": made.note,
            "until": until.isoformat() if until else ""}  # fmt: skip
    record(stream=f"ticket:{ticket.pk}", kind="risk.answered", actor=f"person:{by.pk}", at=now, data=data)
    return made
