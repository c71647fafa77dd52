"""Writing read cases into the database: whole batches, each ticket once, nobody paged.

A ticket is known by (source, its number there). Its journal keeps how many rows were taken in and
their digest, so a second import of the same file changes nothing, a longer log extends the ticket,
and a log that tells another past is refused for that ticket.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record, record_many
from tocsin.domain.journal.models import Entry
from tocsin.domain.journal.publish import publish
from tocsin.domain.tickets.events import TicketsImported
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.intake.imports.digest import digest_of
from tocsin.intake.imports.directory import Directory
from tocsin.intake.imports.events import Case
from tocsin.intake.imports.history import History, LoggedChange, whole
from tocsin.intake.imports.problems import Problems
from tocsin.kernel.errors import Conflict
from tocsin.kernel.ids import new_id

BATCH = 500  # tickets in one transaction
KIND = "ticket.imported"
ACTOR = "import"
CHANNEL = "import"  # by it triggers know that a ticket's past arms nothing, however it had once come in
LOCK = 0x746F6373  # "tocs": one import at a time
IDS = {"team": "teams", "owner": "owners", "service": "services"}

type Progress = Callable[[int], None]


@dataclass(slots=True)
class Loaded:
    """What an import did so far; whole batches only."""

    created: int = 0  # tickets that are new
    extended: int = 0  # tickets that got further events
    unchanged: int = 0  # tickets that were here as the file has them
    left: int = 0  # tickets that were left as they are, each with a finding
    events: int = 0  # events taken in
    made: dict[str, int] = field(default_factory=dict)  # teams, services, organisations, people

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def add(self, other: "Loaded") -> None:
        for name in ("created", "extended", "unchanged", "left", "events"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, count in other.made.items():
            self.made[name] = self.made.get(name, 0) + count


@dataclass(frozen=True, slots=True)
class _Work:
    """A ticket to write: new (`ticket` None), or known with `taken` events already in."""

    case: Case
    history: History
    changes: Sequence[LoggedChange]
    ticket: Ticket | None = None
    taken: int = 0


def load(
    cases: Sequence[Case],
    *,
    source: str,
    file: str,
    now: Callable[[], datetime],
    problems: Problems,
    loaded: Loaded,
    progress: Progress = lambda _tickets: None,
    batch: int = BATCH,
) -> Loaded:
    """Import `cases`, `batch` tickets a transaction, and return what was done (also kept up in `loaded`).

    `now` is asked once per batch (database time). Interrupting it loses the batch in hand and
    nothing else; repeating it completes the rest. `progress` is told the number of tickets done.
    Raises Conflict while another import runs.
    """
    directory = Directory(source)
    done = 0
    with _only_import():
        for part in batched(cases, batch):
            try:
                with transaction.atomic():
                    result = _batch(part, source, file, now(), directory, problems)
            except BaseException:
                directory.forget()  # what it made was rolled back
                raise
            loaded.add(result)
            done += len(part)
            progress(done)
    return loaded


@contextmanager
def _only_import() -> Iterator[None]:
    """Hold the import lock of this database. The server gives it back by itself when our connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Conflict("import_runs", "Another import is running on this database. Wait for its end, then repeat.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _batch(
    part: Sequence[Case], source: str, file: str, now: datetime, directory: Directory, problems: Problems
) -> Loaded:
    result = Loaded()
    works = list(_works(part, source, now, problems, result))
    if not works:
        return result
    result.made = directory.admit(**_names(works))
    numbers = _numbers(sum(work.ticket is None for work in works))
    tickets: list[tuple[_Work, Ticket]] = []
    for work in works:
        ticket = work.ticket or Ticket(
            id=new_id(),
            number=next(numbers),
            external_source=source,
            external_ref=work.case.ref,
            opened_at=work.history.opened_at,
        )
        _fill(ticket, work.history, directory, work.case.ref)
        tickets.append((work, ticket))
    Ticket.objects.bulk_create([ticket for work, ticket in tickets if work.ticket is None])
    _save_known([ticket for work, ticket in tickets if work.ticket is not None])
    _write_changes(tickets, directory)
    _journal(tickets, source, file, now, result)
    publish(TicketsImported(ticket_ids=tuple(ticket.pk for _, ticket in tickets), at=now))
    result.created = sum(work.ticket is None for work in works)
    result.extended = len(works) - result.created
    result.events = sum(len(work.case.events) - work.taken for work in works)
    return result


def _works(part: Sequence[Case], source: str, now: datetime, problems: Problems, result: Loaded) -> Iterator[_Work]:
    """Yield what has to be written; count what has not."""
    refs = [case.ref for case in part]
    locked = Ticket.objects.select_for_update(of=("self",)).order_by("pk")
    known = {t.external_ref: t for t in locked.filter(external_source=source, external_ref__in=refs)}
    taken = _taken(known.values())
    for case in part:
        ticket = known.get(case.ref)
        late = next((event for event in case.events if event.at > now), None)
        if late is not None:
            problems.broken(
                late.line_number, "future_date", f"{case.ref}: {late.at:%Y-%m-%d %H:%M} UTC is yet to come."
            )
            result.left += 1
        elif ticket is None:
            history, changes = whole(case)
            yield _Work(case, history, changes)
        else:
            yield from _further(case, ticket, *taken.get(ticket.pk, (0, "")), problems, result)


