"""Reading policies: versions are immutable, so a parsed one is kept for the life of the process."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.policy import TargetKind
from tocsin.domain.escalation.models import PolicyVersion
from tocsin.kernel.errors import NotFound

_parsed: dict[UUID, Content] = {}
_KEPT = 2_000
# Asked at every change of every ticket, so without the ORM's share of it.
_LIVE = """
SELECT p.id, p.current_id, v.number, p.owner_id
FROM escalation_policy p JOIN escalation_policyversion v ON v.id = p.current_id
WHERE p.enabled ORDER BY p.slug
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A policy's current version, ready to decide with."""

    id: UUID
    version_id: UUID
    number: int
    owner_id: UUID | None
    content: Content


def content_of(version_id: UUID, document: dict[str, Any] | None = None) -> Content:
    """Return the content of a version; `document` saves the query where the caller has its `spec` at hand."""
    found = _parsed.get(version_id)
    if found is None:
        if document is None:
            document = PolicyVersion.objects.values_list("spec", flat=True).get(pk=version_id)
        if len(_parsed) >= _KEPT:
            _parsed.clear()
        found = _parsed[version_id] = spec.from_json(document)
    return found


def contents_of(version_ids: set[UUID]) -> dict[UUID, Content]:
    """Return the contents of several versions with at most one query."""
    unknown = version_ids - _parsed.keys()
    if unknown:
        for pk, document in PolicyVersion.objects.filter(pk__in=unknown).values_list("pk", "spec"):
            content_of(pk, document)
    return {pk: content_of(pk) for pk in version_ids}


def live() -> list[Published]:
    """Return the enabled policies that have a version, by slug."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE)
        found = cursor.fetchall()
    contents = contents_of({row[1] for row in found})
    return [Published(pk, version, number, owner, contents[version]) for pk, version, number, owner in found]


def published(slug: str) -> Published:
    """Return one policy by slug. NotFound if it does not exist, is disabled or was never published."""
    for policy in live():
        if policy.content.slug == slug:
            return policy
    raise NotFound("policy_not_found", f"There is no enabled policy “{slug}”. Publish it first.", {"policy": slug})


def naming_schedule(slug: str) -> list[Published]:
    """Return the enabled policies that page whoever is on call (or takes turns) in a schedule, by slug."""
    kinds = (TargetKind.ON_CALL, TargetKind.ROUND_ROBIN_SCHEDULE)
    return [
        policy
        for policy in live()
        if any(t.kind in kinds and t.ref == slug for level in policy.content.levels for t in level.targets)
    ]


def level_name(content: Content, number: int) -> str:
    """Return the name of level `number` (1-based), or a plain word for level 0."""
    return content.levels[number - 1].name if 1 <= number <= len(content.levels) else "before the first level"
