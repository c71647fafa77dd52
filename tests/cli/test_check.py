"""`tocsin check` as a command; what it looks for is tested in tests/config."""

import json
import os
import subprocess
import sys

SECRET = "q7Lw0c1yZrX8mV5nB2kJ4hG6fD3sA9pT"


def check(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tocsin", "check", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_database_that_does_not_answer_is_a_finding_among_others() -> None:
    done = check("--json", DATABASE_URL="postgres://nobody@127.0.0.1:9/none", TOCSIN_SECRET_KEY="changeme")
    answer = json.loads(done.stdout)
    codes = {finding["code"] for finding in answer["findings"]}
    assert done.returncode == 1
    assert answer["ok"] is False
    assert {"default_secret", "no_base_url", "no_smtp", "database_unavailable"} <= codes


def test_errors_come_first_and_every_line_has_its_remedy() -> None:
    done = check(DATABASE_URL="postgres://nobody@127.0.0.1:9/none", TOCSIN_SECRET_KEY="", TOCSIN_BASE_URL="")
    lines = done.stdout.splitlines()
    severities = [line.split()[0] for line in lines[::2]]
    assert done.returncode == 1
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}
    assert all(line.startswith("    ") for line in lines[1::2])


def test_malformed_database_url_is_a_finding() -> None:
    done = check("--json", DATABASE_URL="mysql://db/desk", TOCSIN_SECRET_KEY=SECRET)
    findings = json.loads(done.stdout)["findings"]
    assert "PostgreSQL only" in next(f["message"] for f in findings if f["code"] == "database_unavailable")
