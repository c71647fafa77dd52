"""The one client for addresses that people have typed in: it cannot be turned against our own network (SSRF).

It stands in notify, the lowest package that reaches out; kernel stays free of httpx, and everything above (channels,
intake, engine, API) may import it.

The host is resolved here, every address it has is checked, and the connection goes to the checked address itself, with
the host's name kept for TLS and the Host header; a second look-up (DNS rebinding) therefore never happens.
Redirects are not followed, proxies from the environment are ignored, the whole exchange has one time-out, and no more
of the answer is read than is wanted.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import httpx

type _Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The address must not be reached; trying again is futile."""


class Unreachable(Exception):
    """No answer: no such host for now, refused connection, time-out, broken TLS or HTTP.

    `sent`: the request had begun to leave, so the other side may have acted on it.
    """

    def __init__(self, answer: str, *, sent: bool = False) -> None:
        super().__init__(answer)
        self.sent = sent


class _Progress:
    """How far one exchange has come."""

    def __init__(self) -> None:
        self.sent = False

    async def note(self, event: str, _info: object) -> None:
        """Take httpcore's word on what it begins."""
        self.sent = self.sent or event.endswith("send_request_headers.started")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # at most as much as was asked for


def fetch(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float,
    allow: Sequence[str] = (),
    most: int = 64 * 1024,
) -> Answer:
    """Send one request and return the answer, whatever its status.

    `timeout`: seconds for everything, from the look-up to the last byte. `allow`: networks (CIDR) that may be reached
    although they are not public. `most`: bytes of the answer that are read. Raises Refused or Unreachable.
    """
    progress = _Progress()
    try:
        return asyncio.run(_fetch(method, url, body, dict(headers or {}), timeout, allow, most, progress))
    except TimeoutError:
        raise Unreachable(f"no answer within {timeout:g} seconds", sent=progress.sent) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:300], sent=progress.sent) from error


async def _fetch(
    method: str,
    url: str,
    body: bytes,
    headers: dict[str, str],
    timeout: float,
    allow: Sequence[str],
    most: int,
    progress: _Progress,
) -> Answer:
    target = httpx.URL(url)
    if target.scheme not in {"http", "https"} or not target.host or target.userinfo:
        raise Refused("only http and https addresses without a user name can be reached")
    port = target.port or (443 if target.scheme == "https" else 80)
    async with asyncio.timeout(timeout):
        address = await _checked_address(target.host, port, allow)
        pinned = target.copy_with(host=str(address))
        # An answer is kept for people to read, so it must come uncompressed.
        headers = (
            {"user-agent": "Tocsin", "accept-encoding": "identity"} | headers | {"host": target.netloc.decode("ascii")}
        )
        async with (
            httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=timeout) as client,
            client.stream(
                method,
                pinned,
                content=body,
                headers=headers,
                extensions={"sni_hostname": target.host, "trace": progress.note},
            ) as response,
        ):
            read = b""
            async for part in response.aiter_raw():
                read += part
                if len(read) >= most:
                    break
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, names, read[:most])


async def _checked_address(host: str, port: int, allow: Sequence[str]) -> _Address:
    """Return the first address of `host`. One forbidden address among several forbids them all."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(f"{host} cannot be resolved: {error}") from error
    return _all_allowed(host, [str(entry[4][0]) for entry in found], allow)


def checked_address(host: str, port: int, allow: Sequence[str] = ()) -> str:
    """Return the address to connect to for `host` where the protocol is not HTTP (mail servers). Blocks.

    Raises Refused or Unreachable. Connect to what is returned, not to the name: a second look-up might say otherwise.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(f"{host} cannot be resolved: {error}") from error
    return str(_all_allowed(host, [str(entry[4][0]) for entry in found], allow))


def _all_allowed(host: str, found: Sequence[str], allow: Sequence[str]) -> _Address:
    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
    for address in addresses:
        if not may_reach(address, allow):
            raise Refused(
                f"{host} is at {address}, which is not a public address. An operator can allow its network "
                "with TOCSIN_WEBHOOK_ALLOW."
            )
    return addresses[0]


def may_reach(address: _Address, allow: Sequence[str] = ()) -> bool:
    """Say whether `address` is public, or within one of the networks `allow`ed; IPv4 inside IPv6 is looked through."""
    inner = _inner(address)
    if any(_within(one, network) for network in allow for one in {address, inner}):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _within(address: _Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False  # `tocsin check` names what is not a network


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _inner(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, 6to4, Teredo, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


@cache
def _trust() -> ssl.SSLContext:
    # Reading the certificate store takes tens of milliseconds; once per process is enough.
    return ssl.create_default_context()
