"""Several providers for one channel: the first that is well has the message, and the next one if it surely has not.

An instance is used by one thread and keeps that thread's connections; the book of providers is shared by the threads
of a channel and read again every few seconds, so what administrators change needs no restart.
"""

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection

from tocsin.channels.ways import Way, ways
from tocsin.domain.notify.actions import note_provider_failure, note_provider_success
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.logic.addresses import SECRET, hidden_parts
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.providers import ENVIRONMENT, Health, healths, providers
from tocsin.domain.notify.sealing import scrubbed
from tocsin.domain.notify.transport import Capabilities, Message, Sent, Transport, TransportError
from tocsin.engine import metrics
from tocsin.engine.loop import give_up_connection
from tocsin.engine.steady import steady_seconds
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

READ_EVERY = 3.0  # seconds until a change of providers, or another engine's experience with them, is heard of
NOT_SET_UP = timedelta(minutes=1)  # how soon a message looks again whether its channel has a provider by now
AFTER_REST = timedelta(seconds=1)
LEAST = 0.5  # seconds below which a try is not worth beginning
PASSED_ON = frozenset({Fault.MESSAGE, Fault.PROVIDER, Fault.CREDENTIALS, Fault.BUSY})  # surely not accepted


@dataclass(frozen=True, slots=True)
class Reading:
    """The book as it was read."""

    ways: Sequence[Way]
    healths: dict[str, Health]
    at: float  # steady seconds


class Book:
    """What carries one channel, for all threads of its sender."""

    def __init__(self, channel: str, read: Callable[[str], Sequence[Way]] = ways) -> None:
        self.channel = channel
        self._read = read
        self._lock = threading.Lock()
        self._last: Reading | None = None

    def forget(self) -> None:
        """Read anew at the next look: something has changed."""
        with self._lock:
            self._last = None

    def known(self, name: str) -> Health | None:
        """Return how a way out did when the book was read last, without reading anew."""
        with self._lock:
            return self._last.healths.get(name) if self._last is not None else None

    def look(self) -> Reading:
        """Return the ways and how they do, at most three seconds old; older only while the database is away."""
        with self._lock:
            last = self._last
            if last is not None and steady_seconds() - last.at < READ_EVERY:
                return last
        try:
            fresh = Reading(self._read(self.channel), healths(), steady_seconds())
        except (DatabaseError, InterfaceError):
            give_up_connection()
            if last is None:
                raise
            return last
        with self._lock:
            self._last = fresh
        return fresh


