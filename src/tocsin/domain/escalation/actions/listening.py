"""What escalations do when tickets, clocks and pages change. Wired in config/wiring.py."""

from uuid import UUID

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.firing import earlier_escalations, look_at
from tocsin.domain.escalation.actions.handing_back import on_ownership_changed as _on_reassigned
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.actions.watching import arm_opened, sync_watches
from tocsin.domain.escalation.actions.work import Work, load
from tocsin.domain.escalation.events import EscalationStarted, PolicyChanged, RunAcknowledged
from tocsin.domain.escalation.facts import IMPORTED
from tocsin.domain.escalation.logic.events import LevelEmpty, Progressed, Resolved
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.escalation.models import ENDED, Escalation, Run
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import DRILL, PageState, Urgency
from tocsin.domain.notify.events import PageFailing, PageUnreachable
from tocsin.domain.notify.models import Page
from tocsin.domain.sla.events import ClocksChanged
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.events import (
    DetailsChanged,
    HandoverOffered,
    MessageAdded,
    OwnershipChanged,
    PriorityChanged,
    StatusChanged,
    TicketLinked,
    TicketOpened,
    TicketRated,
)
from tocsin.domain.tickets.models import OPEN_STATUSES, Handover, Link, Ticket

ARMED_AT_ONCE = 500


def on_ticket_opened(event: TicketOpened) -> None:
    """Arm its watches; hold the opening, and the words it was opened with, against the triggers."""
    ticket, live = event.row, policies.live()
    arm_opened(ticket=ticket, live=live, now=event.at)
    opened = Happening(kind="opened")
    said = Happening(kind="message", text=f"{ticket.subject}\n{ticket.description}", customer=True)
    for happening in (opened, said):  # a row that this transaction has made is locked by that
        look_at(
            ticket_id=ticket.pk, happening=happening, actor=event.actor, now=event.at, live=live, ticket=ticket
        )  # fmt: skip


def on_status_changed(event: StatusChanged) -> None:
    """A resolved or closed ticket stops every run on it at once (SEMANTICS 4)."""
    if event.after not in OPEN_STATUSES:
        # What a bad rating has begun after the resolution goes on when the ticket is closed.
        if event.before in OPEN_STATUSES:
            _stop_runs(event)
    elif event.after == Status.REOPENED:
        reopens = Ticket.objects.values_list("reopens", flat=True).get(pk=event.ticket_id)
        happening = Happening(kind="reopened", reopens=reopens)
        look_at(ticket_id=event.ticket_id, happening=happening, actor=event.actor, now=event.at)
    else:
        _progress(event.ticket_id, event.actor, event)
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def _stop_runs(event: StatusChanged) -> None:
    ids = list(Run.objects.filter(ticket_id=event.ticket_id).exclude(status__in=ENDED).values_list("pk", flat=True))
    work = Work(load(ids), event.at, event.actor)
    for item in work.items:
        work.apply(item, Resolved(by=event.actor))
    finish(work)


def on_priority_changed(event: PriorityChanged) -> None:
    happening = Happening(kind="priority", priority_before=event.before, priority_after=event.after)
    look_at(ticket_id=event.ticket_id, happening=happening, actor=event.actor, now=event.at)
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def on_ownership_changed(event: OwnershipChanged) -> None:
    _on_reassigned(event)
    if event.handover:
        ticket = Ticket.objects.get(pk=event.ticket_id)
        happening = Happening(kind="handover", handovers=ticket.handovers, ping_pongs=ticket.ping_pongs)
        look_at(ticket_id=event.ticket_id, happening=happening, actor=event.actor, now=event.at)
    _progress(event.ticket_id, event.actor, event)
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def on_details_changed(event: DetailsChanged) -> None:
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def on_message_added(event: MessageAdded) -> None:
    if event.kind == MessageKind.CUSTOMER:
        happening = Happening(kind="message", text=event.body, customer=True)
        look_at(ticket_id=event.ticket_id, happening=happening, actor=event.actor, now=event.at)
    else:
        _progress(event.ticket_id, event.actor, event)
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def on_ticket_linked(event: TicketLinked) -> None:
    """Count the tickets linked to one problem, and those among them on the problem's own service."""
    hub = Ticket.objects.get(pk=event.to_ticket_id)
    ids = set(Link.objects.filter(to_ticket=hub, kind=event.kind).values_list("from_ticket_id", flat=True))
    counted = {"problem": len(ids)}
    if hub.service_id:
        counted["service"] = Ticket.objects.filter(pk__in=ids, service_id=hub.service_id).count() + 1
    for same, number in counted.items():
        happening = Happening(kind="linked", linked=number, linked_same=same)
        look_at(ticket_id=hub.pk, happening=happening, actor=event.actor, now=event.at)


