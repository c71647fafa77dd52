"""Drafts beside the live policy (SEMANTICS 10): looked at, never run.

Nothing here can tell anybody anything. A look folds the ticket's history with the pure decider and keeps what came
of it; there is no run, no escalation and no page, and this module imports nothing that could make one (a test holds
that). What a ticket's change costs is one statement that makes its look due.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.models import Escalation, Policy
from tocsin.domain.insights.backtests.asking import children_of, draft
from tocsin.domain.insights.backtests.rules import may_shadow
from tocsin.domain.insights.backtests.running import Bench, Question, ran_json
from tocsin.domain.insights.logic.backtest import Page, Ran, compare
from tocsin.domain.insights.models.backtest import Answers, Shadow, ShadowLook, Whose
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.models import Page as SentPage
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.kernel.errors import Conflict, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

WEEK = timedelta(days=7)
KEEPERS = "Shadows are switched by those who edit policies: escalation managers and administrators. Ask one of them."

_LOOK_AT_OPEN = """
INSERT INTO insights_shadowlook (shadow_id, ticket_id, due_at, change, detail)
SELECT %s, t.id, %s, '', '{}' FROM tickets_ticket t
WHERE t.status = ANY(%s) AND t.channel <> 'import' AND NOT t.is_drill
"""
_LOOK_AGAIN = """
INSERT INTO insights_shadowlook (shadow_id, ticket_id, due_at, change, detail)
SELECT s.id, t.id, %(now)s, '', '{}' FROM insights_shadow s, tickets_ticket t
WHERE s.stopped_at IS NULL AND t.id = %(ticket)s AND t.channel <> 'import' AND NOT t.is_drill
ON CONFLICT (shadow_id, ticket_id) DO UPDATE SET due_at = LEAST(insights_shadowlook.due_at, EXCLUDED.due_at)
"""
_CLAIM = """
SELECT id FROM insights_shadowlook WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
"""


@transaction.atomic
def start(*, slug: str, text: str, by: User | None, now: datetime, is_demo: bool = False) -> Shadow:
    """Let a draft run in the shadow of the live policy from now on. One draft per policy.

    Raises PolicyErrors, InvalidInput, NotFound, NotAllowed; Conflict if another draft runs already.
    """
    _demand(by)
    policy = Policy.objects.select_for_update(of=("self",)).filter(slug=slug, is_drill=False).first()
    if policy is None:
        raise NotFound("policy_not_found", f"There is no policy “{slug}”.")
    content = draft(text, slug).content
    if Shadow.objects.filter(policy=policy, stopped_at__isnull=True).exists():
        raise Conflict("shadow_runs", "A draft of this policy runs in the shadow already. Stop it first.")
    made = Shadow.objects.create(
        id=new_id(), policy=policy, source=text, spec=spec.to_json(content), owner=by, started_at=now,
        report_due_at=now + WEEK, is_demo=is_demo,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AT_OPEN, [made.pk, now, [str(one) for one in OPEN_STATUSES]])
    _record(made, "shadow.started", by, now)
    return made


@transaction.atomic
def stop(*, shadow_id: UUID, by: User | None, now: datetime) -> Shadow:
    """End a shadow; what it found stays. Stopping twice changes nothing."""
    _demand(by)
    found = Shadow.objects.select_for_update(of=("self",)).select_related("policy").filter(pk=shadow_id).first()
    if found is None:
        raise NotFound("shadow_not_found", "There is no such shadow.")
    if found.stopped_at is None:
        found.stopped_at, found.report_due_at = now, None
        found.save(update_fields=["stopped_at", "report_due_at"])
        ShadowLook.objects.filter(shadow=found, due_at__isnull=False).update(due_at=None)
        _record(found, "shadow.stopped", by, now)
    return found


def on_ticket_changed(event: Any) -> None:
    """A ticket changed: the drafts look at it again (one statement; the look itself is not in this transaction)."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AGAIN, {"now": event.at, "ticket": event.ticket_id})


