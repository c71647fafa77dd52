"""Words, bands and the registry, without a database."""

import pytest

from tests.conftest import REPOSITORY
from tocsin.domain.insights.logic.metrics import DIMENSIONS, METRICS, SOURCES, groups_for
from tocsin.domain.insights.logic.metrics_words import (
    Told,
    finding_of_groups,
    is_worse,
    length,
    moved,
    percent,
    sentence,
)

RATE, CSAT, RESOLVE = METRICS["escalation_rate"], METRICS["csat"], METRICS["time_resolve"]
OPENED = Told(n=400, value=400.0, before_n=400, before=400.0)


def test_every_metric_stands_on_a_source_and_says_what_it_means() -> None:
    for metric in METRICS.values():
        assert metric.source in SOURCES
        assert metric.definition.endswith(".")
        assert metric.group
        assert bool(metric.elapsed) or metric.kind in ("share", "count")
        assert set(groups_for(metric)) <= set(DIMENSIONS)


def test_the_documents_hold_every_definition_as_it_is_now() -> None:
    text = (REPOSITORY / "docs" / "insights.md").read_text("utf-8")
    for metric in METRICS.values():
        assert f"| {metric.name} | `{metric.key}` | {metric.definition} |" in text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 %"), (0.004, "0.4 %"), (0.0001, "0.1 %"), (0.456, "46 %"), (0.9999, "99.9 %"), (1, "100 %")],
)
def test_only_nothing_is_zero_and_only_all_is_a_hundred_percent(value: float, said: str) -> None:
    assert percent(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(12, "12 s"), (600, "10 m"), (7_800, "2 h 10 m"), (100_000, "27 h"), (200_000, "2 d 7 h")]
)
def test_lengths_are_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert length(seconds) == said


def test_a_change_that_may_be_chance_is_none() -> None:
    assert moved(RATE, Told(n=100, value=0.11, before_n=100, before=0.10)) == 0
    assert moved(RATE, Told(n=100, value=0.30, before_n=100, before=0.10)) == 1
    assert moved(RATE, Told(n=10, value=0.9, before_n=10, before=0.1)) == 0  # too few rows
    assert is_worse(RATE, Told(n=100, value=0.30, before_n=100, before=0.10))
    assert not is_worse(CSAT, Told(n=100, value=0.90, before_n=100, before=0.50))


def test_nothing_opened_is_said_plainly() -> None:
    assert sentence({"opened": Told(n=0, value=0.0)}, 30) == ["No ticket was opened in this period."]


def test_what_is_steady_is_said_to_be() -> None:
    assert sentence({"opened": OPENED, "escalation_rate": Told(n=400, value=0.1, before_n=400, before=0.1)}, 30) == [
        "400 tickets were opened in 30 days, and no figure moved by more than chance."
    ]


def test_a_missed_goal_that_gets_worse_comes_first() -> None:
    found = {
        "opened": OPENED,
        "escalation_rate": Told(n=400, value=0.2, before_n=400, before=0.1, goal=0.12),
        "sla_resolution": Told(n=300, value=0.85, before_n=300, before=0.86, goal=0.9),
        "reopened": Told(n=400, value=0.3, before_n=400, before=0.1),
    }
    assert sentence(found, 90) == [
        "Escalation rate stands at 20 %: the goal is 12 %, and it was 10 % in the period before (n = 400).",
        "2 more figures need a look.",
    ]


def test_a_better_figure_is_told_when_nothing_is_worse() -> None:
    found = {"opened": OPENED, "time_resolve": Told(n=300, value=3_600.0, before_n=300, before=7_200.0)}
    assert sentence(found, 30) == [
        "Time to resolve fell to 1 h from 2 h in the period before (n = 300).", "Nothing got worse."
    ]  # fmt: skip


def test_the_group_that_stands_out_names_the_chart() -> None:
    found = finding_of_groups(CSAT, [("Desk", 0.9, 40), ("Network", 0.6, 30), ("Tiny", 0.0, 2)])
    assert found == "Customer satisfaction: Network stands at 60 %, n = 30"
