"""Forty tickets with their stories, lived through in the order of time with the engine's own functions in between.

Nothing is written into the past by hand: every message, handover, breach, page and answer is the act that
would have happened then, told which time it is. So the journal, the clocks and the proofs are true.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import queries as escalations
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import queries as notices
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import Sent
from tocsin.domain.people.models import User
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla import queries as clocks
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets import queries as desk
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo import heard, told
from tocsin.intake.demo.company import Company, read
from tocsin.intake.demo.spans import span
from tocsin.kernel.errors import Conflict, TocsinError

FILES = ("hospital", "freight", "foods")
BATCH = 100
ROUNDS = 5_000  # far above what the stories need; a step that would be due for ever must not hang the demonstration
STATUSES = {
    "wait-customer": Status.WAITING_CUSTOMER, "wait-vendor": Status.WAITING_VENDOR, "wait-change": Status.WAITING_CHANGE,
    "open": Status.OPEN, "resolve": Status.RESOLVED, "close": Status.CLOSED,
}  # fmt: skip
OUTCOMES = {
    "technical": "Looked at it together: the cause is known, the work goes on with its owner.",
    "customer": "Called the customer, agreed on the next word and who gives it.",
    "internal": "Asked in the morning round; it has its place in somebody's day now.",
    "major-incident": "The right people are on it and the customer knows; the ladder is not needed any more.",
}


def stories() -> list[dict[str, Any]]:
    """Return all stories, as written."""
    return [story for name in FILES for story in read(f"stories/{name}.yaml")]


@dataclass(order=True, slots=True)
class Moment:
    """One thing that happens at one time; `order` keeps what was written first before what was written later."""

    at: datetime
    order: int
    act: Callable[[datetime], None] = field(compare=False)


class Player:
    """Lives the stories from the first opening until `now`."""

    def __init__(self, company: Company, now: datetime, progress: Callable[[int], None]) -> None:
        self.company, self.now, self.progress = company, now, progress
        self.tickets: dict[str, Ticket] = {}
        self._moments: list[Moment] = []
        self._count = 0
        self._answered: set[tuple[UUID, int]] = set()

    def play(self) -> None:
        """Play everything; `progress` is told after each moment how many there were since the last."""
        for story in stories():
            begin = self.now - span(story["ago"])
            self._plan(begin, partial(self._open, story))
            for after, *step in story["steps"]:
                self._plan(begin + span(after), partial(self._step, story["id"], step))
        begun = {story["id"]: self.now - span(story["ago"]) for story in stories()}
        for at, act in told.moments(read("told.yaml"), begun, self.company.people, self.tickets):
            self._plan(at, act)
        while self._moments and self._moments[0].at <= self.now:
            moment = heapq.heappop(self._moments)
            self._engine_until(moment.at)
            moment.act(moment.at)
            self.progress(1)
        self._engine_until(self.now)
        told.follow(self.company.people, [ticket.pk for ticket in self.tickets.values()], self.now)

    def _plan(self, at: datetime, act: Callable[[datetime], None]) -> None:
        self._count += 1
        heapq.heappush(self._moments, Moment(at, self._count, act))

    # What people do

    def _open(self, story: dict[str, Any], at: datetime) -> None:
        company = self.company
        self.tickets[story["id"]] = tickets.open_ticket(
            subject=story["subject"], description=story.get("text", "").strip(), requester=company.people[story["by"]],
            by=None, now=at, service=company.services[story["service"]], team=company.teams["service-desk"],
            impact=story["impact"], urgency=story["urgency"], category=story.get("category", ""),
            configuration_item=story.get("item", ""), channel=story["channel"], is_demo=True,
            actor=f"person:{company.people[story['by']].pk}",
        )  # fmt: skip

    def _step(self, story: str, step: list[Any], at: datetime) -> None:
        who, verb, *more = step
        by, ticket_id = self.company.people[who], self.tickets[story].pk
        if verb == "take":
            tickets.take(ticket_id=ticket_id, by=by, now=at, called=True)
        elif verb in ("reply", "note", "customer"):
            tickets.add_message(ticket_id=ticket_id, kind=verb, body=more[0], by=by, now=at)
        elif verb == "offer":
            self._offer(ticket_id, by, more[0], more[1], at)
        elif verb in ("accept", "decline"):
            offer = desk.open_handover(ticket_id)
            if offer is not None:
                tickets.answer_handover(handover_id=offer.pk, accept=verb == "accept", by=by, now=at)
        elif verb == "link":
            tickets.link(from_id=ticket_id, to_id=self.tickets[more[0]].pk, kind="related", by=by, now=at)
        elif verb in heard.VERBS:
            heard.live(verb, self.tickets[story], by, more[0] if more else "", at)
        elif verb in STATUSES:
            note = more[0] if more else ""
            tickets.set_status(ticket_id=ticket_id, status=STATUSES[verb], by=by, now=at, note=note)
        else:
            raise ValueError(f"{story}: nobody knows how to {verb}")

    def _offer(self, ticket_id: UUID, by: User, to: str, brief: str, at: datetime) -> None:
        open_offer = desk.open_handover(ticket_id)
        if open_offer is not None:
            tickets.withdraw_handover(handover_id=open_offer.pk, by=None, now=at, reason="Offered to somebody else.")
        to_user, to_team = self.company.people.get(to), self.company.teams.get(to)
        tickets.offer_handover(
            ticket_id=ticket_id,
            to_user=to_user,
            to_team=to_team,
            brief=brief,
            by=by,
            now=at,
            expires_in=timedelta(hours=12),
        )

    # What the engine does, and how people answer it

    def _engine_until(self, end: datetime) -> None:
        """Do everything that is due up to `end`, each thing at its own time."""
        for _ in range(ROUNDS):
            due = _next_due()
            if due is None or due > end:
                return
            sla.breach_due(now=due, limit=BATCH)
            escalation.fire_watches(now=due, limit=BATCH)
            escalation.advance_due(now=due, limit=BATCH)
            tickets.expire_handovers(now=due, limit=BATCH)
            hand_over(due)
            self._plan_answers(due)
        raise Conflict("demo_stuck", "The stories do not come to an end. Run `tocsin demo --remove` and try again.")

    def _plan_answers(self, at: datetime) -> None:
        """Have somebody answer each new call a few minutes later, and end its escalation when the work is in hand."""
        for run in escalations.unanswered(is_demo=True):
            if (run.pk, run.cycle) in self._answered:
                continue
            self._answered.add((run.pk, run.cycle))
            pause = timedelta(minutes=3 + len(self._answered) % 6)
            if run.status == RunStatus.PENDING_APPROVAL:
                self._plan(at + pause, partial(self._approve, run.pk))
                self._answered.discard((run.pk, run.cycle))
                self._answered.add((run.pk, 0))
            else:
                self._plan(at + pause, partial(self._acknowledge, run.pk))
                self._plan(at + pause + timedelta(minutes=21), partial(self._finish, run.pk))

    def _approve(self, run_id: UUID, now: datetime) -> None:
        asked = escalations.approval_of(run_id)
        approver = asked.approvers.first() if asked else None
        if approver is not None:
            escalation.approve(run_id=run_id, by=approver, now=now)

    def _acknowledge(self, run_id: UUID, now: datetime) -> None:
        run = escalations.run_of(run_id)
        person = next((p for p in self.company.people.values() if str(p.pk) in run.state.get("paged", [])), None)
        if run.ended_at is None and person is not None:
            escalation.acknowledge(run_id=run_id, by=person, now=now)

    def _finish(self, run_id: UUID, now: datetime) -> None:
        run = escalations.run_of(run_id)
        person = next((p for p in self.company.people.values() if str(p.pk) in run.state.get("acked", [])), None)
        if run.ended_at is not None or person is None:
            return
        try:
            outcome = OUTCOMES.get(run.escalation.policy.slug, "Done.")
            escalation.resolve_escalation(escalation_id=run.escalation_id, by=person, outcome=outcome, now=now)
        except TocsinError:
            return  # it has ended meanwhile, with its ticket


def _next_due() -> datetime | None:
    due = [
        clocks.next_clock_due(),
        escalation.next_run_due(),
        escalation.next_watch_due(),
        desk.next_handover_due(),
        notices.next_due(),
    ]
    return min((at for at in due if at is not None), default=None)


def hand_over(now: datetime) -> None:
    """Hand over what is due by mail, as the sender would have then; nothing leaves this machine."""
    terms = notify.LeaseTerms(bundle_over=0, per_minute=0)
    while parcels := notify.lease(channel=Channel.EMAIL, now=now, limit=BATCH, terms=terms):
        for parcel in parcels:
            at = now + timedelta(seconds=1)
            notify.record_sent(
                parcel=parcel, sent=Sent(provider_id=f"demo-{parcel.key}", answer="250 2.0.0 Ok"), now=at
            )