def look_due(*, now: datetime, limit: int = 100) -> int:
    """Look at the tickets that are due at `now` (the database's clock). Return how many were looked at."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [now, limit])
            ids = [pk for (pk,) in cursor.fetchall()]
        looks = list(ShadowLook.objects.filter(pk__in=ids).select_related("shadow__policy").order_by("shadow", "pk"))
        for shadow_id in dict.fromkeys(look.shadow_id for look in looks):
            _look([look for look in looks if look.shadow_id == shadow_id], now)
        ShadowLook.objects.bulk_update(looks, ["due_at", "looked_at", "change", "first_at", "detail"])
    return len(looks)


def _look(looks: Sequence[ShadowLook], now: datetime) -> None:
    """Fold the draft over the tickets of these looks of one shadow, and hold it against what was really done."""
    shadow = looks[0].shadow
    tickets = list(Ticket.objects.filter(pk__in=[one.ticket_id for one in looks]).select_related("requester"))
    content = spec.from_json(shadow.spec)
    question = Question(
        (content,), children_of([content]), min(one.opened_at for one in tickets), now, Answers.WORK, Whose.ALL
    )
    bench = Bench(question)
    real = _really(tickets, shadow)
    by_ticket = {one.ticket_id: one for one in looks}
    for past in bench.past(tickets):
        look = by_ticket[past.id]
        ran, next_at = bench.run(past, content)
        ran = _since(ran, shadow.started_at)
        done = real.get(past.id, Ran())
        look.looked_at, look.due_at = now, next_at if next_at is not None and next_at > now else None
        quiet = ran.is_quiet and done.is_quiet
        look.change = "" if quiet else compare(done, ran).change
        look.first_at = min((page.at for page in (*done.pages, *ran.pages)), default=None)
        if look.first_at is None and not quiet:
            look.first_at = min(at for at, _, _ in (*done.fired, *ran.fired))
        look.detail = {} if quiet else {"runs": [ran_json(done), ran_json(ran)], "ended": past.ended}


def _really(tickets: Sequence[Ticket], shadow: Shadow) -> dict[UUID, Ran]:
    """Return what the live policy (and what it called) did on these tickets since the shadow began."""
    rows = Escalation.objects.filter(ticket__in=tickets, policy=shadow.policy, opened_at__gte=shadow.started_at)
    escalations = list(rows.select_related("run").prefetch_related("children__run").order_by("opened_at"))
    runs = {child.run.pk: one for one in escalations for child in (one, *one.children.all())}
    pages: dict[UUID, list[Page]] = {}
    sent = SentPage.objects.filter(run__in=list(runs), purpose__in=["page", "catch_all"]).order_by("created_at", "pk")
    for page in sent:
        if page.run is not None:
            told = Page(page.created_at, str(page.user_id), page.level, shadow.policy.slug)
            pages.setdefault(runs[page.run].ticket_id, []).append(told)
    found = {}
    for pk in {one.ticket_id for one in escalations}:
        fired = tuple((one.opened_at, one.trigger, one.reason_text) for one in escalations if one.ticket_id == pk)
        found[pk] = Ran(fired, tuple(pages.get(pk, ())))
    return found


def _since(ran: Ran, start: datetime) -> Ran:
    """Return what a run did from an instant on."""
    return Ran(
        tuple(one for one in ran.fired if one[0] >= start), tuple(one for one in ran.pages if one.at >= start),
        tuple(one for one in ran.empty if one[0] >= start),
    )  # fmt: skip


def next_look_due() -> datetime | None:
    """When the next look is due, or None."""
    return ShadowLook.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def _demand(by: User | None) -> None:
    if by is not None and not may_shadow.test(by):
        raise NotAllowed("not_allowed", KEEPERS)


def _record(shadow: Shadow, kind: str, by: User | None, now: datetime) -> None:
    actor = f"person:{by.pk}" if by else "system"
    data = {"shadow": str(shadow.pk)}
    record(stream=f"policy:{shadow.policy.slug}", kind=kind, actor=actor, at=now, data=data)
