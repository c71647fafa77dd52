"""Imports into the database: once, whole batches, and nobody is paged."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.intake.imports.logs import SERVICENOW_HEADER, VOLVO_HEADER, WriteLog, servicenow_row, taken, volvo_case
from tocsin.domain import escalation
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation import actions, publishing
from tocsin.domain.escalation.models import Run, Watch
from tocsin.domain.journal import queries as journal
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.sla.models import Agreement, Clock, Target
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.intake.imports.directory import address_of
from tocsin.intake.imports.events import Case, LoggedEvent
from tocsin.intake.imports.load import Loaded, load
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.servicenow import servicenow
from tocsin.intake.imports.volvo import volvo
from tocsin.kernel.errors import Conflict

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
START = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)


def event(ref: str = "1", minute: int = 0, **told: object) -> LoggedEvent:
    values: dict[str, object] = {"ref": ref, "at": START + timedelta(minutes=minute), "line_number": minute + 2}
    values |= {"state": str(told.get("status", "")), "by": "Eva"}
    return LoggedEvent(**{**values, **told})  # type: ignore[arg-type]


def ticket_case(ref: str = "1", *, closed: bool = True) -> Case:
    rows = [
        event(ref, 0, status="open", team="Desk A", owner="Eva Nová", service="Payroll", priority=2),
        event(ref, 1, status="open", team="Desk B", owner="", priority=1),
        event(ref, 2, status="closed"),
    ]
    return Case(ref, tuple(rows if closed else rows[:-1]))


def run(cases: Sequence[Case], *, problems: Problems | None = None, **options: object) -> Loaded:
    return load(
        cases,
        source="desk",
        file="log.csv",
        now=lambda: NOW,
        loaded=Loaded(),
        problems=problems or Problems(),
        **options,  # type: ignore[arg-type]
    )


def everything() -> tuple[list[object], ...]:
    """Return all that an import may write, as values."""
    models = (Ticket, Change, Entry, Team, Service, User)
    return tuple(list(model.objects.order_by("pk").values()) for model in models)  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_ticket_is_written_with_its_history() -> None:
    loaded = run([ticket_case()])
    assert loaded.as_dict() == {
        "created": 1, "extended": 0, "unchanged": 0, "left": 0, "events": 3,
        "made": {"teams": 2, "services": 1, "people": 1},
    }  # fmt: skip
    ticket = Ticket.objects.get()
    assert (ticket.external_source, ticket.external_ref, ticket.status) == ("desk", "1", "closed")
    assert (ticket.priority, ticket.handovers, ticket.reopens, ticket.channel) == (1, 1, 0, "import")
    assert ticket.opened_at == START
    assert ticket.closed_at == ticket.resolved_at == ticket.updated_at == START + timedelta(minutes=2)
    assert ticket.team == Team.objects.get(name="Desk B")
    assert ticket.service == Service.objects.get(name="Payroll")
    assert ticket.owner is None
    team, owner = Team.objects.get(name="Desk A"), User.objects.get()
    moved = Change.objects.filter(ticket=ticket, field__in=["status", "team", "owner", "priority"]).order_by("at", "id")
    assert [(c.field, c.before, c.after) for c in moved] == [
        ("status", "", "new"),
        ("priority", "", "2"),
        ("team", "", str(team.pk)),
        ("owner", "", str(owner.pk)),
        ("status", "new", "open"),
        ("priority", "2", "1"),
        ("team", str(team.pk), str(ticket.team_id)),
        ("owner", str(owner.pk), ""),
        ("status", "open", "closed"),
    ]
    assert set(moved.values_list("actor", flat=True)) == {"import"}


@pytest.mark.django_db
def test_import_is_journalled_and_verifies() -> None:
    run([ticket_case("1"), ticket_case("2")])
    stored = Entry.objects.get(stream=f"ticket:{Ticket.objects.get(external_ref='2').pk}")
    assert (stored.kind, stored.actor, stored.at) == ("ticket.imported", "import", NOW)
    assert (stored.data["file"], stored.data["ref"], stored.data["events"]) == ("log.csv", "2", 3)
    assert len(stored.data["digest"]) == 64
    assert journal.verify().problems == []


@pytest.mark.django_db
def test_imported_people_are_placeholders_that_nothing_reaches() -> None:
    run([ticket_case()])
    person = User.objects.get()
    assert (person.name, person.is_active, person.has_usable_password()) == ("Eva Nová", False, False)
    assert person.email == address_of("Eva Nová", "desk")
    assert person.email.endswith("@desk.import.invalid")


def test_addresses_of_like_names_differ() -> None:
    assert address_of("Björn", "desk") != address_of("Bjorn", "desk")
    assert address_of("李", "desk").startswith("owner-")


@pytest.mark.django_db
@pytest.mark.parametrize("channel", [None, "phone"])
def test_import_pages_nobody(channel: str | None) -> None:
    """Open tickets whose promises were broken years ago arm nothing, whatever policies are live."""
    for name in ("technical", "internal"):
        text = (Path(escalation.__file__).parent / "examples" / f"{name}.yaml").read_text()
        publishing.publish_source(text=text, by="test", now=NOW)
    week = {key: [["00:00", "24:00"]] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendar = Calendar.objects.create(name="Always", zone="UTC", weekly=week)
    agreement = Agreement.objects.create(name="All", slug="all", calendar=calendar)
    for priority in (1, 2, 3, 4):
        Target.objects.create(agreement=agreement, kind="resolution", priority=priority, seconds=3600)
    still_open = Case("1", tuple(e._replace(channel=channel) for e in ticket_case(closed=False).events))
    run([still_open, ticket_case("2")])
    actions.fire_watches(now=NOW + timedelta(days=1))
    assert Clock.objects.filter(ticket__external_ref="1").exists()
    for model in (Watch, Run, Page, Delivery):
        assert not model.objects.exists()  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_second_import_of_the_same_log_changes_nothing() -> None:
    cases = [ticket_case(str(n)) for n in range(5)]
    run(cases)
    before = everything()
    again = run(cases)
    assert (again.created, again.extended, again.unchanged, again.events) == (0, 0, 5, 0)
    assert everything() == before


@pytest.mark.django_db
def test_outcomes_filled_in_afterwards_do_not_make_a_ticket_look_changed() -> None:
    case = ticket_case(closed=False)
    run([case])
    later = Case("1", tuple(e._replace(missed=True, line_number=e.line_number + 100) for e in case.events))
    assert run([later]).unchanged == 1


@pytest.mark.django_db
def test_longer_log_extends_the_ticket() -> None:
    run([ticket_case(closed=False)])
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.closed_at) == ("open", None)
    changes = list(Change.objects.values_list("id", flat=True))
    extended = run([ticket_case()])
    assert (extended.extended, extended.events) == (1, 1)
    whole = run([replace_ref(ticket_case(), "2")])
    assert whole.created == 1
    ticket.refresh_from_db()
    other = Ticket.objects.get(external_ref="2")
    assert (ticket.status, ticket.closed_at) == (other.status, other.closed_at)
    assert list(Change.objects.filter(id__in=changes).values_list("id", flat=True)) == changes
    assert told(ticket) == told(other)
    assert journal.verify().problems == []


def replace_ref(case: Case, ref: str) -> Case:
    return Case(ref, tuple(event._replace(ref=ref) for event in case.events))


def told(ticket: Ticket) -> list[tuple[object, ...]]:
    return list(Change.objects.filter(ticket=ticket).order_by("at", "id").values_list("at", "field", "before", "after"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("second", "why"),
    [
        (Case("1", ticket_case().events[:2]), "has 2 of its events, 3 were imported before"),
        (Case("1", (*ticket_case().events[:2], event("1", 2, status="resolved"))), "another past"),
        (Case("1", (event("1", 0, status="new"), *ticket_case().events)), "another past"),
    ],
)
def test_log_that_contradicts_what_is_here_leaves_the_ticket(second: Case, why: str) -> None:
    run([ticket_case()])
    before = everything()
    problems = Problems()
    assert run([second], problems=problems).left == 1
    assert why in problems.found[0].reason
    assert everything() == before


@pytest.mark.django_db
def test_ticket_that_was_worked_on_here_is_left() -> None:
    run([ticket_case(closed=False)])
    ticket = Ticket.objects.get()
    tickets.set_status(ticket_id=ticket.pk, status="waiting_customer", by=None, now=NOW)
    problems = Problems()
    assert run([ticket_case()], problems=problems).left == 1
    assert "worked on here" in problems.found[0].reason
    ticket.refresh_from_db()
    assert ticket.status == "waiting_customer"


@pytest.mark.django_db
def test_ticket_from_the_future_is_left_out_and_reported() -> None:
    problems = Problems()
    late = Case("1", (event("1", 0, status="open", at=NOW + timedelta(days=1)),))
    assert run([late, ticket_case("2")], problems=problems).as_dict()["left"] == 1
    assert [problem.kind for problem in problems.found] == ["future_date"]
    assert [ticket.external_ref for ticket in Ticket.objects.all()] == ["2"]


@pytest.mark.django_db
def test_teams_and_services_that_exist_are_used_as_they_are() -> None:
    team = Team.objects.create(name="Desk A", slug="desk-a", line="L3")
    Team.objects.create(name="Another", slug="desk-b")
    Service.objects.create(name="Payroll", slug="payroll")
    assert run([ticket_case()]).made == {"teams": 1, "people": 1}
    team.refresh_from_db()
    assert team.line == "L3"
    assert Team.objects.get(name="Desk B").slug.startswith("desk-b-")


class Stop(BaseException):
    """Stands for Ctrl-C: pytest itself ends on KeyboardInterrupt."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("interrupt", [Stop, KeyboardInterrupt])
