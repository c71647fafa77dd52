"""The real logs, where they are at hand: the counts that are published with them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from tests.intake.imports.logs import taken
from tocsin.domain.journal import queries as journal
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.imports.events import Case
from tocsin.intake.imports.history import whole
from tocsin.intake.imports.load import Loaded, load
from tocsin.intake.imports.opening import EXAMPLE, format_of
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.summary import summarise

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
COUNTS = {
    "volvo": (
        "volvo_vinst_incidents.csv.gz",
        {
            "tickets": 5287,
            "events": 51931,
            "highest_line": {"L1": 2984, "L2": 1872, "L3": 431},
            "started_l1": 4710,
            "escalated_after_l1": 1726,
            "came_back": 978,
            "ping_pong": 992,
            "ping_pong_same_line": 476,
            "handovers": 7871,
            "reopened": 442,
        },
    ),
    "servicenow": (
        "servicenow_incident_log.csv.gz",
        {
            "tickets": 15744,
            "events": 89901,
            "sla_missed": 6096,
            "reassigned": 7504,
            "reopened": 172,
            "priority_raised": 170,
        },
    ),
    "csv": (
        "italian_helpdesk.csv.gz",
        {
            "tickets": 4580,
            "events": 21348,
            "ended": 4567,
            "handovers": 0,
            "ping_pong": 0,
            "reopened": 152,
            "priority_raised": 23,
        },
    ),
}


@pytest.fixture(scope="module")
def logs(shared_data: Callable[[str], Path]) -> Callable[[str], tuple[Sequence[Case], Problems]]:
    """Read a log once."""
    known: dict[str, tuple[Sequence[Case], Problems]] = {}

    def read(name: str) -> tuple[Sequence[Case], Problems]:
        if name not in known:
            form = format_of(name, mapping=EXAMPLE if name == "csv" else None)
            known[name] = taken(shared_data(COUNTS[name][0]), form)
        return known[name]

    return read


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_the_published_ones(logs: Callable[[str], tuple[Sequence[Case], Problems]], name: str) -> None:
    found, problems = logs(name)
    assert problems.found == []
    assert summarise(name, found) == COUNTS[name][1]


@pytest.mark.parametrize("name", COUNTS)
def test_every_history_is_in_order_of_time(logs: Callable[[str], tuple[Sequence[Case], Problems]], name: str) -> None:
    for case in islice(logs(name)[0], 0, None, 7):
        _, changes = whole(case)
        assert [c.at for c in changes] == sorted(c.at for c in changes)


@pytest.mark.django_db
@pytest.mark.parametrize("name", COUNTS)
def test_part_of_it_is_imported_once(logs: Callable[[str], tuple[Sequence[Case], Problems]], name: str) -> None:
    part = logs(name)[0][:150]
    first, again = Loaded(), Loaded()
    for loaded in (first, again):
        load(part, source=name, file="log", now=lambda: NOW, problems=Problems(), loaded=loaded, batch=60)
    assert (first.created, again.created, again.unchanged) == (150, 0, 150)
    assert Ticket.objects.count() == 150
    assert journal.verify().problems == []