def on_handover_offered(event: HandoverOffered) -> None:
    """Tell whoever is asked to take a ticket over; a team's offer goes to its lead and waits in everybody's queue."""
    if event.bundled:
        return
    offer = Handover.objects.select_related("ticket", "from_user", "to_team").get(pk=event.handover_id)
    user_id = offer.to_user_id or (offer.to_team.lead_id if offer.to_team else None)
    if user_id is None or event.actor == f"person:{user_id}":
        return
    sender = offer.from_user.name if offer.from_user else "The queue"
    ticket = offer.ticket
    page = PageRequest(
        user_id=user_id, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL,
        subject=f"{ticket.reference} is offered to you: {ticket.subject}"[:300],
        body=f"{sender} asks you to take {ticket.reference} over. Until you accept, it stays theirs.\n\n{offer.brief}",
        data={"reference": ticket.reference, "number": ticket.number},
    )  # fmt: skip
    notify.enqueue(pages=[page], now=event.at)


def on_clocks_changed(event: ClocksChanged) -> None:
    """What waits for clocks waits for other instants now; on_ticket_opened, which follows, arms a ticket just opened."""
    if event.opened:
        return
    sync_watches(ticket_ids=event.ticket_ids, now=event.at)


def on_escalation_started(event: EscalationStarted) -> None:
    """Another escalation of the same customer, service or configuration item within N days (SEMANTICS 3)."""
    ticket = Ticket.objects.get(pk=event.ticket_id)
    escalation = Escalation.objects.select_related("policy__current").get(pk=event.escalation_id)
    if escalation.trigger.startswith("repeat"):
        return  # what a repetition opened is not itself a repetition
    earlier = earlier_escalations(ticket, before=event.at, but=escalation.pk)
    if earlier:
        happening = Happening(kind="escalated", earlier=earlier, at=event.at)
        look_at(ticket_id=ticket.pk, happening=happening, actor="engine", now=event.at)


def on_run_acknowledged(event: RunAcknowledged) -> None:
    """From here on the owner's silence counts."""
    sync_watches(ticket_ids=[event.ticket_id], now=event.at)


def on_page_failing(event: PageFailing) -> None:
    """Lock the ticket before notify locks anything of its own: the order in which everybody locks."""
    if event.ticket is not None:
        Ticket.objects.select_for_update(of=("self",)).only("pk").filter(pk=event.ticket).first()


def on_page_unreachable(event: PageUnreachable) -> None:
    """When no method of anybody on the level is left, the level counts as unreachable and the climb goes on."""
    if event.run is None:
        return
    ticket_id = Run.objects.filter(pk=event.run).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        return
    locked_ticket(ticket_id)
    pages = Page.objects.filter(run=event.run, cycle=event.cycle, level=event.level, purpose__in=["page", DRILL])
    if pages.exclude(state=PageState.UNREACHABLE).exists():
        return
    work = Work(load([event.run]), event.at, "engine")
    reason = "every contact method of everybody on the level failed"
    work.apply(work.items[0], LevelEmpty(event.level, reason, cycle=event.cycle))
    finish(work)


def on_policy_changed(event: PolicyChanged) -> None:
    """A new version waits differently on every open ticket."""
    ids = list(
        Ticket.objects.filter(status__in=OPEN_STATUSES)
        .exclude(channel=IMPORTED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for start in range(0, len(ids), ARMED_AT_ONCE):
        sync_watches(ticket_ids=ids[start : start + ARMED_AT_ONCE], now=event.at)


def on_ticket_rated(event: TicketRated) -> None:
    """A bad rating escalates although the ticket is resolved: by the first score, or one changed for the worse."""
    if event.before is not None and event.score >= event.before:
        return
    happening = Happening(kind="rated", score=event.score, text=event.comment)
    look_at(ticket_id=event.ticket_id, happening=happening, actor=event.actor, now=event.at)


def _progress(ticket_id: UUID, actor: str, event: StatusChanged | OwnershipChanged | MessageAdded) -> None:
    """Work by the acknowledger pushes the time-out of the acknowledgement."""
    if not actor.startswith("person:"):
        return
    by = actor.removeprefix("person:")
    rows = Run.objects.filter(ticket_id=ticket_id, status="acknowledged", state__acknowledger=by)
    ids = list(rows.values_list("pk", flat=True))
    if ids:
        work = Work(load(ids), event.at, actor)
        for item in work.items:
            work.apply(item, Progressed(by=by))
        finish(work)
