"""`tocsin proof`: who was paged about an escalation, why, and what they answered; and whether a saved proof is whole."""

import json
import re
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from django.core.serializers.json import DjangoJSONEncoder

from tocsin.domain.escalation import proofs
from tocsin.domain.escalation.logic.proof_check import problems_of
from tocsin.kernel.errors import InvalidInput


def proof(
    what: Annotated[str, typer.Argument(help="A ticket (T-1042: its latest escalation) or an escalation's id.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with the journal's hashes.")] = False,
    check: Annotated[Path | None, typer.Option(help="Recompute the hashes of a proof saved as JSON.")] = None,
) -> None:
    """Print the proof of an escalation, or check one that was saved. Exit status 1 if it was changed."""
    if check is not None:
        raise typer.Exit(_check(check))
    found = proofs.proof_of(_escalation(what))
    typer.echo(json.dumps(found, cls=DjangoJSONEncoder, indent=1) if as_json else "\n".join(_lines(found)))


def _escalation(what: str) -> UUID:
    if number := re.fullmatch(r"[Tt]-(\d{1,15})", what.strip()):
        return proofs.latest_of(int(number[1]))
    try:
        return UUID(what)
    except ValueError:
        raise InvalidInput("what", "Name a ticket such as T-1042, or an escalation by its id.") from None


def _check(path: Path) -> int:
    try:
        saved = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput("file", f"{path} cannot be read as JSON: {error}") from error
    problems = problems_of(saved) if isinstance(saved, dict) else ["The file holds no proof."]
    for problem in problems:
        typer.echo(problem)
    if not problems:
        typer.echo(f"{len(saved['journal'])} entries are as they were written.")
    return 1 if problems else 0


def _lines(found: dict[str, Any]) -> list[str]:
    head = f"{found['ticket']} {found['subject']}{' (TEST)' if found['test'] else ''}"
    lines = [head]
    for run in (found, *found["called"]):
        lines.append(f"{run['policy_name']}, version {run['version']} ({run['version_digest'][:12]}): {run['state']}")
        for firing in run["firings"]:
            lines += _level(firing)
        lines += [f"  Level {row['level']}, {row['name']}: not fired, {row['why']}" for row in run["not_fired"]]
        for answer in run["answers"]:
            by = f" by {answer['via']}" if answer["via"] else ""
            why = f": {answer['reason']}" if answer["reason"] else ""
            lines.append(f"  {answer['at']:%Y-%m-%d %H:%M:%S} {answer['person']} {answer['said']}{by}{why}")
    lines.append(f"{len(found['journal'])} journal entries; --json prints them with their hashes.")
    return lines


def _level(firing: dict[str, Any]) -> list[str]:
    cycle = f" (cycle {firing['cycle']})" if firing["cycle"] > 1 else ""
    at = f"{firing['fired_at']:%Y-%m-%d %H:%M:%S}"
    lines = [f"  Level {firing['level']}, {firing['name']}{cycle}: {firing['outcome']} {at} because {firing['why']}"]
    for evidence in firing["evidence"]:
        who = (
            "; ".join(f"{p['name']} ({', '.join(p['by'])})" for p in evidence["people"]) or f"nobody: {evidence['why']}"
        )
        lines.append(f"    {evidence['target']}: {who}")
    for page in firing["pages"]:
        for one in page["deliveries"]:
            sent = f"{one['sent_at']:%H:%M:%S}" if one["sent_at"] else "not sent"
            error = f", {one['error']}" if one["error"] else ""
            lines.append(f"    {page['person']} by {one['channel']} {one['address']}: {one['state']}, {sent}{error}")
    return lines
