"""Gotify as a provider: it works without being set up; with the server set, people give their token only."""

from collections.abc import Mapping

from tocsin.channels.gotify.transport import GotifyTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> GotifyTransport:
    return GotifyTransport(values.get("api_url", ""), reach)


KIND = ProviderKind(
    kind="gotify",
    channel=Channel.GOTIFY,
    label="Gotify",
    settings=(
        Setting(
            name="api_url", label="Server", required=False,
            remedy="https://push.example.org: people then give the token of their application only. A private network "
            "must be in TOCSIN_WEBHOOK_ALLOW.",
        ),
    ),
    build=_build,
)  # fmt: skip
