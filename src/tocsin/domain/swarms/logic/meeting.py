"""Addresses of calls and chats: whatever a browser opens safely, of no vendor in particular."""

from urllib.parse import urlsplit

LONGEST = 500


class Refused(ValueError):
    """It is no address that we link to; the message says the remedy."""


def meeting_url(text: str) -> str:
    """Return the address without surrounding blanks; "" stays "". Raises Refused.

    Only https with a host and without a user's name or password: the page offers it to everybody as a link.
    """
    given = text.strip()
    if not given:
        return ""
    if len(given) > LONGEST:
        raise Refused(f"At most {LONGEST} characters; this has {len(given)}.")
    if any(ord(letter) <= 32 or letter in '<>"\\^`{|}' or ord(letter) == 127 for letter in given):
        raise Refused("It holds characters that no address has. Copy it again.")
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Refused("This is no web address. Copy it again, from https:// on.") from None
    if parts.scheme.lower() != "https" or not host:
        raise Refused("Give an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise Refused("Leave the name and password out of the address: everybody on the page would see them.")
    return given
