"""Scores follow their tickets: at each event of an open ticket, in its own transaction. Wired in config/wiring.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.events import EscalationStarted
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.journal.actions import record
from tocsin.domain.risk import history
from tocsin.domain.risk.history import Life
from tocsin.domain.risk.logic.model import Model
from tocsin.domain.risk.logic.moments import Snapshot, snapshots
from tocsin.domain.risk.logic.quiet import HIGH, crosses, is_quiet
from tocsin.domain.risk.models import Score
from tocsin.domain.risk.queries import last_answers, said_of, unpacked, working_models
from tocsin.domain.tickets.events import (
    DetailsChanged,
    MessageAdded,
    OwnershipChanged,
    PriorityChanged,
    StatusChanged,
    TicketOpened,
)
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

AT_ONCE = 500
REASONS = 4
TOLD_REASONS = 2  # of a trigger's


type Scored = DetailsChanged | MessageAdded | OwnershipChanged | PriorityChanged | StatusChanged | TicketOpened


def on_ticket_event(event: Scored) -> None:
    """Score the ticket as it stands now, and hold scores that rose against the triggers."""
    rescore(ticket_id=event.ticket_id, now=event.at)


def on_escalation_started(event: EscalationStarted) -> None:
    """What has come true is predicted no more."""
    rescore(ticket_id=event.ticket_id, now=event.at)


@transaction.atomic
def rescore(*, ticket_id: UUID, now: datetime) -> list[Score]:
    """Bring the scores of one ticket up to date. One query where no model is in use."""
    models = working_models()
    if not models:
        return []
    if not Ticket.objects.filter(pk=ticket_id, status__in=OPEN_STATUSES, is_drill=False).exists():
        Score.objects.filter(ticket=ticket_id).delete()
        return []
    life = next(history.lives([ticket_id]))
    old = {row.outcome: row for row in Score.objects.filter(ticket=ticket_id)}
    made = _all_scored([life], models, {(ticket_id, outcome): row for outcome, row in old.items()})
    said = last_answers([ticket_id]) if made else {}
    loud = [one for one in made if not is_quiet(said_of(said.get((ticket_id, one.outcome))), one.value, now)]
    rising = [(one, one.told) for one in loud]
    for one in loud:
        one.told = one.value
    _write(made)
    gone = [row.pk for outcome, row in old.items() if outcome not in {one.outcome for one in made}]
    if gone:
        Score.objects.filter(pk__in=gone).delete()
    for one, before in rising:
        _tell(one, before, now)
    return made


def rescore_all(*, now: datetime, progress: Callable[[float], None] = lambda _done: None) -> int:
    """Score every open ticket anew, as after a training; return how many. Nothing fires by that."""
    models = working_models()
    ids = [] if not models else list(
        Ticket.objects.filter(status__in=OPEN_STATUSES, is_drill=False, opened_at__lte=now).order_by("pk")
        .values_list("pk", flat=True)
    )  # fmt: skip
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with transaction.atomic():
            old = {(row.ticket_id, row.outcome): row for row in Score.objects.filter(ticket__in=some)}
            _write(_all_scored(list(history.lives(some)), models, old))
        progress((start + len(some)) / len(ids))
    Score.objects.exclude(model__in=models.values()).delete()
    return len(ids)


def _all_scored(
    lives: Sequence[Life], models: Mapping[str, UUID], old: Mapping[tuple[UUID, str], Score]
) -> list[Score]:
    """Score lives with every model. What has come true already is not predicted."""
    made: list[Score] = []
    for outcome, model_id in models.items():
        model = unpacked(model_id)
        waiting = [life for life in lives if life.came_at[outcome] is None]
        if model is not None and waiting:
            made += _scored(waiting, outcome, model_id, model, old)
    return made


def _write(made: Sequence[Score]) -> None:
    Score.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["ticket", "outcome"],
        update_fields=["model", "value", "told", "event", "at", "reasons"],
    )  # fmt: skip


def _scored(
    lives: Sequence[Life], outcome: str, model_id: UUID, model: Model, old: Mapping[tuple[UUID, str], Score]
) -> list[Score]:
    found = [(life, snapshots(life.moments, opened_at=life.opened_at)[-1]) for life in lives]
    values = model.probabilities([snapshot for _, snapshot in found])
    names = _names([snapshot for _, snapshot in found])
    made = []
    for (life, snapshot), value in zip(found, np.clip(values, 0, 1).tolist(), strict=True):
        before = old.get((life.ticket_id, outcome))
        made.append(
            Score(
                ticket_id=life.ticket_id, outcome=outcome, model_id=model_id, value=value,
                first=before.first if before else value, told=before.told if before else 0, event=snapshot.event, at=snapshot.at,
                reasons=reasons(model, snapshot, names),
            )
        )  # fmt: skip
    return made


def _names(found: Sequence[Snapshot]) -> dict[str, str]:
    return history.names_of(list({word for one in found for word in one.words.values() if len(word) == 36}))


def reasons(model: Model, snapshot: Snapshot, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what moved a score most, as it is kept."""
    told = model.reasons(snapshot, REASONS, names)
    return [{**asdict(one), "moved": round(one.moved, 3)} for one in told]


def _tell(score: Score, before: float, now: datetime) -> None:
    """Hold a score that rose against the triggers, and tell the timeline of one that became high."""
    if score.value <= before:
        return
    words = [one["words"] for one in score.reasons if one["moved"] > 0]
    if crosses(before, score.value, HIGH):
        data = {"outcome": score.outcome, "percent": round(100 * score.value), "reasons": words}
        record(stream=f"ticket:{score.ticket_id}", kind="risk.rose", actor="engine", at=now, data=data)
    happening = Happening(
        kind="risk", risk=score.value, risk_before=before, risk_of=score.outcome, words=words[:TOLD_REASONS]
    )
    look_at(ticket_id=score.ticket_id, happening=happening, actor="engine", now=now)
