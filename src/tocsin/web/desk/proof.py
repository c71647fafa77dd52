"""The proof of an escalation: every firing with its evidence, each page, delivery, attempt and answer."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.models import Escalation, Firing
from tocsin.domain.journal import queries as journal
from tocsin.domain.notify import queries as notify
from tocsin.domain.people import queries as people
from tocsin.domain.tickets import queries as tickets
from tocsin.web.access import staff, viewer

_ANSWERS = ("run.", "escalation.", "page.")


@staff
@require_safe
def page(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Show the proof."""
    return render(
        request,
        "desk/proof.html",
        _proof(request, escalation_id) | {"json_address": request.path.rstrip("/") + ".json"},
    )


@staff
@require_safe
def as_json(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The same for programs, and for a folder of evidence."""
    proof = _proof(request, escalation_id)
    found: Escalation = proof["escalation"]
    body = {
        "escalation": str(found.pk),
        "ticket": found.ticket.reference,
        "policy": found.policy.slug,
        "version": found.run.version.number,
        "version_digest": found.run.version.digest,
        "type": found.type,
        "reason": found.reason,
        "direction": found.direction,
        "state": found.state,
        "opened_at": found.opened_at,
        "closed_at": found.closed_at,
        "outcome": found.outcome,
        "firings": [_firing_json(level["firing"], level["pages"]) for level in proof["levels"]],
        "journal": [
            {
                "position": e.position,
                "at": e.at,
                "kind": e.kind,
                "actor": e.actor,
                "data": e.data,
                "hash": bytes(e.hash).hex(),
            }
            for e in proof["entries"]
        ],
    }
    return JsonResponse(body, json_dumps_params={"indent": 1})


def _proof(request: HttpRequest, escalation_id: UUID) -> dict[str, Any]:
    found = escalation.escalation_of(escalation_id)
    tickets.access_ticket(viewer(request), found.ticket.number)
    run = found.run
    pages = notify.pages_of_run(run.pk)
    levels: list[dict[str, Any]] = [
        {"firing": firing, "pages": [p for p in pages if (p.cycle, p.level) == (firing.cycle, firing.level)]}
        for firing in escalation.firings_of(run.pk)
    ]
    ids = {str(run.pk), str(found.pk), *(str(page.pk) for page in pages)}
    entries = [
        entry
        for entry in journal.entries(f"ticket:{found.ticket.pk}", limit=5_000)
        if entry.kind.startswith(_ANSWERS) and _is_of(entry.data, ids)
    ]
    actors = people.names_of_actors({entry.actor for entry in entries})
    return {
        "escalation": found,
        "run": run,
        "levels": levels,
        "other_pages": [p for p in pages if not any(p in level["pages"] for level in levels)],
        "entries": entries,
        "lines": [{"entry": e, "actor": actors.get(e.actor, e.actor), "words": _words(e.data)} for e in entries],
        "section": "",
    }


def _is_of(data: dict[str, Any], ids: set[str]) -> bool:
    return bool({str(data.get(key, "")) for key in ("run", "escalation", "page")} & ids)


def _words(data: dict[str, Any]) -> str:
    told = [
        f"{key.replace('_', ' ')} {value}"
        for key, value in data.items()
        if isinstance(value, (str, int)) and 0 < len(str(value)) < 32
    ]
    return ", ".join(told)


def _firing_json(firing: Firing, pages: Iterable[Any]) -> dict[str, Any]:
    return {
        "cycle": firing.cycle,
        "level": firing.level,
        "due_at": firing.due_at,
        "fired_at": firing.fired_at,
        "closed_at": firing.closed_at,
        "closed_by": firing.closed_by,
        "outcome": firing.outcome,
        "evidence": firing.evidence,
        "pages": [
            {
                "person": page.user.name, "purpose": page.purpose, "state": page.state, "created_at": page.created_at,
                "deliveries": [
                    {
                        "channel": d.channel, "address": d.address, "state": d.state, "sent_at": d.sent_at,
                        "delivered_at": d.delivered_at, "provider_id": d.provider_id, "error": d.error,
                        "attempts": [
                            {"at": t.at, "ended_at": t.ended_at, "outcome": t.outcome, "answer": t.answer} for t in d.tries.all()
                        ],
                    }
                    for d in page.deliveries.all()
                ],
            }
            for page in pages
        ],
    }  # fmt: skip
