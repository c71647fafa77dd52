"""Which rows: every filter in the address (check 22), and what the selects offer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict

from tocsin.domain.insights import queries
from tocsin.domain.insights.logic.metrics import DIMENSIONS
from tocsin.domain.insights.queries import Selection
from tocsin.domain.people.models import User
from tocsin.web.access import now, viewer
from tocsin.web.languages.catalogue import say

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year", "all": "All"}
USUAL = "90"
FIRST = ("team", "service", "customer", "priority")  # the other filters are folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One select of the filter."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the address asks for. `first`, `last`: days, where it names them; else "" and a period that ends now."""

    where: Selection
    period: str
    first: str
    last: str
    selects: tuple[Select, ...]
    folded: tuple[Select, ...]

    @property
    def is_filtered(self) -> bool:
        return any(self.where.where.values()) or bool(self.first)

    @property
    def is_folded(self) -> bool:
        return not any(select.value for select in self.folded) and not self.first

    @property
    def days(self) -> int:
        return max(round((self.where.end - self.where.start) / timedelta(days=1)), 1)

    @property
    def query(self) -> dict[str, str]:
        """The address's own words, from which links to rows are made."""
        words = {name: value for name, value in self.where.where.items() if value}
        words |= {"from": self.first, "to": self.last} if self.first else {"period": self.period}
        return words if self.where.business else words | {"clock": "elapsed"}

    def link(self, path: str, **changes: object) -> str:
        """Return an address with this selection and `changes`; one that is None takes a word out."""
        words = {**self.query, **{name.rstrip("_"): value for name, value in changes.items()}}
        if "from" in words and "from_" in changes:
            words.pop("period", None)
        return f"{path}?{urlencode({name: value for name, value in words.items() if value not in (None, '')})}"


def chosen(request: HttpRequest, *, selects: bool = True) -> Chosen:
    """Read the filter; what is unknown is left out."""
    return read(request.GET, viewer(request), now(request), selects=selects)


def read(asked: QueryDict, user: User, at: datetime, *, selects: bool = True) -> Chosen:
    """Read the filter from an address, in the days of this person's zone."""
    zone = ZoneInfo(user.zone)
    period = asked.get("period", USUAL)
    period = period if period in PERIODS else USUAL
    first, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
    if first and last and first <= last:
        start, end = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    else:
        first = last = None
        end = at
        start = _start(period, at, zone)
    where = {name: asked.get(name, "").strip()[:120].replace("\x00", "") for name in DIMENSIONS}
    offers = queries.all_offered() if selects else {}
    made = [
        Select(
            name=name, label=DIMENSIONS[name][1], value=where[name], choices=_choices(name, where[name], offers[name])
        )
        for name in offers
    ]
    return Chosen(
        where=Selection(
            start=start, end=end, now=at, zone=user.zone, where={n: v for n, v in where.items() if v},
            business=asked.get("clock") != "elapsed", weekday=_number(asked.get("weekday", ""), 1, 7),
            hour=_number(asked.get("hour", ""), 0, 23),
        ),
        period=period, first=first.isoformat() if first else "", last=last.isoformat() if last else "",
        selects=tuple(select for select in made if select.name in FIRST),
        folded=tuple(select for select in made if select.name not in FIRST and (select.choices or select.value)),
    )  # fmt: skip


def _choices(name: str, value: str, offered: list[tuple[str, str]]) -> list[tuple[str, str]]:
    spoken = (
        offered if name in ("team", "service", "customer", "category", "cause") else [(k, say(v)) for k, v in offered]
    )
    return spoken if not value or any(value == key for key, _ in spoken) else [*spoken, (value, value)]


def _start(period: str, at: datetime, zone: ZoneInfo) -> datetime:
    if period == "all":
        _, first, _ = queries.counted()
        day = (first or at).astimezone(zone).date()
    else:
        day = at.astimezone(zone).date() - timedelta(days=int(period) - 1)
    return _midnight(day, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year < 2190 else None


def _number(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and least <= int(text[:6]) <= most else None
