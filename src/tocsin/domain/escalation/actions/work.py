"""Carrying out what was decided, in bulk: one flush writes runs, firings, pages and journal for a whole batch.

The pure part (`apply`) may be called for many runs; nothing is written before `flush`. Both must happen in
the transaction that locked the tickets of the runs, ticket rows first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch

from tocsin.domain.escalation import messages, policies
from tocsin.domain.escalation.actions.turns import write_turns
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import EscalationEnded
from tocsin.domain.escalation.logic import actions as wanted
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped, RunEvent
from tocsin.domain.escalation.logic.policy import Policy, Target, TargetKind
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import as_json, from_json
from tocsin.domain.escalation.logic.settle import settle
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.escalation.models import Escalation, Firing, PolicyVersion, Run
from tocsin.domain.escalation.targets import Directory, Resolved
from tocsin.domain.escalation.ticket_views import ticket_views
from tocsin.domain.escalation.turns import Turns
from tocsin.domain.escalation.views import PersonEvidence
from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import DRILL, TELLING, Urgency
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.doorbell import DUE, ring
from tocsin.kernel.ids import new_id

END_STATES = {
    RunStatus.RESOLVED: EscalationState.RESOLVED,
    RunStatus.CANCELLED: EscalationState.CANCELLED,
    RunStatus.EXPIRED: EscalationState.EXPIRED,
    RunStatus.DE_ESCALATED: EscalationState.DE_ESCALATED,
}

# Rows travel as one JSON text: a fraction of the cost of arrays, which are quoted element by element.
_UPDATE_RUNS = """
UPDATE escalation_run r SET status = n.status, cycle = n.cycle, level = n.level, due_at = n.due_at, state = n.state,
  ended_at = n.ended_at, version_id = n.version_id, failures = 0
FROM json_to_recordset(%s::json) AS n(id uuid, status text, cycle int, level int, due_at timestamptz, state jsonb,
  ended_at timestamptz, version_id uuid)
WHERE r.id = n.id
"""
_INSERT_FIRINGS = """
INSERT INTO escalation_firing (id, run_id, cycle, level, due_at, fired_at, closed_at, closed_by, outcome, evidence)
SELECT * FROM json_to_recordset(%s::json) AS n(id uuid, run_id uuid, cycle int, level int, due_at timestamptz,
  fired_at timestamptz, closed_at timestamptz, closed_by text, outcome text, evidence jsonb)
