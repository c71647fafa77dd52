"""Apprise as a provider: nothing to set up, since each person's address says everything."""

from tocsin.channels.apprise.transport import AppriseTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind

KIND = ProviderKind(
    kind="apprise",
    channel=Channel.APPRISE,
    label="Apprise addresses",
    settings=(),
    build=lambda _values, reach: AppriseTransport(reach),
)
