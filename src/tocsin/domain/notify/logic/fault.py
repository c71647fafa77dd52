"""Whose failure a failed try is. Pure."""

from enum import StrEnum


class Fault(StrEnum):
    """What a failed try says of the provider: whether another one may have the message at once, and whether it rests."""

    MESSAGE = "message"  # about this message or address; another provider would most likely say the same
    PROVIDER = "provider"  # surely not accepted, and the provider's own failure: 5xx, no connection, a broken answer
    CREDENTIALS = "credentials"  # it refuses us: 401, 403, an account that is closed or out of money
    BUSY = "busy"  # surely not accepted: too much at once (429)
    UNSURE = "unsure"  # no word after the request had gone out: it may have been accepted, another try may double it
