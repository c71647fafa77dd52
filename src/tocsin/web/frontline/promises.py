"""Promises that other apps make on tickets and that a shift handover shows beside clocks and escalations.

Each source is given the tickets' ids and the time, and returns {ticket id: promises}; the domain of the front line does
not know these apps (docs/structure.md).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tocsin.domain.frontline.queries import ExtraPromises
from tocsin.domain.frontline.queries.promises import Promise
from tocsin.domain.stakeholders import queries as stakeholders
from tocsin.domain.stakeholders.models import Promise as Given


def given_words(ticket_ids: Collection[UUID], now: datetime) -> Mapping[UUID, Sequence[Promise]]:
    """Return what people have promised on these tickets and have not yet kept."""
    return {
        pk: [Promise(f"promised to {_whom(one)}: {one.what}", one.due_at, one.due_at <= now) for one in found]
        for pk, found in stakeholders.open_on_many(ticket_ids).items()
    }


def _whom(one: Given) -> str:
    return one.to_person.name if one.to_person else one.organisation.name if one.organisation else "somebody"


SOURCES: tuple[ExtraPromises, ...] = (given_words,)
