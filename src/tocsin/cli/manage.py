"""`tocsin migrate` and `tocsin manage ...`: Django's own commands, with Tocsin's settings."""

import typer
from django.core.management import call_command, execute_from_command_line

from tocsin.cli.app import use_django


def migrate() -> None:
    """Bring the database to this release. Safe to repeat, and beside running processes of the release before."""
    call_command("migrate", interactive=False, verbosity=1)


def manage(context: typer.Context) -> None:
    """Run one of Django's management commands, e.g. `tocsin manage changepassword ana@example.org`."""
    use_django()
    execute_from_command_line(["tocsin manage", *context.args])
