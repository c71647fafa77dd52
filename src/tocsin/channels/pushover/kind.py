"""Pushover as a provider: the operator's application."""

from collections.abc import Mapping

from tocsin.channels.pushover.transport import API_URL, EXPIRE, PushoverTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting

LONGEST_EXPIRE = 3 * 3600


def _build(values: Mapping[str, str], reach: Reach) -> PushoverTransport:
    expire = int(values.get("expire") or EXPIRE)
    if not 60 <= expire <= LONGEST_EXPIRE:
        raise ValueError(f"An emergency sounds for 60 to {LONGEST_EXPIRE} seconds.")
    return PushoverTransport(values["token"], values.get("api_url") or API_URL, reach, expire=expire)


KIND = ProviderKind(
    kind="pushover",
    channel=Channel.PUSHOVER,
    label="Pushover",
    settings=(
        Setting(
            name="token", label="Application token", secret=True,
            remedy="pushover.net, Your Applications, Create an Application: its API token.",
        ),
        Setting(
            name="expire", label="Sounds for (seconds)", required=False, default=str(EXPIRE),
            remedy="How long an urgent page sounds again every minute if nobody acknowledges it.",
        ),
        Setting(
            name="api_url", label="API address", required=False, default=API_URL,
            remedy="Change it only for a proxy of your own.",
        ),
    ),
    build=_build,
)  # fmt: skip
