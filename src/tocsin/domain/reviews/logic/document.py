"""A review as one JSON document: printed, signed, compared between versions. Pure."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.domain.reviews.logic.durations import NAMES, spoken


def localised(document: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return the document with its instants as texts in `zone` (IANA), the zone named."""
    place = ZoneInfo(zone)

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: walk(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner, key) for inner in value]
        if key.endswith("at") and isinstance(value, str) and value:
            return datetime.fromisoformat(value).astimezone(place).strftime("%Y-%m-%d %H:%M %Z")
        return value

    return dict(walk(document))


def printable(document: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return the document as page and PDF show it: times local, lengths of time in words."""
    shown = localised(document, zone)
    if "durations" in shown:
        shown["durations"] = [
            {
                "ticket": one["ticket"],
                "rows": [
                    {"name": NAMES[row["key"]], "elapsed": spoken(row["elapsed"]), "business": spoken(row["business"])}
                    for row in one["rows"]
                ],
            }
            for one in shown["durations"]
        ]
    return shown


def lines(document: dict[str, Any]) -> list[str]:
    """Return the document as lines of text, so that two versions can be compared."""
    found = [f"Title: {document['title']}", f"Facilitator: {document['facilitator']}"]
    for name in ("summary", "went_well", "agenda", "notes"):
        found += [f"{name.replace('_', ' ').capitalize()}:", *document[name].splitlines()]
    found += ["Timeline:", *(f"{one['at']} {one['text']}" for one in document["timeline"])]
    found += ["Causes:"]
    for one in document["causes"]:
        marks = ", ".join(filter(None, (one["bone"], "contributing" if one["contributing"] else "")))
        found.append(f"{one['number']} {one['text']}" + (f" ({marks})" if marks else ""))
    found += ["Actions:"]
    found += [f"{one['title']}: {one['owner']}, {one['due']}, {one['state']}" for one in document["actions"]]
    return found
