"""Promises noticed in what is being written: the languages' words, the customer's hours, the zones of both."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.calendars.queries import always, business_calendar
from tocsin.domain.people.models import User
from tocsin.domain.sla.queries import agreement_for
from tocsin.domain.stakeholders.logic.deadlines import Frame, named
from tocsin.domain.stakeholders.logic.phrases import BadPhrases, Phrases, read
from tocsin.domain.stakeholders.logic.recognising import Found, recognise
from tocsin.domain.stakeholders.logic.wording import given_name
from tocsin.domain.tickets.models import Ticket

log = structlog.get_logger(__name__)

OURS = Path(__file__).parent.parent / "phrases"


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise that could be kept in mind, in one zone."""

    found: Found
    zone: str
    whose: str  # in words, where the two zones differ: "your time"; else ""


def offers_in(text: str, *, ticket: Ticket, by: User, now: datetime) -> list[Offer]:
    """Return the promises that a draft seems to make, first as its writer's clock means them.

    Where the customer's clock shows another time, that reading is offered beside it.
    """
    who = given_name(ticket.requester.name) if ticket.requester else "the customer"
    calendar = hours_of(ticket)
    mine = recognise(text, who=who, phrases=languages(), frame=Frame(now=now, zone=_zone(by.zone), calendar=calendar))
    offers = [Offer(one, str(_zone(by.zone)), "") for one in mine]
    theirs_zone = customer_zone(ticket)
    if theirs_zone is None or not mine:
        return offers
    theirs = recognise(text, who=who, phrases=languages(), frame=Frame(now=now, zone=theirs_zone, calendar=calendar))
    other = [one for one in theirs if all((one.what, one.due_at) != (same.what, same.due_at) for same in mine)]
    if not other:
        return offers
    yours = [Offer(one.found, one.zone, "your time") for one in offers]
    return yours + [Offer(one, str(theirs_zone), "their time") for one in other]


def due_named(word: str, *, ticket: Ticket, by: User, now: datetime) -> datetime | None:
    """Return the instant (UTC) that a form's choice means on this ticket, by its agreement's hours and `by`'s clock."""
    return named(word, Frame(now=now, zone=_zone(by.zone), calendar=hours_of(ticket)))


def customer_zone(ticket: Ticket) -> ZoneInfo | None:
    """Return the zone in which the customer reads: the requester's, else the organisation's."""
    if ticket.requester is not None and ticket.requester.zone != "UTC":
        return _zone(ticket.requester.zone)
    return _zone(ticket.organisation.zone) if ticket.organisation is not None else None


def hours_of(ticket: Ticket) -> BusinessCalendar:
    """Return the hours of the ticket's agreement; day and night without one."""
    agreement = agreement_for(ticket)
    return business_calendar(agreement.calendar_id) if agreement is not None else always()


def languages() -> tuple[Phrases, ...]:
    """Return every language's words: ours, and what the folder TOCSIN_PROMISE_PHRASES adds. Read anew when a file changes."""
    own = Path(str(settings.PROMISE_PHRASES)) if settings.PROMISE_PHRASES else None
    files = [*sorted(OURS.glob("*.yaml")), *(sorted(own.glob("*.yaml")) if own is not None else [])]
    return _languages(tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=4)
def _languages(files: tuple[tuple[str, int], ...]) -> tuple[Phrases, ...]:
    documents: dict[str, list[dict[str, Any]]] = {}
    for name, _ in files:
        try:
            document = YAML(typ="safe").load(Path(name).read_text(encoding="utf-8"))
            read([document])  # a file that cannot be used is left out, and takes no other with it
            documents.setdefault(str(document["language"]), []).append(document)
        except (OSError, YAMLError, BadPhrases, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("phrases.unusable", file=name, why=str(error)[:300])
    return tuple(read(several) for several in documents.values())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
