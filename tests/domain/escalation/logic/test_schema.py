"""The published JSON Schema agrees with the reader."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from tests.domain.escalation.logic.policies import policies
from tocsin.domain import escalation
from tocsin.domain.escalation import examples
from tocsin.domain.escalation.logic import schema, spec
from tocsin.domain.escalation.logic.policy import Policy

PUBLISHED = Path(str(escalation.__file__)).parent / "policy.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(schema.policy_schema())


def test_the_schema_is_valid_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.policy_schema())


def test_the_published_file_is_the_generated_one() -> None:
    """If this fails: `tocsin policy schema > src/tocsin/domain/escalation/policy.schema.json`."""
    assert PUBLISHED.read_text("utf-8") == schema.schema_text()


@pytest.mark.parametrize("name", examples.sources())
def test_every_example_validates(name: str) -> None:
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(examples.sources()[name]))


@settings(max_examples=12)
@given(policies())
def test_every_policy_that_can_be_written_validates(policy: Policy) -> None:
    VALIDATOR.validate(spec.written(policy))


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "Not a slug"},
        {"type": "weather"},
        {"levels": []},
        {"levels": [{"name": "nobody"}]},
        {"levels": [{"targets": ["team"]}]},
        {"levels": [{"targets": [{"owner": "ana"}]}]},
        {"levels": [{"targets": ["owner"], "delay": "soon"}]},
        {"triggers": [{"kind": "clock_at", "clock": "resolution"}]},
        {"triggers": [{"kind": "reopened", "percent": "75%"}]},
        {"triggers": [{"kind": "risk_at_least"}]},
        {"triggers": [{"kind": "linked_tickets", "count": 3, "same": "organisation"}]},
        {"repeat": {"times": 11}},
        {"colour": "red"},
    ],
)
def test_what_the_schema_can_see_it_refuses(change: dict[str, object]) -> None:
    good = {**json.loads(json.dumps(spec.written(examples.load_all()["technical"]))), **change}
    assert not VALIDATOR.is_valid(good)
