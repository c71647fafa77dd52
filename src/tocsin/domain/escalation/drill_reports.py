"""Who answered a test, by which way and after how long: out of the pages and the journal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.escalation.logic.drills import Outcome, Said, first_answers, outcome
from tocsin.domain.escalation.models import Drill
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.enums import PageState
from tocsin.domain.notify.models import Page

YES = ("run.acknowledged", "run.acknowledged_partly", "run.also_acknowledged", "run.snoozed", "run.next_called")
NO = ("run.declined", "run.given_back")


def people_of(drill: Drill, *, over: bool) -> list[dict[str, Any]]:
    """Return one row per person of a drill, in the order they were paged: what `Drill.people` holds when it is over."""
    left_out = [row for row in drill.people if row["outcome"] == Outcome.LEFT_OUT]
    if drill.escalation is None:
        return left_out
    run = drill.escalation.run
    pages = [page for page in notify.pages_of_run(run.pk) if page.purpose not in ("warning", "notice")]
    said = first_answers(_said(drill.escalation.ticket_id, run.pk))
    by = {p["id"]: p["by"] for firing in run.firings.all() for told in firing.evidence for p in told["people"]}
    paged: dict[str, list[Page]] = {}
    for page in pages:
        paged.setdefault(str(page.user_id), []).append(page)
    unreachable = {pk for pk, own in paged.items() if all(p.state == PageState.UNREACHABLE for p in own)}
    rows = []
    for pk, own in paged.items():
        answer = said.get(pk)
        rows.append(
            {
                "id": pk, "name": own[0].user.name, "by": by.get(pk, []), "via": answer.via if answer else "",
                "outcome": str(outcome(pk, said, unreachable, over=over)),
                "seconds": _seconds(own[0].created_at, answer.at) if answer else None,
                "tried": sorted({d.channel for page in own for d in page.deliveries.all() if d.sent_at}),
            }
        )  # fmt: skip
    return rows + left_out


def _seconds(paged_at: datetime, answered_at: datetime) -> float:
    return round((answered_at - paged_at).total_seconds(), 1)


def _said(ticket_id: UUID, run: UUID) -> list[Said]:
    entries = Entry.objects.filter(stream=f"ticket:{ticket_id}", kind__in=[*YES, *NO], data__run=str(run))
    return [
        Said(str(entry.data["by"]), entry.at, entry.kind in NO, str(entry.data.get("via", "")))
        for entry in entries.order_by("position")
        if "by" in entry.data
    ]


def to_human(people: list[dict[str, Any]]) -> float | None:
    """Return the seconds until the first person answered with yes, None if nobody did."""
    answered = [row["seconds"] for row in people if row["outcome"] == Outcome.ANSWERED and row["seconds"] is not None]
    return min(answered, default=None)
