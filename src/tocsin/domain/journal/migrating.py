"""Migrations that make many models: the state of all models is rendered once for each run of them, not after each.

Django renders every model that is related to a new one anew, and nearly all of ours are related through people: a new
database took four times as long to build, most of it for states that nobody looks at.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """A run of `CreateModel`, applied in order, with one state after all of them."""

    def __init__(self, operations: Sequence[migrations.CreateModel]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models; what was rendered is dropped, so that the next who needs it renders all at once."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "Create the models " + ", ".join(operation.name for operation in self.operations)


class Migration(migrations.Migration):
    """A migration whose runs of `CreateModel` are each one step."""

    def __init__(self, name: str, app_label: str) -> None:
        super().__init__(name, app_label)
        self.operations = list(_together(self.operations))  # type: ignore[misc]  # Django does so itself


def _together(operations: Iterable[Operation]) -> Iterator[Operation]:
    for is_create, run in groupby(operations, lambda one: isinstance(one, migrations.CreateModel)):
        if is_create:
            yield CreateModels(list(run))  # type: ignore[arg-type]  # all of them are
        else:
            yield from run
