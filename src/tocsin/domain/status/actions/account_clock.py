"""The clock of account escalations: due rows of the ticker."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.status.actions.accounts import journal, notify_people, standing_of
from tocsin.domain.status.logic import clock
from tocsin.domain.status.models import AccountEscalation

WORDS = {
    "target": ("is past its date", "was to be put right by now. Agree a new date with the customer, or end it."),
    "update": ("owes the customer a word", "promised the customer a word by now. Write the update."),
}


def tell_missed(*, now: datetime, limit: int) -> int:
    """Tell owner and account manager what has passed, each once; return how many were taken.

    One transaction each; rows that others hold are passed over.
    """
    return sum(_tell_next(now) for _ in range(limit))


@transaction.atomic
def _tell_next(now: datetime) -> bool:
    due = AccountEscalation.objects.select_for_update(of=("self",), skip_locked=True).filter(due_at__lte=now)
    found = due.select_related("organisation").order_by("due_at").first()
    if found is None:
        return False
    for what in clock.missed(standing_of(found), now):
        short, long = WORDS[what]
        people = dict.fromkeys(pk for pk in _answerable(found) if pk is not None)
        notify_people(found, list(people), f"{found.reference} {short}", f"{found.reference} {found.title} {long}", now)
        journal(found, f"account.{what}_missed", None, now)
        setattr(found, f"{what}_missed_at", now)
    found.due_at = clock.due(standing_of(found))
    found.save(update_fields=["target_missed_at", "update_missed_at", "due_at"])
    return True


def _answerable(found: AccountEscalation) -> tuple[UUID | None, ...]:
    """Who is told: owner and account manager; whoever opened it, while neither is there."""
    told = (found.owner_id, found.offered_to_id, found.organisation.account_manager_id)
    return told if any(told) else (found.opened_by_id,)
