"""How often somebody may be wrong when signing in (SECURITY "Access", OWASP ASVS 6.3).

Counted in the database, so that any number of web processes count together.
"""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from tocsin.domain.people.models import SignInFailure

WINDOW = timedelta(minutes=15)
FAILURES_A_PERSON = 5  # from one network address, within WINDOW
FAILURES_AN_ADDRESS = 50  # whoever was tried
KEPT = timedelta(days=1)


def is_allowed(email: str, address: str, now: datetime) -> bool:
    """Say whether another try may be made for `email` from network address `address`.

    The limit counts pairs, so that a stranger cannot lock somebody out from elsewhere.
    """
    recent = SignInFailure.objects.filter(address=address[:64], at__gt=now - WINDOW)
    if recent.count() >= FAILURES_AN_ADDRESS:
        return False
    return recent.filter(who=_who(email)).count() < FAILURES_A_PERSON


def failed(email: str, address: str, now: datetime) -> None:
    """Note a refused try, and forget those that no longer count."""
    SignInFailure.objects.create(who=_who(email), address=address[:64], at=now)
    SignInFailure.objects.filter(at__lt=now - KEPT).delete()


def succeeded(email: str, address: str) -> None:
    """Forget the failures of somebody who got in."""
    SignInFailure.objects.filter(address=address[:64], who=_who(email)).delete()


def _who(email: str) -> str:
    return salted_hmac("tocsin.people.sign_in", email.strip().lower(), algorithm="sha256").hexdigest()
