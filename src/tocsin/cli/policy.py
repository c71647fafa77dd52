"""`tocsin policy`: escalation policies as files.

Every command that reads has --json. Exit status: 0 done, or nothing would change; 1 `plan` found
changes, or `apply` was declined; 2 something is wrong and nothing was done.
"""

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.domain.escalation.logic import schema as published_schema
from tocsin.domain.escalation.logic.document import MAX_BYTES
from tocsin.domain.escalation.logic.spec_errors import PolicyError, PolicyErrors
from tocsin.domain.escalation.logic.spec_set import cycles, read_all
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError

if TYPE_CHECKING:
    from tocsin.domain.escalation.publishing import Plan
    from tocsin.domain.people.models import User

DIFFERENT = 1
REFUSED = 2

app = typer.Typer(help="Validate, plan, apply and export escalation policies.", no_args_is_help=True)
Files = Annotated[list[str], typer.Argument(metavar="FILE", help="YAML files, directories of them, or - for input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Prune = Annotated[bool, typer.Option("--prune", help="Disable enabled policies that no file names.")]
By = Annotated[str, typer.Option(metavar="EMAIL", help="Who does this; the journal says system otherwise.")]
Note = Annotated[str, typer.Option(help="A word on why, kept with the version.")]


def _refusing[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Print refusals as one line per finding (or JSON) and end with status 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PolicyErrors as found:
            if kwargs.get("as_json"):
                _print_json({"valid": False, "errors": [error.as_dict() for error in found.errors]})
            else:
                for error in found.errors:
                    typer.echo(str(error), err=True)
                count = len(found.errors)
                typer.secho(f"{count} error{'' if count == 1 else 's'}; nothing was done.", fg="red", err=True)
            raise typer.Exit(REFUSED) from None
        except TocsinError as error:
            if kwargs.get("as_json"):
                _print_json(error.as_dict())
            else:
                typer.secho(error.message, fg="red", err=True)
                for name, problem in error.fields.items():
                    typer.echo(f"  {name}: {problem}", err=True)
            raise typer.Exit(REFUSED) from None

    return run


@app.command()
@_refusing
def validate(files: Files, as_json: AsJson = False) -> None:
    """Say whether policies are right. Needs no database, so it does not look up people, teams and skills."""
    documents = read_all(_documents(files))
    errors = list(cycles(documents, {document.content.slug: document.content for document in documents}))
    if errors:
        raise PolicyErrors(errors)
    if as_json:
        policies = [{"file": document.file, "slug": document.content.slug} for document in documents]
        _print_json({"valid": True, "policies": policies, "errors": []})
        return
    for document in documents:
        content = document.content
        typer.echo(
            f"{document.file}: {content.slug}: {len(content.levels)} levels, {len(content.triggers)} triggers: ok"
        )


@app.command()
@_refusing
def plan(files: Files, prune: Prune = False, as_json: AsJson = False) -> None:
    """Show what applying would change, and change nothing. Status 1 if there are changes."""
    documents = _documents(files)
    publishing = _publishing()
    found = publishing.plan(documents=documents, prune=prune)
    if as_json:
        _print_json(found.as_dict())
    else:
        _print_plan(found)
    if found.changed:
        raise typer.Exit(DIFFERENT)


@app.command()
@_refusing
def apply(
    files: Files,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    prune: Prune = False,
    note: Note = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Publish policies: all of the files, or none. What differs becomes the next version."""
    documents = _documents(files)
    publishing = _publishing()
    found = publishing.plan(documents=documents, prune=prune)
    if not as_json:
        _print_plan(found)
    if found.changed and not yes:
        if as_json or "-" in files or not sys.stdin.isatty():
            raise InvalidInput(
                "not_confirmed", "Nobody can be asked here, so nothing was applied.", {"yes": "Add --yes."}
            )
        typer.confirm("Apply these changes?", abort=True)
    done = publishing.apply(documents=documents, by=_person(by), now=_now(), note=note, prune=prune, expected=found)
    if as_json:
        _print_json(done.as_dict())
    elif done.changed:
        typer.secho("Applied.", fg="green")


@app.command()
@_refusing
def export(
    slug: Annotated[str, typer.Argument(help="Which policy.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every policy, each into a file SLUG.yaml.")] = False,
    into: Annotated[Path, typer.Option(help="With --all: where to write.")] = Path(),
    version: Annotated[int | None, typer.Option(help="An earlier version instead of the current one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a policy's YAML as it was written, or write all of them to files."""
    if bool(slug) == every:
        raise InvalidInput(
            "slug_or_all", "Name one policy, or say --all.", {"slug": "`tocsin policy list` names them."}
        )
    publishing = _publishing()
    names = [row.slug for row in publishing.listing() if row.number] if every else [slug]
    texts = {name: publishing.export(name, None if every else version) for name in names}
    if as_json:
        _print_json(texts)
    elif not every:
        typer.echo(texts[slug], nl=False)
    else:
        into.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (into / f"{name}.yaml").write_text(text, encoding="utf-8")
            typer.echo(str(into / f"{name}.yaml"))


@app.command()
def schema() -> None:
    """Print the JSON Schema of policies, for editors."""
    typer.echo(published_schema.schema_text(), nl=False)


@app.command("list")
@_refusing
def list_policies(as_json: AsJson = False) -> None:
    """List the published policies with version and runs under way."""
    rows = _publishing().listing()
    if as_json:
        names = ("slug", "name", "enabled", "number", "published_by", "running")
        at = [row.published_at.isoformat() if row.published_at else None for row in rows]
        listed = [{name: getattr(row, name) for name in names} for row in rows]
        _print_json([{**row, "published_at": when} for row, when in zip(listed, at, strict=True)])
        return
    if not rows:
        typer.echo("No policy is published. `tocsin policy apply FILE` publishes one.")
    for row in rows:
        state = "" if row.enabled else ", disabled"
        running = f", {row.running} running" if row.running else ""
        typer.echo(f"{row.slug:<24} version {row.number:<4} {row.name}{state}{running}")


@app.command()
@_refusing
def enable(slug: str, by: By = "", note: Note = "") -> None:
    """Let a policy's triggers fire again."""
    _publishing().set_enabled(slug=slug, enabled=True, by=_person(by), now=_now(), note=note)
    typer.echo(f"{slug} is enabled.")


@app.command()
@_refusing
def disable(slug: str, by: By = "", note: Note = "") -> None:
    """Keep a policy from starting anything new. What runs goes on."""
    _publishing().set_enabled(slug=slug, enabled=False, by=_person(by), now=_now(), note=note)
    typer.echo(f"{slug} is disabled; what runs goes on.")


def _documents(files: list[str]) -> list[tuple[str, str]]:
    """Return (name, text) of every file, of the .yaml and .yml files of every directory, and of the input for -."""
    found: list[tuple[str, str]] = []
    errors: list[PolicyError] = []
    for name in files:
        if name == "-":
            found.append(("<input>", sys.stdin.read(MAX_BYTES + 1)))
            continue
        path = Path(name)
        inside = (
            sorted(part for part in path.rglob("*") if part.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
        )
        if not inside:
            errors.append(PolicyError(name, 1, "", "The directory holds no .yaml file.", "Name the one that does."))
        for part in inside:
            try:
                with part.open("rb") as opened:
                    found.append((str(part), opened.read(MAX_BYTES + 1).decode("utf-8-sig")))
            except OSError as error:
                errors.append(PolicyError(str(part), 1, "", f"It cannot be read: {error.strerror}.", "Check the path."))
            except UnicodeDecodeError as error:
                line = error.object.count(b"\n", 0, error.start) + 1
                errors.append(PolicyError(str(part), line, "", "The text is not UTF-8.", "Save the file as UTF-8."))
    if errors:
        raise PolicyErrors(errors)
    return found


def _publishing() -> Any:
    from tocsin.cli.app import use_django  # noqa: PLC0415 - validate and schema need neither Django nor a database

    use_django()
    from tocsin.domain.escalation import publishing  # noqa: PLC0415 - imports models, which need Django to be ready

    return publishing


def _now() -> Any:
    from django.db import connection  # noqa: PLC0415 - as above

    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    return database_now(connection)


def _person(email: str) -> "User | str":
    """Return who acts: the person with this address, or `system` when none is named. Raises NotFound."""
    if not email:
        return "system"
    from tocsin.domain.people.queries import find_person  # noqa: PLC0415 - as above

    person = find_person(email)
    if person is None:
        raise NotFound("person_not_found", f"There is nobody with the address {email}.", {"by": "Check the address."})
    return person


def _print_plan(found: "Plan") -> None:
    colours = {"new": "green", "changed": "yellow", "disabled": "red"}
    signs = {"new": "+", "changed": "~", "disabled": "-", "unchanged": " "}
    for change in found.changes:
        what = {
            "new": "new, version 1",
            "changed": f"changed, version {change.number - 1} -> {change.number}",
            "unchanged": f"unchanged, version {change.number}",
            "disabled": "disabled, because no file names it",
        }[change.change]
        typer.secho(f"{signs[change.change]} {change.slug}: {what}", fg=colours.get(change.change))
        for line in change.differences:
            typer.echo(f"    {line}")
        if change.running and change.change != "unchanged":
            number = change.running
            verb = "run goes" if number == 1 else "runs go"
            typer.echo(f"    {number} {verb} on with the version it began with")
        if not change.enabled and change.change != "disabled":
            typer.echo(f"    it stays disabled; `tocsin policy enable {change.slug}` lets it fire")
    if not found.changed:
        typer.echo("Nothing to change.")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
