"""Rocket.Chat as a provider: it works without being set up; with the server set, people may give id/token only."""

from collections.abc import Mapping

from tocsin.channels.rocket_chat.transport import RocketChatTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> RocketChatTransport:
    return RocketChatTransport(values.get("api_url", ""), reach)


KIND = ProviderKind(
    kind="rocket_chat",
    channel=Channel.ROCKET_CHAT,
    label="Rocket.Chat (incoming integrations)",
    settings=(
        Setting(
            name="api_url", label="Server", required=False,
            remedy="https://chat.example.org: people then give id/token of their integration only. A private network "
            "must be in TOCSIN_WEBHOOK_ALLOW.",
        ),
    ),
    build=_build,
)  # fmt: skip
