"""What proposals, measures and digests say to a reader: sentences in a language, written from what is stored."""

from collections.abc import Sequence
from typing import Any

from tocsin.domain.problems.logic import digest
from tocsin.domain.problems.logic.effect import read
from tocsin.domain.problems.logic.series import parsed
from tocsin.domain.problems.logic.words import ENGLISH, judged, named
from tocsin.domain.problems.models import Digest, Measure, Proposal


def values_of(proposal: Proposal) -> dict[str, Any]:
    """Return what `logic.digest.repeat` says a proposal from, as JSON."""
    moved = None
    if proposal.changed_on is not None and proposal.changed_from is not None:
        moved = [proposal.changed_on.isoformat(), proposal.changed_from, proposal.changed_to]
    return {
        "series": proposal.series, "names": proposal.names, "recent": proposal.recent, "weeks": proposal.weeks,
        "usual": proposal.usual, "moved": moved,
    }  # fmt: skip


def said_proposal(proposal: Proposal, language: str = ENGLISH) -> str:
    return digest.repeat(values_of(proposal), language)


def said_also(proposal: Proposal, language: str = ENGLISH) -> list[str]:
    """Say the same repeat from other sides; rows of earlier releases hold English words."""
    return [
        one if isinstance(one, str) else named(parsed(one["series"]), one["names"], language) for one in proposal.also
    ]


def said_measure(measure: Measure, language: str = ENGLISH) -> str:
    return judged(read(measure.figures), measure.verdict, horizon=measure.horizon, language=language)


def said_digest(found: Digest, language: str = ENGLISH) -> tuple[str, Sequence[digest.Part]]:
    """Return a digest's first sentence and its parts; digests of earlier releases stay in English."""
    if found.facts.get("form") == digest.FORM:
        return digest.parts_of(found.facts, language)
    return digest.parts_in(found.text)
