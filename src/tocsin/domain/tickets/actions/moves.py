"""How status and holder change inside an act: every column, change row, fact and event that belongs to it."""

from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.actions.recording import Recording, move
from tocsin.domain.tickets.enums import HandoverState, Status
from tocsin.domain.tickets.events import HandoverEnded, OwnershipChanged, StatusChanged
from tocsin.domain.tickets.logic import hops, lifecycle
from tocsin.domain.tickets.logic.lifecycle import Act
from tocsin.domain.tickets.models import Change, Handover, Ticket


def put_status(recording: Recording, after: str, *, note: str = "") -> None:
    """Move the ticket to `after` (already allowed by the lifecycle); nothing happens if it is there already."""
    ticket = recording.ticket
    before = ticket.status
    if before == after:
        return
    recording.put("status", after)
    if after == Status.RESOLVED:
        recording.put("resolved_at", recording.now)
    elif after == Status.CLOSED:
        recording.put("closed_at", recording.now)
    elif after == Status.REOPENED:
        recording.put("resolved_at", None)
        recording.put("closed_at", None)
        recording.put("reopens", ticket.reopens + 1)
    if after in lifecycle.ENDED:
        recording.put("unassigned_since", None)
        end_open_handover(recording, HandoverState.WITHDRAWN, f"The ticket is {after}.")
    elif before in lifecycle.ENDED and ticket.owner_id is None:
        recording.put("unassigned_since", recording.now)
    recording.change("status", before, after)
    recording.fact("ticket.status_changed", before=before, after=after, **({"note": note} if note else {}))
    recording.event(StatusChanged, before=before, after=after)


def touch(recording: Recording) -> None:
    """An agent acts: a new or reopened ticket becomes open, and the owner has shown a sign of life."""
    put_status(recording, move(recording, Act.TOUCH))
    recording.owner_acts()


def is_held_by(ticket: Ticket, owner: User | None, team: Team | None) -> bool:
    """Tell whether owner and team are these already."""
    return ticket.owner_id == (owner and owner.pk) and ticket.team_id == (team and team.pk)


def put_holder(recording: Recording, *, owner: User | None, team: Team | None, kind: str, **told: object) -> bool:
    """Give the ticket to `owner` and `team` (both as they shall be) and journal it as `kind`.

    Returns whether this was a hop, from one team or owner to another. It is judged over the whole
    history of holders (logic.hops). Any open offer of a handover ends here.
    """
    ticket = recording.ticket
    old_owner, old_team = ticket.owner, ticket.team
    stored = _stored_moves(recording)
    _put_team(recording, team)
    _put_owner(recording, owner)
    hop = _count(recording, stored)
    before_owner, before_team = old_owner and old_owner.pk, old_team and old_team.pk
    after_owner, after_team = owner and owner.pk, team and team.pk
    recording.fact(
        kind,
        before_owner=before_owner,
        after_owner=after_owner,
        before_team=before_team,
        after_team=after_team,
        handover=hop,
        **told,
    )
    end_open_handover(recording, HandoverState.WITHDRAWN, "The ticket changed hands.")
    recording.event(
        OwnershipChanged,
        before_owner=before_owner,
        after_owner=after_owner,
        before_team=before_team,
        after_team=after_team,
        handover=hop,
    )
    return hop


def end_open_handover(recording: Recording, state: HandoverState, answer: str) -> None:
    """End the ticket's open offer, if there is one."""
    open_offer = Handover.objects.select_for_update().filter(ticket=recording.ticket, state=HandoverState.OFFERED)
    for handover in open_offer:
        end_handover(recording, handover, state, answer)


def end_handover(recording: Recording, handover: Handover, state: HandoverState, answer: str) -> None:
    """Write how a locked offer ended, and who ended it."""
    handover.state = state
    handover.answer = answer
    handover.answered_at = recording.now
    handover.answered_by = recording.by
    handover.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    recording.fact(f"handover.{state}", handover=handover.pk, answer=answer)
    recording.event(HandoverEnded, handover_id=handover.pk, state=str(state))


def _put_team(recording: Recording, team: Team | None) -> None:
    ticket = recording.ticket
    if (team and team.pk) == ticket.team_id:
        return
    before_line = ticket.team.line if ticket.team else ""
    after_line = team.line if team else ""
    recording.change("team", ticket.team_id, team and team.pk)
    if before_line != after_line:
        recording.change("line", before_line, after_line)
    recording.put("team", team)
    recording.put("team_since", recording.now if team else None)


def _put_owner(recording: Recording, owner: User | None) -> None:
    ticket = recording.ticket
    if (owner and owner.pk) == ticket.owner_id:
        return
    recording.change("owner", ticket.owner_id, owner and owner.pk)
    recording.put("owner", owner)
    open_now = ticket.status not in lifecycle.ENDED
    recording.put("unassigned_since", recording.now if owner is None and open_now else None)
    # Being named is no sign of life; the new owner's silence is counted from here.
    recording.put("last_owner_activity_at", None)


def _stored_moves(recording: Recording) -> list[hops.Move]:
    rows = Change.objects.filter(ticket=recording.ticket, field__in=["team", "owner"]).order_by("at", "id")
    return [hops.Move(at, field, after) for at, field, after in rows.values_list("at", "field", "after")]


def _count(recording: Recording, stored: list[hops.Move]) -> bool:
    """Add what this act's moves count for after the stored ones, and return whether it was a hop."""
    made = [hops.Move(c.at, c.field, c.after) for c in recording.changes if c.field in ("team", "owner")]
    before = hops.fold(hops.holders_of(stored))
    after = hops.fold(hops.holders_of([*stored, *made]))
    recording.put("handovers", recording.ticket.handovers + after.handovers - before.handovers)
    recording.put("ping_pongs", recording.ticket.ping_pongs + after.ping_pongs - before.ping_pongs)
    return after.handovers > before.handovers
