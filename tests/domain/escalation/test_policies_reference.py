"""docs/policies.md says what the code does: its tables are compared row by row."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.domain.escalation.logic import conditions, schema, spec
from tocsin.domain.escalation.logic.policy import Approval, Level, Policy, Repeat, TargetKind, Trigger
from tocsin.domain.escalation.logic.spec_reading import MAY_HAVE_REF, NEEDS_REF

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "policies.md"


def _table(*rows: tuple[str, ...]) -> list[str]:
    head, *body = rows
    lines = [head, tuple("---" for _ in head), *body]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _fields(kind: type) -> Callable[[], list[str]]:
    def rows() -> list[str]:
        properties = schema._object(kind)["properties"]
        body = []
        for name, field in properties.items():
            needed = name in schema.REQUIRED.get(kind, ())
            default = "required" if needed else str(field.get("default", "")).lower()
            body.append((f"`{name}`", field["description"], default))
        return _table(("field", "meaning", "default"), *body)

    return rows


def _triggers() -> list[str]:
    body = [
        (f"`{kind.value}`", ", ".join(f"`{name}`" for name in needed), ", ".join(f"`{name}`" for name in optional))
        for kind, (needed, optional) in spec.PARAMETERS.items()
    ]
    return _table(("kind", "needs", "may have"), *body)


def _targets() -> list[str]:
    def name(kind: TargetKind) -> str:
        return NEEDS_REF.get(kind, "a team's slug, or none" if kind in MAY_HAVE_REF else "")

    return _table(("role", "name it takes"), *((f"`{kind.value}`", name(kind)) for kind in TargetKind))


def _variables() -> list[str]:
    body = ((f"`{variable.name}`", variable.kind, variable.meaning) for variable in conditions.variables())
    return _table(("variable", "type", "meaning"), *body)


TABLES: dict[str, Callable[[], list[str]]] = {
    "policy": _fields(Policy),
    "level": _fields(Level),
    "trigger": _fields(Trigger),
    "repeat": _fields(Repeat),
    "approval": _fields(Approval),
    "trigger kinds": _triggers,
    "targets": _targets,
    "variables": _variables,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_reference_table_says_what_the_code_does(name: str) -> None:
    found = re.search(rf"<!-- {name} -->\n((?:\|.*\n)+)", REFERENCE.read_text("utf-8"))
    assert found is not None, f"docs/policies.md has no table after <!-- {name} -->"
    assert found[1].splitlines() == TABLES[name]()


def test_the_policies_in_the_reference_are_valid() -> None:
    texts = re.findall(r"```yaml\n(slug:.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)
    assert texts
    for text in texts:
        spec.load(text, filename=str(REFERENCE))


def test_the_conditions_in_the_reference_are_valid() -> None:
    found = re.findall(r"```cel\n(.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)
    assert found
    for expression in "".join(found).splitlines():
        conditions.check(expression)
