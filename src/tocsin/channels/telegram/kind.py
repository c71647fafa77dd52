"""Telegram as a provider: one bot."""

from collections.abc import Mapping

from tocsin.channels.telegram.transport import API_URL, TelegramTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> TelegramTransport:
    return TelegramTransport(values["bot_token"], values.get("api_url") or API_URL, reach)


KIND = ProviderKind(
    kind="telegram",
    channel=Channel.TELEGRAM,
    label="Telegram",
    settings=(
        Setting(name="bot_token", label="Bot token", secret=True, remedy="Write to @BotFather, /newbot; 123456:ABC..."),
        Setting(
            name="webhook_secret", label="Webhook secret", secret=True,
            remedy="Make one up: 20 or more letters and digits. Give the same to setWebhook as secret_token.",
        ),
        Setting(name="api_url", label="Address of the API", required=False, default=API_URL, remedy="Leave as it is."),
    ),
    build=_build,
    hooks=(("setWebhook, url", "/hooks/telegram/{provider}"),),
)  # fmt: skip
