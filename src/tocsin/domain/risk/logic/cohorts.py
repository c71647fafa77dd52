"""What was usual when a ticket was opened: how many of the tickets opened about then ended so, how long they took. Pure.

How often tickets end badly changes with the weeks; and of the latest weeks only what ended quickly is known yet. A word
that came up late would look harmless by that alone, and a model would learn the calendar, which foretells nothing. So
words are held against their cohort, and both outcomes of each cohort weigh as if it had been like all.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
SHARE = 40  # a cohort reaches over a fortieth of all tickets to either side
FEWEST = 50  # tickets to either side that a cohort reaches over at least
HEAVIEST = 5.0  # how much more a rare outcome of a cohort may weigh


def usual(values: NDArray[Any]) -> Floats:
    """Return, for tickets in the order of their opening, the mean value of each one's neighbours.

    The ticket itself is left out; one more ticket at the mean of all others is added, so that no cohort is empty.
    """
    y = values.astype(np.float64)
    size = len(y)
    if size < 2:
        return y
    reach = max(size // SHARE, FEWEST)
    before = np.concatenate([[0.0], np.cumsum(y)])
    here = np.arange(size)
    start, end = np.maximum(here - reach, 0), np.minimum(here + reach + 1, size)
    others = (before[-1] - y) / (size - 1)
    found: Floats = (before[end] - before[start] - y + others) / (end - start)
    return found


def levelled(outcomes: NDArray[np.bool_]) -> Floats:
    """Return the weight of each ticket (in the order of opening), by which every cohort ends so as often as all do."""
    share = usual(outcomes)
    mean = float(outcomes.mean()) if len(outcomes) else 0.0
    least = 1e-9
    weight = np.where(outcomes, mean / np.maximum(share, least), (1 - mean) / np.maximum(1 - share, least))
    return np.clip(weight, 1 / HEAVIEST, HEAVIEST)
