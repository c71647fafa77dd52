"""A small identity provider on loopback, and the mails that were put into the outbox."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings

from tocsin.config.oidc import oidc_provider
from tocsin.domain.notify.models import Delivery
from tocsin.domain.people.models import OneTimeLink
from tocsin.domain.people.one_time import token_of

BASE_URL = "http://tocsin.example"


@dataclass
class Provider:
    """What the provider says. Tests change `claims` to tell lies, and `issuer_said` to speak for somebody else."""

    issuer: str
    key: rsa.RSAPrivateKey
    claims: dict[str, Any] = field(default_factory=dict)
    issuer_said: str = ""
    signer: rsa.RSAPrivateKey | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def token(self) -> str:
        import time  # noqa: PLC0415 - only the provider has a wall clock

        now = int(time.time())
        told = {"iss": self.issuer_said or self.issuer, "aud": "tocsin", "iat": now, "exp": now + 60, **self.claims}
        return jwt.encode(told, self.signer or self.key, algorithm="RS256", headers={"kid": "one"})


def _handler(provider_of: Callable[[], Provider]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            provider = provider_of()
            at = provider.issuer
            if self.path.endswith("openid-configuration"):
                self._answer(
                    {
                        "issuer": provider.issuer_said or at, "authorization_endpoint": f"{at}/authorize",
                        "token_endpoint": f"{at}/token", "jwks_uri": f"{at}/keys", "userinfo_endpoint": f"{at}/me",
                        "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    }
                )  # fmt: skip
            elif self.path == "/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(provider.key.public_key()))
                self._answer({"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]})
            else:
                self._answer(provider.userinfo)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            provider = provider_of()
            provider.asked.append({k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()})
            self._answer({"access_token": "a", "token_type": "Bearer", "id_token": provider.token()})

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="session")
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def provider(_key: rsa.RSAPrivateKey, settings: LazySettings) -> Iterator[Provider]:
    """A provider that knows one person, and Tocsin set up for it."""
    known: list[Provider] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: known[0]))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    issuer = f"http://127.0.0.1:{server.server_port}"
    known.append(
        Provider(issuer, _key, {"sub": "u-1", "email": "agent@desk.example", "email_verified": True, "name": "Agent"})
    )
    settings.BASE_URL = BASE_URL
    settings.OIDC_ISSUER = issuer
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": oidc_provider(issuer, name="Acme ID", client_id="tocsin", secret="s", scope="openid email")
    }
    yield known[0]
    server.shutdown()
    server.server_close()


def where_to(html: str) -> dict[str, str]:
    """Return the parameters of the address that the page of going sends the browser to."""
    address = html.split("0;url=", maxsplit=1)[1].split(chr(34), maxsplit=1)[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def mailed() -> Callable[[str], str]:
    """Return the path of the newest link that was mailed to an address."""

    def path(address: str) -> str:
        delivery = Delivery.objects.filter(address=address).latest("due_at")
        link = OneTimeLink.objects.get(pk=delivery.page.data["one_time"])
        return f"/enter/{link.purpose}/{token_of(link.pk, link.purpose)}"

    return path
