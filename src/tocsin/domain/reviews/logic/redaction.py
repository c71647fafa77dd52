"""A review as a customer may read it: chosen parts, nothing internal, nobody of the staff by name (SEMANTICS 8).

The document (queries.document_of) is JSON. What is not listed here is left out: a field that somebody adds later stays
inside until it is named here.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

PARTS = {
    "summary": "Summary", "timeline": "Timeline without internal events", "durations": "How long it took",
    "went_well": "What went well", "causes": "Contributing causes", "actions": "What is done about it, without names",
    "promises": "Promises to you",
}  # fmt: skip
USUAL = ("summary", "timeline", "durations", "causes", "actions")
STAFF = "[staff]"
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK = re.compile(r"https?://\S{1,2000}")


def scrubber(names: Collection[str]) -> re.Pattern[str] | None:
    """Return what finds staff by full name, first name or family name (parts of three letters or more), or None."""
    words = {name.strip() for name in names if name.strip()}
    words |= {part for name in words for part in re.split(r"[\s,]+", name) if len(part) >= 3}
    if not words:
        return None
    longest_first = sorted(words, key=lambda one: (-len(one), one))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)


def scrub(text: str, staff: re.Pattern[str] | None) -> str:
    """Return text without names of staff, mail addresses and web addresses. "Kai Moser and Kai" becomes "[staff] ..."."""
    cleaned = _MAIL.sub("[address]", _LINK.sub("[link]", text))
    if staff is None:
        return cleaned
    cleaned = staff.sub(STAFF, cleaned)
    return re.sub(r"\[staff\](?:\s+\[staff\])+", STAFF, cleaned)


def redacted(document: dict[str, Any], *, parts: Collection[str], staff: Collection[str]) -> dict[str, Any]:
    """Return the document for customers: only `parts` (names of PARTS), everything in it scrubbed."""
    pattern = scrubber(staff)

    def clean(text: Any) -> str:
        return scrub(str(text), pattern)

    found: dict[str, Any] = {
        "reference": document["reference"], "title": clean(document["title"]), "version": document["version"],
        "customers": document["customers"], "redacted": True,
        "tickets": [{key: clean(one[key]) for key in ("reference", "subject", "severity")} for one in document["tickets"]],
    }  # fmt: skip
    for name in ("summary", "went_well"):
        if name in parts:
            found[name] = clean(document[name])
    if "timeline" in parts:
        found["timeline"] = [
            {"at": one["at"], "text": clean(one["text"])} for one in document["timeline"] if not one["internal"]
        ]
    if "durations" in parts:
        found["durations"] = document["durations"]
    if "causes" in parts:
        found["causes"] = _contributing(document["causes"], clean)
    if "actions" in parts:
        found["actions"] = [
            {"title": clean(one["title"]), "kind": one["kind"], "due": one["due"], "state": one["state"]}
            for one in document["actions"]
            if one["state"] != "Dropped"
        ]
    if "promises" in parts:
        found["promises"] = [
            {"what": clean(one["what"]), "due": one["due"], "state": one["state"]}
            for one in document["promises"]
            if one["to_customer"]
        ]
    return found


def _contributing(causes: Sequence[dict[str, Any]], clean: Any) -> list[dict[str, Any]]:
    """Return the contributing causes alone, as a flat list: the way there is the house's own."""
    return [
        {"number": str(place), "depth": 0, "text": clean(one["text"]), "bone": one["bone"], "contributing": True}
        for place, one in enumerate((one for one in causes if one["contributing"]), start=1)
    ]
