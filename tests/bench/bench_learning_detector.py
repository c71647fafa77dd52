"""The repeat detector: what it finds of planted repeats, what it proposes falsely, how fast it is, and what real logs hold.

Planted: 1,000 series of 56 weeks, of which 20 come `ratio` times as often in the last four weeks. Volumes are log-normal
about four a week; two fifths of the series scatter more than chance (gamma weeks, variance 1.5 to 3 times the mean);
weekdays have their usual shares. Beside it, on the same series: "more than three standard deviations above the mean of the
weeks before", the rule that dashboards come with.
Real: the Volvo problem and incident logs and the ServiceNow log of ../shared/data, whole; what is proposed at
the end of each month is printed with rates and p, and with the days of each series shuffled over the same history nothing should be.
"""

import time
from pathlib import Path

import numpy as np

from tests.bench.figure import Figure
from tests.conftest import SHARED_DATA
from tocsin.domain.problems.logic.repeats import repeats
from tocsin.domain.problems.logic.series import Days, Key, weekly
from tocsin.domain.problems.logic.words import counted, times
from tocsin.intake.imports.events import Case, cases
from tocsin.intake.imports.formats import read
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.repeating import Found, counts_of, opened_in, opened_in_xes, shuffled, walk

SERIES, WEEKS, PLANTED, LATELY, RUNS = 1_000, 56, 20, 4, 10
LOOKS = 24
RATIOS = (1.5, 2.0, 3.0, 5.0)
REALISTIC = 3.0  # a week and more
WEEKDAYS = np.array([1.5, 1.3, 1.2, 1.2, 1.1, 0.4, 0.3]) / 7.0
SHUFFLES = 3
LOGS = (
    "volvo_bpic13_closed_problems.xes.gz", "volvo_bpic13_open_problems.xes.gz", "volvo_vinst_incidents.csv.gz",
    "servicenow_incident_log.csv.gz",
)  # fmt: skip


def run() -> list[Figure]:
    """Plant, look, and look at what is real."""
    figures = _planted()
    figures += _dependent()
    for name in LOGS:
        figures += _real(name)
    return figures


def _table(
    chance: np.random.Generator, rates: np.ndarray, planted: np.ndarray, ratio: float, scatter: np.ndarray
) -> Days:
    scatter = scatter[:, None]
    mean = np.repeat(rates[:, None], WEEKS, axis=1)
    mean[planted, -LATELY:] *= ratio
    shape = np.where(scatter > 1, mean / np.maximum(scatter - 1, 1e-9), 1.0)
    mean = mean * np.where(scatter > 1, chance.gamma(shape, 1 / shape), 1.0)
    table: Days = chance.poisson(mean[:, :, None] * WEEKDAYS).reshape(len(rates), -1)
    return table


def _found(table: Days) -> set[int]:
    series = {Key("tickets", ("service",), (f"{at:05}",)): row for at, row in enumerate(table)}
    return {int(one.key.values[0]) for one in repeats(series, table.sum(axis=0))}


def _deviant(table: Days) -> set[int]:
    """Return the baseline's finds: the last four weeks more than 3 standard deviations above what was usual."""
    weeks = weekly(table)
    before, lately = weeks[:, :-LATELY], weeks[:, -LATELY:].sum(axis=1)
    limit = before.mean(axis=1) * LATELY + 3 * before.std(axis=1) * LATELY**0.5
    return {int(at) for at in np.flatnonzero((lately > limit) & (lately >= 5))}


def _planted() -> list[Figure]:
    chance, figures = np.random.default_rng(11), []
    for ratio in (1.0, *RATIOS):
        hits: dict[str, list[bool]] = {"ours": [], "theirs": [], "few": [], "bursty": []}
        false, false_theirs, took = 0, 0, 0.0
        for _ in range(RUNS):
            rates = np.exp(chance.normal(np.log(4), 0.7, SERIES)).clip(0.5, 40)
            planted = chance.permutation(SERIES) < (PLANTED if ratio > 1 else 0)
            scatter = chance.choice([1.0, 1.0, 1.0, 1.5, 3.0], SERIES)
            table = _table(chance, rates, planted, ratio, scatter)
            real = {int(at) for at in np.flatnonzero(planted)}
            began = time.perf_counter()
            ours = _found(table)
            took += time.perf_counter() - began
            theirs = _deviant(table)
            false, false_theirs = false + len(ours - real), false_theirs + len(theirs - real)
            for at in real:
                kind = "few" if rates[at] < REALISTIC else "ours" if scatter[at] == 1 else "bursty"
                hits[kind].append(at in ours)
                if kind == "ours":
                    hits["theirs"].append(at in theirs)
        figures += _figures_of(ratio, hits, false / RUNS, false_theirs / RUNS, took / RUNS * 1000)
    return figures


