"""Which numbers this installation texts and calls: the operator's settings applied (SECURITY "Reaching out")."""

from django.conf import settings

from tocsin.domain.notify.enums import PHONES, Channel
from tocsin.domain.notify.logic.phone import NotAllowedNumber, Phone, checked_phone
from tocsin.kernel.errors import InvalidInput


def phone_of(channel: str, text: str) -> Phone:
    """Return the number as it is stored and dialled (E.164). Raises InvalidInput with the remedy."""
    try:
        return checked_phone(text, settings.PHONE_COUNTRIES, texted=channel == Channel.SMS)
    except NotAllowedNumber as refused:
        raise InvalidInput("bad_number", refused.message, {"address": refused.message}) from None


def why_not(channel: str, address: str) -> str:
    """Return why nothing may be sent to `address`, or "": checked again before every send, as settings change."""
    if channel not in PHONES:
        return ""
    try:
        phone_of(channel, address)
    except InvalidInput as refused:
        return refused.message
    return ""
