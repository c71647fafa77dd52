"""Slack as a provider: one app in one workspace."""

from collections.abc import Mapping

from tocsin.channels.slack.transport import API_URL, SlackTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> SlackTransport:
    return SlackTransport(values["bot_token"], values.get("api_url") or API_URL, reach)


KIND = ProviderKind(
    kind="slack",
    channel=Channel.SLACK,
    label="Slack",
    settings=(
        Setting(
            name="bot_token", label="Bot token", secret=True,
            remedy="api.slack.com/apps, your app, OAuth & Permissions; begins with xoxb-. Scopes: chat:write, commands.",
        ),
        Setting(
            name="signing_secret", label="Signing secret", secret=True,
            remedy="api.slack.com/apps, your app, Basic Information. Without the right one no button answers.",
        ),
        Setting(name="api_url", label="Address of the API", required=False, default=API_URL, remedy="Leave as it is."),
    ),
    build=_build,
    hooks=(
        ("Interactivity, Request URL", "/hooks/slack/{provider}/interactive"),
        ("Slash command /tocsin, Request URL", "/hooks/slack/{provider}/command"),
    ),
)  # fmt: skip
