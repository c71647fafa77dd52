"""A person's methods, their order per urgency, and quiet hours."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.models import ContactMethod, ContactRule, QuietHours
from tocsin.kernel.errors import InvalidInput

LONGEST_DELAY = 24 * 3600


def add_method(
    *, user_id: UUID, channel: str, address: str, now: datetime, verified: bool = False, actor: str = "system"
) -> ContactMethod:
    """Add a way to reach a person (or return it if it is there). `verified`: the address has been proven already.

    Raises InvalidInput for an unknown channel or an address that the channel cannot use.
    """
    cleaned = _checked_address(channel, address.strip())
    with transaction.atomic():
        method, added = ContactMethod.objects.get_or_create(user_id=user_id, channel=channel, address=cleaned)
        if verified and method.verified_at is None:
            method.verified_at = now
            method.save(update_fields=["verified_at"])
        if added:
            _note(user_id, "person.method_added", {"channel": channel, "verified": verified}, actor, now)
    return method


def verify_method(*, method_id: UUID, now: datetime, actor: str = "system") -> None:
    """Note that the person has proven that the address is theirs. Repeating it changes nothing."""
    with transaction.atomic():
        method = ContactMethod.objects.select_for_update().get(pk=method_id)
        if method.verified_at is None:
            method.verified_at = now
            method.save(update_fields=["verified_at"])
            _note(method.user_id, "person.method_verified", {"channel": method.channel}, actor, now)


def set_rules(
    *, user_id: UUID, urgency: str, steps: Sequence[tuple[UUID, int]], now: datetime, actor: str = "system"
) -> None:
    """Replace a person's sequence for `urgency` by (method id, delay in seconds) in order; empty: all at once.

    Raises InvalidInput if a method is not this person's or a delay is out of bounds.
    """
    if urgency not in Urgency.values:
        raise InvalidInput(
            "unknown_urgency", f"Choose an urgency: {', '.join(Urgency.values)}.", {"urgency": "unknown"}
        )
    own = set(ContactMethod.objects.filter(user_id=user_id).values_list("pk", flat=True))
    for method_id, delay in steps:
        if method_id not in own:
            raise InvalidInput(
                "foreign_method", "Choose one of this person's own contact methods.", {"steps": "foreign"}
            )
        if not 0 <= delay <= LONGEST_DELAY:
            raise InvalidInput("delay_out_of_bounds", "Choose a delay between 0 and 24 hours.", {"steps": "delay"})
    with transaction.atomic():
        ContactRule.objects.filter(user_id=user_id, urgency=urgency).delete()
        ContactRule.objects.bulk_create(
            ContactRule(user_id=user_id, urgency=urgency, position=position, method_id=method_id, delay_seconds=delay)
            for position, (method_id, delay) in enumerate(steps, start=1)
        )
        _note(user_id, "person.contact_rules_set", {"urgency": urgency, "steps": len(steps)}, actor, now)


def set_quiet_hours(
    *, user_id: UUID, starts: time | None, ends: time | None, now: datetime, actor: str = "system"
) -> None:
    """Set the local times between which normal-urgency pages wait, or (with None) clear them."""
    with transaction.atomic():
        if starts is None or ends is None:
            QuietHours.objects.filter(user_id=user_id).delete()
            hours = None
        else:
            QuietHours.objects.update_or_create(user_id=user_id, defaults={"starts": starts, "ends": ends})
            hours = [starts.isoformat(), ends.isoformat()]
        _note(user_id, "person.quiet_hours_set", {"hours": hours}, actor, now)


def _checked_address(channel: str, address: str) -> str:
    if channel == Channel.EMAIL:
        try:
            validate_email(address)
        except ValidationError:
            raise InvalidInput(
                "bad_address", "Write an e-mail address like ana@example.org.", {"address": "not an e-mail address"}
            ) from None
    elif channel == Channel.WEBHOOK:
        parts = urlsplit(address)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or len(address) > 300:
            raise InvalidInput(
                "bad_address", "Write a full address like https://example.org/hook.", {"address": "not a web address"}
            )
    elif channel != Channel.CONSOLE:
        raise InvalidInput("unknown_channel", f"Choose a channel: {', '.join(Channel.values)}.", {"channel": "unknown"})
    return address


def _note(user_id: UUID, kind: str, data: dict[str, Any], actor: str, now: datetime) -> None:
    record(stream=f"person:{user_id}", kind=kind, actor=actor, at=now, data=data)
