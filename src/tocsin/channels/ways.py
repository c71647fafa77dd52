"""Every way out of a channel in the order in which they are tried: from the environment, then as administrators set up."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from tocsin.channels.console.transport import ConsoleTransport
from tocsin.channels.email.kind import KIND as SMTP_KIND
from tocsin.channels.email.kind import server_of
from tocsin.channels.email.letter import LetterTransport
from tocsin.channels.email.transport import EmailTransport, SmtpServer
from tocsin.channels.kinds import KINDS, kind_of
from tocsin.channels.webhook.signature import secret_for
from tocsin.channels.webhook.transport import WebhookTransport
from tocsin.domain.notify.actions import note_provider_failure, note_provider_success
from tocsin.domain.notify.enums import LETTER, TEST, Channel
from tocsin.domain.notify.logic.addresses import SECRET, hidden_parts
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.phones import why_not
from tocsin.domain.notify.providers import ENVIRONMENT, Opened, opened, opened_providers, providers
from tocsin.domain.notify.sealing import Unsealable, scrubbed
from tocsin.domain.notify.transport import Message, Reach, Transport, TransportError
from tocsin.kernel.errors import InvalidInput
from tocsin.kernel.ids import new_id

ALWAYS = (Channel.EMAIL, LETTER, Channel.WEBHOOK, Channel.CONSOLE)  # channels that the environment can carry alone


@dataclass(frozen=True, slots=True)
class Way:
    """One way out. `name` is that of its health; `mark` changes when the transport must be built anew."""

    name: str
    label: str
    mark: str
    build: Callable[[], Transport[Any]] = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)  # struck out of whatever the provider answers


def reach(provider: str = "") -> Reach:
    """Return how transports may go out from this installation."""
    return Reach(allow=tuple(settings.WEBHOOK_ALLOW), base_url=settings.BASE_URL, provider=provider)


def ways(channel: str) -> list[Way]:
    """Return the ways out of `channel`. Reads the database.

    A kind that needs no setting at all is there without being set up, until a provider of its channel is (and may be
    disabled): whoever disables it wants it off.
    """
    carried_by = Channel.EMAIL if channel == LETTER else channel
    found = [way_of(one, channel) for one in opened_providers(channel=carried_by)]
    set_up = [way for way in found if way is not None]
    of_environment = _environment(channel, alone=not set_up)
    if of_environment or set_up or providers(carried_by):
        return [*of_environment, *set_up]
    return _without_settings(channel)


def way_of(one: Opened, channel: str = "") -> Way | None:
    """Return the way out through one provider, or None where its kind is not known to this release."""
    kind = kind_of(one.kind)
    if kind is None:
        return None
    own_reach = reach(str(one.id))
    if channel == LETTER:
        if one.kind != SMTP_KIND.kind:
            return None

        def build() -> Transport[Any]:
            return LetterTransport(server_of(one.values, own_reach))

    else:

        def build() -> Transport[Any]:
            return kind.build(one.values, own_reach)

    return Way(str(one.id), one.name, one.changed_at.isoformat(), build, one.secrets)


def readable_way(provider_id: Any) -> Way | None:
    """Return the way out through one provider, enabled or not; None where it cannot be read or its kind is gone."""
    found = next((one for one in providers() if one.pk == provider_id), None)
    try:
        return way_of(opened(found)) if found else None
    except Unsealable:
        return None


def send_test(way: Way, *, channel: str, to: str, name: str, by: str, at: datetime, timeout: float = 10.0) -> str:
    """Send one test by one way out to an address that is its receiver's own, and return what the provider answered.

    Raises InvalidInput for a number that is not called, TransportError (without secrets) where it is not accepted.
    What comes of it counts as experience with the provider: a success ends its rest.
    """
    reason = why_not(channel, to)
    if reason:
        raise InvalidInput("bad_number", reason)
    message = Message(
        key=str(new_id()), to=to, subject=f"Test from Tocsin for {name}", link="", purpose=TEST, urgency="normal",
        body=f"{by} has asked for this test by way of {way.label}. Nothing is to be done.", reference="", at=at,
    )  # fmt: skip
    secrets = (*way.secrets, *(hidden_parts(to) if channel in SECRET else ()))
    one_server = True
    try:
        transport = way.build()
        one_server = transport.capabilities.one_server
        with closing(transport):
            sent = transport.send(transport.payload(message), idempotency_key=message.key, timeout=timeout)
    except TransportError as error:
        answer = scrubbed(error.answer, secrets)
        if error.fault is not Fault.MESSAGE and one_server:
            note_provider_failure(name=way.name, label=way.label, fault=error.fault, answer=answer, now=at)
        raise TransportError(answer, permanent=error.permanent, fault=error.fault) from None
    except Exception as error:
        # A defect in a channel; its own words may hold a secret.
        raise TransportError(scrubbed(f"{type(error).__name__}: {error}", secrets)[:300]) from None
    note_provider_success(name=way.name, label=way.label, now=at)
    return scrubbed(sent.answer, secrets)


def _environment(channel: str, *, alone: bool) -> list[Way]:
    """Return what the environment sets up. `alone`: nothing else carries the channel, so even a missing server speaks."""
    if channel in (Channel.EMAIL, LETTER):
        if not settings.SMTP_HOST and not alone:
            return []
        server = SmtpServer(
            host=settings.SMTP_HOST, port=settings.SMTP_PORT, user=settings.SMTP_USER, password=settings.SMTP_PASSWORD,
            tls=settings.SMTP_TLS, sender=settings.MAIL_FROM,
        )  # fmt: skip
        make = EmailTransport if channel == Channel.EMAIL else LetterTransport
        secrets = (settings.SMTP_PASSWORD,) if settings.SMTP_PASSWORD else ()
        name = f"{ENVIRONMENT}{Channel.EMAIL}"
        return [Way(name, settings.SMTP_HOST or "environment", repr(server), lambda: make(server), secrets)]
    if channel == Channel.WEBHOOK:
        allow = tuple(settings.WEBHOOK_ALLOW)
        return [Way(f"{ENVIRONMENT}{channel}", "webhooks", "", lambda: WebhookTransport(secret_for, allow))]
    if channel == Channel.CONSOLE:
        return [Way(f"{ENVIRONMENT}{channel}", "console", "", ConsoleTransport)]
    return []


def _without_settings(channel: str) -> list[Way]:
    return [
        Way(f"{ENVIRONMENT}{kind.kind}", kind.label, "", lambda kind=kind: kind.build(_defaults(kind), reach()))  # type: ignore[misc]  # bound per turn
        for kind in KINDS
        if kind.channel == channel and not any(s.required and not s.default for s in kind.settings)
    ]


def _defaults(kind: Any) -> dict[str, str]:
    return {setting.name: setting.default for setting in kind.settings if setting.default}
