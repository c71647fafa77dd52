"""A person's methods, their order per urgency, and quiet hours."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.addresses import opened, stored
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.models import ContactMethod, ContactRule, QuietHours
from tocsin.domain.notify.sealing import seal
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

LONGEST_DELAY = 24 * 3600
MOST_METHODS = 30  # of one person


def add_method(
    *, user_id: UUID, channel: str, address: str, now: datetime, verified: bool = False, actor: str = "system"
) -> ContactMethod:
    """Add a way to reach a person (or return it if it is there). `verified`: the address has been proven already.

    Raises InvalidInput for an unknown channel or an address that the channel cannot use.
    """
    kept = stored(channel, address)
    with transaction.atomic():
        _check_room(user_id, channel, kept.address)
        method, added = ContactMethod.objects.get_or_create(
            user_id=user_id, channel=channel, address=kept.address, defaults={"sealed": kept.sealed}
        )
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


def remove_method(
    *, user_id: UUID, method_id: UUID, duties: Sequence[str], confirmed: bool, now: datetime, actor: str = "system"
) -> None:
    """Forget one of a person's methods, and its steps in their sequences. What was sent to it stays recorded.

    `duties`: what the person is on duty for now, in words; the caller knows. If this is the last verified method of
    somebody on duty, or the last that an urgent page would use, it must have been `confirmed`.
    Raises NotFound for a method that is not this person's, and Conflict with the consequence.
    """
    with transaction.atomic():
        own = list(ContactMethod.objects.select_for_update().filter(user_id=user_id).order_by("pk"))
        method = next((one for one in own if one.pk == method_id), None)
        if method is None:
            raise NotFound("method_not_found", "There is no such contact method. It may have been removed meanwhile.")
        left = [one for one in own if one.verified_at is not None and one.pk != method_id]
        if method.verified_at is not None and not left and duties and not confirmed:
            raise Conflict("last_method", consequence(duties))
        method.delete()
        data = {"channel": method.channel, "address": method.address, "verified_left": len(left)}
        _note(user_id, "person.method_removed", data, actor, now)


def consequence(duties: Sequence[str]) -> str:
    """Say what follows if somebody on duty removes the last way to reach them."""
    return (
        f"This is the last address at which you can be reached, and you are on duty: {', '.join(duties)}. Without it "
        "pages to you count as unreachable and go to the next level at once. Add another address first, or remove it "
        "all the same."
    )


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


def reseal_addresses() -> tuple[int, int]:
    """Encrypt every secret address anew with the first key; return (done, how many no key opens). In a transaction."""
    done = lost = 0
    for method in ContactMethod.objects.select_for_update().exclude(sealed="").order_by("pk"):
        address = opened(method.address, method.sealed)
        if address is None:
            lost += 1
            continue
        ContactMethod.objects.filter(pk=method.pk).update(sealed=seal({"address": address}))
        done += 1
    return done, lost


def _check_room(user_id: UUID, channel: str, address: str) -> None:
    others = ContactMethod.objects.filter(user_id=user_id).exclude(channel=channel, address=address)
    if others.count() >= MOST_METHODS:
        message = f"A person has up to {MOST_METHODS} addresses. Remove one that is not used any more."
        raise InvalidInput("too_many_methods", message, {"address": message})


def _note(user_id: UUID, kind: str, data: dict[str, Any], actor: str, now: datetime) -> None:
    record(stream=f"person:{user_id}", kind=kind, actor=actor, at=now, data=data)
