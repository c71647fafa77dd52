"""Reads of the front line; everything else of `queries` is private."""

from tocsin.domain.frontline.queries.arbitrating import AskedArbiter, arbiter_asked_on, arbiters_of
from tocsin.domain.frontline.queries.board import Board, Hot, Load, hot_board
from tocsin.domain.frontline.queries.bundles import (
    access_bundle,
    bundles_given,
    bundles_offered_to,
    bundles_waiting_for,
    items_of,
    next_bundle_due,
)
from tocsin.domain.frontline.queries.choosing import Candidate, candidates
from tocsin.domain.frontline.queries.promises import (
    Held,
    Promise,
    Proposed,
    held_by,
    held_by_team,
    proposed_for,
)

__all__ = [
    "AskedArbiter",
    "Board",
    "Candidate",
    "Held",
    "Hot",
    "Load",
    "Promise",
    "Proposed",
    "access_bundle",
    "arbiter_asked_on",
    "arbiters_of",
    "bundles_given",
    "bundles_offered_to",
    "bundles_waiting_for",
    "candidates",
    "held_by",
    "held_by_team",
    "hot_board",
    "items_of",
    "next_bundle_due",
    "proposed_for",
]
