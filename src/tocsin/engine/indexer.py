"""Keeps the search index behind by a second at most: indexes what was marked as changed."""

from tocsin.domain.knowledge import searching as knowledge
from tocsin.domain.search import actions as search
from tocsin.domain.tickets import searching as tickets

LOADERS = {tickets.KIND: tickets.documents, knowledge.KIND: knowledge.documents}
PAUSE = 1.0  # seconds between looks; marks ring no bell, since writers should not wait to ring one


def index_marked() -> float:
    """Index one batch; return how many seconds may pass before the next look."""
    return 0 if search.refresh(loaders=LOADERS) == search.BATCH else PAUSE
