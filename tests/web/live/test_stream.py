"""The live stream end to end: a real PostgreSQL bell, the ASGI application, a session cookie."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from tests.web.live.asgi import Browser
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.enums import MessageKind
from tocsin.kernel.clock import database_now
from tocsin.web.live import stream

pytestmark = pytest.mark.django_db(transaction=True)


def _person(email: str, role: str = Role.AGENT) -> User:
    return User.objects.create(email=email, name=email.split("@", maxsplit=1)[0], role=role)


def _deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _open(requester: User, subject: str = "Printer on fire") -> Any:
    return actions.open_ticket(subject=subject, requester=requester, by=requester, now=database_now(connection))


def _say(ticket: Any, by: User) -> None:
    actions.add_message(
        ticket_id=ticket.pk, kind=MessageKind.NOTE, body="Looked at it.", by=by, now=database_now(connection)
    )


def _run(story: Any) -> None:
    """Run a story on a loop of its own; what talks to the database does so in threads."""
    stream._hub = stream.Hub()
    stream._threads = ThreadPoolExecutor(1)
    try:
        asyncio.run(asyncio.wait_for(story, 20))
    finally:
        stream._threads.submit(lambda: connection.close()).result()  # noqa: PLW0108 - of that thread
        stream._threads.shutdown()


async def _in_thread(act: Callable[..., Any], *arguments: Any) -> Any:
    """Act as another process would, leaving no connection behind."""

    def run() -> Any:
        try:
            return act(*arguments)
        finally:
            connection.close()

    return await asyncio.to_thread(run)


def test_a_page_hears_that_its_ticket_changed() -> None:
    agent = _person("agent@example.org")
    ticket, other = _open(agent), _open(agent, "Another")

    async def story() -> None:
        async with Browser(_cookie_of, [f"ticket:{ticket.number}"]) as browser:
            assert (await browser.event())[0] == "open"
            await browser.event("changed")  # the look that catches up
            await _in_thread(_say, other, agent)
            await _in_thread(_say, ticket, agent)
            assert await browser.event("changed") == ("changed", f"ticket:{ticket.number}")

    _cookie_of = _cookie(agent)
    _run(story())


def test_a_list_hears_of_any_ticket_that_the_viewer_may_see() -> None:
    agent, mine, theirs = (
        _person("agent@example.org"), _person("mine@example.org", Role.REQUESTER),
        _person("theirs@example.org", Role.REQUESTER),
    )  # fmt: skip
    cookie = _cookie(mine)

    async def story() -> None:
        async with Browser(cookie, ["tickets"]) as browser:
            await browser.event()
            await browser.event("changed")  # the look that catches up
            await _in_thread(_open, theirs)
            assert await browser.nothing_for(0.6)
            ticket = await _in_thread(_open, mine)
            assert await browser.event("changed") == ("changed", "tickets")
            await _in_thread(_say, ticket, agent)
            assert await browser.event("changed") == ("changed", "tickets")

    _run(story())


@pytest.mark.parametrize(
    ("topics", "status"), [(["ticket:999999"], 404), (["nonsense"], 400), ([], 400), (["ticket:x"], 400)]
)
def test_what_cannot_be_listened_to_is_refused(topics: list[str], status: int) -> None:
    cookie = _cookie(_person("agent@example.org"))

    async def story() -> None:
        async with Browser(cookie, topics) as browser:
            assert await browser.status() == status

    _run(story())


def test_a_foreign_ticket_does_not_exist_for_a_customer() -> None:
    agent, customer = _person("agent@example.org"), _person("mine@example.org", Role.REQUESTER)
    ticket, cookie = _open(agent), _cookie(customer)

    async def story() -> None:
        async with Browser(cookie, [f"ticket:{ticket.number}"]) as browser:
            assert await browser.status() == 404

    _run(story())


@pytest.mark.parametrize("cookie", ["", "sessionid=forged", 'sessionid="'])
def test_nobody_listens_without_a_session(cookie: str) -> None:
    async def story() -> None:
        async with Browser(cookie, ["tickets"]) as browser:
            assert await browser.status() == 403

    _run(story())


def test_a_foreign_page_may_not_listen() -> None:
    cookie = _cookie(_person("agent@example.org"))

    async def story() -> None:
        async with Browser(cookie, ["tickets"], origin="https://evil.example") as browser:
            assert await browser.status() == 403
            assert "access-control-allow-origin" not in browser.headers

    _run(story())


def test_a_page_of_ours_on_another_port_may_listen() -> None:
    cookie = _cookie(_person("agent@example.org"))

    async def story() -> None:
        async with Browser(cookie, ["tickets"], origin="http://localhost:8000") as browser:
            assert await browser.status() == 200
            assert browser.headers["access-control-allow-origin"] == "http://localhost:8000"

    _run(story())


def test_a_deactivated_person_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = _person("agent@example.org")
    cookie = _cookie(agent)
    monkeypatch.setattr(stream, "RECHECK", 0.0)

    async def story() -> None:
        async with Browser(cookie, ["me"]) as browser:
            assert (await browser.event())[0] == "open"
            await _in_thread(_deactivate, agent)
            assert (await browser.event("ended"))[0] == "ended"

    _run(story())


def test_a_rolled_back_change_is_not_told() -> None:
    agent = _person("agent@example.org")
    ticket, cookie = _open(agent), _cookie(agent)

    def undone() -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            _say(ticket, agent)
            raise RuntimeError

    async def story() -> None:
        async with Browser(cookie, [f"ticket:{ticket.number}"]) as browser:
            await browser.event()
            await browser.event("changed")  # the look that catches up
            await _in_thread(undone)
            assert await browser.nothing_for(0.6)

    _run(story())
