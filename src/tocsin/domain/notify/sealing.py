"""Credentials at rest: encrypted with keys that stand outside the database, and struck out of what providers answer.

The first key of TOCSIN_CREDENTIAL_KEYS encrypts; all of them decrypt. Keys derived from SECRET_KEY and its fallbacks
(HKDF) come after them: they encrypt only while no key is set, and keep what they have encrypted readable.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from tocsin.kernel.errors import Unavailable

HIDDEN = "[hidden]"
SHORTEST_HIDDEN = 4  # shorter values occur by chance in any answer


class Unsealable(Exception):
    """No key opens it: the key that sealed it is gone, or it was altered."""


def seal(values: Mapping[str, str]) -> str:
    """Return `values` encrypted with the first key. Raises Unavailable where a configured key is none."""
    return _ring().encrypt(json.dumps(dict(values), sort_keys=True).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Return what was sealed; {} for "". Raises Unsealable."""
    if not sealed:
        return {}
    try:
        opened = json.loads(_ring().decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        raise Unsealable from None
    return {str(name): str(value) for name, value in opened.items()}


def reseal(sealed: str) -> str:
    """Return the same content encrypted with the first key. Raises Unsealable."""
    try:
        return _ring().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unsealable from None


def bad_keys() -> list[int]:
    """Return the places (1, 2, ...) of configured keys that are not Fernet keys; for `tocsin check`."""
    return [place for place, key in enumerate(settings.CREDENTIAL_KEYS, 1) if _fernet(key) is None]


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without any of `secrets`, also where they stand quoted for addresses or as base64."""
    for secret in sorted({s for s in secrets if len(s) >= SHORTEST_HIDDEN}, key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], *_as_base64(secret)):
            text = text.replace(form, HIDDEN)
    return text


def _as_base64(secret: str) -> Iterable[str]:
    """Return what of `secret` is certain to occur wherever it stands within something that was base64-encoded."""
    data = secret.encode()
    if len(data) < 6:
        return
    for shift in range(3):
        whole = data[shift:][: (len(data) - shift) // 3 * 3]
        if len(whole) >= 6:
            yield base64.b64encode(whole).decode()


def _ring() -> MultiFernet:
    given = [_fernet(key) for key in settings.CREDENTIAL_KEYS]
    if None in given:
        place = given.index(None) + 1
        raise Unavailable(
            "bad_credential_key",
            f"Key {place} of TOCSIN_CREDENTIAL_KEYS is not a Fernet key (32 bytes in URL-safe base64). Make one with "
            "`tocsin provider new-key`.",
        )
    derived = [_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([key for key in given if key is not None] + derived)


def _fernet(key: str) -> Fernet | None:
    try:
        return Fernet(key)
    except ValueError:
        return None


def _derived(secret_key: str) -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tocsin.notify.credentials")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(secret_key.encode())))
