"""Where the turns of round-robin targets stand, for one transaction and one instant (logic/round_robin.py).

A preview looks without taking. Whoever opens levels takes: all of them wait for each other from the first turn to the
commit, so that two escalations never get the same turn, and two transactions never wait in a circle.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tocsin.domain.escalation.logic.policy import Target
from tocsin.domain.escalation.logic.round_robin import Chosen, Nobody, Standing, again, choose
from tocsin.domain.escalation.models import RoundRobin, Turn

type Place = tuple[UUID, int, int]  # run, cycle, level


@dataclass(frozen=True, slots=True)
class Given:
    """A turn that was given and is to be written."""

    key: str
    place: Place
    person: UUID
    position: int
    is_new: bool  # false: the level opens again and asks whom it asked before


class Turns:
    """The standings of targets by key, read when first asked for. `taking`: the turns count, see `given`."""

    def __init__(self, runs: Collection[UUID] = (), *, taking: bool = False) -> None:
        self._taking = taking
        self._runs = runs
        self._standings: dict[str, Standing] = {}
        self._had: dict[tuple[str, Place], str] | None = None
        self._locked = False
        self.given: list[Given] = []

    def next(
        self, key: str, participants: Sequence[str], why_not: Callable[[str], str], place: Place | None
    ) -> Chosen | Nobody:
        """Return whose turn it is for `place` (None: for a look ahead), and take the turn if this instance does."""
        counts = self._taking and place is not None
        if counts and not self._locked:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tocsin.turns'))")
            self._locked = True
        had = self._had_before().get((key, place), "") if place else ""
        chosen: Chosen | Nobody | None = again(participants, had, why_not) if had else None
        is_new = chosen is None
        if chosen is None:
            chosen = choose(participants, self._standing(key), why_not)
        if counts and place is not None and isinstance(chosen, Chosen):
            self.given.append(Given(key, place, UUID(chosen.person), chosen.position, is_new))
            self._had_before()[key, place] = chosen.person
            if is_new:
                self._standings[key] = Standing(chosen.person, chosen.position)
        return chosen

    def _standing(self, key: str) -> Standing:
        if key not in self._standings:
            row = RoundRobin.objects.filter(pk=key).values_list("last", "position").first()
            self._standings[key] = Standing(str(row[0]), row[1]) if row else Standing()
        return self._standings[key]

    def _had_before(self) -> dict[tuple[str, Place], str]:
        """Return whose turns the levels of these runs are already; one query for all of them."""
        if self._had is None:
            rows = Turn.objects.filter(run__in=self._runs).values_list("robin", "run", "cycle", "level", "person")
            self._had = {(key, (run, cycle, level)): str(person) for key, run, cycle, level, person in rows}
        return self._had


def key_of(target: Target, ref: str) -> str:
    """Return the name under which a target's turns are counted; `ref` is the schedule's or team's slug."""
    return f"{target.kind.value}:{ref}"
