"""Which addresses a page may hear live events from, for the content security policy."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def live_sources(live_url: str, hosts: Sequence[str], base_url: str) -> list[str]:
    """Return the sources that `connect-src` must name besides the pages' own origin.

    `live_url` is "" (none), ":<port>" (that port of whichever of our `hosts` the page came from) or a full address.
    """
    if not live_url:
        return []
    if live_url.startswith(":"):
        # A policy can name neither patterns of ours nor IPv6 addresses; pages opened by those ask instead.
        own = {urlsplit(base_url).hostname or "", *hosts}
        return sorted(
            f"http://{host}{live_url}" for host in own if host and not set(host) & set("*[:") and host[0] != "."
        )
    parts = urlsplit(live_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
