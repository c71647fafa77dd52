"""An update as each audience will read it: the preview, and what is sent, are the same computation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState
from tocsin.domain.stakeholders.logic.cadence import after_update, minutes_at
from tocsin.domain.stakeholders.logic.wording import Prepared, given_name, one_line, prepare
from tocsin.domain.stakeholders.models import Communication, Update
from tocsin.domain.stakeholders.queries.audiences import Group, Recipient, groups_of, live_communications
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import ticket_of
from tocsin.kernel.errors import Conflict, InvalidInput

LONGEST = 10_000
FURTHEST = timedelta(days=14)
OWN = ("name", "first_name")  # what each reader has of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the speaker wrote."""

    outward: str
    inward: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One update, ready: whom it goes to in which words. `seal` names words and recipients together."""

    ticket: Ticket
    communications: list[Communication]
    number: int
    closing: bool
    words: Words
    values: dict[str, str]
    groups: list[Group]
    now: datetime
    ready: dict[tuple[object, ...], str | Prepared] = field(default_factory=dict, repr=False, compare=False)

    @property
    def seal(self) -> str:
        """Return a digest over the words and everybody's name: what was previewed is what is sent."""
        told = [str(one.user.pk) for group in self.groups for one in group.recipients]
        return self.digest(self.words, self.closing, told)

    @staticmethod
    def digest(words: Words, closing: bool, told: Sequence[str]) -> str:
        """Return the digest of such an update to such people."""
        parts = [words.outward, words.inward, str(words.next_at), str(closing), *told]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def next_for(self, group: Group) -> datetime | None:
        """Return when this audience is told next: as was said, else by its cadence; None where nothing is owed."""
        if self.closing:
            return None
        minutes = minutes_at(group.row.cadence, self.ticket.priority) if group.ways else None
        return self.words.next_at or (after_update(at=self.now, minutes=minutes, next_at=None) if minutes else None)

    def subject_for(self, group: Group, one: Recipient) -> str:
        """Return the subject as this person reads it: one line."""
        assert group.row.template.current is not None  # noqa: S101 - a template is never without a version
        return one_line(self._filled("subject", group.row.template.current.subject, group, one))[:300]

    def body_for(self, group: Group, one: Recipient) -> str:
        """Return the text as this person reads it."""
        assert group.row.template.current is not None  # noqa: S101 - a template is never without a version
        return self._filled("body", group.row.template.current.body, group, one)

    def _filled(self, what: str, text: str, group: Group, one: Recipient) -> str:
        """Fill in once for everybody of an audience, a house and a time zone, then each reader's name."""
        key = (what, group.audience, one.house, one.user.zone)
        ready = self.ready.get(key)
        if ready is None:
            values = self.values | {"next_update": in_zone(self.next_for(group), one.user.zone)}
            made = prepare(text, values, house=one.house, own=OWN)
            ready = self.ready[key] = made if made.same is None else made.same
        if isinstance(ready, str):
            return ready
        return ready.filled({"name": one.user.name, "first_name": given_name(one.user.name)})


def compose(*, ticket_id: Ticket | object, words: Words, by: User, now: datetime) -> Composed:
    """Return the update as it would be sent now. Raises InvalidInput for what is missing, Conflict without a plan."""
    ticket = ticket_id if isinstance(ticket_id, Ticket) else ticket_of(ticket_id)  # type: ignore[arg-type]  # an id
    live = live_communications(ticket.pk)
    if not live:
        raise Conflict("no_plan", "No communication plan is at work on this ticket. Reply, or escalate first.")
    _check(words, now)
    closing = all(one.state == CommunicationState.CLOSING for one in live)
    last = Update.objects.filter(communication=live[0]).order_by("-number").values_list("number", flat=True).first()
    number = (last or 0) + 1
    groups = groups_of(ticket, besides=by)
    settled = Words(
        outward=words.outward.strip(), inward=words.inward.strip(), next_at=None if closing else words.next_at
    )
    return Composed(
        ticket=ticket, communications=live, number=number, closing=closing, words=settled, groups=groups, now=now,
        values=values_of(ticket, live[0].escalation, settled, by, number),
    )  # fmt: skip


def values_of(ticket: Ticket, escalation: Escalation | None, words: Words, by: User, number: int) -> dict[str, str]:
    """Return what a template may say, but for the reader's own name and time."""
    owner, team = ticket.owner, ticket.team
    return {
        "update": words.outward, "internal": words.inward, "reference": ticket.reference, "subject": ticket.subject,
        "service": ticket.service.name if ticket.service else "",
        "customer": ticket.organisation.name if ticket.organisation else "",
        "status": ticket.get_status_display(), "severity": ticket.get_priority_display(), "number": str(number),
        "speaker": by.name, "owner": owner.name if owner else "nobody yet", "team": team.name if team else "",
        "level": str(escalation.policy.name) if escalation else "", "reason": _reason(escalation),
        "impact": escalation.impact if escalation else "",
    }  # fmt: skip


def _reason(escalation: Escalation | None) -> str:
    if escalation is None:
        return ""
    return escalation.reason_text or escalation.get_reason_display()


def _check(words: Words, now: datetime) -> None:
    problems: dict[str, str] = {}
    for name, value in (("outward", words.outward), ("inward", words.inward)):
        if len(value) > LONGEST:
            problems[name] = f"At most {LONGEST} characters; this has {len(value)}."
        if "\x00" in value:
            problems[name] = "It holds a NUL character, which cannot be stored. Remove it."
    if not words.outward.strip():
        problems["outward"] = "Write what the customer reads."
    if words.next_at is not None and not now < words.next_at <= now + FURTHEST:
        problems["next_at"] = "The next update must lie ahead, at most 14 days. Choose another time."
    if problems:
        raise InvalidInput("update", " ".join(problems.values()), problems)


def owed_at(group_minutes: int, words: Words, now: datetime) -> datetime:
    """Return when the next update is owed to an audience after this one."""
    return after_update(at=now, minutes=group_minutes, next_at=words.next_at)


def suggested_minutes(ticket: Ticket) -> int | None:
    """Return the shortest cadence of the ticket's plans at its priority: what "by the plan" means."""
    found = [minutes_at(group.row.cadence, ticket.priority) for group in groups_of(ticket)]
    return min((minutes for minutes in found if minutes), default=None)


def in_zone(at: datetime | None, zone: str) -> str:
    """Return an instant as a reader in `zone` reads it: 2 Dec 2026, 15:00 (Europe/Berlin); "" for none."""
    if at is None:
        return ""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        local, zone = at.astimezone(ZoneInfo("UTC")), "UTC"
    return f"{local.day} {local:%b %Y, %H:%M} ({zone})"


__all__ = ["Audience", "Composed", "Words", "compose", "in_zone", "owed_at", "suggested_minutes", "values_of"]
