"""Which fields may not be features, since they tell what nobody knew yet (SEMANTICS 10). Pure.

Logs of desks are exported after the fact: a field that was filled in at the end stands on every earlier row as well. Such
a field never changes during a ticket's life, and it knows the outcome. A field that is fixed from the beginning (who
asked, from where) never changes either; so whoever names the fields must say which of them are known at opening, and
even those are refused where they know too much.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tocsin.domain.risk.logic.columns import numbered
from tocsin.domain.risk.logic.encoding import known, out_of_fold, pairs
from tocsin.domain.risk.logic.measures import auc

CONSTANT = 0.98  # share of tickets on which a field never changes from which on it counts as constant
MOSTLY = 0.9  # share of a field's changing tickets on which it changes with the end only
KNOWS = 0.55  # AUC of a constant field by itself from which on it must have been declared
KNOWS_TOO_MUCH = 0.95  # AUC that nothing known at opening reaches honestly
FEWEST = 50  # tickets with several events, to judge by


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a field may be a feature, and why (not)."""

    field: str
    accepted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Life:
    """One ticket's events as a log tells them, and how it ended. `ended` marks the events on which it was over."""

    ticket: str
    at: Sequence[datetime]
    rows: Sequence[Mapping[str, str]]
    ended: Sequence[bool]
    outcome: bool


def judge(field: str, lives: Sequence[Life], known_at_opening: Collection[str] = ()) -> Verdict:
    """Judge one field by all lives. Refused: what tells of the future, what moves at the end only, what knows the end."""
    longer = [life for life in lives if len(life.rows) > 1]
    if len(longer) < FEWEST:
        return Verdict(field, field in known_at_opening, f"fewer than {FEWEST} tickets with several events to judge by")
    if ahead := sum(_tells_of_the_future(field, life) for life in longer):
        return Verdict(field, False, f"it holds times that lie after the event, on {ahead} tickets")
    moved = [life for life in longer if len({row.get(field, "") for row in life.rows}) > 1]
    late = sum(_moves_at_the_end_only(field, life) for life in moved)
    if moved and late >= MOSTLY * len(moved):
        return Verdict(field, False, "it changes with the event that ends a ticket, and hardly ever before")
    if len(moved) > (1 - CONSTANT) * len(longer):
        return Verdict(field, True, f"it changes during the life of {len(moved) / len(longer):.0%} of tickets")
    return _fixed(field, _knows(field, lives), field in known_at_opening)


def _fixed(field: str, knows: float, declared: bool) -> Verdict:
    """Judge a field that never changes by how well it tells the outcome at the first event."""
    if not declared and knows >= KNOWS:
        return Verdict(
            field, False,
            f"it never changes, tells the outcome at the first event (AUC {knows:.2f}), "
            "and nobody has declared that it is known at opening",
        )  # fmt: skip
    if knows >= KNOWS_TOO_MUCH:
        return Verdict(field, False, f"it tells the outcome at the first event almost surely (AUC {knows:.2f})")
    return Verdict(field, True, f"it is fixed from the beginning (AUC {knows:.2f} at the first event)")


def _tells_of_the_future(field: str, life: Life) -> bool:
    for at, row in zip(life.at, life.rows, strict=True):
        told = _instant(row.get(field, ""))
        if told is not None and told > at:
            return True
    return False


def _instant(word: str) -> datetime | None:
    """Read a time, as ISO 8601 or day first; None for what is none."""
    if len(word) < 8 or not word[:1].isdigit():
        return None
    for form in (None, "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M"):
        try:
            told = datetime.fromisoformat(word) if form is None else datetime.strptime(word, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    return None


def _moves_at_the_end_only(field: str, life: Life) -> bool:
    pairs = zip(life.rows, life.rows[1:], life.ended[1:], strict=False)
    return all(ended for before, after, ended in pairs if before.get(field, "") != after.get(field, ""))


def _knows(field: str, lives: Sequence[Life]) -> float:
    """AUC of the field alone at the first event, out of fold."""
    outcomes = [life.outcome for life in lives]
    if len(set(outcomes)) < 2:
        return 0.5
    by = known([life.ticket for life in lives], outcomes, by_cohort=False)
    encoded = out_of_fold(pairs(numbered([life.rows[0].get(field, "") for life in lives]), by.rows), by)
    return auc(np.array(outcomes, dtype=bool), encoded[:, 0])
