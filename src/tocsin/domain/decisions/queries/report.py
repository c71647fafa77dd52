"""What was decided where, what had to be asked for, and which escalations need not have been (SEMANTICS 6, 9)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tocsin.domain.decisions.enums import RequestState
from tocsin.domain.decisions.logic.rights import sized
from tocsin.domain.decisions.models import Decision, ForDecision, Request, Taken

NO_TEAM = "no team"


@dataclass(slots=True, kw_only=True)
class Row:
    """One decision, team or person of the period."""

    name: str
    taken: int = 0  # alone or with approval
    approved: int = 0  # of those, with approval
    total: str = ""  # of what was taken, in words; only of one decision, whose unit is one
    asked: int = 0  # requests beyond the limit
    refused: int = 0
    expired: int = 0
    escalated: int = 0  # escalations marked as for a decision
    avoidable: int = 0  # of those, where the own right would have done


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a period, `since` included and `until` excluded (UTC), and the rows they are counted from."""

    since: datetime
    until: datetime
    decisions: list[Row]
    teams: list[Row]
    people: list[Row]
    whole: Row
    avoidable: list[ForDecision]
    taken: list[Taken] = field(default_factory=list)

    @property
    def share(self) -> int | None:
        """Avoidable among the escalations for a decision, in percent; None if there were none."""
        return round(100 * self.whole.avoidable / self.whole.escalated) if self.whole.escalated else None


def report(*, since: datetime, until: datetime) -> Report:
    """Return the report of a period. Four queries, however much there is."""
    taken = list(
        Taken.objects.filter(at__gte=since, at__lt=until)
        .select_related("decision", "by", "approved_by", "team", "ticket")
        .order_by("-at")
    )
    asked = list(
        Request.objects.filter(asked_at__gte=since, asked_at__lt=until).select_related("decision", "asked_by", "team")
    )
    escalated = list(
        ForDecision.objects.filter(at__gte=since, at__lt=until)
        .select_related("decision", "by", "team", "escalation__ticket", "escalation__policy")
        .order_by("-at")
    )
    decisions = _rows(taken, asked, escalated, _of_decision)
    _totals(decisions, taken)
    return Report(
        since=since, until=until, decisions=_by_size(decisions),
        teams=_by_size(_rows(taken, asked, escalated, _of_team)),
        people=_by_size(_rows(taken, asked, escalated, _of_person)),
        whole=_rows(taken, asked, escalated, lambda _one: (None, "")).get(None, Row(name="")),
        avoidable=[one for one in escalated if one.sufficed], taken=taken,
    )  # fmt: skip


type _Act = Taken | Request | ForDecision
type _Key = UUID | None


def _of_decision(one: _Act) -> tuple[_Key, str]:
    return one.decision_id, one.decision.name


def _of_team(one: _Act) -> tuple[_Key, str]:
    return one.team_id, one.team.name if one.team else NO_TEAM


def _of_person(one: _Act) -> tuple[_Key, str]:
    who = one.asked_by if isinstance(one, Request) else one.by
    return who.pk, who.name


def _rows(
    taken: Iterable[Taken], asked: Iterable[Request], escalated: Iterable[ForDecision],
    named: Callable[[_Act], tuple[_Key, str]],
) -> dict[_Key, Row]:  # fmt: skip
    rows: dict[_Key, Row] = {}

    def row(one: _Act) -> Row:
        key, name = named(one)
        return rows.setdefault(key, Row(name=name))

    for act in taken:
        counted = row(act)
        counted.taken += 1
        counted.approved += act.approved_by_id is not None
    for request in asked:
        counted = row(request)
        counted.asked += 1
        counted.refused += request.state == RequestState.REFUSED
        counted.expired += request.state == RequestState.EXPIRED
    for mark in escalated:
        counted = row(mark)
        counted.escalated += 1
        counted.avoidable += mark.sufficed
    return rows


def _totals(rows: dict[_Key, Row], taken: Iterable[Taken]) -> None:
    """Add up what was taken, decision by decision: amounts of one decision are of one unit."""
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for one in taken:
        sums[one.decision_id] += one.amount or Decimal(0)
    for pk, unit, unit_name in Decision.objects.filter(pk__in=list(sums)).values_list("pk", "unit", "unit_name"):
        rows[pk].total = sized(sums[pk], unit, unit_name)


def _by_size(rows: dict[_Key, Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (-row.taken, -row.asked, -row.escalated, row.name))
