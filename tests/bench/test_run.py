"""The bench runner itself."""

import subprocess
from io import StringIO

import psycopg
import pytest
from rich.console import Console

from tests.bench import run
from tests.bench.figure import Figure


def figure(**changes: object) -> Figure:
    facts = {"name": "spine x", "value": 2.0, "unit": "us", "baseline": "y", "baseline_value": 8.0, "goal": "< 5 us"}
    return Figure(**{**facts, "met": True, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("baseline_value", "ratio"), [(8.0, 0.25), (None, None), (0.0, None)])
def test_ratio_is_derived(baseline_value: float | None, ratio: float | None) -> None:
    assert figure(baseline_value=baseline_value).ratio == ratio


def test_figure_has_the_published_shape() -> None:
    assert list(figure().as_dict()) == ["name", "value", "unit", "baseline", "baseline_value", "ratio", "goal", "met"]


def test_only_selects_one_capability() -> None:
    everything = run.benches("")
    assert all(name.startswith("bench_") for name in everything)
    assert run.benches("spine") == [name for name in everything if name.startswith("bench_spine_")]
    assert run.benches("nothing") == []


def test_unknown_capability_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY", "spin")
    assert run.main() == 2


def test_figures_are_laid_out_for_people() -> None:
    console = Console(width=160, file=StringIO())
    console.print(run.table([figure().as_dict(), figure(name="spine z", baseline_value=None, met=False).as_dict()]))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "0.25" in text
    assert "no" in text.splitlines()[-2]


def test_bench_that_fails_is_an_outcome_and_its_database_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    unmigrated = run.run_python

    def run_python(arguments: list[str], url: str) -> "subprocess.CompletedProcess[str]":
        if "migrate" in arguments:  # this bench needs no tables, and making them takes most of a minute
            return subprocess.CompletedProcess(arguments, 0, "", "")
        return unmigrated(arguments, url)

    monkeypatch.setattr(run, "run_python", run_python)
    with run.scratch_databases(Console(quiet=True)) as scratch:
        outcome = run.measure("bench_spine_that_does_not_exist", scratch)
        assert databases(scratch) == [scratch.template]
    assert outcome.figures == []
    assert "ModuleNotFoundError" in outcome.failure
    assert databases(scratch) == []


def databases(scratch: run.Scratch) -> list[str]:
    with psycopg.connect(scratch.url("postgres")) as server:
        found = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [scratch.template])
        return [name for (name,) in found]
