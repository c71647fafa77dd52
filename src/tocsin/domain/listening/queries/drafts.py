"""The operator's language model: whether there is one, and what it drafted."""

from uuid import UUID

from tocsin.domain.listening.models import Assistant, AssistantDraft
from tocsin.kernel.errors import NotFound


def assistant() -> Assistant | None:
    """Return how the endpoint is set up, None: not at all."""
    return Assistant.objects.select_related("changed_by").filter(pk=1).first()


def is_assistant_on() -> bool:
    """Tell whether drafts can be asked for."""
    return Assistant.objects.filter(pk=1, enabled=True).exists()


def draft_of(ticket_id: UUID, draft_id: UUID) -> AssistantDraft:
    """Return one draft of a ticket. Raises NotFound."""
    found = AssistantDraft.objects.select_related("by").filter(pk=draft_id, ticket=ticket_id).first()
    if found is None:
        raise NotFound("draft_not_found", "There is no such draft on this ticket.")
    return found


def drafts_on(ticket_id: UUID) -> list[AssistantDraft]:
    """Return the last drafts of a ticket, newest first."""
    return list(AssistantDraft.objects.select_related("by").filter(ticket=ticket_id).order_by("-at", "-pk")[:5])
