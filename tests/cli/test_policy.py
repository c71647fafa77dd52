"""`tocsin policy`: what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.policy import app
from tocsin.domain.escalation import examples
from tocsin.domain.escalation.logic import schema
from tocsin.domain.escalation.models import Policy, PolicyVersion
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User

DONE, DIFFERENT, REFUSED = 0, 1, 2
GOOD = """\
slug: network
name: Network
type: technical
reason: sla_at_risk
direction: functional
levels:
  - targets: [owner]
    delay: 15m
"""
BAD = GOOD.replace("owner", "ower").replace("15m", "soon")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "network.yaml").write_text(GOOD)
    return tmp_path


def policy(*arguments: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)


def test_validate_says_ok_for_each_file_of_a_directory(folder: Path) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "wages.yml").write_text(GOOD.replace("slug: network", "slug: wages"))
    (folder / "notes.txt").write_text("not a policy")
    result = policy("validate", folder)
    assert result.exit_code == DONE
    assert result.stdout.splitlines() == [
        f"{folder}/more/wages.yml: wages: 1 levels, 0 triggers: ok",
        f"{folder}/network.yaml: network: 1 levels, 0 triggers: ok",
    ]


def test_validate_prints_file_line_field_message_and_remedy(folder: Path) -> None:
    (folder / "network.yaml").write_text(BAD)
    result = policy("validate", folder / "network.yaml")
    assert result.exit_code == REFUSED
    assert result.stderr.splitlines() == [
        f"{folder}/network.yaml:7: levels[0].targets[0]: ower is not a role. Remedy: Did you mean owner?",
        f"{folder}/network.yaml:8: levels[0].delay: soon is not a duration. "
        "Remedy: Write it like 90s, 15m, 4h, 1d, 1h30m or 0.",
        "2 errors; nothing was done.",
    ]


def test_validate_reads_standard_input_and_answers_in_json() -> None:
    result = policy("validate", "-", "--json", given=BAD)
    assert result.exit_code == REFUSED
    answer = json.loads(result.stdout)
    assert answer["valid"] is False
    assert answer["errors"][0] == {
        "file": "<input>",
        "line": 7,
        "field": "levels[0].targets[0]",
        "message": "ower is not a role.",
        "remedy": "Did you mean owner?",
    }
    assert json.loads(policy("validate", "-", "--json", given=GOOD).stdout) == {
        "valid": True,
        "policies": [{"file": "<input>", "slug": "network"}],
        "errors": [],
    }


def test_files_that_cannot_be_read_are_named(folder: Path) -> None:
    (folder / "latin.yaml").write_bytes(b"slug: a\nname: B\xfcro\n")
    (folder / "empty").mkdir()
    result = policy("validate", folder / "absent.yaml", folder / "latin.yaml", folder / "empty")
    assert result.exit_code == REFUSED
    assert f"{folder}/absent.yaml:1: It cannot be read: No such file or directory." in result.stderr
    assert f"{folder}/latin.yaml:2: The text is not UTF-8." in result.stderr
    assert f"{folder}/empty:1: The directory holds no .yaml file." in result.stderr


def test_validate_finds_circles_within_the_set(folder: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        text = GOOD.replace("slug: network", f"slug: {one}").replace("targets: [owner]", f"policy: {other}")
        (folder / f"{one}.yaml").write_text(text)
    result = policy("validate", folder)
    assert result.exit_code == REFUSED
    assert "The policies start each other without end: a > b > a." in result.stderr


def test_validate_and_schema_need_no_database(folder: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere"}
    for arguments in (["validate", str(folder)], ["schema"]):
        code = f"from tocsin.cli.app import main; main({['policy', *arguments]!r})"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == DONE, done.stderr


def test_schema_prints_the_published_schema() -> None:
    result = policy("schema")
    assert result.exit_code == DONE
    assert result.stdout == schema.schema_text()


@pytest.mark.django_db
def test_plan_ends_with_1_where_applying_would_change_something(folder: Path) -> None:
    result = policy("plan", folder)
    assert result.exit_code == DIFFERENT
    assert result.stdout.splitlines() == ["+ network: new, version 1"]
    assert not Policy.objects.exists()
    assert policy("apply", folder, "--yes").exit_code == DONE
    result = policy("plan", folder)
    assert (result.exit_code, result.stdout) == (DONE, "  network: unchanged, version 1\nNothing to change.\n")


@pytest.mark.django_db
def test_plan_shows_what_differs(folder: Path) -> None:
    policy("apply", folder, "--yes")
    (folder / "network.yaml").write_text(GOOD.replace("15m", "10m") + "on_reassign: keep\n")
    result = policy("plan", folder)
    assert result.stdout.splitlines() == [
        "~ network: changed, version 1 -> 2",
        "    levels[0].delay: 15m -> 10m",
        "    on_reassign: ask -> keep",
    ]
    answer = json.loads(policy("plan", folder, "--json").stdout)
    assert answer["changed"] is True
    assert answer["policies"][0]["differences"] == ["levels[0].delay: 15m -> 10m", "on_reassign: ask -> keep"]


@pytest.mark.django_db
def test_apply_asks_nobody_when_nobody_is_there(folder: Path) -> None:
    result = policy("apply", folder)
    assert result.exit_code == REFUSED
    assert "yes: Add --yes." in result.stderr
    assert not Policy.objects.exists()


@pytest.mark.django_db
def test_apply_is_attributed_and_annotated(folder: Path) -> None:
    mia = User.objects.create(email="mia@example.org", name="Mia", role=Role.ADMINISTRATOR)
    result = policy("apply", folder, "--yes", "--by", "mia@example.org", "--note", "after the outage")
    assert result.exit_code == DONE
    version = PolicyVersion.objects.get()
    assert (version.created_by, version.note) == (f"person:{mia.pk}", "after the outage")
    assert policy("apply", folder, "--yes", "--by", "kai@example.org").exit_code == REFUSED


@pytest.mark.django_db
def test_apply_refuses_the_whole_set_when_one_is_wrong(folder: Path) -> None:
    (folder / "wages.yaml").write_text(BAD.replace("slug: network", "slug: wages"))
    result = policy("apply", folder, "--yes")
    assert result.exit_code == REFUSED
    assert not Policy.objects.exists()


@pytest.mark.django_db
def test_export_gives_back_the_text_one_or_all(folder: Path, tmp_path: Path) -> None:
    policy("apply", folder, "--yes")
    assert policy("export", "network").stdout == GOOD
    assert json.loads(policy("export", "network", "--json").stdout) == {"network": GOOD}
    result = policy("export", "--all", "--into", tmp_path / "out")
    assert result.exit_code == DONE
    assert (tmp_path / "out" / "network.yaml").read_text() == GOOD
    assert policy("export", "nothing").exit_code == REFUSED
    assert policy("export").exit_code == REFUSED


@pytest.mark.django_db
def test_list_shows_versions_and_state(folder: Path) -> None:
    assert "No policy is published." in policy("list").stdout
    policy("apply", folder, "--yes")
    policy("disable", "network")
    assert policy("list").stdout == f"{'network':<24} version 1    Network, disabled\n"
    (row,) = json.loads(policy("list", "--json").stdout)
    assert (row["slug"], row["number"], row["enabled"], row["running"]) == ("network", 1, False, 0)
    assert policy("enable", "network").exit_code == DONE
    assert json.loads(policy("list", "--json").stdout)[0]["enabled"] is True


def test_the_examples_are_valid(tmp_path: Path) -> None:
    for name, text in examples.sources().items():
        (tmp_path / f"{name}.yaml").write_text(text)
    assert policy("validate", tmp_path).exit_code == DONE
