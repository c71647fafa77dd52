"""Checking a proof that was taken away as a file: every entry against its own hash, its neighbours and the file. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tocsin.domain.journal.logic.chain import canonical, digest, normal


def problems_of(proof: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the journal entries of a proof; empty: each is what was written.

    An entry's hash covers its content and the hash before it, so a changed word shows here. That none is missing
    between them is for `tocsin verify` to prove, where all of the journal is.
    """
    entries = proof.get("journal")
    if not isinstance(entries, list) or not entries:
        return ["The file holds no journal entries."]
    problems: list[str] = []
    before: Mapping[str, Any] | None = None
    for entry in entries:
        try:
            problem = _problem(entry, before)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return [*problems, f"An entry cannot be read: {error!r}"]
        problems += [problem] if problem else []
        before = entry
    return problems


def _problem(entry: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    name = f"Entry {entry['position']} of {entry['stream']}"
    at = datetime.fromisoformat(entry["at"])
    body = canonical(entry["stream"], entry["position"], at, entry["kind"], entry["actor"], normal(entry["data"]))
    if digest(bytes.fromhex(entry["previous"]), body).hex() != entry["hash"]:
        return f"{name} was changed: its content does not match its hash."
    if before is None or before["stream"] != entry["stream"]:
        return ""
    if before["position"] >= entry["position"]:
        return f"{name} is out of order."
    if before["position"] + 1 == entry["position"] and before["hash"] != entry["previous"]:
        return f"{name} does not follow the one before it."
    return ""