def _figures_of(ratio: float, hits: dict[str, list[bool]], false: float, theirs: float, took: float) -> list[Figure]:
    made = [
        Figure(
            name=f"learning detector_false_at_{ratio:g}", value=false, unit=f"false proposals of {SERIES:,} series, {took:.0f} ms",
            baseline="3 standard deviations above the mean", baseline_value=theirs, goal="< 1", met=false < 1,
        )
    ]  # fmt: skip
    if ratio > 1:
        few, bursty = float(np.mean(hits["few"])), float(np.mean(hits["bursty"]))
        made.append(
            Figure(
                name=f"learning detector_recall_at_{ratio:g}",
                value=float(np.mean(hits["ours"])),
                unit=f"of repeats of {REALISTIC:g} a week and more (bursty ones: {bursty:.2f}; rarer ones: {few:.2f})",
                baseline="3 standard deviations above the mean",
                baseline_value=float(np.mean(hits["theirs"])),
                goal="> 0.9" if ratio >= 3 else "reported",
                met=ratio < 3 or float(np.mean(hits["ours"])) > 0.9,
            )
        )
    return made


def _dependent() -> list[Figure]:
    """Nothing planted, each ticket in three series (one, another, and their pair): dependence as it is in life."""
    chance, false, count = np.random.default_rng(12), 0, 0
    for _ in range(RUNS):
        cells = np.exp(chance.normal(0, 0.8, (30, 25)))
        table = _table(
            chance, cells.ravel(), np.zeros(cells.size, dtype=bool), 1.0, chance.choice([1.0, 1.5, 3.0], cells.size)
        ).reshape(30, 25, -1)
        every = np.vstack([table.reshape(750, -1), table.sum(axis=0), table.sum(axis=1)])
        series = {Key("tickets", ("service",), (f"{at:05}",)): row for at, row in enumerate(every)}
        false += len(repeats(series, table.sum(axis=(0, 1))))
        count += len(every)
    value = 1000 * false / count
    return [
        Figure(name="learning detector_false_nested", value=value, unit="false proposals per 1,000 nested series",
               baseline="the goal", baseline_value=1.0, goal="< 1", met=value < 1)
    ]  # fmt: skip


def _real(name: str) -> list[Figure]:
    path = SHARED_DATA / name
    if not path.exists():
        print(f"skipped: ../shared/data/{name} is not beside this repository")
        return []
    opened = list(opened_in_xes(path) if ".xes" in path.suffixes else opened_in(_cases(path)))
    counts = counts_of(opened)
    began = time.perf_counter()
    looks, found = walk(counts, looks=LOOKS)
    took = (time.perf_counter() - began) * 1000 / max(looks, 1)
    print(
        f"{name}: {counts.tickets:,} cases, {counts.first} to {counts.last}, {len(counts.series):,} series, {looks} looks, "
        f"{len(found)} proposed"
    )
    for one in found[:5]:
        print(f"  {one.on} {_said(one)}")
    share = 1000 * shuffled(opened, times=SHUFFLES) / (len(counts.series) * SHUFFLES)
    short = name.split(".", maxsplit=1)[0]
    return [
        Figure(
            name=f"learning detector_{short}", value=len(found),
            unit=f"of {len(counts.series):,} series, {looks} monthly looks of {took:.0f} ms",
            baseline="3 standard deviations above the mean, at its end alone",
            baseline_value=float(len(_deviant(np.vstack(list(counts.series.values()))))), goal="listed", met=True,
        ),
        Figure(name=f"learning detector_{short}_shuffled", value=share, unit="proposals per 1,000 series with the days shuffled",
               baseline="as it was", baseline_value=1000 * len(found) / len(counts.series), goal="< 1", met=share < 1),
    ]  # fmt: skip


def _said(found: Found) -> str:
    one, change = found.repeat, found.change
    words = f"{times(change.before, change.after)} after {change.on}" if change else "no single day"
    return (
        f"{counted(one.key, one.key.values)}: {one.recent} in {one.weeks} weeks, usual {one.usual:.2f} a week, "
        f"x{one.ratio:.1f}, p = {one.p:.1e}, adjusted {one.adjusted:.1e}; {words}"
    )


def _cases(path: Path) -> list[Case]:
    return cases(read(path, format_for(path, "", mapping=None, zone=""), Problems()))
