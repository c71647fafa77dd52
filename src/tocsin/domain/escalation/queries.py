"""What pages, API and CLI read of escalations."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.enums import DeEscalationState, EscalationState
from tocsin.domain.escalation.forecast import forecast
from tocsin.domain.escalation.logic import actions as wanted
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped
from tocsin.domain.escalation.logic.policy import Level
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import from_json
from tocsin.domain.escalation.models import (
    Approval,
    DeEscalation,
    Escalation,
    Firing,
    Maintenance,
    Policy,
    PolicyVersion,
    Run,
    Setting,
    Watch,
)
from tocsin.domain.escalation.rules import may_answer
from tocsin.domain.escalation.targets import Directory, Resolved, in_words
from tocsin.domain.escalation.ticket_views import ticket_views
from tocsin.domain.escalation.views import Ladder, LadderStep, LevelPreview, PersonEvidence, RespondView
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

__all__ = ["ticket_views"]


def _tickets(ticket_ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    rows = Ticket.objects.filter(pk__in=ticket_ids)
    return {t.pk: t for t in rows.select_related("team", "service", "organisation", "owner")}


class _Resolver:
    """Resolves levels for previews, and remembers the people by level."""

    def __init__(
        self, content: Content, ticket: Ticket, directory: Directory, owner: UUID | None, now: datetime
    ) -> None:
        self.content, self.ticket, self.directory, self.owner, self.now = content, ticket, directory, owner, now
        self.resolved: dict[int, Resolved] = {}

    def __call__(self, ask: wanted.Notify) -> LevelReached | LevelEmpty | LevelSkipped:
        level = self.content.levels[ask.level - 1]
        if level.when and not ask.people and not self._holds(level):
            return LevelSkipped(ask.level, f"condition is false: {level.when}")
        if ask.people:
            return LevelReached(ask.level, ask.people)
        found = self.resolve(ask.level)
        if not found.people:
            return LevelEmpty(ask.level, found.reason)
        return LevelReached(ask.level, tuple(str(person.id) for person in found.people))

    def resolve(self, number: int) -> Resolved:
        if number not in self.resolved:
            targets = self.content.levels[number - 1].targets
            self.resolved[number] = self.directory.resolve(targets, self.ticket, self.owner)
        return self.resolved[number]

    def _holds(self, level: Level) -> bool:
        view = ticket_views([self.ticket.pk], self.now)[self.ticket.pk]
        return conditions.holds(level.when, view, otherwise=True)  # as in production: what is broken keeps nobody out


def if_it_fired_now(content: Content, ticket_id: UUID, now: datetime) -> list[LevelPreview]:
    """Return the ladder of `content` as it would climb on this ticket from `now` if nobody answered."""
    ticket = _tickets([ticket_id]).get(ticket_id)
    if ticket is None:
        raise NotFound("ticket_not_found", "There is no such ticket.")
    directory = Directory([ticket], now)
    owner = (
        User.objects.filter(email__iexact=content.owner).values_list("pk", flat=True).first() if content.owner else None
    )
    resolver = _Resolver(content, ticket, directory, owner, now)
    planned = {opening.level: opening for opening in reversed(forecast(content, None, now, resolver))}
    previews = []
    for number, level in enumerate(content.levels, start=1):
        opening = planned.get(number)
        people: tuple[PersonEvidence, ...] = resolver.resolve(number).people
        previews.append(
            LevelPreview(
                number=number, name=level.name, at=opening.at if opening else None,
                delay_seconds=int(level.delay.total_seconds()), targets=_targets(level), people=people,
                condition=str(level.condition), ack=str(level.ack),
                skipped=opening.skipped if opening else "does not open while somebody answers before",
            )
        )  # fmt: skip
    return previews


def _targets(level: Level) -> tuple[str, ...]:
    words = tuple(in_words(target) for target in level.targets)
    return (*words, f"policy {level.policy}") if level.policy else words


def ladders(ticket_id: UUID, now: datetime, *, user: User | None = None) -> list[Ladder]:
    """Return the rails of a ticket's escalations: open ones first, then the ended, latest first."""
    rows = (
        Run.objects.filter(ticket_id=ticket_id)
        .select_related("escalation__policy", "version")
        .order_by("-escalation__opened_at")
    )
    runs = sorted(rows, key=lambda run: run.ended_at is not None)
    if not runs:
        return []
    ticket = _tickets([ticket_id])[ticket_id]
    directory = Directory([ticket], now)
    firings: dict[UUID, list[Firing]] = defaultdict(list)
    for firing in Firing.objects.filter(run__in=runs).order_by("fired_at", "level"):
        firings[firing.run_id].append(firing)
    return [_ladder(run, ticket, directory, firings[run.pk], now, user) for run in runs]


