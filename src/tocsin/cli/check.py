"""`tocsin check`: what is wrong with this installation, and the remedy."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from tocsin.cli.app import as_refusal, use_django
from tocsin.config import checks
from tocsin.config.checks import ERROR, Finding


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is wrong with this installation, and the remedy. Exit status 1 if anything is an error."""
    findings = sorted(_findings(), key=lambda finding: finding.severity)  # "error" before "warning"
    failed = any(finding.severity == ERROR for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in findings]}))
    else:
        _show(findings)
    raise typer.Exit(1 if failed else 0)


def _findings() -> list[Finding]:
    findings = checks.environment_findings()
    try:
        use_django()
        mail = _mail()
        try:
            stored = _stored()
        except Exception:
            findings += mail  # the database's own finding follows
            raise
        findings += [one for one in mail if one.code != "no_smtp" or not _carried_otherwise(stored)]
        findings += stored
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        findings.append(checks.database_finding(refusal))
    return findings


def _mail() -> list[Finding]:
    from django.conf import settings as s  # noqa: PLC0415 - after use_django

    return checks.smtp_findings(s.SMTP_HOST, s.SMTP_PORT, s.SMTP_USER, s.SMTP_PASSWORD, s.SMTP_TLS, s.MAIL_FROM)


def _carried_otherwise(stored: list[Finding]) -> bool:
    """Say whether mail goes out by a provider, so that no server need be named in the environment."""
    from tocsin.domain.notify.providers import providers  # noqa: PLC0415 - after use_django

    if any(one.code == "pending_migrations" for one in stored):
        return False
    return any(one.enabled for one in providers("email"))


def _stored() -> list[Finding]:
    from tocsin.config import checks_stored  # noqa: PLC0415 - after use_django

    findings = checks_stored.schema_findings()
    # Without the present schema the other questions cannot be asked.
    return findings or checks_stored.stored_findings(checks_stored.now_of_database())


def _show(findings: list[Finding]) -> None:
    console = Console()
    if not findings:
        console.print("Nothing is wrong.", style="green")
    for finding in findings:
        style = "bold red" if finding.severity == ERROR else "yellow"
        console.print(
            f"{finding.severity}  {finding.message}", style=style, markup=False, highlight=False, soft_wrap=True
        )
        console.print(f"    {finding.remedy}", markup=False, highlight=False, soft_wrap=True)
