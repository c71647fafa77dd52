"""SECURITY "Reaching out": one guarded client, addresses checked at connect, redirects off. Real servers on loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import ClassVar

import pytest

from tocsin.domain.notify.guarded import Refused, Unreachable, fetch, may_reach

LOOPBACK = ["127.0.0.0/8", "::1/128"]


class Handler(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 1_000_000)
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                self.wfile.write(b"X-A: b\r\n")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:0001::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert may_reach(ip_address(address)) is False


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::0101:0101"])
def test_public_addresses_are_reached(address: str) -> None:
    assert may_reach(ip_address(address)) is True


def test_an_allowed_network_is_reached_and_no_other() -> None:
    assert may_reach(ip_address("10.1.2.3"), ["10.1.0.0/16"]) is True
    assert may_reach(ip_address("10.2.2.3"), ["10.1.0.0/16", "not a network"]) is False
    assert may_reach(ip_address("::ffff:10.1.2.3"), ["10.1.0.0/16"]) is True


def test_a_private_host_is_refused_before_anything_is_sent(server: str) -> None:
    with pytest.raises(Refused, match="TOCSIN_WEBHOOK_ALLOW"):
        fetch("POST", f"{server}/hook", body=b"{}", timeout=5)
    assert Handler.seen == []


def test_an_allowed_host_gets_the_request_with_its_own_name(server: str) -> None:
    answer = fetch("POST", f"{server}/hook?a=1", body=b"{}", headers={"x-id": "7"}, timeout=5, allow=LOOPBACK)
    assert (answer.status, answer.body) == (200, b"ok")
    ((method, path, headers, body),) = Handler.seen
    assert (method, path, headers["x-id"], body) == ("POST", "/hook?a=1", "7", b"{}")
    assert headers["host"] == server.removeprefix("http://")


def test_redirects_are_not_followed(server: str) -> None:
    assert fetch("POST", f"{server}/redirect", timeout=5, allow=LOOPBACK).status == 302
    assert len(Handler.seen) == 1


def test_no_more_of_an_answer_is_read_than_wanted(server: str) -> None:
    assert len(fetch("POST", f"{server}/large", timeout=5, allow=LOOPBACK, most=1_000).body) == 1_000


def test_a_server_that_drips_is_left_after_the_time_out(server: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="within"):
        fetch("POST", f"{server}/drip", timeout=0.3, allow=LOOPBACK)
    assert time.monotonic() - began < 2


def test_proxies_of_the_environment_are_ignored(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch("GET", f"{server}/", timeout=5, allow=LOOPBACK).status == 200


def test_nobody_listening_is_unreachable() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable):
        fetch("GET", f"http://127.0.0.1:{port}/", timeout=2, allow=LOOPBACK)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://x/", "http://user:pw@example.org/", "http:///x", "ftp://a"]
)
def test_other_schemes_and_user_names_are_refused(url: str) -> None:
    with pytest.raises((Refused, Unreachable)):
        fetch("GET", url, timeout=2)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "localhost"])
def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises((Refused, Unreachable)):
        fetch("GET", f"http://{host}:1/", timeout=2)
