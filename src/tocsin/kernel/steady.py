"""Durations inside one process. Never an instant: what time it is, the database says."""

import time

# BOOTTIME goes on while the machine is suspended and while the process is stopped, so a lease cannot outlive a nap.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Return seconds since some fixed moment; only differences mean anything."""
    return time.clock_gettime(_CLOCK)
