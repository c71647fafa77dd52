"""Named reads of back-tests and shadows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from tocsin.domain.escalation.logic import spec
from tocsin.domain.insights.backtests.rosters import names_of
from tocsin.domain.insights.backtests.rules import may_read_backtests
from tocsin.domain.insights.backtests.running import ran_from, silent
from tocsin.domain.insights.logic import advisor
from tocsin.domain.insights.logic.backtest import (
    ADDED,
    AVOIDED,
    CHANGED,
    SAME,
    Page,
    Ran,
    Tally,
    leaf,
    paired,
    quantile,
)
from tocsin.domain.insights.models.backtest import BackTest, BackTestTicket, Kind, Shadow, ShadowLook, ShadowReport
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound

WEEK = 7 * 86_400
DIFFERENT = (ADDED, AVOIDED, CHANGED)
UNKNOWN = "somebody"


@dataclass(frozen=True, slots=True)
class PersonChange:
    """How one person's pages would change."""

    id: str
    name: str
    before: int
    after: int
    added: int
    avoided: int
    nights_before: int
    nights_after: int


@dataclass(frozen=True, slots=True)
class HourChange:
    """Pages by hour of the local clock of whoever is paged."""

    hour: int
    before: int
    after: int
    is_night: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer of a comparison in whole numbers."""

    tickets: int
    different: int
    fired_before: int
    fired_after: int
    only_before: int
    only_after: int
    pages_before: int
    pages_after: int
    added: int
    avoided: int
    nights_before: int
    nights_after: int
    breaches: int
    warned_before: int
    warned_after: int
    newly_warned: int
    no_longer_warned: int
    earlier: int
    earlier_minutes: int | None  # median
    later: int
    noise_before: int
    noise_after: int
    ended_well: int
    empty_before: int
    empty_after: int


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison as pages, API and command line show it."""

    figures: Figures
    people: tuple[PersonChange, ...]
    hours: tuple[HourChange, ...]
    triggers: tuple[tuple[str, int, int], ...]  # key, fired before, fired after
    silent: dict[str, str] = field(default_factory=dict)


def backtests(slug: str = "") -> QuerySet[BackTest]:
    """Return back-tests, newest first; with a slug those of one policy."""
    rows = BackTest.objects.select_related("policy__current", "created_by").annotate(
        pieces=Count("chunks"), pieces_done=Count("chunks", filter=Q(chunks__tally__isnull=False))
    )
    rows = rows.filter(policy__slug=slug) if slug else rows
    return rows.order_by("-created_at", "-pk")


def access_backtest(user: User, backtest_id: UUID) -> BackTest:
    """Return one back-test with its progress. Raises NotFound where it is absent or not for this person."""
    found = backtests().filter(pk=backtest_id).first() if may_read_backtests.test(user) else None
    if found is None:
        raise NotFound("backtest_not_found", "There is no such back-test, or you may not see it.")
    return found


def result_of(backtest: BackTest) -> Result:
    """Return what a finished comparison found."""
    contents = [spec.from_json(one["spec"]) for one in backtest.variants]
    return result(backtest.found, {k: v for content in contents for k, v in silent(content).items()})


def result(found: Tally, not_replayed: dict[str, str]) -> Result:
    """Return a comparison's tally as figures, with the people's names."""
    before, after = (found.get("sides", {}).get(n, {}) for n in ("0", "1"))
    told = found.get("difference", {})
    figures = Figures(
        tickets=leaf(found, "tickets"), different=sum(leaf(told, "tickets", name) for name in DIFFERENT),
        fired_before=leaf(before, "tickets"), fired_after=leaf(after, "tickets"),
        only_before=leaf(told, "fired", "only_before"), only_after=leaf(told, "fired", "only_after"),
        pages_before=leaf(before, "pages"), pages_after=leaf(after, "pages"),
        added=leaf(told, "added", "people"), avoided=leaf(told, "avoided", "people"),
        nights_before=leaf(before, "nights"), nights_after=leaf(after, "nights"), breaches=leaf(found, "breaches"),
        warned_before=leaf(before, "warned"), warned_after=leaf(after, "warned"),
        newly_warned=leaf(told, "breaches", "only_after"), no_longer_warned=leaf(told, "breaches", "only_before"),
        earlier=leaf(told, "breaches", "earlier"), later=leaf(told, "breaches", "later"),
        earlier_minutes=quantile(told.get("breaches", {}).get("earlier_minutes", {}), 0.5),
        noise_before=leaf(before, "noise", "tickets"), noise_after=leaf(after, "noise", "tickets"),
        ended_well=leaf(found, "ended", "well"), empty_before=leaf(before, "empty"), empty_after=leaf(after, "empty"),
    )  # fmt: skip
    return Result(figures, _people(before, after, told), _hours(before, after), _triggers(before, after), not_replayed)


