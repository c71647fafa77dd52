"""Microsoft Teams as a provider: nothing to set up, since each person's address is a webhook of their own."""

from tocsin.channels.teams.transport import TeamsTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind

KIND = ProviderKind(
    kind="teams",
    channel=Channel.TEAMS,
    label="Microsoft Teams (Workflows webhooks)",
    settings=(),
    build=lambda _values, reach: TeamsTransport(reach),
)
