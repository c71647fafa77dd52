"""Every route of the product with arguments from the small desk, and what each kind of person gets."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import get_resolver

from tocsin.domain.escalation.models import Run
from tocsin.domain.notify import links
from tocsin.domain.notify.models import ContactMethod

NOWHERE = UUID("00000000-0000-7000-8000-000000000000")
# Routes that only take a POST: what a GET answers there is 405 (or the sign-in).
POST_ONLY = {
    "sign_out", "ticket_message", "ticket_take", "ticket_untake", "handover_withdraw", "escalation_after_reassign",
    "run_call_next", "run_approve", "sequence_set", "quiet_set", "method_vouch", "policy_enable", "maintenance_end", "deputy_end",
}  # fmt: skip


def names() -> list[str]:
    """Return the name of every route."""
    return sorted(pattern.name for pattern in get_resolver().url_patterns)


def view_of(name: str) -> Callable[..., Any]:
    return next(pattern.callback for pattern in get_resolver().url_patterns if pattern.name == name)


def arguments(name: str, desk: Any) -> list[Any]:
    """Return what a route's address needs, from things that exist where they can."""
    run = Run.objects.get(escalation=desk.escalated)
    token = links.respond_token(run.pk, run.cycle, run.level, desk.agent.pk, now=desk.now)
    of_run = {"run_respond", "run_call_next", "run_approve", "run_refuse"}
    exact: dict[str, list[Any]] = {
        "respond_link": [token],
        "person": [desk.agent.pk],
        "person_deputy": [desk.agent.pk],
        "deputy_end": [desk.agent.pk, 1],
        "team": [desk.team.slug],
        "sequence_set": ["high"],
        "method_vouch": [ContactMethod.objects.get(user=desk.agent).pk],
        "maintenance_end": [NOWHERE],
        "handover_answer": [NOWHERE],
        "handover_withdraw": [NOWHERE],
        "de_escalation_answer": [NOWHERE],
        "clock_trace": [desk.ticket.number, NOWHERE],
        "clock_agree": [desk.ticket.number, NOWHERE],
    }
    if name in exact:
        return exact[name]
    if name in of_run:
        return [run.pk]
    if name.startswith("escalation_"):
        return [desk.escalated.pk]
    if name.startswith("ticket") and name != "ticket_new":
        return [desk.ticket.number]
    if name.startswith("policy") and name != "policy_new":
        return ["quick"]
    return []
