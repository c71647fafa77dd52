"""What is wrong with how mail is set up: for `tocsin mail check`."""

import importlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tocsin.intake.email import headers, queries
from tocsin.intake.email.configured import letters_leave, terms
from tocsin.intake.email.imap import ERRORS, Fetcher, account_of
from tocsin.intake.email.smtp import address_of
from tocsin.intake.email.trust import unreadable_rules
from tocsin.kernel.errors import TocsinError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps mail from working as it should."""

    what: str
    remedy: str


def problems(now: datetime, *, connect: bool) -> list[Problem]:
    """Return what is wrong. With `connect` the IMAP server is signed in to (nothing is fetched)."""
    return [*_addresses(), *_ways_in(connect), *_rules(), *_health(now)]


def _addresses() -> Iterable[Problem]:
    if not settings.MAIL_ADDRESSES:
        yield Problem(
            f"TOCSIN_MAIL_ADDRESSES is not set: letters come from {terms().desk}, and only that address is taken.",
            "Set it to the desk's address, such as support@example.org.",
        )
    for text in settings.MAIL_ADDRESSES:
        if not headers.address_of(text):
            yield Problem(f"TOCSIN_MAIL_ADDRESSES: {text} is no address.", "Write addresses separated by commas.")
    if not letters_leave():
        yield Problem("There is no mail server: no letter leaves.", "Set TOCSIN_SMTP_HOST, or add one under Providers.")


def _ways_in(connect: bool) -> Iterable[Problem]:
    if not settings.MAIL_LISTEN and not settings.IMAP_URL:
        yield Problem("Neither TOCSIN_MAIL_LISTEN nor TOCSIN_IMAP_URL is set: no mail comes in.", "Set one of them.")
    try:
        if settings.MAIL_LISTEN:
            address_of(settings.MAIL_LISTEN)
        for path in filter(None, (settings.MAIL_TLS_CERT, settings.MAIL_TLS_KEY)):
            if not Path(path).is_file():
                yield Problem(
                    f"{path} cannot be read: STARTTLS is not offered.",
                    "Point TOCSIN_MAIL_TLS_CERT and _KEY at PEM files.",
                )
        if settings.IMAP_URL:
            account = account_of(settings.IMAP_URL, settings.IMAP_PASSWORD)
            if connect:
                Fetcher(account, largest=1, move_to="", stopping=threading.Event()).sign_in()
    except TocsinError as error:
        yield Problem(error.message, next(iter(error.fields.values()), "Correct it."))
    except ERRORS as error:
        yield Problem(
            f"The IMAP server cannot be used: {error}", "Check TOCSIN_IMAP_URL, TOCSIN_IMAP_PASSWORD and the network."
        )


def _rules() -> Iterable[Problem]:
    if settings.MAIL_SENDERS not in {"open", "known_domains", "quarantine"}:
        yield Problem(
            f"TOCSIN_MAIL_SENDERS={settings.MAIL_SENDERS} is unknown: unknown senders are set aside.",
            "Write open, known_domains or quarantine.",
        )
    for rule in unreadable_rules(settings.MAIL_SPAM):
        yield Problem(
            f"The spam rule {rule!r} cannot be read and never matches.",
            "Write it as Header: value, or Header >= number.",
        )
    path = settings.MAIL_SPAM_CHECK
    if path:
        module, _, name = path.partition(":")
        try:
            if not callable(getattr(importlib.import_module(module), name, None)):
                yield Problem(f"TOCSIN_MAIL_SPAM_CHECK={path} is no function.", "Write it as package.module:function.")
        except ImportError as error:
            yield Problem(f"TOCSIN_MAIL_SPAM_CHECK={path} cannot be loaded: {error}", "Install it where Tocsin runs.")


def _health(now: datetime) -> Iterable[Problem]:
    health = queries.health(now)
    if health.oldest_seconds > 120:
        yield Problem(
            f"{health.waiting} mails wait to be taken in, for {health.oldest_seconds / 60:.0f} minutes.",
            "Start `tocsin mail`.",
        )
    for source in health.sources:
        if source.failures:
            yield Problem(
                f"{source.name} has failed {source.failures} times in a row: {source.last_error}",
                "See the log of `tocsin mail`.",
            )
