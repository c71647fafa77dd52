"""Opening reviews: by a rule, by hand, for one escalation or several."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import answerable
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.drafting import draft
from tocsin.domain.reviews.actions.recording import next_number, tell
from tocsin.domain.reviews.models import Review
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

MOST = 50
STARTERS = "Reviews are started by leads, problem managers, escalation managers and administrators. Ask one of them."


@transaction.atomic
def open_review(
    *, escalation_ids: Collection[UUID], by: User, now: datetime, title: str = "", facilitator: User | None = None,
    is_demo: bool = False,
) -> Review:  # fmt: skip
    """Open a review of one escalation or several, drafted at once from their journals.

    Raises NotAllowed, InvalidInput without an escalation, Conflict if they are of tests.
    """
    demand(by, rules.may_start_reviews, None, STARTERS)
    wanted = set(escalation_ids)
    rows = Escalation.objects.filter(pk__in=wanted).select_related("ticket").order_by("opened_at")
    found = list(rows)
    if not found or len(found) < len(wanted):
        problem = "Name tickets that were escalated, such as T-101."
        raise InvalidInput("no_escalation", problem, {"tickets": problem})
    if len(found) > MOST:
        problem = f"At most {MOST} escalations in one review."
        raise InvalidInput("too_many", problem, {"tickets": problem})
    if any(one.ticket.is_drill for one in found):
        raise Conflict("drill", "Tests are not reviewed; their page says who answered.")
    made = begin(
        escalations=found, title=title, why=f"asked for by {by.name}", by=by, now=now, facilitator=facilitator,
        is_demo=is_demo, draft_later=False,
    )  # fmt: skip
    draft(made, now)
    return made


def begin(
    *, escalations: Sequence[Escalation], title: str, why: str, by: User | None, now: datetime,
    facilitator: User | None = None, is_demo: bool = False, draft_later: bool = True,
) -> Review:  # fmt: skip
    """Make the row. With `draft_later` the engine drafts it: in the ending's own transaction its journal is not whole."""
    first = escalations[0].ticket
    usual = first.subject if len(escalations) == 1 else f"{len(escalations)} escalations, {first.reference} first"
    made = Review.objects.create(
        id=new_id(), number=next_number(), title=text("title", title, 200) or usual[:200], why=why[:200],
        facilitator=facilitator or _facilitator(escalations[0], now), opened_at=now, updated_at=now,
        opened_by="system" if by is None else f"person:{by.pk}", is_demo=is_demo or first.is_demo,
        draft_due_at=now if draft_later else None,
    )  # fmt: skip
    made.escalations.set(escalations)
    tell(made, "review.opened", by, now, tickets={one.ticket_id for one in escalations}, why=made.why)
    return made


def _facilitator(escalation: Escalation, now: datetime) -> User | None:
    """Propose whoever runs escalations in the ticket's team: not those who worked on it. A deputy stands in."""
    team = escalation.ticket.team
    for pk in (team.escalation_manager_id, team.lead_id) if team else ():
        if pk is not None:
            found, _ = answerable(pk, now)
            if found is not None:
                return found
    return None
