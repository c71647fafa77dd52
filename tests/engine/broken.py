"""A provider that misbehaves, on loopback: over HTTP, and for mail over SMTP."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MODES = ("error", "busy", "silent", "slow_loris", "reset", "dropped", "not_its_word")
DRIP = 0.02  # seconds between two bytes of a slow answer
RETRY_AFTER = 120
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing resets

_HTTP = {
    "error": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy",
    "busy": f"HTTP/1.1 429 Too Many\r\nRetry-After: {RETRY_AFTER}\r\nContent-Length: 0\r\n\r\n".encode(),
    "not_its_word": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 28\r\n\r\n<html>Please sign in</html>\r\n",
}


@contextmanager
def broken(mode: str, *, mail: bool = False) -> Iterator[int]:
    """Serve on a port of loopback until the block ends; the port."""
    over = threading.Event()
    serve = _mail if mail else _http
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, mode, serve, over), daemon=True).start()
        yield listening.getsockname()[1]
        over.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


type _Serve = Callable[[socket.socket, str, threading.Event], None]


def _accept(listening: socket.socket, mode: str, serve: _Serve, over: threading.Event) -> None:
    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(5)
            serve(connection, mode, over)

    while not over.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def _http(connection: socket.socket, mode: str, over: threading.Event) -> None:
    _read_request(connection)
    if mode in _HTTP:
        connection.sendall(_HTTP[mode])
    elif mode == "silent":
        over.wait(5)
    elif mode == "slow_loris":
        _drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000, over)
    elif mode == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    # dropped: taken, and closed without a word


def _mail(connection: socket.socket, mode: str, over: threading.Event) -> None:
    if mode in ("error", "busy"):
        connection.sendall(b"421 too busy\r\n")
    elif mode == "silent":
        over.wait(5)
    elif mode == "slow_loris":
        _drip(connection, b"220-" + b"x" * 10_000, over)
    elif mode == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    else:
        _take_mail(connection, after=b"" if mode == "dropped" else b"451 lost\r\n")


def _take_mail(connection: socket.socket, *, after: bytes) -> None:
    """Say yes to everything until the mail has been given, then close (after a word)."""
    connection.sendall(b"220 ready\r\n")
    lines = connection.makefile("rb")
    for line in lines:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            for content in lines:
                if content == b".\r\n":
                    connection.sendall(after)
                    return
        connection.sendall(b"250 ok\r\n")


def _read_request(connection: socket.socket) -> None:
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65_536)
        if not part:
            return
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while left > 0:
        left -= len(connection.recv(65_536)) or left


def _drip(connection: socket.socket, said: bytes, over: threading.Event) -> None:
    for place in range(len(said)):
        if over.wait(DRIP):
            return
        connection.sendall(said[place : place + 1])