def _ladder(
    run: Run, ticket: Ticket, directory: Directory, firings: list[Firing], now: datetime, user: User | None
) -> Ladder:
    content = policies.content_of(run.version_id)
    state = from_json(run.state)
    resolver = _Resolver(content, ticket, directory, run.escalation.policy.owner_id, now)
    openings = [] if state.ended else forecast(content, state, now, resolver, cycles=2)
    coming = {opening.level: opening.at for opening in reversed(openings) if opening.cycle == state.cycle}
    names = _names(state)
    # A cycle in which nothing has opened (only a reminder may follow in it) shows the openings before it.
    shown = max((firing.cycle for firing in firings), default=0) if state.level else state.cycle
    latest = {firing.level: firing for firing in firings if firing.cycle == shown}
    steps = tuple(
        _step(number, level, state, latest.get(number), coming.get(number), resolver, names)
        for number, level in enumerate(content.levels, start=1)
    )
    return Ladder(
        escalation_id=run.escalation_id, run_id=run.pk, policy_slug=content.slug, policy_name=content.name,
        version=run.version.number, type=run.escalation.type, reason=run.escalation.reason,
        direction=run.escalation.direction, state=run.escalation.state, status=run.status, cycle=run.cycle,
        opened_at=run.escalation.opened_at, next_at=state.due_at, next_what=next_in_words(content, state, openings[:1]),
        acknowledger=names.get(state.acknowledger or "", ""), steps=steps, may=_may(run, state, user),
    )  # fmt: skip


def _names(state: RunState) -> dict[str, str]:
    ids = {pk for pk in (*state.paged, *state.acked, *state.declined, state.acknowledger, state.snoozed_by) if pk}
    rows = User.objects.filter(pk__in=ids).values_list("pk", "name") if ids else []
    return {str(pk): name for pk, name in rows}


def _step(
    number: int, level: Level, state: RunState, firing: Firing | None, at: datetime | None, resolver: _Resolver,
    names: dict[str, str],
) -> LadderStep:  # fmt: skip
    if firing is not None:
        told = tuple(dict.fromkeys(p["name"] for e in firing.evidence for p in e["people"]))
        is_open = number == state.level and not state.ended and state.acknowledger is None
        kind = "now" if is_open else "skipped" if firing.outcome != "paged" else "done"
        return LadderStep(number, level.name, kind, None, firing.fired_at, told, _note(number, state, firing, names))
    if state.ended or at is None:
        return LadderStep(number, level.name, "later", None, None, ())
    people = tuple(person.name for person in resolver.resolve(number).people)
    return LadderStep(number, level.name, "next" if at == state.due_at else "later", at, None, people)


def _note(number: int, state: RunState, firing: Firing, names: dict[str, str]) -> str:
    if firing.outcome == "empty":
        return "nobody reachable"
    if firing.outcome == "skipped":
        return "condition was false"
    if number != state.level:
        return ""
    said = []
    if state.acked:
        said.append("acknowledged by " + ", ".join(names.get(pk, "somebody") for pk in state.acked))
    if state.declined:
        said.append("declined by " + ", ".join(names.get(pk, "somebody") for pk in state.declined))
    return "; ".join(said)


def next_in_words(  # noqa: PLR0911 - one sentence per state
    content: Content, state: RunState, openings: Sequence[Any]
) -> str:
    """Say what happens at `due_at` if nobody does anything."""
    if state.ended:
        return "Ended"
    if state.due_at is None:
        return "Waits for an answer; every step of the ladder has been taken"
    if state.status is RunStatus.PENDING_APPROVAL:
        return "Approval times out"
    if state.status is RunStatus.SNOOZED:
        return "The snooze ends"
    if openings and openings[0].at == state.due_at:
        number = openings[0].level
        return f"Level {number}, {policies.level_name(content, number)}, is paged"
    if state.acknowledger:
        return "The acknowledgement times out"
    return "The ladder is at its end: " + str(content.repeat.terminal).replace("_", " ")


