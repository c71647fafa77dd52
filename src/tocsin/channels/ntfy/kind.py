"""ntfy as a provider: ntfy.sh without being set up, or a server of one's own with its token."""

from collections.abc import Mapping

from tocsin.channels.ntfy.transport import API_URL, NtfyTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> NtfyTransport:
    return NtfyTransport(values.get("api_url") or API_URL, values.get("token", ""), reach)


KIND = ProviderKind(
    kind="ntfy",
    channel=Channel.NTFY,
    label="ntfy",
    settings=(
        Setting(
            name="api_url", label="Server", required=False, default=API_URL,
            remedy="Your own server, such as https://ntfy.example.org. A private network must be in "
            "TOCSIN_WEBHOOK_ALLOW.",
        ),
        Setting(
            name="token", label="Access token", secret=True, required=False,
            remedy="Account, Access tokens; begins with tk_. Needed where topics are protected.",
        ),
    ),
    build=_build,
)  # fmt: skip
