"""The words of verification codes: six digits that stand in no row.

A code is a keyed hash of the random id of its verification (Django's HMAC with SECRET_KEY), so whoever reads the
database, a backup or the journal cannot read it, and a repeated message carries the same code.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

TEST = "test"  # key in a page's data: the id of the method that its person has asked to try
VERIFICATION = "verification"  # key in a page's data: the id of the verification whose code its message carries
PLACE = "[code]"  # stands for the code in a page's subject and body
DIGITS = 6


def code_of(verification: UUID) -> str:
    """Return the code of a verification; the same every time."""
    return _code(verification, settings.SECRET_KEY)


def is_code_of(verification: UUID, given: str) -> bool:
    """Say whether `given` (spaces left out) is the code; compared in constant time, older keys count too."""
    typed = "".join(given.split())
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(typed, _code(verification, key)) for key in keys)


def worded(text: str, data: Mapping[str, Any], *, spoken: bool = False) -> str:
    """Return a page's subject or body as it is sent: with its code in place, if it has one.

    `spoken`: digit by digit, so that no voice reads it as a number.
    """
    if VERIFICATION not in data:
        return text
    code = code_of(UUID(str(data[VERIFICATION])))
    return text.replace(PLACE, ", ".join(code) if spoken else code)


def _code(verification: UUID, key: str) -> str:
    digest = salted_hmac("tocsin.notify.verification", verification.bytes, secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}}"
