"""A mail server as a provider, so that several stand in for each other."""

from collections.abc import Mapping

from tocsin.channels.email.transport import EmailTransport, SmtpServer
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting

PORTS = {"tls": 465, "starttls": 587, "": 25}


def server_of(values: Mapping[str, str], reach: Reach) -> SmtpServer:
    """Return the mail server that an operator has set. Raises ValueError for a port that is none."""
    tls = values.get("tls", "").lower()
    tls = "" if tls == "none" else tls
    if tls not in PORTS:
        raise ValueError("Encryption is none, starttls or tls.")
    port = int(values.get("port") or PORTS[tls])
    if not 0 < port < 65536:
        raise ValueError("A port is a number from 1 to 65535.")
    return SmtpServer(
        host=values["host"], port=port, user=values.get("user", ""), password=values.get("password", ""), tls=tls,
        sender=values["sender"], allow=reach.allow,
    )  # fmt: skip


def _build(values: Mapping[str, str], reach: Reach) -> EmailTransport:
    return EmailTransport(server_of(values, reach))


KIND = ProviderKind(
    kind="smtp",
    channel=Channel.EMAIL,
    label="Mail server (SMTP)",
    settings=(
        Setting(name="host", label="Host", remedy="A private network must be in TOCSIN_WEBHOOK_ALLOW."),
        Setting(name="port", label="Port", required=False, remedy="Empty: 587 with STARTTLS, 465 with TLS, else 25."),
        Setting(name="tls", label="Encryption", required=False, default="starttls", remedy="starttls, tls or none."),
        Setting(name="user", label="User name", required=False),
        Setting(name="password", label="Password", secret=True, required=False),
        Setting(name="sender", label="Sender", remedy="As people see it, such as Tocsin <tocsin@example.org>."),
    ),
    build=_build,
)
