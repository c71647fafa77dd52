"""Risk on two public logs: the last 30 % of tickets by opening time judge what was learned from the first 70 %.

ServiceNow: will the promise be broken? At events 1, 3 and 5 over tickets still open then; with "resolved" as ended, and
(as the floors were counted) with only "closed" as ended. Volvo: will it leave the first line? At its first and third event.
Beside each the simple rule and the logistic baseline. THREADS sets how many threads learn (2).
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.conftest import SHARED_DATA
from tocsin.domain.risk.logic.judging import Compared, compare
from tocsin.domain.risk.logic.leaks import judge
from tocsin.domain.risk.logic.training import EVENTS, Sample, split, train
from tocsin.intake.imports.events import Case, cases
from tocsin.intake.imports.formats import read
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.risks import lives, own_fields, samples

SERVICENOW, VOLVO = "servicenow_incident_log.csv.gz", "volvo_vinst_incidents.csv.gz"
OPENING = ("caller_id", "location", "opened_by", "sys_created_by")
FIELDS = {
    SERVICENOW: ("caller_id", "location", "u_symptom", "opened_by", "sys_created_by"),
    VOLVO: ("Involved Org line 3", "Involved ST Function Div", "Country", "Owner Country", "Resource"),
}
LEAKY = ("closed_code", "resolved_by", "resolved_at", "closed_at", "made_sla")  # of the log, known at its end only
MOST_SECONDS = 60.0  # for 100,000 events


def run() -> list[Figure]:
    """Judge on both logs."""
    return list(_figures())


def _figures() -> Iterator[Figure]:
    """Yield the figures of both logs."""
    for name in (SERVICENOW, VOLVO):
        path = SHARED_DATA / name
        if not path.exists():
            print(f"skipped: ../shared/data/{name} is not beside this repository")
            continue
        found = cases(read(path, format_for(path), Problems()))
        if name == SERVICENOW:
            yield from _servicenow(path, found)
        else:
            yield from _volvo(path, found)


def _servicenow(path: Path, found: list[Case]) -> Iterator[Figure]:
    fields = own_fields(path, (*FIELDS[SERVICENOW], *LEAKY))
    whole = samples(found, "breach", fields, over=())
    told = lives(found, whole, fields)
    refused = [name for name in LEAKY if not judge(name, told, OPENING).accepted]
    yield Figure(
        name="insight risk_leaks_refused", value=len(refused), unit=f"of {len(LEAKY)} columns that are filled in at the end",
        baseline="columns there are", baseline_value=float(len(LEAKY)), goal="all", met=len(refused) == len(LEAKY),
    )  # fmt: skip
    own = [name for name in FIELDS[SERVICENOW] if judge(name, told, OPENING).accepted]
    print(f"{path.name}: own fields accepted: {', '.join(own)}")
    fields = own_fields(path, own)
    floors = {1: (0.80, 0.55), 3: (0.75, 0.77), 5: (0.82, 0.89)}
    for over, label in ((("resolved", "closed"), "breach"), (("closed",), "breach_until_closed")):
        yield from _judged(label, samples(found, "breach", fields, over=over), own, floors)


def _volvo(path: Path, found: list[Case]) -> Iterator[Figure]:
    own = FIELDS[VOLVO]
    floors = {1: (0.87, 0.77), 3: (0.92, 0.58)}
    for over, label in ((("resolved", "closed"), "leaves_l1"), ((), "leaves_l1_completed_too")):
        yield from _judged(label, samples(found, "escalation", own_fields(path, own), over=over), own, floors)


def _judged(
    label: str, found: list[Sample], own: tuple[str, ...] | list[str], floors: dict[int, tuple[float, float]]
) -> Iterator[Figure]:
    earlier, later = split(found)
    learned = sum(min(len(one.snapshots), EVENTS) for one in earlier)
    began = time.perf_counter()
    model = train(earlier, own_fields=own, threads=int(os.environ.get("THREADS", "2")))
    took = (time.perf_counter() - began) * 100_000 / learned
    yield Figure(
        name=f"insight risk_train_{label}", value=took, unit=f"s for 100,000 events ({learned:,} learned from)",
        baseline="the goal", baseline_value=MOST_SECONDS, goal=f"< {MOST_SECONDS:.0f} s", met=took < MOST_SECONDS,
    )  # fmt: skip
    for event, (auc, precision) in floors.items():
        one = compare(model, later, event)
        _print(label, one)
        yield Figure(
            name=f"insight risk_{label}_auc_at_{event}", value=one.model.auc,
            unit=f"AUC, n = {one.model.n:,}, {one.model.positives:,} came true; logistic {one.logistic.auc:.3f}",
            baseline=f"simple rule ({one.rule_name})", baseline_value=one.rule.auc, goal=f">= {auc:.2f} (on the full log)",
            met=one.model.auc >= auc,
        )  # fmt: skip
        ten, twenty = one.model.flagged
        yield Figure(
            name=f"insight risk_{label}_ap_at_{event}", value=one.model.average_precision,
            unit=f"average precision; recall {ten.recall:.2f} at 10 % (lift {ten.lift:.1f}), {twenty.recall:.2f} at 20 % "
            f"(lift {twenty.lift:.1f}); Brier {one.model.brier:.3f}, ECE {one.model.calibration_error:.3f}",
            baseline=f"chance (rule {one.rule.average_precision:.3f}, logistic {one.logistic.average_precision:.3f})",
            baseline_value=one.chance, goal=f">= {precision:.2f} (on the full log)",
            met=one.model.average_precision >= precision,
        )  # fmt: skip


def _print(label: str, one: Compared) -> None:
    for name, it in (("model", one.model), ("logistic", one.logistic), (f"rule {one.rule_name}", one.rule)):
        ten, twenty = it.flagged
        print(
            f"  {label} at {one.event}, {name}: AUC {it.auc:.3f}, AP {it.average_precision:.3f}, recall {ten.recall:.2f}/"
            f"{twenty.recall:.2f}, lift {ten.lift:.1f}/{twenty.lift:.1f}, Brier {it.brier:.3f}, ECE {it.calibration_error:.3f}"
            f" (n {it.n:,}, base {one.chance:.3f})"
        )
