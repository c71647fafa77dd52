"""Places where a test may kill the process to prove that nothing is lost (SECURITY 3)."""

import os

_ARMED = os.environ.get("TOCSIN_FAILPOINT", "")


def failpoint(name: str) -> None:
    """Die at once, without clean-up, if the environment armed this point; otherwise do nothing.

    TOCSIN_FAILPOINT holds one name, e.g. `sender.leased`. Exit status 86 tells the test
    that it was this and not an accident.
    """
    if name == _ARMED:
        os._exit(86)
