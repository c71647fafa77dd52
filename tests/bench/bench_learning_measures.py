"""Whether a measure is judged right: coverage of the 95 % interval, and what is said of effects of 0, 20 and 50 %.

Simulated: 26 weeks before and 8 after, 2, 5 and 15 a week, weekdays in their usual shares; once as chance has it, once with
weeks that scatter twice as much. Beside it on the same counts: the usual normal interval of the logarithm of the ratio.
"""

import numpy as np

from tests.bench.figure import Figure
from tocsin.domain.problems.logic.effect import Verdict, compare, verdict
from tocsin.domain.problems.logic.series import Days

ROUNDS, BEFORE, AFTER = 1_500, 26, 8
RATES, EFFECTS = (2.0, 5.0, 15.0), (0.0, 0.2, 0.5)
WEEKDAYS = np.array([1.5, 1.3, 1.2, 1.2, 1.1, 0.4, 0.3]) / 7.0


def run() -> list[Figure]:
    """Simulate each volume and effect, with and without more scatter than chance."""
    chance, figures = np.random.default_rng(21), []
    for scatter in (1.0, 2.0):
        for effect in EFFECTS:
            held, naive, said = [], [], []
            for rate in RATES:
                for _ in range(ROUNDS):
                    found = compare(
                        _days(chance, rate, BEFORE, scatter), _days(chance, rate * (1 - effect), AFTER, scatter)
                    )
                    if found is None:
                        continue
                    held.append(found.low <= 1 - effect <= found.high)
                    naive.append(_normal(found.after, found.before, 1 - effect))
                    if rate == RATES[-1]:
                        said.append(verdict(found, expected=0.5, horizon=AFTER))
            figures.append(_coverage(effect, scatter, float(np.mean(held)), float(np.mean(naive))))
            if scatter == 1.0:
                figures.append(_verdicts(effect, said))
    return figures


def _days(chance: np.random.Generator, rate: float, weeks: int, scatter: float) -> Days:
    mean = np.full(weeks, rate)
    if scatter > 1:
        shape = rate / (scatter - 1)
        mean = mean * chance.gamma(shape, 1 / shape, weeks)
    days: Days = chance.poisson(mean[:, None] * WEEKDAYS).ravel()
    return days


def _normal(after: int, before: int, ratio: float) -> bool:
    if not after or not before:
        return False
    log, spread = np.log(after / before * BEFORE / AFTER), np.sqrt(1 / after + 1 / before)
    return bool(abs(log - np.log(ratio)) <= 1.96 * spread)


def _coverage(effect: float, scatter: float, held: float, naive: float) -> Figure:
    return Figure(
        name=f"learning measure_coverage_{effect:.0%}_scatter_{scatter:g}".replace("%", ""), value=held,
        unit=f"share of 95 % intervals that hold the true ratio, {len(RATES) * ROUNDS:,} measures",
        baseline="normal interval of the logarithm", baseline_value=naive, goal="0.93 to 0.97", met=0.93 <= held <= 0.97,
    )  # fmt: skip


def _verdicts(effect: float, said: list[Verdict]) -> Figure:
    right = Verdict.WORKED if effect else Verdict.NO_EFFECT
    wrong = (
        float(np.mean([one == Verdict.WORKED for one in said]))
        if not effect
        else float(np.mean([one == Verdict.WORSE for one in said]))
    )
    return Figure(
        name=f"learning measure_right_{effect:.0%}".replace("%", ""), value=float(np.mean([one == right for one in said])),
        unit=f"share judged {right.replace('_', ' ')} at 15 a week", baseline="share judged wrongly", baseline_value=wrong,
        goal="wrong < 0.05", met=wrong < 0.05,
    )  # fmt: skip
