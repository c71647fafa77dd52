"""How often something may be tried (SECURITY "Access", OWASP ASVS 6.3).

Counted in the database, so that any number of web processes count together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from tocsin.domain.people.models import Attempt, UsedCode

KEPT = timedelta(days=1)
CODE_LIFE = timedelta(minutes=5)  # longer than any authenticator's code is taken


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within `window`: for one `who` from one network address, from one address at all, for one `who` at all.

    The narrowest counts pairs, so that a stranger cannot lock somebody out from elsewhere.
    """

    pair: int
    address: int
    window: timedelta = timedelta(minutes=15)
    who: int | None = None


LIMITS = {
    "password": Limit(pair=5, address=50),  # refused ones only
    "second_factor": Limit(pair=5, address=50, who=10),  # refused ones only; a code has six digits
    "link": Limit(pair=3, address=20, who=5),  # mails asked for: nobody's mailbox is filled by strangers
    "token": Limit(pair=20, address=20),  # mailed links opened that are none
    "passkey": Limit(pair=20, address=60),
    "text_reply": Limit(pair=20, address=2000, who=20),  # texts that answer a text; each is paid for
    "provider_test": Limit(pair=6, address=30, who=6),
    "portal_ticket": Limit(pair=20, address=200, window=timedelta(hours=1), who=20),
    "portal_message": Limit(pair=60, address=600, window=timedelta(hours=1), who=60),
    "status_subscribe": Limit(pair=3, address=20, window=timedelta(hours=1), who=3),  # mails to whoever was typed in
    "portal_ask": Limit(pair=6, address=60, window=timedelta(hours=1), who=6),
}
FAILURES_A_PERSON = LIMITS["password"].pair
FAILURES_AN_ADDRESS = LIMITS["password"].address


def is_allowed(who: str, address: str, now: datetime, kind: str = "password") -> bool:
    """Say whether another try of `kind` may be made for `who` (an address, an id) from network address `address`."""
    limit, digest = LIMITS[kind], _digest(who)
    recent = Attempt.objects.filter(kind=kind, at__gt=now - limit.window)
    here = recent.filter(address=address[:64])
    if here.count() >= limit.address or here.filter(who=digest).count() >= limit.pair:
        return False
    return limit.who is None or recent.filter(who=digest).count() < limit.who


def failed(who: str, address: str, now: datetime, kind: str = "password") -> None:
    """Note a try that counts, and forget those that no longer do."""
    Attempt.objects.create(kind=kind, who=_digest(who), address=address[:64], at=now)
    Attempt.objects.filter(at__lt=now - KEPT).delete()


def succeeded(who: str, address: str, kind: str = "password") -> None:
    """Forget the failures of somebody who got in."""
    Attempt.objects.filter(kind=kind, address=address[:64], who=_digest(who)).delete()


def spend(kind: str, who: str, address: str, now: datetime) -> bool:
    """Note a try of something whose every try counts, and say whether it was within the limit."""
    if not is_allowed(who, address, now, kind):
        return False
    failed(who, address, now, kind)
    return True


def use_code(who: str, code: str, now: datetime) -> bool:
    """Take a one-time code; False if it was taken before."""
    UsedCode.objects.filter(at__lt=now - CODE_LIFE).delete()
    try:
        with transaction.atomic():
            UsedCode.objects.create(digest=_digest(f"{who} {code}"), at=now)
    except IntegrityError:
        return False
    return True


def _digest(who: str) -> str:
    return salted_hmac("tocsin.people.sign_in", who.strip().lower(), algorithm="sha256").hexdigest()