class Failover:
    """The channel's way out as the sender sees it: one transport, behind which providers stand in for each other."""

    def __init__(self, book: Book, capabilities: Capabilities | None = None) -> None:
        self._book = book
        self._built: dict[str, tuple[str, Transport[Any]]] = {}  # by the way's name: its mark and its transport
        self.capabilities = capabilities or self._own_capabilities()

    def payload(self, message: Message) -> Message:
        """Return the message itself: each provider makes its own payload of it."""
        return message

    def send(self, payload: Message, *, idempotency_key: str, timeout: float) -> Sent:
        """Hand over to the first provider that takes it, within `timeout` seconds for all of them together.

        Raises TransportError: permanent where a provider says that the message itself is at fault. A try of
        which it is not known whether it was accepted ends the round, since another one may double the message.
        """
        ends = steady_seconds() + timeout
        reading = self._book.look()
        awake = self._awake(reading, payload.at)
        failed: list[tuple[Way, TransportError]] = []
        for place, way in enumerate(awake):
            left = ends - steady_seconds()
            if failed and left < LEAST:
                break
            # A provider that takes its time to refuse must leave some for the next one.
            share = left if place == len(awake) - 1 else left / 2
            try:
                sent = self._try(way, payload, idempotency_key, share)
            except TransportError as error:
                failed.append((way, error))
                if error.fault not in PASSED_ON or (error.fault is Fault.MESSAGE and error.permanent):
                    break
                continue
            return Sent(provider_id=sent.provider_id, answer=_story(way, sent.answer, failed, len(reading.ways)))
        raise _as_one(failed, len(reading.ways))

    def close(self) -> None:
        """Give up every kept connection."""
        for _, transport in self._built.values():
            transport.close()

    def _awake(self, reading: Reading, now: datetime) -> list[Way]:
        """Return the ways that do not rest. Raises TransportError where there is none."""
        if not reading.ways:
            name = dict(Channel.choices).get(self._book.channel, self._book.channel)
            message = f"no provider is set up for {name}; an administrator can add one under Settings, Providers"
            raise TransportError(message, retry_after=NOT_SET_UP)
        known = {way.name: reading.healths.get(way.name, Health()).condition for way in reading.ways}
        awake = [way for way in reading.ways if not known[way.name].rests_at(now)]
        if awake:
            return awake
        until = min(condition.resting_until or now for condition in known.values())
        names = ", ".join(way.label for way in reading.ways)
        message = f"{names}: resting after repeated failures, tried again in {round((until - now).total_seconds())} s"
        raise TransportError(message, retry_after=until - now + AFTER_REST)

    def _try(self, way: Way, message: Message, key: str, timeout: float) -> Sent:
        """Hand over to one provider, and note how it did. What it says comes back without its secrets."""
        begun = False
        address = hidden_parts(message.to) if self._book.channel in SECRET else ()
        secrets = (*way.secrets, *address)
        try:
            transport = self._transport(way)
            payload = transport.payload(message)
            begun = True
            sent = transport.send(payload, idempotency_key=key, timeout=timeout)
        except TransportError as error:
            clean = _without_secrets(error, secrets)
            self._note_failure(way, clean)
            raise clean from None
        except Exception as error:
            # A defect in a channel must not keep the person from being told, and says nothing of the provider.
            text = scrubbed(f"{type(error).__name__}: {error}", secrets)[:300]
            where = "".join(traceback.format_tb(error.__traceback__)[-4:])
            # No traceback by the logger itself: its last line, and locals, may hold a secret.
            log.error("a channel failed in a way it does not know", provider=way.label, error=text, where=where)
            raise TransportError(text, fault=Fault.UNSURE if begun else Fault.MESSAGE) from None
        self._note_success(way, message.at)
        return Sent(provider_id=sent.provider_id, answer=scrubbed(sent.answer, secrets))

    def _transport(self, way: Way) -> Transport[Any]:
        mark, kept = self._built.get(way.name, ("", None))
        if kept is not None and mark == way.mark:
            return kept
        if kept is not None:
            kept.close()
        try:
            built = way.build()
        except (KeyError, ValueError) as error:
            raise TransportError(f"it is not set up rightly: {error}", fault=Fault.CREDENTIALS) from error
        self._built[way.name] = (way.mark, built)
        return built

    def _note_failure(self, way: Way, error: TransportError) -> None:
        metrics.PROVIDER_FAILURES.labels(channel=self._book.channel, provider=way.label, fault=str(error.fault)).inc()
        _, transport = self._built.get(way.name, ("", None))
        if error.fault is Fault.MESSAGE or (transport is not None and not transport.capabilities.one_server):
            return
        self._note(
            lambda now: note_provider_failure(
                name=way.name, label=way.label, fault=error.fault, answer=error.answer, now=now
            )
        )
        self._book.forget()

    def _note_success(self, way: Way, at: datetime) -> None:
        known = self._book.known(way.name)
        if known is not None and known.is_known_well(at):
            return  # every message of a storm need not say so
        self._note(lambda now: note_provider_success(name=way.name, label=way.label, now=now))
        self._book.forget()

    def _note(self, write: Callable[[datetime], object]) -> None:
        """Write down how a provider did. Never in the way of the message: what was accepted must be recorded as that."""
        try:
            write(database_now(connection))
        except (DatabaseError, InterfaceError) as error:
            give_up_connection()
            log.warning("could not note how a provider did", channel=self._book.channel, error=str(error).strip())

    def _own_capabilities(self) -> Capabilities:
        """Return what the channel can do: its first way says; a channel without any is one for people."""
        for way in self._book.look().ways:
            try:
                return self._transport(way).capabilities
            except TransportError:
                continue
        return Capabilities(channel=self._book.channel, bundles=True, takes_keys=False, receipts=False)


def _without_secrets(error: TransportError, secrets: Sequence[str]) -> TransportError:
    clean = scrubbed(error.answer, secrets)
    return TransportError(clean, permanent=error.permanent, retry_after=error.retry_after, fault=error.fault)


def _story(way: Way, answer: str, failed: Sequence[tuple[Way, TransportError]], of: int) -> str:
    """Say who took it, and who before it did not; with one provider only what it answered."""
    if of < 2:
        return answer
    before = "".join(f"; before that {other.label}: {error.answer}" for other, error in failed)
    return f"{way.label}: {answer}{before}"[:500]


def _as_one(failed: Sequence[tuple[Way, TransportError]], of: int) -> TransportError:
    """Return the failures of a round as one. It is permanent only where the message itself is at fault."""
    last = failed[-1][1]
    asked = [error.retry_after for _, error in failed if error.retry_after is not None]
    answer = last.answer if of < 2 else "; ".join(f"{way.label}: {error.answer}" for way, error in failed)
    permanent = last.permanent and last.fault is Fault.MESSAGE
    return TransportError(
        answer[:500], permanent=permanent, retry_after=min(asked) if asked else None, fault=last.fault
    )


def measure_providers(now: datetime) -> None:
    """Tell Prometheus how every way out does."""
    named = {str(one.pk): (one.channel, one.name) for one in providers()}
    metrics.PROVIDER_RESTING.clear()
    metrics.PROVIDER_FAILED_IN_A_ROW.clear()
    for name, health in healths().items():
        channel, label = named.get(name, (name.removeprefix(ENVIRONMENT), "environment"))
        metrics.PROVIDER_RESTING.labels(channel=channel, provider=label).set(health.condition.rests_at(now))
        metrics.PROVIDER_FAILED_IN_A_ROW.labels(channel=channel, provider=label).set(health.condition.failures)
