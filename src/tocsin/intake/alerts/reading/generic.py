"""Any JSON: by the names that are usual, or by a mapping of paths that the integration's owner has written."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import (
    Alert,
    AlertState,
    Unreadable,
    first,
    make,
    moment,
    plain,
    section,
    severity_of,
)

FIELDS = ("key", "title", "text", "state", "severity", "at", "id", "link")
_USUAL = {
    "key": ("key", "dedup_key", "dedupKey", "fingerprint", "alias", "alert_id", "alertId", "incident_key"),
    "title": ("title", "summary", "subject", "name", "alert", "message"),
    "text": ("text", "description", "details", "body", "message", "output"),
    "state": ("state", "status", "action", "event_action"),
    "severity": ("severity", "priority", "level"),
    "at": ("at", "time", "timestamp", "date", "created_at"),
    "id": ("id", "event_id", "message_id"),
    "link": ("link", "url", "html_url"),
}  # fmt: skip
_ENDS = {"resolved", "resolve", "ok", "up", "closed", "close", "recovered", "recovery", "normal", "green", "success"}
_NEWS = {"acknowledged", "acknowledge", "news", "info", "update", "updated", "note"}
DEEPEST = 10


def read(payload: Mapping[str, Any], mapping: Mapping[str, str] | None = None) -> list[Alert]:
    """Return one alert, or one for each object where `mapping` names a list (`each`)."""
    paths = dict(mapping or {})
    each = paths.pop("each", "")
    if not each:
        return [_one(payload, paths)]
    found = at_path(payload, each)
    if not isinstance(found, list):
        raise Unreadable(f"There is no list at {each}.")
    return [_one(one, paths) for one in found if isinstance(one, Mapping)]


def at_path(payload: Any, path: str) -> Any:
    """Return what stands at a path like `labels.host` or `alerts.0.name`; None where there is nothing."""
    found = payload
    for name in path.split(".")[:DEEPEST]:
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _one(payload: Mapping[str, Any], paths: Mapping[str, str]) -> Alert:
    def value(name: str) -> str:
        if paths.get(name):
            return plain(at_path(payload, paths[name]), 20_000, lines=True)
        return first(payload, *_USUAL[name])

    title = value("title")
    if not title and not value("key"):
        raise Unreadable(
            "It names no title and no key. Send `title`, or tell where they stand in the integration's mapping."
        )
    word = value("state").strip().lower()
    state = AlertState.RESOLVED if word in _ENDS else AlertState.NEWS if word in _NEWS else AlertState.FIRING
    facts = section(payload, "facts") or section(payload, "labels")
    return make(
        key=value("key") or title, state=state, title=title, text=value("text"), severity=severity_of(value("severity")),
        at=moment(value("at")), sent_as=value("id"), link=value("link"), facts=facts,
    )  # fmt: skip
