"""Why somebody is on call, in a sentence that stands in the record of a page. Pure."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.findings import Finding, FindingKind
from tocsin.domain.oncall.logic.roster import Evidence
from tocsin.domain.oncall.logic.schedule import Person, Schedule
from tocsin.domain.oncall.logic.turns import Reason, Source

FINDINGS = {
    FindingKind.GAP: "Nobody is on call",
    FindingKind.OVERLAP: "Two overrides want the same place; the later made one counts",
    FindingKind.DOUBLE_BOOKED: "On call in two schedules at once",
    FindingKind.UNREACHABLE: "On call without a verified address",
    FindingKind.AWAY: "On call but away, and nobody covers",
}


def finding_in_words(finding: Finding, names: Mapping[Person, str], titles: Mapping[str, str], zone: ZoneInfo) -> str:
    """Return e.g. "Nobody is on call: 2026-03-07 09:00 CET to 2026-03-09 09:00 CET"; `titles` name other schedules."""
    who = ", ".join(names.get(person, "somebody") for person in finding.people)
    where = " and ".join(titles.get(slug, slug) for slug in finding.schedules)
    told = f"{FINDINGS[finding.kind]}{f' ({who})' if who else ''}"
    if finding.kind is FindingKind.DOUBLE_BOOKED:
        told = f"{told} in {where}"
    return f"{told}: {instant(finding.start, zone)} to {instant(finding.end, zone)}"


def in_words(evidence: Evidence, schedule: Schedule, names: Mapping[Person, str]) -> str:
    """Return e.g. "on call in Network primary: weekly rotation until 2026-03-09 08:00 CET", in the schedule's zone."""
    reasons = why(evidence, schedule, names, ZoneInfo(schedule.zone))
    return f"on call in {schedule.name or schedule.slug or evidence.person}: {reasons}"


def why(evidence: Evidence, schedule: Schedule, names: Mapping[Person, str], zone: ZoneInfo) -> str:
    """Return the reasons alone, with their times as the clock in `zone` shows them."""
    parts: list[str] = []
    for reason, stands in zip(evidence.reasons, _standing(evidence), strict=True):
        parts.append(_said(reason, stands, schedule, names, zone))
    return "; ".join(parts)


def _standing(evidence: Evidence) -> list[Person]:
    """Return, for each step, who stands after it: a swap or cover names whom it replaces, so read from the end."""
    stands, found = evidence.person, list[Person]()
    for reason in reversed(evidence.reasons):
        found.append(stands)
        if reason.source in (Source.SWAP, Source.COVER):
            stands = reason.other
    return found[::-1]


def _said(reason: Reason, stands: Person, schedule: Schedule, names: Mapping[Person, str], zone: ZoneInfo) -> str:
    until = f"until {instant(reason.end, zone)}"
    why = f" ({reason.name})" if reason.name else ""
    other, person = names.get(reason.other, "somebody"), names.get(stands, "somebody")
    match reason.source:
        case Source.ROTATION:
            several = len({layer.name for layer in schedule.layers}) > 1
            return f"{reason.kind} rotation{f' of {reason.name}' if several else ''} {until}"
        case Source.OVERRIDE:
            by = f" by {other}" if reason.other else ""
            return f"override{f' of {reason.kind}' if reason.kind else ''}{by} {until}{why}"
        case Source.SHIFT:
            return f"one-off shift {until}{why}"
        case Source.SWAP:
            return f"swap: {person} instead of {other} {until}{why}"
        case Source.COVER:
            return f"{person} covers for {other} {until}{why}"
        case Source.ABSENT:
            return f"away {until}{why}, but nobody covers and nobody else is on"


def instant(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the clock in `zone` shows it, to the minute, with the zone's own short name."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
