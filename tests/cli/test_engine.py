"""`tocsin engine` and `tocsin worker` as processes."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


def tocsin(*arguments: str) -> "subprocess.CompletedProcess[str]":
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    command = [sys.executable, "-m", "tocsin", *arguments]
    environment = os.environ | {"DATABASE_URL": url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_once_does_what_is_due_and_says_how_much() -> None:
    done = tocsin("engine", "--once", "--json")
    told = {"auditor": 1, "events": 0, "indexer": 1, "sender": 0, "ticker": 0, "webhooks": 0}
    assert (done.returncode, json.loads(done.stdout)) == (0, told)


def test_one_part_can_be_run_alone() -> None:
    done = tocsin("engine", "--once", "--only", "sender")
    assert (done.returncode, done.stdout) == (0, "0 sender\n")


def test_an_unknown_part_is_refused_with_those_there_are() -> None:
    done = tocsin("engine", "--only", "tocker")
    assert done.returncode == 2
    assert "ticker, sender, auditor" in done.stderr


def test_a_worker_does_the_jobs_that_wait_and_ends() -> None:
    assert tocsin("worker", "--once").returncode == 0
