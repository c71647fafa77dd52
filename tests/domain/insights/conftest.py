"""The small company of the escalation tests."""

from tests.domain.escalation.conftest import company, outbox

__all__ = ["company", "outbox"]
