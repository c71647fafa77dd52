"""Apprise: the process that it runs in reaches what it may reach, and nothing else."""

import inspect
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from apprise.manager_plugins import NotificationManager

from tests.channels.service import REACH, Service, running, send
from tocsin.channels.apprise.kind import KIND
from tocsin.channels.apprise.transport import AppriseTransport
from tocsin.domain.notify.logic.addresses import REFUSED_SCHEMES
from tocsin.domain.notify.transport import Reach, TransportError


@pytest.fixture
def service() -> Iterator[Service]:
    with running(lambda _taken: (200, b"")) as one:
        yield one


@pytest.fixture
def transport() -> Iterator[AppriseTransport]:
    one = AppriseTransport(REACH)
    yield one
    one.close()


def address(service: Service, path: str = "secretpath") -> str:
    return f"{service.url.replace('http', 'json')}/{path}"


def refused(transport: AppriseTransport, message, to: str, timeout: float = 5) -> TransportError:
    with pytest.raises(TransportError) as error:
        transport.send(transport.payload(message(to=to)), idempotency_key="k", timeout=timeout)
    return error.value


def test_a_page_goes_where_the_address_says(service: Service, message) -> None:
    sent = send(KIND, message(to=address(service)))
    (taken,) = service.taken
    assert taken.path == "/secretpath"
    assert taken.json["title"] == "[P1] T-7 needs an answer: Payroll"
    assert taken.json["message"] == "Nobody is paid.\nImpact: all.\n\nhttps://desk.example.org/respond/abc"
    assert taken.json["type"] == "failure"
    assert sent.answer == "200 JSON"


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::1]", "0.0.0.0"])
def test_networks_of_ours_are_not_reached(transport: AppriseTransport, message, host: str) -> None:
    error = refused(transport, message, f"json://{host}/x")
    assert error.permanent is True
    assert "not a public address" in error.answer


def test_loopback_is_reached_only_where_an_operator_allows_it(service: Service, message) -> None:
    strict = AppriseTransport(Reach())
    assert "not a public address" in refused(strict, message, address(service)).answer
    strict.close()
    assert service.taken == []


def test_a_redirect_into_our_networks_is_not_followed(service: Service, transport: AppriseTransport, message) -> None:
    service.says(302, b"", location="http://10.0.0.1/latest/meta-data")
    error = refused(transport, message, f"{address(service)}?redirect=yes")
    assert len(service.taken) == 1
    assert error.permanent is True


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ"])
def test_no_file_of_the_machine_is_read_into_a_message(transport: AppriseTransport, message, path: str) -> None:
    error = refused(transport, message, f"workflow://127.0.0.1:9/workflow/signature/?template={path}")
    assert error.answer == "reading files is not allowed"


@pytest.mark.parametrize(
    "to", ["syslog://", "dbus://", "macosx://", "windows://", "mailto://u:p@example.org", "nosuch://x/y"]
)
def test_what_is_not_reached_over_http_is_refused(transport: AppriseTransport, message, to: str) -> None:
    assert refused(transport, message, to).permanent is True


def test_every_service_of_apprise_is_either_http_or_refused() -> None:
    """A newer Apprise may know new services: those that start programs or speak otherwise must be named as refused."""
    not_http = []
    for service in NotificationManager().plugins():
        given = [service.protocol or (), service.secure_protocol or ()]
        schemes = {s for one in given for s in ([one] if isinstance(one, str) else one)}
        modules = {inspect.getmodule(one) for one in service.__mro__ if one.__module__.startswith("apprise.plugins.")}
        source = "".join(inspect.getsource(module) for module in modules if module.__name__ != "apprise.plugins.base")
        otherwise = ("import subprocess", "import dbus", "import smtplib", "import ctypes", "import socket\n")
        if "import requests" not in source or any(word in source for word in otherwise):
            not_http.append((service.__name__, schemes - REFUSED_SCHEMES))
    assert [found for found in not_http if found[1]] == []
    assert len(not_http) > 10


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (401, True), (429, False), (500, False)])
def test_the_status_of_the_service_tells_whether_a_retry_is_futile(
    service: Service, transport: AppriseTransport, message, status: int, permanent: bool
) -> None:
    service.says(status, b"", retry_after="7")
    error = refused(transport, message, address(service))
    assert error.permanent is permanent
    assert error.answer.startswith(str(status))
    assert error.retry_after.total_seconds() == 7


def test_a_service_that_hangs_is_ended_with_its_process(service: Service, transport: AppriseTransport, message) -> None:
    transport.send(transport.payload(message(to=address(service))), idempotency_key="k", timeout=5)
    service.answer = lambda _taken: (time.sleep(1.2), (200, b""))[1]
    began = time.monotonic()
    error = refused(transport, message, address(service), timeout=0.3)
    assert time.monotonic() - began < 1
    assert error.permanent is False
    service.says(200, b"")
    assert (
        transport.send(transport.payload(message(to=address(service))), idempotency_key="k", timeout=5).answer
        == "200 JSON"
    )


def test_the_process_knows_nothing_of_ours(
    service: Service, transport: AppriseTransport, message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEY", "very-secret")
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.9:3128")
    transport.send(transport.payload(message(to=address(service))), idempotency_key="k", timeout=5)
    assert transport._process is not None
    said = Path(f"/proc/{transport._process.pid}/environ").read_bytes()
    assert b"very-secret" not in said
    assert b"3128" not in said


def test_an_address_never_stands_in_an_answer(service: Service, transport: AppriseTransport, message) -> None:
    service.says(500, b"")
    assert "secretpath" not in refused(transport, message, address(service)).answer
