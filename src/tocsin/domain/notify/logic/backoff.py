"""When a delivery that failed for the moment is tried again. Pure."""

from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=5)
LONGEST_ASKED = timedelta(hours=1)  # how far a provider's Retry-After is believed


def retry_after(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after the `attempts`-th try (1, 2, ...): 5 s, tripling up to 5 min.

    `asked` is the provider's Retry-After; it may lengthen the wait, to an hour at most, never shorten it.
    """
    tripled: int = 3 ** min(attempts - 1, 8)
    own = min(FIRST * tripled, LONGEST)
    return max(own, min(asked, LONGEST_ASKED)) if asked is not None else own