def _may(run: Run, state: RunState, user: User | None) -> tuple[str, ...]:
    """Which acts make sense now; rights are checked by the acts themselves."""
    if user is None or state.ended:
        return ()
    if state.status is RunStatus.PENDING_APPROVAL:
        return ("approve", "refuse", "cancel")
    acts = ["decline", "snooze", "call_next", "resolve", "cancel", "de_escalate"]
    if str(user.pk) not in state.acked:
        acts.insert(0, "acknowledge")
    if run.escalation.reassigned_at is not None:
        acts.append("after_reassign")
    return tuple(acts)


def respond_view(run_id: UUID, user: User, now: datetime, cycle: int | None = None) -> RespondView:
    """Return what the respond page shows to `user`; `cycle` is that of the link used."""
    run = Run.objects.filter(pk=run_id).select_related("escalation__policy").first()
    if run is None:
        raise NotFound("run_not_found", "There is no such escalation run.")
    ticket = _tickets([run.ticket_id])[run.ticket_id]
    content, state = policies.content_of(run.version_id), from_json(run.state)
    resolver = _Resolver(content, ticket, Directory([ticket], now), run.escalation.policy.owner_id, now)
    openings = [] if state.ended else forecast(content, state, now, resolver, cycles=2)
    names = _names(state)
    stale = cycle is not None and cycle != state.cycle
    may = not state.ended and not stale
    escalation = run.escalation
    brief = {"Impact": escalation.impact, "Tried": escalation.tried, "Wanted": escalation.wanted}
    brief["Reason"] = escalation.reason_text or escalation.get_reason_display()
    return RespondView(
        run_id=run.pk, ticket_id=ticket.pk, reference=ticket.reference, subject=ticket.subject,
        priority=ticket.priority,
        customer=ticket.organisation.name if ticket.organisation else "", policy_name=content.name, status=run.status,
        cycle=state.cycle, level=state.level, level_name=policies.level_name(content, state.level),
        brief={title: text for title, text in brief.items() if text},
        also_paged=tuple(names[pk] for pk in state.paged if pk != str(user.pk) and pk in names),
        acknowledged_by=names.get(state.acknowledger or "", ""), next_at=state.due_at,
        next_what=next_in_words(content, state, openings[:1]), stale=stale,
        may_acknowledge=may and str(user.pk) not in state.acked, may_decline=may and str(user.pk) not in state.declined,
        may_take=may and may_answer.test(user) and ticket.owner_id != user.pk and not ticket.is_drill
        and state.status is not RunStatus.PENDING_APPROVAL, is_drill=ticket.is_drill,
    )  # fmt: skip


def open_runs_for(user: User) -> list[Run]:
    """Return the open, unacknowledged runs on which `user` was paged: what "ack all" answers."""
    rows = runs_waiting_for(user).select_related("escalation__policy", "ticket__organisation")
    return list(rows.order_by("started_at"))


def runs_waiting_for(user: User) -> QuerySet[Run]:
    """Return the open, unacknowledged runs on which `user` was paged, to be counted."""
    climbing = [RunStatus.CLIMBING, RunStatus.EXHAUSTED]
    return Run.objects.filter(status__in=climbing, state__paged__contains=[str(user.pk)])


def open_runs(ticket_ids: Sequence[UUID]) -> dict[UUID, list[Run]]:
    """Return {ticket id: its open runs, oldest first} for the queue."""
    found: dict[UUID, list[Run]] = defaultdict(list)
    rows = Run.objects.filter(ticket_id__in=ticket_ids, ended_at__isnull=True).select_related("escalation__policy")
    for run in rows.order_by("started_at"):
        found[run.ticket_id].append(run)
    return found


def escalation_of(escalation_id: UUID) -> Escalation:
    """Return one escalation with ticket, policy and run. Raises NotFound."""
    rows = Escalation.objects.select_related("ticket__organisation", "policy", "run__version", "owner")
    found = rows.filter(pk=escalation_id).first()
    if found is None:
        raise NotFound("escalation_not_found", "There is no such escalation.")
    return found


def run_of(run_id: UUID) -> Run:
    """Return one run with its escalation and ticket. Raises NotFound."""
    found = Run.objects.select_related("escalation__policy", "ticket", "version").filter(pk=run_id).first()
    if found is None:
        raise NotFound("run_not_found", "There is no such escalation run.")
    return found


def firings_of(run_id: UUID) -> list[Firing]:
    """Return every opening of every level of a run, in order."""
    return list(Firing.objects.filter(run_id=run_id).order_by("fired_at", "cycle", "level"))


def approval_of(run_id: UUID) -> Approval | None:
    """Return the approval asked for a run, with its approvers."""
    return Approval.objects.prefetch_related("approvers").select_related("decided_by").filter(run_id=run_id).first()


