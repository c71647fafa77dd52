"""Targets of metrics."""

from collections.abc import Mapping
from uuid import UUID

from tocsin.domain.insights.models import MetricTarget
from tocsin.kernel.errors import NotFound


def targets() -> list[MetricTarget]:
    """Return every target with its owner, those whose figures left their band first."""
    found = MetricTarget.objects.select_related("owner").order_by("metric", "made_at", "pk")
    return sorted(found, key=lambda one: one.departed_at is None)


def target_of(metric: str, where: Mapping[str, str]) -> MetricTarget | None:
    """Return the target of a metric in exactly this scope."""
    scope = {name: value for name, value in where.items() if value}
    return MetricTarget.objects.select_related("owner").filter(metric=metric, scope=scope).first()


def access_target(target_id: UUID) -> MetricTarget:
    """Return a target. Raises NotFound."""
    found = MetricTarget.objects.select_related("owner").filter(pk=target_id).first()
    if found is None:
        raise NotFound("target_not_found", "There is no such target. It may have been taken away.")
    return found
