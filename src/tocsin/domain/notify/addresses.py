"""Addresses as they are stored: secret ones encrypted, and named everywhere else by a mark that gives nothing away."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from tocsin.domain.notify.enums import PHONES, Channel
from tocsin.domain.notify.logic import addresses as pure
from tocsin.domain.notify.logic.addresses import BadAddress
from tocsin.domain.notify.phones import phone_of
from tocsin.domain.notify.sealing import Unsealable, seal, unseal
from tocsin.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Stored:
    """`address` is what deliveries, journal and pages show; the address itself, or its mark where it is a secret."""

    address: str
    sealed: str = field(default="", repr=False)  # the address itself, encrypted; "" where it is no secret


def stored(channel: str, text: str) -> Stored:
    """Return the address that a person gave as it is stored. Raises InvalidInput with the remedy."""
    if channel not in Channel.values:
        raise InvalidInput("unknown_channel", f"Choose a channel: {', '.join(Channel.values)}.", {"channel": "unknown"})
    if channel in PHONES:
        return Stored(phone_of(channel, text).number)
    if channel == Channel.EMAIL:
        return Stored(_email(text))
    try:
        address = pure.checked(channel, text)
    except BadAddress as refused:
        raise InvalidInput("bad_address", refused.message, {"address": refused.message}) from None
    if channel not in pure.SECRET:
        return Stored(address)
    return Stored(_mark(channel, address), seal({"address": address}))


def opened(address: str, sealed: str) -> str | None:
    """Return the address that a message goes to; None where no key opens it any more."""
    try:
        return unseal(sealed).get("address", address)
    except Unsealable:
        return None


def _email(text: str) -> str:
    try:
        validate_email(text.strip())
    except ValidationError:
        message = "Write an e-mail address like ana@example.org."
        raise InvalidInput("bad_address", message, {"address": message}) from None
    return text.strip()


def _mark(channel: str, address: str) -> str:
    # The digest tells two addresses of one person apart and is the same for the same address; keyed, so that nobody
    # can try out addresses against it.
    digest = salted_hmac("tocsin.notify.address", f"{channel}:{address}", algorithm="sha256").hexdigest()
    return f"{pure.shown(channel, address)} #{digest[:8]}"