def offers_waiting_for(user: User) -> list[DeEscalation]:
    """Return the de-escalations that wait for this person's answer."""
    rows = DeEscalation.objects.filter(acceptor=user, state=DeEscalationState.OFFERED)
    return list(rows.select_related("escalation__ticket", "escalation__policy").order_by("offered_at"))


def offer_on(escalation_id: UUID) -> DeEscalation | None:
    """Return the open de-escalation offer of an escalation."""
    rows = DeEscalation.objects.filter(escalation_id=escalation_id, state=DeEscalationState.OFFERED)
    return rows.select_related("acceptor").first()


def all_policies() -> list[Policy]:
    """Return every policy with its current version, by name."""
    return list(Policy.objects.filter(is_drill=False).select_related("current", "owner").order_by("name"))


def policy_by_slug(slug: str) -> Policy:
    """Return one policy with its current version, enabled or not. Raises NotFound."""
    found = Policy.objects.select_related("current", "owner").filter(slug=slug).first()
    if found is None:
        raise NotFound("policy_not_found", f"There is no policy “{slug}”.")
    return found


def versions_of(policy: Policy) -> list[PolicyVersion]:
    """Return a policy's versions, newest first."""
    return list(PolicyVersion.objects.filter(policy=policy).order_by("-number"))


def maintenance_windows(now: datetime) -> list[Maintenance]:
    """Return windows that are open or to come, soonest first."""
    return list(Maintenance.objects.filter(ends_at__gt=now).select_related("service").order_by("starts_at"))


def maintenance_on(ticket: Ticket, now: datetime) -> Maintenance | None:
    """Return the window that covers a ticket now."""
    covers = Q(service__isnull=True) | Q(service_id=ticket.service_id) if ticket.service_id else Q(service__isnull=True)
    return Maintenance.objects.filter(covers, starts_at__lte=now, ends_at__gt=now).order_by("-ends_at").first()


def catch_all() -> User | None:
    """Return the organisation's catch-all."""
    setting = Setting.objects.select_related("catch_all").filter(pk=1).first()
    return setting.catch_all if setting else None


def open_escalations() -> int:
    """Return how many escalations are open."""
    return Escalation.objects.filter(state=EscalationState.OPEN, ticket__is_drill=False).count()


def escalated(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Narrow a queue to tickets with an open escalation."""
    return tickets.filter(pk__in=Escalation.objects.filter(state=EscalationState.OPEN).values("ticket"))


def next_watch(ticket_id: UUID) -> Watch | None:
    """Return the time trigger that fires next on a ticket if nothing happens, with its policy."""
    rows = Watch.objects.filter(ticket_id=ticket_id, due_at__isnull=False, policy__enabled=True)
    return rows.select_related("policy").order_by("due_at").first()


def offer_of(offer_id: UUID) -> DeEscalation:
    """Return one offered de-escalation with its ticket. Raises NotFound."""
    found = DeEscalation.objects.select_related("escalation__ticket", "acceptor").filter(pk=offer_id).first()
    if found is None:
        raise NotFound("offer_not_found", "There is no such offer.")
    return found


def oldest_due() -> datetime | None:
    """Return when the step that is due first (of a run or a time trigger) is or was due."""
    runs = Run.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()
    watches = Watch.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()
    return min((at for at in (runs, watches) if at is not None), default=None)


def running_of(policy: Policy) -> dict[int, int]:
    """Return {version number: open runs on it} of a policy, newest version first."""
    rows = Run.objects.filter(version__policy=policy, ended_at__isnull=True).values_list("version__number", flat=True)
    return dict(sorted(Counter(rows).items(), reverse=True))


def unanswered(*, is_demo: bool) -> list[Run]:
    """Return the runs that climb, or wait for approval, without an answer, on demonstration tickets or on real ones."""
    waiting = [RunStatus.CLIMBING, RunStatus.EXHAUSTED, RunStatus.PENDING_APPROVAL]
    return list(
        Run.objects.filter(status__in=waiting, ticket__is_demo=is_demo, ticket__is_drill=False).order_by("started_at")
    )


def asked_for(ticket_id: UUID) -> datetime | None:
    """Return when the customer last asked for an escalation of a ticket (the portal's button), None if never."""
    rows = Entry.objects.filter(stream=f"ticket:{ticket_id}", kind="escalation.asked_for")
    return rows.order_by("-position").values_list("at", flat=True).first()
