"""Messages over one method of a person: the code that proves it is theirs, and "send me a test".

Both go through the outbox like every page, so that what they show is what a page would meet: the provider, its
fail-over, caps on texts and calls, attempts and receipts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.enums import DeliveryState, PageState, Urgency
from tocsin.domain.notify.models import ContactMethod, Delivery, Page, Verification
from tocsin.domain.notify.one_time import PLACE, TEST, VERIFICATION, is_code_of
from tocsin.domain.people.models import User
from tocsin.kernel.doorbell import OUTBOX, ring
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

GOOD_FOR = timedelta(minutes=15)
MOST_TRIES = 5  # wrong codes for one message; then another must be sent

CODES_PER_METHOD = (3, GOOD_FOR)
CODES_PER_METHOD_DAILY = (10, timedelta(days=1))
# Whoever is not its owner can be bothered by codes too: count what came to an address, whoever asked.
CODES_PER_ADDRESS = (10, timedelta(hours=1))
CODES_PER_PERSON = (15, timedelta(hours=1))
TESTS_PER_METHOD = (3, timedelta(minutes=5))
TESTS_PER_PERSON = (20, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    body: str


_CODE = _Words(
    f"{PLACE} is your Tocsin code",
    f"Type {PLACE} on the page where you added this address. It is good for fifteen minutes. If you did not add it, "
    "leave this alone: nothing more is sent here.",
)
_TEST = _Words(
    "Test from Tocsin: nothing to do",
    "{name}, you asked for this test. A page would have come by the same way.",
)


def send_code(*, user_id: UUID, method_id: UUID, now: datetime) -> Delivery:
    """Send a new code over a method that is not verified yet; codes sent before are void.

    Raises NotFound for a method that is not this person's, Conflict where it is verified already or codes were asked
    for too often.
    """
    with transaction.atomic():
        method = _locked(user_id, method_id)
        if method.verified_at is not None:
            raise Conflict("verified_already", "This address is verified already. Send a test to try it.")
        if method.stopped_at is not None:
            raise Conflict(
                "stopped", "Whoever has this number answered STOP. Text START to the sender to take it back."
            )
        _check_codes(method, now)
        Verification.objects.filter(method=method, used_at=None, expires_at__gt=now).update(expires_at=now)
        made = Verification.objects.create(method=method, made_at=now, expires_at=now + GOOD_FOR)
        return _tell(method, _CODE, {VERIFICATION: str(made.pk)}, now)


def confirm_code(*, user_id: UUID, method_id: UUID, code: str, now: datetime) -> None:
    """Verify a method by the newest code that was sent over it. Of several at once, each try counts.

    Raises NotFound, and InvalidInput for a wrong, used-up or expired code. A method that is verified already stays so.
    """
    with transaction.atomic():
        method = _locked(user_id, method_id)
        if method.verified_at is not None:
            return
        newest = Verification.objects.filter(method=method, used_at=None).order_by("-made_at", "-pk").first()
        problem = _problem(newest, code, now)
        if problem is None and newest is not None:
            newest.used_at = now
            newest.save(update_fields=["used_at"])
            method.verified_at, method.stopped_at = now, None
            method.save(update_fields=["verified_at", "stopped_at"])
            data = {"channel": method.channel, "address": method.address, "by": "code"}
            record(
                stream=f"person:{user_id}", kind="person.method_verified", actor=f"person:{user_id}", at=now, data=data
            )
            return
    # Raised after the transaction: the wrong try must stay counted.
    raise InvalidInput("wrong_code", problem or "", {"code": problem or ""})


def send_test(*, user_id: UUID, method_id: UUID, now: datetime) -> Delivery:
    """Send a test over one verified method of a person. Raises NotFound, Conflict (not verified, or too often)."""
    with transaction.atomic():
        method = _locked(user_id, method_id)
        if method.verified_at is None:
            raise Conflict("not_verified", "This address is not verified yet. Verify it by the code first.")
        tests = Page.objects.filter(user_id=user_id, run=None, data__has_key=TEST)
        _check_limit(tests.filter(data__test=str(method.pk)), TESTS_PER_METHOD, "created_at", now)
        _check_limit(tests, TESTS_PER_PERSON, "created_at", now)
        return _tell(method, _TEST, {TEST: str(method.pk)}, now)


def _locked(user_id: UUID, method_id: UUID) -> ContactMethod:
    # The person's row first: limits count what all of their methods did.
    User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    found = ContactMethod.objects.select_for_update(of=("self",)).select_related("user")
    method = found.filter(pk=method_id, user_id=user_id, user__is_active=True).first()
    if method is None:
        raise NotFound("method_not_found", "There is no such contact method. It may have been removed meanwhile.")
    return method


def _problem(newest: Verification | None, code: str, now: datetime) -> str | None:
    """Return what is wrong with a code, None if it is right. Counts a wrong one."""
    if newest is None or newest.expires_at <= now:
        return "This code is no longer good. Send a new one."
    if newest.tries >= MOST_TRIES:
        return "This code was typed wrongly too often. Send a new one."
    if is_code_of(newest.pk, code):
        return None
    newest.tries += 1
    newest.save(update_fields=["tries"])
    left = MOST_TRIES - newest.tries
    return f"This is not the code. {left} more {'try' if left == 1 else 'tries'}." if left else (
        "This is not the code. Send a new one."
    )  # fmt: skip


def _check_codes(method: ContactMethod, now: datetime) -> None:
    sent = Verification.objects.order_by()
    own = sent.filter(method=method)
    _check_limit(own, CODES_PER_METHOD, "made_at", now)
    _check_limit(own, CODES_PER_METHOD_DAILY, "made_at", now)
    of_address = sent.filter(method__channel=method.channel, method__address=method.address)
    _check_limit(of_address, CODES_PER_ADDRESS, "made_at", now)
    # Not by the methods that are there now: removing one and adding it again would forget what it was sent.
    codes = Page.objects.filter(user_id=method.user_id, run=None, data__has_key=VERIFICATION)
    _check_limit(codes, CODES_PER_PERSON, "created_at", now)
    to_address = codes.filter(deliveries__channel=method.channel, deliveries__address=method.address)
    _check_limit(to_address, CODES_PER_METHOD_DAILY, "created_at", now)


def _check_limit(rows: Any, limit: tuple[int, timedelta], column: str, now: datetime) -> None:
    most, span = limit
    times = list(rows.filter(**{f"{column}__gt": now - span}).order_by(column).values_list(column, flat=True)[:most])
    if len(times) >= most:
        minutes = max(1, round((times[0] + span - now).total_seconds() / 60))
        raise Conflict("too_often", f"That was asked for {most} times. Try again in {minutes} min.")


def _tell(method: ContactMethod, words: _Words, data: Mapping[str, Any], now: datetime) -> Delivery:
    """Put one message for one method into the outbox."""
    page = Page.objects.create(
        user_id=method.user_id, purpose="notice", urgency=Urgency.HIGH, subject=words.subject,
        body=words.body.replace("{name}", method.user.name), data=dict(data), state=PageState.ACTIVE, created_at=now,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        page=page, user_id=method.user_id, channel=method.channel, address=method.address, position=1,
        state=DeliveryState.PENDING, due_at=now,
    )  # fmt: skip
    told = {"page": str(page.pk), "user": str(method.user_id), "purpose": "notice", "channel": method.channel, **data}
    record(
        stream=stream_of(None, method.user_id),
        kind="page.enqueued",
        actor=f"person:{method.user_id}",
        at=now,
        data=told,
    )
    ring(connection, OUTBOX, method.channel)
    return delivery
