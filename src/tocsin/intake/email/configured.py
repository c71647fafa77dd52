"""What the operator has set for mail, read once per use (docs/mail.md lists the variables)."""

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.providers import is_provided
from tocsin.intake.email import headers
from tocsin.intake.email.threading import split_plus


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How mail is taken in and written."""

    addresses: tuple[str, ...]  # of the desk, lower case; the first is what letters come from
    domains: frozenset[str]  # every address of these is the desk's
    notes: str  # address for notes of staff, or ""
    keys: tuple[bytes, ...]  # for signatures; the first signs, all verify
    senders: str
    automatic: str
    authserv: str
    spam: str
    own_lists: frozenset[str]
    cap: int
    flood: int
    plus: bool
    name: str
    answers: str = ""  # mailbox of answers to pages, or ""

    @property
    def desk(self) -> str:
        """The address that letters come from."""
        return self.addresses[0]

    @property
    def domain(self) -> str:
        return self.desk.rpartition("@")[2]

    @property
    def installation(self) -> str:
        """What our own mails are marked with."""
        return mark_of(self.keys[0])

    @property
    def installations(self) -> frozenset[str]:
        """Marks of our own mails, older keys included."""
        return frozenset(mark_of(key) for key in self.keys)

    def is_ours(self, address: str) -> bool:
        """Say whether an address (lower case) is the desk's, with or without something after a plus."""
        bare = split_plus(address)[0]
        known = {*self.addresses, self.notes, self.answers} - {""}
        return bare in known or address in known or bare.rpartition("@")[2] in self.domains

    def is_notes(self, address: str) -> bool:
        return bool(self.notes) and split_plus(address)[0] == self.notes


def terms() -> Terms:
    """Return what is set now. Without TOCSIN_MAIL_ADDRESSES the desk writes from TOCSIN_MAIL_FROM."""
    written = tuple(a for text in settings.MAIL_ADDRESSES if (a := headers.address_of(text)))
    fallback = headers.address_of(settings.MAIL_FROM) or "tocsin@localhost"
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return Terms(
        addresses=written or (fallback,),
        domains=frozenset(settings.MAIL_DOMAINS),
        notes=headers.address_of(settings.MAIL_NOTES),
        keys=tuple(hashlib.sha256(b"tocsin.mail|" + secret.encode()).digest() for secret in secrets),
        senders=settings.MAIL_SENDERS,
        automatic=settings.MAIL_AUTOMATIC,
        authserv=settings.MAIL_AUTHSERV,
        spam=settings.MAIL_SPAM,
        own_lists=frozenset(settings.MAIL_OWN_LISTS),
        cap=settings.MAIL_CAP,
        flood=settings.MAIL_FLOOD,
        plus=settings.MAIL_PLUS,
        name=settings.MAIL_NAME,
        answers=headers.address_of(settings.ANSWER_ADDRESS),
    )


def letters_leave() -> bool:
    """Say whether there is a mail server to hand letters to; without one none is written."""
    return bool(settings.SMTP_HOST) or is_provided(Channel.EMAIL)


def mark_of(key: bytes) -> str:
    return hmac.new(key, b"installation", hashlib.sha256).hexdigest()[:24]
