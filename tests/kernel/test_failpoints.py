"""Fail points kill only where they are armed."""

import os
import subprocess
import sys

CODE = "from tocsin.kernel.failpoints import failpoint; failpoint('sender.leased'); print('alive')"


def run(armed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TOCSIN_FAILPOINT": armed}
    return subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False)


def test_an_armed_point_dies_at_once_with_its_own_status() -> None:
    died = run("sender.leased")
    assert (died.returncode, died.stdout) == (86, "")


def test_any_other_point_does_nothing() -> None:
    for armed in ("", "sender.sent"):
        assert run(armed).stdout == "alive\n"