"""


@dataclass(slots=True)
class Item:
    """One run at work, with what belongs to it."""

    run: Run
    escalation: Escalation
    ticket: Ticket
    policy: Policy
    state: RunState
    version: int  # number of the policy version
    is_new: bool = False
    changed: bool = False
    opened: list[Firing] = field(default_factory=list)


@dataclass(slots=True)
class Deferred:
    """Deeds that need the rows of this flush to exist first; carried out by `actions.deeds`."""

    item: Item
    action: wanted.Action


class Work:
    """Everything that one transaction does to runs, at the database's `now`, on behalf of `actor`."""

    def __init__(self, items: Sequence[Item], now: datetime, actor: str) -> None:
        self.now = now
        self.actor = actor
        self.via = ""  # the way an answer came; journalled with what it did
        self.items = list(items)
        self.deferred: list[Deferred] = []
        self._facts: list[Fact] = []
        self._pages: list[PageRequest] = []
        self._withdrawn: dict[UUID, str] = {}
        self._withdrawn_people: list[tuple[UUID, UUID, str]] = []
        self._closings: list[tuple[UUID, str]] = []
        self._directory: Directory | None = None
        self._views: dict[UUID, TicketView] | None = None

    @property
    def directory(self) -> Directory:
        """Who holds which role now; read when the first level opens."""
        if self._directory is None:
            turns = Turns([item.run.pk for item in self.items], taking=True)
            self._directory = Directory([item.ticket for item in self.items], self.now, turns)
        return self._directory

    def view(self, ticket: Ticket) -> TicketView:
        if self._views is None:
            self._views = ticket_views([item.ticket.pk for item in self.items], self.now)
        return self._views[ticket.pk]

    def note(self, item: Item, kind: str, data: dict[str, Any]) -> None:
        """Journal `kind` on the item's ticket."""
        base = {"escalation": str(item.escalation.pk), "run": str(item.run.pk), "policy": item.policy.slug}
        stream = f"ticket:{item.ticket.pk}"
        self._facts.append(Fact(stream=stream, kind=kind, at=self.now, actor=self.actor, data=base | data))

    def apply(self, item: Item, event: RunEvent) -> None:
        """Decide what `event` means for the run and take note of everything that is to be written."""
        resolutions: dict[tuple[int, int, tuple[str, ...]], Resolved] = {}

        def resolve(ask: wanted.Notify) -> LevelReached | LevelEmpty | LevelSkipped:
            condition = item.policy.levels[ask.level - 1].when if not ask.people else ""
            if condition:
                try:
                    if not conditions.evaluate(condition, self.view(item.ticket)):
                        return LevelSkipped(ask.level, f"condition is false: {condition}")
                except conditions.ConditionError as error:
                    # A condition that cannot be evaluated must not keep people from being told.
                    self.note(item, "run.condition_failed", {"level": ask.level, "error": str(error)})
            resolved = self._resolve(item, ask)
            resolutions[ask.cycle, ask.level, ask.people] = resolved
            if not resolved.people:
                return LevelEmpty(ask.level, resolved.reason)
            return LevelReached(ask.level, tuple(str(p.id) for p in resolved.people))

        before = item.state
        decision = settle(item.policy, before, event, self.now, resolve)
        item.state = decision.run
        item.changed = item.changed or decision.run != before
        for action in decision.actions:
            self._take(item, action, resolutions)
        if item.state.ended and not before.ended:
            self._closings.append((item.run.pk, str(item.state.status)))
        elif item.state.acknowledger and not before.acknowledger:
            self._closings.append((item.run.pk, "acknowledged"))

    def _resolve(self, item: Item, ask: wanted.Notify) -> Resolved:
        owner = item.escalation.policy.owner_id
        if not ask.people:
            # A test looks whose turn it would be, and takes nobody's.
            place = None if item.ticket.is_drill else (item.run.pk, ask.cycle, ask.level)
            return self.directory.resolve(ask.targets, item.ticket, owner, ask.without, place)
        people: list[PersonEvidence] = []
        evidence = []
        for pk in ask.people:
            person, why = self.directory.person(UUID(pk), "who has it in hand")
            told = [{"id": str(person.id), "name": person.name, "by": list(person.by)}] if person else []
            people += [person] if person else []
            evidence.append({"target": "who has it in hand", "people": told, "why": why})
        return Resolved(tuple(people), tuple(evidence))

    def _take(
        self, item: Item, action: wanted.Action, resolutions: dict[tuple[int, int, tuple[str, ...]], Resolved]
    ) -> None:
        match action:
            case wanted.Notify(cycle=cycle, level=level, people=people):
                self._open_level(item, action, resolutions.get((cycle, level, people)))
            case wanted.Journal(kind=kind, data=data):
                self.note(item, f"run.{kind}", data | {"via": self.via} if self.via and "by" in data else data)
            case wanted.Withdraw(reason=reason):
                self._withdrawn[item.run.pk] = reason
                self._pages = [page for page in self._pages if page.run != item.run.pk]
            case wanted.WithdrawPerson(person=person, reason=reason):
                self._withdrawn_people.append((item.run.pk, UUID(person), reason))
            case wanted.RemindAcknowledger(person=person, cycle=cycle, level=level):
                minutes = int(item.policy.ack_timeout.total_seconds() // 60)
                body = messages.reminder_body(item.ticket, minutes)
                self.page(item, UUID(person), cycle, level, "reminder", body, urgent=True)
            case wanted.PageCatchAll(cycle=cycle, level=level, reason=reason):
                self._page_catch_all(item, cycle, level, reason)
            case wanted.WarnPolicyOwner(level=level, reason=reason):
                self._warn_policy_owner(item, level, reason)
            case wanted.Alarm(reason=reason):
                if item.ticket.is_drill:
                    self.note(item, "run.alarm_in_test", {"reason": reason})
                    return
                data = {"ticket": str(item.ticket.pk), "run": str(item.run.pk), "reason": reason}
                self._facts.append(Fact(stream="system", kind="alarm.run", at=self.now, actor="engine", data=data))
            case _:
                self.deferred.append(Deferred(item, action))

    def _open_level(self, item: Item, ask: wanted.Notify, resolved: Resolved | None) -> None:
        """Note the firing and its pages. `resolved` is None where the level's own condition was false."""
        paged = resolved is not None and bool(resolved.people)
        outcome = "skipped" if resolved is None else "paged" if paged else "empty"
        evidence = [] if resolved is None else list(resolved.evidence)
        if paged:
            self._closings.append((item.run.pk, "next_level"))
            for earlier in item.opened:
                if earlier.closed_at is None:
                    earlier.closed_at, earlier.closed_by = self.now, "next_level"
        item.opened.append(
            Firing(
                id=new_id(), run_id=item.run.pk, cycle=ask.cycle, level=ask.level, evidence=evidence,
                due_at=item.run.due_at or self.now, fired_at=self.now, outcome=outcome,
                closed_at=None if paged else self.now, closed_by="" if paged else outcome,
            )
        )  # fmt: skip
        name = policies.level_name(item.policy, ask.level)
        data = {"cycle": ask.cycle, "level": ask.level, "name": name, "outcome": outcome, "evidence": evidence}
        self.note(item, "run.level_fired", data | {"version": item.version})
        for person in resolved.people if resolved else ():
            text = messages.page_data(item.ticket, item.escalation, name, item.version)
            body = messages.page_body(item.ticket, item.escalation, text, ", ".join(person.by))
            self.page(item, person.id, ask.cycle, ask.level, "page", body, urgent=ask.urgent)

    def page(self, item: Item, user_id: UUID, cycle: int, level: int, purpose: str, body: str, *, urgent: bool) -> None:
        """Ask notify to tell one person one thing about this run."""
        name = policies.level_name(item.policy, level)
        drill = item.ticket.is_drill and purpose not in TELLING
        self._pages.append(
            PageRequest(
                user_id=user_id, run=item.run.pk, cycle=cycle, level=level, ticket=item.ticket.pk,
                purpose=DRILL if drill else purpose,
                urgency=Urgency.HIGH if urgent else Urgency.NORMAL, body=body,
                subject=messages.page_subject(item.ticket, name, purpose),
                data=messages.page_data(item.ticket, item.escalation, name, item.version),
                lane=f"{item.ticket.organisation_id or ''}:{item.ticket.external_source}",
            )
        )  # fmt: skip

    def _page_catch_all(self, item: Item, cycle: int, level: int, reason: str) -> None:
        resolved = self.directory.resolve([Target(TargetKind.CATCH_ALL)], item.ticket, None)
        self.note(item, "run.catch_all_paged", {"reason": reason, "evidence": list(resolved.evidence)})
        if not resolved.people and not item.ticket.is_drill:
            data = {"ticket": str(item.ticket.pk), "run": str(item.run.pk), "reason": f"no catch-all: {reason}"}
            self._facts.append(Fact(stream="system", kind="alarm.nobody", at=self.now, actor="engine", data=data))
        for person in resolved.people:
            name = policies.level_name(item.policy, level)
            text = messages.page_data(item.ticket, item.escalation, name, item.version)
            body = messages.page_body(item.ticket, item.escalation, text, f"catch-all ({reason.replace('_', ' ')})")
            self.page(item, person.id, cycle, level, "catch_all", body, urgent=True)

    def _warn_policy_owner(self, item: Item, level: int, reason: str) -> None:
        owner = item.escalation.policy.owner_id
        person, why = (
            self.directory.person(owner, "owner of the policy") if owner else (None, "the policy has no owner")
        )
        if person is None:
            self.note(item, "run.owner_not_warned", {"level": level, "why": why})
            return
        body = messages.empty_level_body(item.ticket, item.policy.name, level, reason)
        self.page(item, person.id, item.state.cycle, level, "warning", body, urgent=False)

    def flush(self) -> None:
        """Write everything noted so far. Order matters: closings before openings, withdrawals before pages."""
        self._write_new()
        self._write_runs([item for item in self.items if item.changed and not item.is_new])
        self._write_firings()
        if self._directory is not None:
            write_turns(self._directory.turns.given, self.now)
            self._directory.turns.given.clear()
        notify.withdraw_many(runs=self._withdrawn, now=self.now)
        for run, person, reason in self._withdrawn_people:
            notify.withdraw_user(run=run, user_id=person, now=self.now, reason=reason)
        if self._pages:
            notify.enqueue(pages=self._pages, now=self.now)
        if any(item.changed and item.state.due_at for item in self.items):
            ring(connection, DUE)
        record_many(self._facts)
        ended = [item for item in self.items if item.changed and item.state.ended]
        for item in self.items:
            item.is_new = item.changed = False
            item.opened = []
        self._facts, self._pages, self._withdrawn, self._withdrawn_people, self._closings = [], [], {}, [], []
        for item in ended:
            self._end(item)

    def _write_new(self) -> None:
        for item in self.items:
            if item.is_new:
                _mirror(item, self.now)
                item.run.save(force_insert=True)
                item.changed = True

    def _write_runs(self, items: Sequence[Item]) -> None:
        if not items:
            return
        names = ("id", "status", "cycle", "level", "due_at", "state", "ended_at", "version_id")
        for item in items:
            _mirror(item, self.now)
        rows = [{name: getattr(item.run, name) for name in names} for item in items]
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE_RUNS, [json.dumps(rows, default=str)])

    def _write_firings(self) -> None:
        if self._closings:
            runs, causes = (list(column) for column in zip(*dict(self._closings).items(), strict=True))
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE escalation_firing f SET closed_at = %s, closed_by = n.cause "
                    "FROM unnest(%s::uuid[], %s::text[]) AS n(run, cause) "
                    "WHERE f.run_id = n.run AND f.closed_at IS NULL",
                    [self.now, runs, causes],
                )
        firings = [firing for item in self.items for firing in item.opened]
        for item in self.items:
            for firing in item.opened:
                if item.state.ended and firing.closed_at is None:
                    firing.closed_at, firing.closed_by = self.now, str(item.state.status)
        if firings:
            names = (
                "id", "run_id", "cycle", "level", "due_at", "fired_at", "closed_at", "closed_by", "outcome", "evidence",
            )  # fmt: skip
            rows = [{name: getattr(firing, name) for name in names} for firing in firings]
            with connection.cursor() as cursor:
                cursor.execute(_INSERT_FIRINGS, [json.dumps(rows, default=str)])

    def _end(self, item: Item) -> None:
        state = END_STATES[item.state.status]
        escalation = item.escalation
        if escalation.state == EscalationState.OPEN:
            escalation.state, escalation.closed_at = state, self.now
            escalation.save(update_fields=["state", "closed_at"])
        if item.ticket.is_drill:
            return
        publish(
            EscalationEnded(escalation_id=escalation.pk, ticket_id=item.ticket.pk, state=escalation.state, at=self.now)
        )


def _mirror(item: Item, now: datetime) -> None:
    """Repeat in columns what is queried of the state."""
    run, state = item.run, item.state
    run.status, run.cycle, run.level, run.due_at = state.status, state.cycle, state.level, state.due_at
    run.state = as_json(state)
    run.ended_at = (run.ended_at or now) if state.ended else None


def load(run_ids: Sequence[UUID]) -> list[Item]:
    """Load runs with everything that deciding needs, in the order of `run_ids`. Tickets must be locked already."""
    # Joined: what is one per run. Fetched once and shared: policies, teams, services, customers, people.
    rows = (
        Run.objects.filter(pk__in=run_ids)
        .select_related("escalation", "ticket")
        .defer("ticket__description")
        .prefetch_related(
            "escalation__policy",
            Prefetch("version", PolicyVersion.objects.defer("source", "spec")),
            "ticket__team",
            "ticket__service",
            "ticket__organisation",
            "ticket__owner",
        )
    )
    found = {run.pk: run for run in rows}
    contents = policies.contents_of({run.version_id for run in found.values()})
    return [
        Item(run, run.escalation, run.ticket, contents[run.version_id], from_json(run.state), run.version.number)
        for pk in run_ids
        if (run := found.get(pk)) is not None
    ]
