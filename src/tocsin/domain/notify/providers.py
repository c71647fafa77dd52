"""Reads of providers: what is set up, how it does, and, for what goes out or checks signatures, its secrets opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from tocsin.domain.notify.logic.resting import Condition
from tocsin.domain.notify.models import ContactMethod, Delivery, Provider, ProviderHealth
from tocsin.domain.notify.sealing import Unsealable, unseal
from tocsin.kernel.errors import NotFound

ENVIRONMENT = "environment:"  # name of the health of a way out that the environment sets up, before its channel
OK_NOTED_EVERY = timedelta(seconds=10)  # a row that every message would write to would be a row that all wait for


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider with every value in clear: for transports and signature checks only. Its repr holds no secret."""

    id: UUID
    kind: str
    channel: str
    name: str
    changed_at: datetime
    values: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Health:
    """How one way out does."""

    condition: Condition = field(default_factory=Condition)
    last_ok_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error: str = ""

    def is_known_well(self, now: datetime) -> bool:
        """Say whether it has accepted something a moment ago and has not failed since."""
        condition = self.condition
        ailing = condition.failures or condition.rests
        return not ailing and self.last_ok_at is not None and now - self.last_ok_at < OK_NOTED_EVERY

    def state(self, now: datetime) -> str:
        """Return resting, failing (the last tries failed), well, or unused."""
        if self.condition.rests_at(now):
            return "resting"
        if self.condition.failures:
            return "failing"
        return "well" if self.last_ok_at else "unused"


def providers(channel: str = "") -> list[Provider]:
    """Return providers, enabled or not, in the order in which they are tried."""
    return list(Provider.objects.filter(Q(channel=channel) if channel else Q()))


def is_provided(channel: str) -> bool:
    """Say whether an enabled provider carries this channel. Asked at every letter, so one small statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM notify_provider WHERE enabled AND channel = %s)", [channel])
        return bool(cursor.fetchone()[0])


def provider(provider_id: UUID) -> Provider:
    """Return one provider. Raises NotFound."""
    found = Provider.objects.filter(pk=provider_id).first()
    if found is None:
        raise NotFound("provider_not_found", "There is no such provider. It may have been removed meanwhile.")
    return found


def provider_called(name: str) -> Provider:
    """Return the provider of this name or id. Raises NotFound."""
    found = next((one for one in providers() if name in (one.name, str(one.pk))), None)
    if found is None:
        raise NotFound("provider_not_found", f"There is no provider called {name}. `tocsin provider list` names them.")
    return found


def opened(one: Provider) -> Opened:
    """Return `one` with its secrets in clear. Raises Unsealable where no key opens them."""
    secret = unseal(one.sealed)
    return Opened(
        id=one.pk, kind=one.kind, channel=one.channel, name=one.name, changed_at=one.changed_at,
        values={**one.settings, **secret}, secrets=tuple(secret.values()),
    )  # fmt: skip


def opened_providers(channel: str = "", kind: str = "") -> list[Opened]:
    """Return the enabled providers of a channel or kind, secrets in clear, in order; unreadable ones are left out."""
    wanted = {name: value for name, value in (("channel", channel), ("kind", kind)) if value}
    found = []
    for one in Provider.objects.filter(enabled=True, **wanted):
        try:
            found.append(opened(one))
        except Unsealable:
            continue  # `tocsin check` and the settings page name it
    return found


def unreadable() -> list[Provider]:
    """Return the providers whose secrets no key opens."""
    found = []
    for one in providers():
        try:
            unseal(one.sealed)
        except Unsealable:
            found.append(one)
    return found


def healths() -> dict[str, Health]:
    """Return how every way out does: {provider's id or environment:<channel>: Health}."""
    return {
        row.name: Health(
            Condition(row.failures, row.rests, row.resting_until), row.last_ok_at, row.last_error_at, row.last_error
        )
        for row in ProviderHealth.objects.all()
    }


def people_by_channel() -> dict[str, int]:
    """Return how many active people can be reached by each channel, as far as their verified addresses go."""
    verified = ContactMethod.objects.filter(verified_at__isnull=False, user__is_active=True).order_by()
    rows = verified.values("channel").annotate(people=Count("user", distinct=True))
    return {row["channel"]: row["people"] for row in rows}


def channels_in_use() -> set[str]:
    """Return the channels that have a provider, or something waiting to be sent."""
    carried = set(Provider.objects.filter(enabled=True).values_list("channel", flat=True))
    waiting = Delivery.objects.filter(state__in=["pending", "leased"]).order_by().values_list("channel", flat=True)
    return carried | set(waiting.distinct())
