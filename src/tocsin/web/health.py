"""For load balancers and monitoring: no sign-in, no secrets, nothing changed."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.actions.canary import WITHIN
from tocsin.domain.escalation.drills import canary_health
from tocsin.domain.notify import queries as notify
from tocsin.kernel.clock import database_now
from tocsin.web.access import now, public


@public
@never_cache
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"live": True})


@public
@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """This process can reach its database."""
    try:
        database_now(connection)
    except DatabaseError:
        return JsonResponse({"ready": False, "why": "the database does not answer"}, status=503)
    return JsonResponse({"ready": True})


@public
@never_cache
@require_safe
def engine(request: HttpRequest) -> HttpResponse:
    """Seconds by which the oldest due step or delivery is overdue; 503 while nobody works on them (SECURITY "Operators")."""
    at = now(request)
    health = notify.engine_health(at)
    outbox = notify.outbox_health(at)
    due = escalation.oldest_due()
    every = timedelta(minutes=settings.CANARY_MINUTES)
    canary = canary_health(every=every, within=WITHIN, now=at)
    steps = max(0.0, (at - due).total_seconds()) if due else 0.0
    body = {
        "state": health.state,
        "oldest_overdue_seconds": round(max(steps, outbox.overdue_seconds), 3),
        "overdue": {"steps": round(steps, 3), "deliveries": round(outbox.overdue_seconds, 3)},
        "pending_deliveries": outbox.pending,
        "expired_leases": outbox.expired_leases,
        "suspected_duplicates": outbox.suspected_duplicates,
        "auditor_age_seconds": health.auditor_age_seconds,
        "silent": list(health.silent),
        "canary": {
            "state": canary.state, "age_seconds": canary.age_seconds, "took_seconds": canary.took_seconds,
        },
        "beat_outside_age_seconds": notify.beat_age("outside", at),
        "open_escalations": escalation.open_escalations(),
    }  # fmt: skip
    return JsonResponse(body, status=503 if health.state == "stopped" else 200)
