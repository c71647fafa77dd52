"""The sign-in audit, and what changes about how somebody signs in."""

from datetime import datetime, timedelta

from django.db import transaction

from tocsin.domain.people.actions.checking import stream_of, tell
from tocsin.domain.people.models import SignIn, User

KEPT = timedelta(days=365)


def record_sign_in(
    *, user: User | None, method: str, address: str, browser: str, now: datetime, second: str = "", refused: str = ""
) -> SignIn:
    """Keep one try for the audit (a SignInMethod; `refused` a Refusal, empty: let in). Older than a year is dropped.

    A network address is personal data and may have to be deleted, so it stands here and not in the journal.
    """
    SignIn.objects.filter(at__lt=now - KEPT).delete()
    return SignIn.objects.create(
        user=user, method=method, second=second, refused=refused, address=address[:64],
        browser=browser.replace("\x00", "")[:200], at=now,
    )  # fmt: skip


@transaction.atomic
def credential_changed(*, user: User, what: str, by: User | None, now: datetime) -> None:
    """Journal that a second factor, passkey or joined identity was added or removed (`what`, in a word or two)."""
    actor = f"person:{by.pk}" if by else f"person:{user.pk}"
    tell(stream_of(user.pk), "person.credential_changed", actor, now, {"what": what})