def _further(
    case: Case, ticket: Ticket, taken: int, digest: str, problems: Problems, result: Loaded
) -> Iterator[_Work]:
    """Compare a ticket that is here with what the file says, and yield it if the file goes on where we stopped."""
    line = case.events[0].line_number
    same_past = len(case.events) >= taken and digest_of(case.events[:taken]) == digest
    if same_past and len(case.events) == taken:
        result.unchanged += 1
        return
    problem = ""
    if len(case.events) < taken:
        problem = f"the file has {len(case.events)} of its events, {taken} were imported before"
    elif not same_past:
        problem = "the file tells another past than was imported before"
    else:
        history, _ = whole(Case(case.ref, case.events[:taken]))
        if ticket.updated_at != history.updated_at:
            problem = "it was worked on here since it was imported"
    if problem:
        problems.note(line, "left_as_is", f"{case.ref}: {problem}; the ticket was left as it is.")
        result.left += 1
        return
    history, changes = whole(case)
    yield _Work(case, history, [change for change in changes if change.event >= taken], ticket, taken)


def _taken(tickets: Iterable[Ticket]) -> dict[UUID, tuple[int, str]]:
    """Return {ticket id: (events taken in, their digest)} from the journal's last import entries."""
    streams = {f"ticket:{ticket.pk}": ticket.pk for ticket in tickets}
    if not streams:
        return {}
    entries = Entry.objects.filter(stream__in=list(streams), kind=KIND).order_by("position")
    return {
        streams[stream]: (int(data["events"]), str(data["digest"]))
        for stream, data in entries.values_list("stream", "data")
    }


def _names(works: Sequence[_Work]) -> dict[str, Any]:
    """Return every name that the works mention, as Directory.admit takes them."""
    teams: dict[str, str] = {}
    services: set[str] = set()
    owners: set[str] = set()
    for work in works:
        for event in work.case.events:
            if event.team:
                teams[event.team] = teams.get(event.team) or event.line or ""
            if event.service:
                services.add(event.service)
            if event.owner:
                owners.add(event.owner)
    organisations = {work.history.organisation for work in works if work.history.organisation}
    return {"teams": teams, "services": services, "organisations": organisations, "owners": owners}


def _numbers(count: int) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number') FROM generate_series(1, %s)", [count])
        return iter([number for (number,) in cursor.fetchall()])


FILLED = (
    "subject", "organisation_id", "service_id", "team_id", "owner_id", "status", "impact", "urgency", "priority",
    "category", "configuration_item", "channel", "updated_at", "resolved_at", "closed_at", "unassigned_since",
    "team_since", "last_owner_activity_at", "handovers", "ping_pongs", "reopens",
)  # fmt: skip
_SAME_NAME = (
    "status", "impact", "urgency", "priority", "category", "updated_at", "resolved_at", "closed_at",
    "unassigned_since", "team_since", "last_owner_activity_at", "handovers", "ping_pongs", "reopens",
)  # fmt: skip


def _fill(ticket: Ticket, history: History, directory: Directory, ref: str) -> None:
    for name in _SAME_NAME:
        setattr(ticket, name, getattr(history, name))
    ticket.subject = f"{ref}: {history.subject}"[:300] if history.subject else ref
    ticket.channel = CHANNEL
    ticket.configuration_item = history.item
    ticket.organisation_id = directory.organisations.get(history.organisation)
    ticket.service_id = directory.services.get(history.service)
    ticket.team_id = directory.teams.get(history.team)
    ticket.owner_id = directory.owners.get(history.owner)


def _save_known(tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        ticket.save(update_fields=[name.removesuffix("_id") for name in FILLED])


def _write_changes(tickets: Sequence[tuple[_Work, Ticket]], directory: Directory) -> None:
    """Append the changes, oldest first per ticket, in one statement. Names become ids as everywhere in the history."""
    ids: Mapping[str, Mapping[str, UUID]] = {name: getattr(directory, kind) for name, kind in IDS.items()}

    def word(name: str, value: str) -> str:
        return str(ids[name][value]) if name in ids and value else value

    rows = [
        (ticket.pk, c.at, c.field, word(c.field, c.before), word(c.field, c.after))
        for work, ticket in tickets
        for c in work.changes
    ]
    if not rows:
        return
    table = Change._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (ticket_id, at, field, before, after, actor) "  # noqa: S608 - our own table's name
            "SELECT *, %s FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])",
            [ACTOR, *(list(column) for column in zip(*rows, strict=True))],
        )


def _journal(tickets: Sequence[tuple[_Work, Ticket]], source: str, file: str, now: datetime, result: Loaded) -> None:
    facts = [
        Fact(
            stream=f"ticket:{ticket.pk}",
            kind=KIND,
            at=now,
            actor=ACTOR,
            data={
                "source": source,
                "ref": work.case.ref,
                "file": file,
                "events": len(work.case.events),
                "new_events": len(work.case.events) - work.taken,
                "changes": len(work.changes),
                "digest": digest_of(work.case.events),
                "number": ticket.number,
                "opened_at": ticket.opened_at.isoformat(),
                "status": str(ticket.status),
                "handovers": ticket.handovers,
                "ping_pongs": ticket.ping_pongs,
                "reopens": ticket.reopens,
            },
        )
        for work, ticket in tickets
    ]
    record_many(facts)
    if result.made:
        data = {"source": source, "file": file, **result.made}
        record(stream="system", kind="import.directory", actor=ACTOR, at=now, data=data)