def test_interrupted_import_leaves_whole_batches_and_a_repetition_completes(interrupt: type[BaseException]) -> None:
    cases = [replace_names(ticket_case(str(n)), n) for n in range(7)]
    asked = 0

    def now() -> datetime:
        nonlocal asked
        asked += 1
        if asked == 3:  # inside the third batch's transaction
            raise interrupt
        return NOW

    loaded = Loaded()
    with pytest.raises(interrupt):
        load(cases, source="desk", file="f", now=now, problems=Problems(), loaded=loaded, batch=2)
    assert (loaded.created, Ticket.objects.count()) == (4, 4)
    assert Team.objects.count() == 8  # of whole batches only
    rest = run(cases, batch=2)
    assert (rest.created, rest.unchanged, Ticket.objects.count()) == (3, 4, 7)
    assert journal.verify().problems == []


def replace_names(case: Case, number: int) -> Case:
    return Case(case.ref, tuple(e._replace(team=e.team and f"{e.team} {number}") for e in case.events))


@pytest.mark.django_db(transaction=True)
def test_failing_batch_leaves_nothing_of_itself() -> None:
    bad = Case("9", (event("9", 0, status="open", category="far longer than the database keeps " * 9),))
    with pytest.raises(Exception, match="value too long"):
        run([ticket_case("1"), ticket_case("2"), bad], batch=2)
    assert Ticket.objects.count() == 2
    assert run([ticket_case("1"), ticket_case("2")]).unchanged == 2


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_refused() -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [0x746F6373])
        with pytest.raises(Conflict, match="Another import"):
            run([ticket_case()])
        with other.cursor() as cursor:  # the end of the connection gives it back too, but some time later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [0x746F6373])
    finally:
        other.close()
    assert run([ticket_case()]).created == 1


@pytest.mark.django_db
def test_logs_of_both_desks_are_taken_in(write_log: WriteLog) -> None:
    found, problems = taken(write_log(SERVICENOW_HEADER, servicenow_row(), name="s.csv"), servicenow())
    load(found, source="servicenow", file="s", now=lambda: NOW, problems=problems, loaded=Loaded())
    rows = volvo_case(("Queued", "Awaiting Assignment", "V5 3rd", "L3"), ("Accepted", "In Progress", "V5 3rd", "L3"))
    found, problems = taken(write_log(VOLVO_HEADER, *rows, name="v.csv"), volvo())
    load(found, source="volvo", file="v", now=lambda: NOW, problems=problems, loaded=Loaded())
    assert Team.objects.get(name="V5 3rd").line == "L3"
    ticket = Ticket.objects.get(external_source="volvo")
    assert (ticket.status, ticket.owner and ticket.owner.name) == ("open", "fr-Frederic")
    assert Ticket.objects.get(external_source="servicenow").subject == "INC1: Category 55: Subcategory 170"
