"""Replay of the ServiceNow log with the example technical policy, as a person runs it: one process, from the file."""

import csv
import gzip
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figure import Figure
from tocsin.domain import escalation

REPOSITORY = Path(__file__).resolve().parents[2]
LOG = REPOSITORY.parent / "shared" / "data" / "servicenow_incident_log.csv.gz"
TECHNICAL = Path(escalation.__file__).parent / "examples" / "technical.yaml"
GOAL = 10.0  # seconds
ROUNDS = 3


def run() -> list[Figure]:
    """Return the replay's wall time (best of three), beside reading the same file with gzip and csv alone."""
    if not LOG.exists():
        print("skipped: the real log is not beside this repository")
        return []
    replayed = min(_replay() for _ in range(ROUNDS))
    read = min(_read() for _ in range(ROUNDS))
    return [
        Figure(
            name="spine replay_servicenow_s",
            value=round(replayed, 3),
            unit="s",
            baseline="reading the file with gzip and csv.DictReader",
            baseline_value=round(read, 3),
            goal="< 10 s",
            met=replayed < GOAL,
        )
    ]


def _replay() -> float:
    command = [sys.executable, "-m", "tocsin", "replay", "--format", "servicenow", "--json"]
    began = time.perf_counter()
    subprocess.run([*command, "--log", LOG, "--policy", TECHNICAL], check=True, capture_output=True, cwd=REPOSITORY)
    return time.perf_counter() - began


def _read() -> float:
    began = time.perf_counter()
    with gzip.open(LOG, "rt", encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    took = time.perf_counter() - began
    if rows != 89_901:
        raise ValueError(f"the log has {rows} rows: another file than the goal was set for")
    return took
