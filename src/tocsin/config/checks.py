"""What is wrong with an installation: each check returns findings, and an empty list when all is well.

Those of the environment run without a database, so that they speak even when the database is what is wrong.
"""

import os
import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from tocsin.kernel.errors import TocsinError

ERROR, WARNING = "error", "warning"
LOCAL = {"localhost", "127.0.0.1", "::1"}
KNOWN_SECRETS = {"changeme", "secret", "password", "tocsin", "insecure", "default", "admin", "postgres", "test"}
SHORTEST_SECRET = 32
SMTP_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `severity` is error (Tocsin must not be relied on so) or warning."""

    code: str
    severity: str
    message: str
    remedy: str


def environment_findings() -> list[Finding]:
    """Check what the environment says: secrets, base URL, debugging."""
    return [*_secrets(), *_base_url(), *_debugging()]


def _secrets() -> Iterable[Finding]:
    for name, needed in (("TOCSIN_SECRET_KEY", True), ("TOCSIN_WEBHOOK_SECRET", False)):
        value = os.environ.get(name, "")
        if value and (len(value) < SHORTEST_SECRET or any(known in value.lower() for known in KNOWN_SECRETS)):
            yield Finding(
                "default_secret",
                ERROR,
                f"{name} is a well-known or short value: whoever guesses it can sign in as anybody.",
                f"Set {name} to {SHORTEST_SECRET} or more random characters (openssl rand -base64 48).",
            )
        elif not value and needed:
            yield Finding(
                "secret_on_disk",
                WARNING,
                f"{name} is not set; a random key in the state directory is used.",
                f"Set {name} before a second machine runs Tocsin, and keep it with your other secrets.",
            )
    parts = urlsplit(os.environ.get("DATABASE_URL", ""))
    password = unquote(parts.password or "")
    if parts.hostname and parts.hostname not in LOCAL and password.lower() in KNOWN_SECRETS | {""}:
        yield Finding(
            "default_database_password",
            ERROR,
            f"The database on {parts.hostname} is reached with no password or a well-known one.",
            "Give Tocsin's database role a random password and put it into DATABASE_URL.",
        )


def _base_url() -> Iterable[Finding]:
    url = os.environ.get("TOCSIN_BASE_URL", "")
    parts = urlsplit(url)
    if not url:
        yield Finding(
            "no_base_url",
            ERROR,
            "TOCSIN_BASE_URL is not set: links in pages and mails lead nowhere.",
            "Set it to the address at which people reach Tocsin, such as https://tocsin.example.org.",
        )
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding(
            "bad_base_url",
            ERROR,
            f"TOCSIN_BASE_URL={url} is not an http or https address.",
            "Write it as https://tocsin.example.org.",
        )
        return
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        yield Finding(
            "plain_http",
            WARNING,
            f"TOCSIN_BASE_URL={url} is not encrypted: passwords and sessions can be read on the way.",
            "Put a TLS proxy in front and use https.",
        )
    allowed = os.environ.get("TOCSIN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if not any(_matches(parts.hostname, host.strip().strip("[]")) for host in allowed):
        yield Finding(
            "host_not_allowed",
            ERROR,
            f"TOCSIN_ALLOWED_HOSTS does not contain {parts.hostname}: every page is refused there.",
            f"Add {parts.hostname} to TOCSIN_ALLOWED_HOSTS.",
        )


def _matches(host: str, pattern: str) -> bool:
    return pattern in {"*", host} or (pattern.startswith(".") and (host == pattern[1:] or host.endswith(pattern)))


def _debugging() -> Iterable[Finding]:
    if os.environ.get("TOCSIN_DEBUG", "") == "1":
        yield Finding(
            "debug",
            ERROR,
            "TOCSIN_DEBUG=1 shows settings and data to whoever causes an error.",
            "Unset TOCSIN_DEBUG.",
        )
    if os.environ.get("TOCSIN_DEMO", "") == "1":
        yield Finding(
            "demo_mode",
            WARNING,
            "TOCSIN_DEMO=1: mails can be read in the built-in viewer.",
            "Unset TOCSIN_DEMO for real use, and take the demo data out with `tocsin demo --remove`.",
        )


def smtp_findings(host: str, port: int, user: str, password: str, tls: str, sender: str) -> list[Finding]:
    """Check that the mail server answers, encrypts and accepts us as configured. Nothing is sent."""
    if not host:
        return [
            Finding(
                "no_smtp",
                ERROR,
                "TOCSIN_SMTP_HOST is not set: nobody can be paged by e-mail.",
                "Set TOCSIN_SMTP_HOST (and TOCSIN_SMTP_PORT, _USER, _PASSWORD, _TLS) to your mail server.",
            )
        ]
    findings = []
    try:
        with _smtp(host, port, tls) as session:
            if user:
                session.login(user, password)
            session.noop()
    except (OSError, smtplib.SMTPException) as error:
        findings.append(
            Finding(
                "dead_smtp",
                ERROR,
                f"The mail server {host}:{port} does not serve us: {error}",
                "Check TOCSIN_SMTP_HOST, TOCSIN_SMTP_PORT, TOCSIN_SMTP_USER, TOCSIN_SMTP_PASSWORD and TOCSIN_SMTP_TLS "
                "(empty, starttls or tls), and the firewall between.",
            )
        )
    domain = parseaddr(sender)[1].rpartition("@")[2]
    if domain in {"", "localhost"} and host not in LOCAL:
        findings.append(
            Finding(
                "mail_from",
                WARNING,
                f"Pages are sent from “{sender}”, which other mail servers refuse or hide as spam.",
                "Set TOCSIN_MAIL_FROM to an address of your own domain.",
            )
        )
    return findings


def _smtp(host: str, port: int, tls: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
    session = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    if tls == "starttls":
        session.starttls(context=context)
    return session


def database_finding(error: TocsinError) -> Finding:
    """Turn the refusal of the database into a finding."""
    return Finding(
        "database_unavailable", ERROR, error.message, "Nothing else could be checked; start with the database."
    )
