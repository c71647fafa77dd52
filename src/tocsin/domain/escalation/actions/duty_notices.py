"""Telling people what on-call asks of them: swaps, and cover for somebody's absence. Wired in config/wiring.py.

It stands here because on-call and notify do not know each other, and escalation knows both.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.oncall.events import CoverAnswered, CoverProposed, SwapAnswered, SwapOffered
from tocsin.domain.oncall.models import Absence, Swap
from tocsin.domain.people.models import User


def on_swap_offered(event: SwapOffered) -> None:
    swap = Swap.objects.select_related("schedule", "offered_by", "offered_to").get(pk=event.swap_id)
    span = _span(swap.starts_at, swap.ends_at, swap.offered_to)
    body = f"{swap.offered_by.name} asks you to take their duty in {swap.schedule.name}, {span}."
    if swap.return_starts_at and swap.return_ends_at:
        back = _span(swap.return_starts_at, swap.return_ends_at, swap.offered_to)
        body += f" In return they take yours, {back}."
    body += " Until you accept, it stays theirs."
    _tell(swap.offered_to_id, f"{swap.offered_by.name} asks for a swap in {swap.schedule.name}", body, event.at)


def on_swap_answered(event: SwapAnswered) -> None:
    swap = Swap.objects.select_related("schedule", "offered_by", "offered_to").get(pk=event.swap_id)
    word = "accepted" if event.accepted else "declined"
    body = f"{swap.offered_to.name} {word} your swap, {_span(swap.starts_at, swap.ends_at, swap.offered_by)}. {swap.answer}"
    _tell(event.offered_by, f"Swap {word}: {swap.schedule.name}", body.rstrip(), event.at)


def on_cover_proposed(event: CoverProposed) -> None:
    absence = Absence.objects.select_related("person", "cover").get(pk=event.absence_id)
    if absence.cover is None:
        return
    span = _span(absence.starts_at, absence.ends_at, absence.cover)
    body = f"{absence.person.name} is away {span}. You are asked to stand in on call. Until you accept, nobody does."
    _tell(event.cover, f"Cover asked for {absence.person.name}", body, event.at)


def on_cover_answered(event: CoverAnswered) -> None:
    absence = Absence.objects.select_related("person", "cover").get(pk=event.absence_id)
    who = absence.cover.name if absence.cover else "Your cover"
    word = "stands in for you" if event.accepted else "cannot stand in for you"
    body = f"{who} {word}, {_span(absence.starts_at, absence.ends_at, absence.person)}."
    _tell(event.person, f"{who} {word}", body, event.at)


def _span(start: datetime, end: datetime, reader: User) -> str:
    """Say a span in the reader's own zone, with the zone's name."""
    zone = ZoneInfo(reader.zone)
    return f"{start.astimezone(zone):%a %d %b %H:%M} to {end.astimezone(zone):%a %d %b %H:%M} ({reader.zone})"


def _tell(user_id: UUID, subject: str, body: str, now: datetime) -> None:
    page = PageRequest(user_id=user_id, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300], body=body)
    notify.enqueue(pages=[page], now=now)
