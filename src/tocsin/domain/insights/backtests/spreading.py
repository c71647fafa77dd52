"""One back-test over all processors of this machine: what a command does that cannot wait for workers.

The same pieces as those of workers, walked by processes that were forked from this one; their tallies merge exactly.
Only for a program with one thread (a fork copies no other thread, nor the locks that it holds): pages and the API hand
their pieces to workers instead.
"""

import multiprocessing
import os
from collections.abc import Callable

from django.db import connections

from tocsin.domain.insights.backtests.running import Bench, Outcome, Question, tickets_of, walk_tickets
from tocsin.domain.insights.logic.backtest import add

PIECE = 1_250  # tickets of one piece: small enough for the bar to move, and for the last one to be short


def walk_on_all_processors(
    question: Question, *, processes: int = 0, go_on: Callable[[int], None] = lambda _done: None
) -> Outcome:
    """Walk every ticket of the question; `go_on` is told how many are done. `processes`: 0 for one a processor."""
    numbers = list(tickets_of(question).values_list("number", flat=True))
    pieces = [numbers[at : at + PIECE] for at in range(0, len(numbers), PIECE)]
    processes = min(processes or os.cpu_count() or 1, len(pieces))
    if processes <= 1:
        return walk_tickets(question, tickets_of(question), go_on=lambda done: _told(go_on, done)) or Outcome()
    connections.close_all()  # a connection that two processes share garbles both
    whole, done = Outcome(), 0
    with multiprocessing.get_context("fork").Pool(processes, _begin, (question,)) as pool:
        spans = [(piece[0], piece[-1], len(piece)) for piece in pieces]
        for outcome, many in pool.imap(_walk, spans):
            add(whole.tally, outcome.tally)
            whole.rows += outcome.rows
            done += many
            go_on(done)
    return whole


def _told(go_on: Callable[[int], None], done: int) -> bool:
    go_on(done)
    return True


_bench: Bench | None = None  # of this process: names, calendars and rosters are read once


def _begin(question: Question) -> None:
    global _bench  # noqa: PLW0603 - what a process of the pool keeps between its pieces
    _bench = Bench(question)


def _walk(span: tuple[int, int, int]) -> tuple[Outcome, int]:
    first, last, many = span
    if _bench is None:
        raise RuntimeError("a piece before its beginning")
    rows = tickets_of(_bench.question).filter(number__gte=first, number__lte=last)
    return walk_tickets(_bench.question, rows, bench=_bench) or Outcome(), many
