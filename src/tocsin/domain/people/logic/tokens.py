"""How secrets that programs carry are kept."""

import hashlib


def digest_of(token: str) -> str:
    """Return the form in which a token is kept. It has 256 random bits, so a plain digest cannot be searched."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
