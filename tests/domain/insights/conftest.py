"""The small desk, and the small company of the escalation tests."""

from tests.domain.escalation.conftest import company, outbox
from tests.web.conftest import desk

__all__ = ["company", "desk", "outbox"]
