"""Setting up who hears of what, trying it out, and sending again."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.sealing import seal
from tocsin.domain.people.models import User
from tocsin.domain.webhooks.enums import DeliveryState
from tocsin.domain.webhooks.logic.sending import PREFIX, kinds_in
from tocsin.domain.webhooks.models import Delivery, Subscription
from tocsin.domain.webhooks.queries import delivery as access_delivery
from tocsin.domain.webhooks.rules import may_set_up_webhooks
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed
from tocsin.kernel.ids import new_id

MOST = 50  # subscriptions
MOST_REPLAYED = 10_000
TEST = "webhook.test"


@transaction.atomic
def save_subscription(
    *, name: str, url: str, kinds: str, by: User | None, now: datetime, subscription_id: UUID | None = None
) -> tuple[Subscription, str]:
    """Add a receiver, or change one. Return it and its new signing secret ("" when it keeps the one it has).

    `kinds`: journal kinds with blanks, commas or line ends between them; "" is everything. `by` None: whoever runs the
    installation. Raises NotAllowed, InvalidInput, Conflict for a name that is taken.
    """
    _demand(by)
    fields = {"name": _name(name, subscription_id), "url": _url(url), "kinds": _kinds(kinds)}
    if subscription_id is not None:
        Subscription.objects.filter(pk=_locked(subscription_id).pk).update(**fields)
        _tell(subscription_id, "webhook.changed", by, now, fields)
        return _locked(subscription_id), ""
    if Subscription.objects.count() >= MOST:
        raise InvalidInput("too_many_webhooks", f"There are {MOST} webhooks already. Remove one first.")
    secret = _secret()
    made = Subscription.objects.create(id=new_id(), secret=seal({"secret": secret}), made_by=by, made_at=now, **fields)
    _tell(made.pk, "webhook.added", by, now, fields)
    return made, secret


@transaction.atomic
def new_secret(*, subscription_id: UUID, by: User | None, now: datetime) -> str:
    """Make and return another signing secret. What is sent from now on is signed with it alone."""
    _demand(by)
    found, secret = _locked(subscription_id), _secret()
    found.secret = seal({"secret": secret})
    found.save(update_fields=["secret"])
    _tell(found.pk, "webhook.secret_changed", by, now, {})
    return secret


@transaction.atomic
def set_enabled(*, subscription_id: UUID, enabled: bool, by: User | None, now: datetime) -> None:
    """Pause or go on. What happens during a pause is not sent later; what already waits goes out with the end of it."""
    _demand(by)
    found = _locked(subscription_id)
    if found.enabled != enabled or (enabled and found.paused_because):
        found.enabled, found.paused_because, found.failing_since = enabled, "", None
        found.save(update_fields=["enabled", "paused_because", "failing_since"])
        _tell(found.pk, "webhook.resumed" if enabled else "webhook.paused", by, now, {})


@transaction.atomic
def remove_subscription(*, subscription_id: UUID, by: User | None, now: datetime) -> None:
    """Forget a receiver with its log; what waits for it is not sent."""
    _demand(by)
    found = _locked(subscription_id)
    _tell(found.pk, "webhook.removed", by, now, {"name": found.name, "url": found.url})
    found.delete()


@transaction.atomic
def send_test(*, subscription_id: UUID, by: User | None, now: datetime) -> Delivery:
    """Send an event of kind webhook.test, also while it is paused."""
    _demand(by)
    found = _locked(subscription_id)
    return Delivery.objects.create(id=new_id(), subscription=found, kind=TEST, made_at=now, due_at=now)


@transaction.atomic
def replay(*, delivery_id: UUID, by: User | None, now: datetime) -> Delivery:
    """Send one event of the log again, with an id of its own and the words of the first time."""
    _demand(by)
    return _again(access_delivery(delivery_id), now)


@transaction.atomic
def replay_since(
    *, subscription_id: UUID, since: datetime, by: User | None, now: datetime, only_failed: bool = True
) -> int:
    """Send again what the log has since then, given up or all; return how many. Raises InvalidInput for too many."""
    _demand(by)
    rows = Delivery.objects.filter(subscription=_locked(subscription_id), made_at__gte=since, replay_of=None)
    rows = rows.exclude(state=DeliveryState.PENDING)
    if only_failed:
        rows = rows.filter(state=DeliveryState.FAILED)
    if rows.count() > MOST_REPLAYED:
        problem = f"More than {MOST_REPLAYED} events. Choose a later time."
        raise InvalidInput("too_many_events", problem, {"since": problem})
    spread = timedelta(milliseconds=10)
    again = [_copy(one, now + spread * place) for place, one in enumerate(rows.order_by("made_at", "pk"))]
    Delivery.objects.bulk_create(again, batch_size=1000)
    return len(again)


def _again(first: Delivery, now: datetime) -> Delivery:
    copy = _copy(first, now)
    copy.save(force_insert=True)
    return copy


def _copy(first: Delivery, due: datetime) -> Delivery:
    return Delivery(
        id=new_id(), subscription_id=first.subscription_id, entry=first.entry, kind=first.kind, made_at=first.made_at,
        due_at=due, body=first.body, replay_of=first.replay_of or first.pk,
    )  # fmt: skip


def _locked(subscription_id: UUID) -> Subscription:
    found = Subscription.objects.select_for_update().filter(pk=subscription_id).first()
    if found is None:
        raise InvalidInput("webhook_not_found", "There is no such webhook. It may have been removed meanwhile.")
    return found


def _demand(by: User | None) -> None:
    if by is not None and not may_set_up_webhooks.test(by):
        raise NotAllowed("not_administrator", "Webhooks are set up by administrators. Ask one of them.")


def _name(name: str, own: UUID | None) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120 or "\x00" in cleaned:
        problem = "Give it a name of up to 120 characters."
        raise InvalidInput("bad_name", problem, {"name": problem})
    others = Subscription.objects.filter(name=cleaned)
    if (others.exclude(pk=own) if own else others).exists():
        problem = "Another webhook has this name."
        raise Conflict("name_taken", f"{problem} Choose another one.", {"name": problem})
    return cleaned


def _url(url: str) -> str:
    cleaned = url.strip()
    try:
        parts = urlsplit(cleaned)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or len(cleaned) > 1000 or any(letter.isspace() or letter == "\x00" for letter in cleaned):
        problem = "Write a full address like https://example.org/hook."
        raise InvalidInput("bad_url", problem, {"url": problem})
    return cleaned


def _kinds(text: str) -> list[str]:
    kinds, strange = kinds_in(text)
    if strange or len(kinds) > 100:
        problem = (
            f"{', '.join(strange)[:200]}: write kinds like ticket.opened or run.*" if strange else "At most 100 kinds."
        )
        raise InvalidInput("bad_kinds", problem, {"kinds": problem})
    return kinds


def _secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _tell(subscription_id: UUID, kind: str, by: User | None, now: datetime, data: Mapping[str, object]) -> None:
    actor = f"person:{by.pk}" if by else "system"
    record(stream="system", kind=kind, actor=actor, at=now, data={"webhook": str(subscription_id), **data})
