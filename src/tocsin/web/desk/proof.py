"""The proof of an escalation as a page that prints, and as a file that can be checked (`tocsin proof --check`)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import proofs
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.tickets import queries as tickets
from tocsin.web.access import now, staff, viewer


@staff
@require_safe
def page(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Show the proof."""
    found = _found(request, escalation_id)
    proof = proofs.proof_of(found.pk)
    context = {
        "escalation": found,
        "proof": proof,
        "runs": [proof, *proof["called"]],
        "lines": [{**e, "at": parse_datetime(e["at"]), "words": _words(e["data"])} for e in proof["journal"]],
        "json_address": request.path.rstrip("/") + ".json",
        "as_of": now(request),
        "section": "",
    }
    return render(request, "desk/proof.html", context)


@staff
@require_safe
def as_json(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The same for programs, and for a folder of evidence."""
    found = _found(request, escalation_id)
    response = JsonResponse(proofs.proof_of(found.pk), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'inline; filename="proof-{found.ticket.reference}.json"'
    return response


def _found(request: HttpRequest, escalation_id: UUID) -> Escalation:
    found = escalation.escalation_of(escalation_id)
    tickets.access_ticket(viewer(request), found.ticket.number)
    return found


def _words(data: dict[str, Any]) -> str:
    told = [
        f"{key.replace('_', ' ')} {value}"
        for key, value in data.items()
        if isinstance(value, (str, int)) and 0 < len(str(value)) < 32
    ]
    return ", ".join(told)
