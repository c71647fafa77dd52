"""What Pushover posts when somebody acknowledges an emergency on their phone.

Pushover signs nothing: the address it was given holds a token of ours, which nobody else has seen.
Source: pushover.net/api/receipts, "Callbacks". It calls again for a while if it is not answered with 200.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RECEIPT = re.compile(r"[A-Za-z0-9]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`receipt` is what Pushover called the emergency when it took it: the delivery's provider_id."""

    receipt: str
    device: str


def acknowledged(form: Mapping[str, str]) -> Acknowledged | None:
    """Return what was acknowledged; None for anything else, such as an emergency that has expired."""
    receipt = str(form.get("receipt", ""))
    if str(form.get("acknowledged", "")) != "1" or not _RECEIPT.match(receipt):
        return None
    return Acknowledged(receipt, str(form.get("acknowledged_by_device", "")).replace("\x00", "")[:60])
