"""What the answer of a pushing or chatting service says of the message and of the service."""

import socket
from datetime import timedelta

import pytest

from tests.channels.service import REACH, Service, running
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import json_post, post
from tocsin.domain.notify.transport import Reach, TransportError


@pytest.fixture
def service():
    with running(lambda _taken: (200, b"ok")) as one:
        yield one


def refused(url: str, *, own: bool, reach: Reach = REACH) -> TransportError:
    with pytest.raises(TransportError) as error:
        post(json_post(url, {}, own=own), reach=reach, timeout=2)
    return error.value


@pytest.mark.parametrize(
    ("status", "of_operator", "of_person"),
    [
        (400, (Fault.MESSAGE, True), (Fault.MESSAGE, True)),
        (401, (Fault.CREDENTIALS, False), (Fault.MESSAGE, True)),
        (403, (Fault.CREDENTIALS, False), (Fault.MESSAGE, True)),
        (404, (Fault.MESSAGE, True), (Fault.MESSAGE, True)),
        (302, (Fault.MESSAGE, True), (Fault.MESSAGE, True)),
        (408, (Fault.PROVIDER, False), (Fault.MESSAGE, False)),
        (429, (Fault.BUSY, False), (Fault.BUSY, False)),
        (500, (Fault.PROVIDER, False), (Fault.MESSAGE, False)),
        (503, (Fault.PROVIDER, False), (Fault.MESSAGE, False)),
        (504, (Fault.UNSURE, False), (Fault.MESSAGE, False)),
    ],
)
def test_whose_failure_a_refusal_is_depends_on_whose_server_it_is(
    service: Service, status: int, of_operator: tuple[Fault, bool], of_person: tuple[Fault, bool]
) -> None:
    service.says(status, b"no")
    for own, wanted in ((False, of_operator), (True, of_person)):
        error = refused(service.url, own=own)
        assert (error.fault, error.permanent) == wanted
        assert error.answer == f"{status} no"


@pytest.mark.parametrize(
    ("given", "asked"),
    [("30", timedelta(seconds=30)), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)],
)
def test_retry_after_in_seconds_is_passed_on(service: Service, given: str, asked: timedelta | None) -> None:
    service.says(429, b"", retry_after=given)
    assert refused(service.url, own=True).retry_after == asked


def test_a_private_server_is_refused_for_good_where_a_person_has_typed_it(service: Service) -> None:
    assert refused(service.url, own=True, reach=Reach()).permanent is True
    of_operator = refused(service.url, own=False, reach=Reach())
    assert (of_operator.permanent, of_operator.fault) == (False, Fault.CREDENTIALS)
    assert service.taken == []


def test_a_server_that_is_not_there_says_nothing_of_the_service_if_it_is_a_persons_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = f"http://127.0.0.1:{port}/"
    assert refused(gone, own=True).fault is Fault.MESSAGE
    assert refused(gone, own=False).fault is Fault.PROVIDER
