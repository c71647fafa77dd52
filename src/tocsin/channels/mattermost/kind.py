"""Mattermost as a provider: it works without being set up; with the server set, people may give a webhook's key only."""

from collections.abc import Mapping

from tocsin.channels.mattermost.transport import MattermostTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> MattermostTransport:
    return MattermostTransport(values.get("api_url", ""), reach)


KIND = ProviderKind(
    kind="mattermost",
    channel=Channel.MATTERMOST,
    label="Mattermost (incoming webhooks)",
    settings=(
        Setting(
            name="api_url", label="Server", required=False,
            remedy="https://chat.example.org: people then give the key of their webhook only. A private network must "
            "be in TOCSIN_WEBHOOK_ALLOW.",
        ),
    ),
    build=_build,
)  # fmt: skip
