"""The hop budget over Volvo IT's incident log: how many ping-pong cases would have met the arbiter, and how much earlier.

Holders are the support teams as the importer reads them. The baseline is what happened: nobody stepped in. Skipped,
and said so, where ../shared/data/volvo_vinst_incidents.csv.gz is not beside this repository.
"""

import statistics

from tests.bench.figure import Figure
from tests.conftest import SHARED_DATA
from tocsin.domain.tickets.logic.arbitration import Arbitrated, Stop, arbitrate
from tocsin.intake.imports.events import cases
from tocsin.intake.imports.formats import read
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.volvo import volvo

FACT = 992  # ping-pong cases of the file, by its README


def run() -> list[Figure]:
    """Simulate the rule with returns counted once and twice."""
    path = SHARED_DATA / "volvo_vinst_incidents.csv.gz"
    if not path.exists():
        print("skipped: ../shared/data/volvo_vinst_incidents.csv.gz is not beside this repository")
        return []
    log = [
        [Stop(event.team or "", event.at) for event in case.events] for case in cases(read(path, volvo(), Problems()))
    ]
    figures: list[Figure] = []
    for twice in (False, True):
        found = [arbitrate(stops, returns_count_twice=twice) for stops in log]
        figures += _figures([one for one in found if one.is_ping_pong], "twice" if twice else "once")
    return figures


def _figures(bouncing: list[Arbitrated], counted: str) -> list[Figure]:
    met = [one for one in bouncing if one.met_at is not None]
    days = [one.earlier.total_seconds() / 86400 for one in bouncing if one.earlier is not None]
    return [
        Figure(name=f"frontline hops_met_{counted}", value=len(met), unit=f"of {len(bouncing)} ping-pong cases meet the "
               f"arbiter, returns counted {counted}", baseline="ping-pong cases by the data's README",
               baseline_value=FACT, goal=f"{FACT} cases found", met=len(bouncing) == FACT),
        Figure(name=f"frontline hops_earlier_{counted}", value=statistics.median(days), unit="days before the last return, "
               f"median of {len(days)} cases in which it still came back after that", baseline="none",
               baseline_value=None, goal="", met=True),
    ]  # fmt: skip
