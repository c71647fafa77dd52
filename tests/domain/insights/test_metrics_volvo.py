"""Over the Volvo log the read models count what is published with it (../shared/data/README.md)."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.domain.insights import actions, queries
from tocsin.domain.insights.models import HopFact, TicketFact
from tocsin.domain.insights.queries import Selection
from tocsin.intake.imports.events import cases
from tocsin.intake.imports.formats import read
from tocsin.intake.imports.load import Loaded, load
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems

NAME = "volvo_vinst_incidents.csv.gz"
PUBLISHED = {
    "left_first_line": (4_710, 1_726), "came_back": (5_287, 978), "ping_pong": (5_287, 992),
    "ping_pong_line": (5_287, 476), "reopened": (5_287, 442),
}  # fmt: skip


@pytest.mark.django_db
def test_escalations_ping_pong_and_reopenings_are_those_published(
    shared_data: Callable[[str], Path], now: datetime
) -> None:
    path, problems = shared_data(NAME), Problems()
    form = format_for(path, "volvo", mapping=None, zone="")
    load(
        cases(read(path, form, problems)),
        source="volvo",
        file=NAME,
        now=lambda: now,
        problems=problems,
        loaded=Loaded(),
    )
    assert actions.rebuild() == 5_287
    where = Selection(start=datetime(2000, 1, 1, tzinfo=UTC), end=now, now=now)
    figures = queries.figures(where)
    assert {key: (figures[key].n, figures[key].hits) for key in PUBLISHED} == PUBLISHED
    assert Counter(TicketFact.objects.values_list("highest_line", flat=True)) == {"L1": 2_984, "L2": 1_872, "L3": 431}
    assert sum(TicketFact.objects.values_list("team_handovers", flat=True)) == HopFact.objects.count() == 7_871
