"""One act on many tickets, and its undo (UX check 20). Each ticket is its own transaction: one refusal stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk.actions.describing import set_tags
from tocsin.domain.desk.models import BulkAct, Tagging
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets import queries
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound, TocsinError

ACTS = ("take", "team", "owner", "status", "tag")
MOST = 200
UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of a bulk act: how many were done, why others were not, and what undoes it."""

    done: int
    refused: dict[str, str]  # reference -> why
    act_id: UUID | None


def act_on(
    *, numbers: Sequence[int], act: str, by: User, now: datetime, team: Team | None = None, owner: User | None = None,
    word: str = "",
) -> BulkResult:  # fmt: skip
    """Take, route to a team, give to an owner, set the status or add a tag (`word`) on up to 200 tickets."""
    if act not in ACTS:
        raise InvalidInput("act", f"Choose one of: {', '.join(ACTS)}.", {"act": "unknown"})
    if not numbers or len(numbers) > MOST:
        problem = f"Tick between 1 and {MOST} tickets."
        raise InvalidInput("tickets", problem, {"ticket": problem})
    missing = {"team": team is None, "owner": owner is None, "status": not word, "tag": not word}
    if missing.get(act):
        raise InvalidInput("to", "Choose what they become.", {"to": "missing"})
    before: list[dict[str, Any]] = []
    refused: dict[str, str] = {}
    for number in dict.fromkeys(numbers):
        try:
            ticket = queries.access_ticket(by, number)
            kept = _as_it_is(ticket)
            _do(ticket, act, by, now, team, owner, word)
        except TocsinError as error:
            refused[f"T-{number}"] = error.message
            continue
        ticket.refresh_from_db()
        before.append(kept | {"updated_at": ticket.updated_at.isoformat()})
    made = BulkAct.objects.create(by=by, at=now, act=act, before=before) if before else None
    return BulkResult(len(before), refused, made.pk if made else None)


def undo(*, act_id: UUID, by: User, now: datetime) -> BulkResult:
    """Put back what an act of one's own changed, within ten minutes; what was changed since stays as it is."""
    with transaction.atomic():
        act = BulkAct.objects.select_for_update().filter(pk=act_id, by=by).first()
        if act is None:
            raise NotFound("act_not_found", "There is nothing of yours to undo here.")
        if act.undone_at is not None or now - act.at > UNDO_WITHIN:
            raise Conflict("too_late", "It was undone already, or is more than ten minutes old.")
        act.undone_at = now
        act.save(update_fields=["undone_at"])
    refused: dict[str, str] = {}
    done = 0
    for kept in act.before:
        ticket = Ticket.objects.filter(pk=kept["ticket"]).first()
        if ticket is None:
            continue
        if ticket.updated_at.isoformat() != kept["updated_at"]:
            refused[ticket.reference] = "It was changed since."
            continue
        try:
            _put_back(ticket, act.act, kept, by, now)
            done += 1
        except TocsinError as error:
            refused[ticket.reference] = error.message
    return BulkResult(done, refused, None)


def _as_it_is(ticket: Ticket) -> dict[str, Any]:
    tags = list(Tagging.objects.filter(ticket=ticket).values_list("tag__name", flat=True))
    return {
        "ticket": str(ticket.pk), "owner": str(ticket.owner_id or ""), "team": str(ticket.team_id or ""),
        "status": ticket.status, "tags": tags,
    }  # fmt: skip


def _do(ticket: Ticket, act: str, by: User, now: datetime, team: Team | None, owner: User | None, word: str) -> None:
    if act == "take":
        tickets.take(ticket_id=ticket.pk, by=by, now=now)
    elif act == "team":
        tickets.assign(ticket_id=ticket.pk, owner=None, team=team, by=by, now=now)
    elif act == "owner":
        tickets.assign(ticket_id=ticket.pk, owner=owner, team=ticket.team, by=by, now=now)
    elif act == "status":
        tickets.set_status(ticket_id=ticket.pk, status=word, by=by, now=now)
    else:
        present = list(Tagging.objects.filter(ticket=ticket).values_list("tag__name", flat=True))
        set_tags(ticket_id=ticket.pk, tags=[*present, word], by=by, now=now)


def _put_back(ticket: Ticket, act: str, kept: dict[str, Any], by: User, now: datetime) -> None:
    if act == "tag":
        set_tags(ticket_id=ticket.pk, tags=kept["tags"], by=by, now=now)
    elif act == "status":
        tickets.set_status(ticket_id=ticket.pk, status=kept["status"], by=by, now=now)
    else:
        owner = User.objects.filter(pk=kept["owner"]).first() if kept["owner"] else None
        team = Team.objects.filter(pk=kept["team"]).first() if kept["team"] else None
        if owner is None and ticket.owner_id is not None:
            # Who took it may give it back; where it is routed to then is another act, on what nobody owns.
            ticket = tickets.assign(ticket_id=ticket.pk, owner=None, team=None, by=by, now=now)
        if team is not None and (owner is not None or ticket.team_id != team.pk):
            tickets.assign(ticket_id=ticket.pk, owner=owner, team=team, by=by, now=now)
