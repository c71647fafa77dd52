"""The company's sign-in (OpenID Connect) as allauth wants it told."""

import hashlib
from typing import Any


def provider_id(issuer: str) -> str:
    """Return the name under which identities of this issuer are kept.

    It is made of the issuer, so that a subject of another issuer is never taken for the same person
    when the setting is pointed elsewhere (SECURITY "Tokens": keyed by issuer and subject).
    """
    return f"oidc-{hashlib.sha256(issuer.encode()).hexdigest()[:24]}"


def oidc_provider(issuer: str, *, name: str, client_id: str, secret: str, scope: str) -> dict[str, Any]:
    """Return allauth's settings of the one provider; none while no issuer is set."""
    if not issuer:
        return {"APPS": []}
    return {
        "APPS": [
            {
                "provider_id": provider_id(issuer),
                "name": name,
                "client_id": client_id,
                "secret": secret,
                "settings": {
                    "server_url": issuer,
                    "issuer": issuer,
                    "oauth_pkce_enabled": True,
                    "scope": scope.split(),
                },
            }
        ]
    }
