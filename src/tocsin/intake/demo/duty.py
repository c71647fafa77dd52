"""The demonstration's schedules, from company.yaml: layers, an override, a swap that waits, an absence with its cover."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.schedule import Layer, Restriction, Rotation, RotationKind
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.models import Team, User
from tocsin.intake.demo.spans import span

WEEKS_BACK = 12
HOUR = timedelta(hours=1)
LOOKED = timedelta(days=30)  # ahead, for a duty that its owner would swap away


def create(source: dict[str, Any], people: dict[str, User], teams: dict[str, Team], now: datetime) -> None:
    """Create the schedules, as they have been for twelve weeks, and what has changed them since."""
    founded = now - timedelta(weeks=WEEKS_BACK)
    for slug, told in source["schedules"].items():
        monday = _monday(now, told["zone"])
        row = actions.create_schedule(
            name=told["name"], slug=slug, zone=told["zone"], team=teams[told["team"]], by=None, now=founded, is_demo=True,
            layers=[_layer(layer, people, monday) for layer in told["layers"]],
        )  # fmt: skip
        _changes(row, told, people, now)


def _changes(row: Schedule, told: dict[str, Any], people: dict[str, User], now: datetime) -> None:
    made = now - timedelta(hours=3)
    for one in told.get("overrides", ()):
        begin = _hour(now, one["from"])
        actions.add_override(
            schedule_id=row.pk, person=people[one["person"]], starts_at=begin, ends_at=begin + span(one["lasts"]),
            reason=one["reason"], by=people[one["by"]], now=made,
        )  # fmt: skip
    for one in told.get("shifts", ()):
        begin = _hour(now, one["from"])
        actions.add_shift(
            schedule_id=row.pk, person=people[one["person"]], starts_at=begin, ends_at=begin + span(one["lasts"]),
            reason=one["reason"], by=None, now=made,
        )  # fmt: skip
    if absent := told.get("absence"):
        begin = _hour(now, absent["from"])
        actions.report_absence(
            person=people[absent["person"]], starts_at=begin, ends_at=begin + span(absent["lasts"]), by=None, now=made,
            cover=people[absent["cover"]], reason=absent["reason"],
        )  # fmt: skip
    if swap := told.get("swap"):
        _offer(row, swap, people, made, now)


def _offer(row: Schedule, told: dict[str, Any], people: dict[str, User], made: datetime, now: datetime) -> None:
    """Offer the giver's first duty that begins after tomorrow, so that the offer can be answered for a while."""
    giver = people[told["from"]]
    own = oncall.shifts_of(giver.pk, now + timedelta(days=1), now + LOOKED)
    begun = now + timedelta(days=1)
    duty = next((one for slug, one in own if slug == row.slug and one.start > begun), None)
    if duty is not None:
        actions.offer_swap(
            schedule_id=row.pk, offered_by=giver, offered_to=people[told["to"]], starts_at=duty.start, ends_at=duty.end,
            reason=told["reason"], by=giver, now=made,
        )  # fmt: skip


def _layer(told: dict[str, Any], people: dict[str, User], monday: datetime) -> Layer:
    crews = tuple(
        tuple(str(people[key].pk) for key in (crew if isinstance(crew, list) else [crew])) for crew in told["turns"]
    )
    windows = tuple(
        Restriction(frozenset(one["days"]), _time(one["from"]), _time(one["to"]), one.get("later", 0))
        for one in told.get("times", ())
    )
    kind = RotationKind(told.get("kind", "weekly"))
    starts = monday - timedelta(weeks=WEEKS_BACK)
    return Layer(told["name"], (Rotation(kind, crews, starts, handover=_time(told["handover"]), restrictions=windows),))


def _monday(now: datetime, zone: str) -> datetime:
    """Return the start of this week's Monday in `zone`."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date() - timedelta(days=local.weekday()), time())
    return midnight.replace(tzinfo=ZoneInfo(zone))


def _hour(now: datetime, ahead: str) -> datetime:
    """Return the full hour that lies so far ahead."""
    return (now + span(ahead) + HOUR).replace(minute=0, second=0, microsecond=0)


def _time(text: str) -> time:
    return time.fromisoformat(text)