def _people(before: Tally, after: Tally, told: Tally) -> tuple[PersonChange, ...]:
    ids = {*before.get("people", {}), *after.get("people", {})}
    names = names_of(ids)
    rows = [
        PersonChange(
            pk, names.get(pk, UNKNOWN), leaf(before, "people", pk), leaf(after, "people", pk),
            leaf(told, "added", "people", pk), leaf(told, "avoided", "people", pk), leaf(before, "nights", pk),
            leaf(after, "nights", pk),
        )
        for pk in ids
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda one: (-(one.added + one.avoided), -one.after, one.name, one.id)))


def _hours(before: Tally, after: Tally) -> tuple[HourChange, ...]:
    return tuple(
        HourChange(n, leaf(before, "hours", str(n)), leaf(after, "hours", str(n)), n >= 22 or n < 6) for n in range(24)
    )  # fmt: skip


def _triggers(before: Tally, after: Tally) -> tuple[tuple[str, int, int], ...]:
    keys = {*before.get("triggers", {}), *after.get("triggers", {})}
    return tuple((key, leaf(before, "triggers", key), leaf(after, "triggers", key)) for key in sorted(keys))


def rows_of(backtest: BackTest, *, change: str = "", person: str = "", noise: bool = False) -> QuerySet[BackTestTicket]:
    """Return the tickets of a comparison, newest first: of one kind of change, of one person, or where it was noise."""
    rows = BackTestTicket.objects.filter(backtest=backtest).select_related("ticket").order_by("-number")
    if change in (*DIFFERENT, SAME):
        rows = rows.filter(change=change)
    elif change == "different":
        rows = rows.exclude(change=SAME)
    if person:
        rows = rows.filter(people__contains=[person])
    return rows.filter(ended="well") if noise else rows


def row_of(backtest: BackTest, number: int) -> BackTestTicket:
    """Return one ticket of a comparison. Raises NotFound."""
    found = BackTestTicket.objects.filter(backtest=backtest, number=number).select_related("ticket").first()
    if found is None:
        raise NotFound("row_not_found", f"Nothing fired on T-{number} in this back-test.")
    return found


@dataclass(frozen=True, slots=True)
class Drawn:
    """One ticket with both runs, and who is who."""

    runs: tuple[Ran, Ran]
    pairs: list[tuple[Page | None, Page | None]]
    names: dict[str, str]
    breaches: list[tuple[str, datetime]]


def drawn(detail: dict[str, Any]) -> Drawn:
    """Return the kept runs of one ticket."""
    before, after = (ran_from(one) for one in detail["runs"])
    names = names_of({page.person for page in (*before.pages, *after.pages)})
    breaches = [(kind, datetime.fromisoformat(at)) for kind, at in detail.get("breaches", ())]
    return Drawn((before, after), paired(before, after), names, breaches)


def points_of(backtest: BackTest) -> list[advisor.Point]:
    """Return the points of a sweep in the order of their values."""
    weeks = max((backtest.ends_at - backtest.starts_at).total_seconds() / WEEK, 1 / 7)
    return advisor.points(backtest.found, backtest.variants, weeks, current_value(backtest))


def current_value(backtest: BackTest) -> float:
    """Return the threshold that the policy has at present; -1 where it has no such trigger any more."""
    current = backtest.policy.current
    if backtest.kind != Kind.SWEEP or current is None:
        return -1.0
    content = spec.from_json(current.spec)
    found = next((one for one in advisor.sweepable(content) if one.key == backtest.trigger), None)
    return advisor.present(found) if found else -1.0


def shadows(slug: str = "") -> QuerySet[Shadow]:
    """Return shadows, those at work first."""
    rows = Shadow.objects.select_related("policy", "owner")
    rows = rows.filter(policy__slug=slug) if slug else rows
    return rows.order_by(F("stopped_at").desc(nulls_first=True), "-started_at")


def access_shadow(user: User, shadow_id: UUID) -> Shadow:
    """Return one shadow. Raises NotFound."""
    found = shadows().filter(pk=shadow_id).first() if may_read_backtests.test(user) else None
    if found is None:
        raise NotFound("shadow_not_found", "There is no such shadow, or you may not see it.")
    return found


def running_shadow(slug: str) -> Shadow | None:
    """Return the draft that runs in the shadow of a policy now."""
    return Shadow.objects.filter(policy__slug=slug, stopped_at__isnull=True).first()


def looks_of(shadow: Shadow, *, different: bool = True) -> QuerySet[ShadowLook]:
    """Return the tickets on which the draft or the live policy did something, newest first."""
    rows = ShadowLook.objects.filter(shadow=shadow).exclude(change="").select_related("ticket")
    return (rows.exclude(change=SAME) if different else rows).order_by("-first_at", "pk")


def reports_of(shadow: Shadow) -> Sequence[ShadowReport]:
    """Return the weekly reports, newest first."""
    return list(ShadowReport.objects.filter(shadow=shadow).order_by("-ends_at")[:60])


def looked(shadow: Shadow) -> int:
    """Return at how many tickets a shadow has looked."""
    return ShadowLook.objects.filter(shadow=shadow, looked_at__isnull=False).count()
