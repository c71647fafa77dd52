"""`tocsin signals`: judge messages that came before signals were kept."""

from typing import Annotated

import typer
from rich.console import Console

from tocsin.domain.listening import actions

AT_ONCE = 500
console = Console(stderr=True, highlight=False)


def signals(most: Annotated[int, typer.Option(help="How many messages at most.", min=1)] = 100_000) -> None:
    """Judge customers' messages that have no signal yet, newest first. Nothing is triggered; it can be stopped and run again."""
    done = 0
    with console.status("judging messages") as status:
        while done < most:
            made = actions.score_missing(limit=min(AT_ONCE, most - done))
            if not made:
                break
            done += made
            status.update(f"judging messages: {done}")
    typer.echo(f"{done} messages were judged.")
