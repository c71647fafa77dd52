"""Several providers behind one channel: who is tried, who is left alone, and what becomes of the message."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.channels.twilio_server import TOKEN, Twilio, running
from tests.engine.conftest import Ledger
from tocsin.channels.kinds import kind_of
from tocsin.channels.ways import Way, ways
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, providers
from tocsin.domain.notify.enums import LETTER, Channel
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.models import Attempt, ContactMethod, Delivery, ProviderHealth
from tocsin.domain.notify.transport import Message, TransportError
from tocsin.domain.people.models import User
from tocsin.engine.bells import Bell
from tocsin.engine.engine import Engine, sender_of
from tocsin.engine.failover import Book, Failover, measure_providers
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db


def failing(
    fault: Fault = Fault.PROVIDER, *, permanent: bool = False, answer: str = "503 no"
) -> Callable[[Message], Any]:
    def fail(_message: Message) -> None:
        raise TransportError(answer, permanent=permanent, fault=fault)

    return fail


@pytest.fixture
def one() -> Ledger:
    return Ledger()


@pytest.fixture
def two() -> Ledger:
    return Ledger()


@pytest.fixture
def failover(one: Ledger, two: Ledger) -> Callable[..., Failover]:
    """Put both behind one channel; whoever is asked for anew shares what is known about them."""

    def make(*ledgers: Ledger, secrets: tuple[str, ...] = ()) -> Failover:
        behind = ledgers or (one, two)
        found = [
            Way(name=f"p{n}", label=f"Provider {n}", mark="", build=lambda x=x: x, secrets=secrets)
            for n, x in enumerate(behind, 1)
        ]
        return Failover(Book(Channel.EMAIL, lambda _channel: found))

    return make


@pytest.fixture
def message() -> Callable[..., Message]:
    def make(at: datetime | None = None) -> Message:
        return Message(
            key="0190-key", to="kai@example.org", subject="s", body="b", link="", purpose="page", urgency="high",
            reference="T-1", at=at or database_now(connection),
        )  # fmt: skip

    return make


def send(transport: Failover, message: Message, timeout: float = 5.0) -> Any:
    return transport.send(transport.payload(message), idempotency_key=message.key, timeout=timeout)


def test_the_first_provider_has_the_message(one, two, failover, message) -> None:
    sent = send(failover(), message())
    assert (len(one.sent), len(two.sent)) == (1, 0)
    assert sent.answer == "Provider 1: taken"


@pytest.mark.parametrize("fault", [Fault.PROVIDER, Fault.CREDENTIALS, Fault.BUSY, Fault.MESSAGE])
def test_what_was_surely_not_accepted_goes_to_the_next_at_once(one, two, failover, message, fault: Fault) -> None:
    one.answer = failing(fault)
    sent = send(failover(), message())
    assert two.keys == ["0190-key"]
    assert sent.answer == "Provider 2: taken; before that Provider 1: 503 no"


def test_what_may_have_been_accepted_goes_nowhere_else_within_the_same_try(one, two, failover, message) -> None:
    one.answer = failing(Fault.UNSURE, answer="no answer within 5 seconds")
    with pytest.raises(TransportError, match="no answer") as refused:
        send(failover(), message())
    assert two.sent == []
    assert (refused.value.permanent, refused.value.fault) == (False, Fault.UNSURE)


def test_what_is_wrong_with_the_message_itself_is_final_and_nobodys_fault(one, two, failover, message) -> None:
    one.answer = failing(Fault.MESSAGE, permanent=True, answer="no such number")
    with pytest.raises(TransportError) as refused:
        send(failover(), message())
    assert refused.value.permanent is True
    assert two.sent == []
    assert not ProviderHealth.objects.exists()


def test_when_every_provider_fails_the_message_is_tried_again_later(one, two, failover, message) -> None:
    one.answer, two.answer = failing(Fault.CREDENTIALS, permanent=True, answer="401"), failing(answer="500")
    with pytest.raises(TransportError, match="Provider 1: 401; Provider 2: 500") as refused:
        send(failover(), message())
    assert refused.value.permanent is False


def test_a_failing_provider_is_left_alone_and_tried_again(one, two, failover, message) -> None:
    tries: list[int] = []
    one.answer = lambda _message: (tries.append(1), failing()(_message))
    transport, now = failover(), database_now(connection)
    for _ in range(5):
        send(transport, message())
    assert (len(tries), len(two.sent)) == (3, 5)
    # After its rest it is tried again, fails, and rests for longer; then it is well.
    send(transport, message(now + timedelta(seconds=20)))
    assert len(tries) == 4
    one.answer = lambda _message: None
    ProviderHealth.objects.update(resting_until=now)
    transport._book.forget()
    send(transport, message(now + timedelta(seconds=60)))
    assert len(one.sent) == 1
    assert providers.healths()["p1"].condition.rests == 0


def test_every_engine_knows_who_rests(one, two, failover, message) -> None:
    one.answer = failing(Fault.CREDENTIALS, answer="401")
    send(failover(), message())
    one.answer = lambda _message: None
    elsewhere = failover()
    send(elsewhere, message())
    assert (len(one.sent), len(two.sent)) == (0, 2)


def test_while_all_rest_nothing_is_tried_and_the_person_is_told_otherwise(one, failover, message) -> None:
    one.answer = failing(Fault.CREDENTIALS, answer="401")
    transport = failover(one)
    with pytest.raises(TransportError, match="401"):
        send(transport, message())
    one.answer = lambda _message: None
    with pytest.raises(TransportError, match="resting") as refused:
        send(transport, message())
    assert one.sent == []
    assert refused.value.permanent is False
    assert refused.value.retry_after is not None
    assert timedelta(seconds=1) < refused.value.retry_after < timedelta(seconds=20)


def test_a_provider_that_takes_its_time_to_refuse_leaves_some_for_the_next(one, two, failover, message) -> None:
    given: list[float] = []

    class Timed(Ledger):
        def send(self, payload: Message, *, idempotency_key: str, timeout: float) -> Any:
            given.append(timeout)
            raise TransportError("connection refused")

    send(failover(Timed(), two), message(), timeout=8.0)
    assert given == [pytest.approx(4.0, abs=0.2)]
    assert len(two.sent) == 1


def test_an_address_of_its_own_server_says_nothing_of_others(two, failover, message) -> None:
    class Own(Ledger):
        @property
        def capabilities(self) -> Any:
            from dataclasses import replace  # noqa: PLC0415 - only here

            return replace(super().capabilities, one_server=False)

    receiver = Own(answer=failing())
    transport = failover(receiver)
    for _ in range(5):
        with pytest.raises(TransportError, match="503 no"):
            send(transport, message())
    assert not ProviderHealth.objects.exists()


def test_no_secret_leaves_in_answers_errors_or_health(one, two, failover, message) -> None:
    secret = "sesame-open-4711"
    one.answer = failing(answer=f"bad token {secret}")

    def defect(_message: Message) -> None:
        raise RuntimeError(f"unexpected {secret}")

    transport = failover(secrets=(secret,))
    assert secret not in send(transport, message()).answer
    one.answer = defect
    with pytest.raises(TransportError) as refused:
        send(transport, message())
    assert refused.value.answer == "Provider 1: RuntimeError: unexpected [hidden]"
    assert refused.value.__cause__ is None
    assert all(secret not in row.last_error for row in ProviderHealth.objects.all())


def test_a_channel_without_provider_says_so(message) -> None:
    transport = Failover(Book(Channel.TELEGRAM, lambda _channel: []))
    with pytest.raises(TransportError, match="no provider is set up for Telegram") as refused:
        send(transport, message())
    assert refused.value.permanent is False


@pytest.mark.django_db(transaction=True)
def test_what_was_accepted_stays_accepted_while_the_database_cannot_be_written_to(one, failover, message) -> None:
    transport, later = failover(), database_now(connection) + timedelta(seconds=30)
    send(transport, message())
    transport._book.look()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notify_providerhealth RENAME TO gone")
    try:
        assert send(transport, message(later)).answer == "Provider 1: taken"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO notify_providerhealth")
    assert len(one.sent) == 2


def test_metrics_say_how_each_provider_does(now) -> None:
    from prometheus_client import generate_latest  # noqa: PLC0415 - only here

    actions.note_provider_failure(
        name="environment:email", label="mail", fault=Fault.CREDENTIALS, answer="535", now=now
    )
    measure_providers(now)
    text = generate_latest().decode()
    assert 'tocsin_provider_resting{channel="email",provider="environment"} 1.0' in text
    assert 'tocsin_provider_failed_in_a_row{channel="email",provider="environment"} 1.0' in text


# With real providers, set up as administrators do.


@pytest.fixture
def twilios(settings) -> Iterator[tuple[Twilio, Twilio]]:
    settings.WEBHOOK_ALLOW, settings.BASE_URL = ["127.0.0.0/8"], "https://desk.example.org"
    with running() as first, running() as second:
        for name, account in (("Main", first), ("Backup", second)):
            kind = kind_of("twilio_sms")
            assert kind is not None
            actions.add_provider(kind=kind, name=name, values=account.values(), by=None, now=database_now(connection))
        yield first, second


@pytest.fixture
def texted(page) -> Callable[[], None]:
    """Page somebody by text."""

    def make() -> None:
        now = database_now(connection)
        user = User.objects.create(email=f"texted{User.objects.count()}@example.org", name="Texted")
        ContactMethod.objects.create(
            user=user, channel=Channel.SMS, address=f"+4915123456{User.objects.count():03}", verified_at=now
        )
        page(user=user)

    return make


def drain(channel: str = Channel.SMS) -> int:
    return sender_of(channel, Bell(), threading.Event()).drain()


@pytest.mark.django_db(transaction=True)
def test_a_text_that_one_account_refuses_goes_out_by_the_other_within_the_same_lease(twilios, texted) -> None:
    first, second = twilios
    first.refuse = (503, 20503, "Service unavailable")
    texted()
    assert drain() == 1
    assert (len(first.taken), len(second.taken)) == (0, 1)
    sent = Delivery.objects.get()
    assert (sent.state, sent.attempts) == ("sent", 1)
    answer = Attempt.objects.get().answer
    assert answer.startswith("Backup: 201 queued; before that Main: Twilio error 20503")
    assert Entry.objects.get(kind="page.sent").data["answer"] == answer
    assert second.taken[0][1]["StatusCallback"].count(str(providers.provider_called("Backup").pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_text_of_which_nothing_is_known_is_tried_again_later_and_doubled_at_most_once(twilios, texted) -> None:
    first, second = twilios
    first.hang_up = True
    texted()
    drain()
    assert (len(first.taken), len(second.taken)) == (1, 0)
    first.hang_up = False
    Delivery.objects.update(due_at=database_now(connection))
    drain()
    assert Delivery.objects.get().state == "sent"
    assert len(first.taken) + len(second.taken) == 2


@pytest.mark.django_db(transaction=True)
def test_a_closed_account_carries_nothing_and_stops_nobody(twilios, texted) -> None:
    first, second = twilios
    first.refuse = (401, 20003, "Authenticate")
    for _ in range(4):
        texted()
    assert drain() == 4
    assert (first.requests, len(second.taken)) == (1, 4)
    assert providers.healths()[str(providers.provider_called("Main").pk)].condition.rests == 1


@pytest.mark.django_db(transaction=True)
def test_the_token_stands_in_no_row(twilios, texted) -> None:
    first, second = twilios
    first.refuse = second.refuse = (400, 21606, f"the token {TOKEN} is wrong")
    texted()
    drain()
    told = str(list(Attempt.objects.values())) + str(list(Entry.objects.values_list("data", flat=True)))
    told += str(list(ProviderHealth.objects.values())) + str(list(Delivery.objects.values()))
    assert TOKEN not in told


@pytest.mark.django_db(transaction=True)
def test_a_changed_provider_is_used_by_a_sender_that_runs(twilios, texted) -> None:
    first, second = twilios
    book = Book(Channel.SMS)
    sender = sender_of(Channel.SMS, Bell(), threading.Event(), book)
    texted()
    sender.drain()
    actions.enable_provider(
        provider_id=providers.provider_called("Main").pk, enabled=False, by=None, now=database_now(connection)
    )
    book.forget()
    texted()
    sender.drain()
    assert (len(first.taken), len(second.taken)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_running_engine_hears_of_a_new_provider_at_once(settings, texted) -> None:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    engine = Engine(("sender",))
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        with running() as account:
            kind = kind_of("twilio_sms")
            assert kind is not None
            actions.add_provider(kind=kind, name="Main", values=account.values(), by=None, now=database_now(connection))
            texted()
            waited = threading.Event()
            for _ in range(80):
                if account.taken or waited.wait(0.1):
                    break
            assert len(account.taken) == 1
    finally:
        engine.stop()
        thread.join(20)


# Mail servers.


def test_mail_servers_stand_in_for_each_other_and_carry_letters_too(settings, now, tmp_path: Path) -> None:
    kind = kind_of("smtp")
    assert kind is not None
    settings.SMTP_HOST = ""
    assert [way.label for way in ways(Channel.EMAIL)] == ["environment"]
    values = {"host": "mail1.example.org", "sender": "Tocsin <desk@example.org>", "password": "sesame-open"}
    actions.add_provider(kind=kind, name="Mail 1", values=values, by=None, now=now)
    assert [way.label for way in ways(Channel.EMAIL)] == ["Mail 1"]
    settings.SMTP_HOST = "mail0.example.org"
    assert [way.label for way in ways(Channel.EMAIL)] == ["mail0.example.org", "Mail 1"]
    assert [way.name for way in ways(LETTER)] == [way.name for way in ways(Channel.EMAIL)]
    built = [way.build() for way in ways(LETTER)]
    assert [type(transport).__name__ for transport in built] == ["LetterTransport", "LetterTransport"]
    assert "sesame-open" not in repr(ways(Channel.EMAIL)) + repr([vars(transport) for transport in built])


def test_a_mail_server_on_a_network_that_is_not_allowed_is_not_reached(settings, now, message) -> None:
    kind = kind_of("smtp")
    assert kind is not None
    settings.WEBHOOK_ALLOW = []
    values = {"host": "localhost", "port": "25", "tls": "none", "sender": "desk@example.org"}
    actions.add_provider(kind=kind, name="Mail 1", values=values, by=None, now=now)
    transport = Failover(Book(Channel.EMAIL))
    with pytest.raises(TransportError, match="not a public address"):
        send(transport, message())
