"""Web push as a provider: one pair of keys for the installation."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives import serialization
from py_vapid import Vapid02

from tocsin.channels.web_push.transport import WebPushTransport
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import ProviderKind, Reach, Setting


def _build(values: Mapping[str, str], reach: Reach) -> WebPushTransport:
    return WebPushTransport(values["private_key"], values["subject"], reach)


def new_key() -> str:
    """Return a new private key as it is entered: 43 characters of URL-safe base64."""
    vapid = Vapid02()
    vapid.generate_keys()
    number: int = vapid.private_key.private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def public_key(private_key: str) -> str:
    """Return the public half as browsers want it: 87 characters of URL-safe base64."""
    public = Vapid02.from_raw(private_key.strip().encode()).public_key
    raw = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(raw).decode().rstrip("=")


KIND = ProviderKind(
    kind="web_push",
    channel=Channel.WEB_PUSH,
    label="Browser push",
    settings=(
        Setting(
            name="private_key", label="Private key", secret=True,
            remedy="Run `tocsin provider push-key` and enter what it prints. Browsers that are on must be turned on again "
            "after a change.",
        ),
        Setting(
            name="subject", label="Contact", remedy="An e-mail address at which makers of browsers reach you, such as "
            "ops@example.org.",
        ),
    ),
    build=_build,
)  # fmt: skip
