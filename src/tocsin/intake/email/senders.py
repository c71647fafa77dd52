"""Who writes: making unknown senders known, as far as the operator lets them in."""

from datetime import datetime

from tocsin.domain.people.actions import create_person
from tocsin.domain.people.models import Organisation, User
from tocsin.intake.email.parse import ParsedMail
from tocsin.intake.email.words import guess_language

# Everybody has an address there: that somebody is known at such a domain says nothing about the next one.
PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.de",
    "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "web.de",
    "t-online.de", "freenet.de", "mail.com", "mail.ru", "yandex.ru", "proton.me", "protonmail.com", "posteo.de",
    "mailbox.org", "zoho.com", "qq.com", "163.com", "126.com", "naver.com", "orange.fr", "free.fr", "wanadoo.fr",
    "laposte.net", "libero.it", "tutanota.com", "tuta.io", "fastmail.com", "hotmail.de", "outlook.de", "live.de",
    "yahoo.co.uk", "btinternet.com", "comcast.net", "wp.pl", "o2.pl",
})  # fmt: skip


def meet(mail: ParsedMail, now: datetime) -> User:
    """Add the sender as a requester, in the organisation of others of the same domain if there is exactly one."""
    sender = mail.senders[0]
    organisation = organisation_of(sender.domain)[1]
    return create_person(
        email=sender.address, name=sender.name or sender.address.partition("@")[0], by=None, now=now, actor="mail",
        organisation=organisation, zone=organisation.zone if organisation else "UTC", language=guess_language(mail.text),
    )  # fmt: skip


def organisation_of(domain: str) -> tuple[bool, Organisation | None]:
    """Say whether people are known at a domain (no public one), and of which organisation if it is one only."""
    if not domain or domain in PUBLIC_DOMAINS:
        return False, None
    known = User.objects.filter(email__iendswith=f"@{domain}", is_active=True).select_related("organisation")
    found = {user.organisation_id: user.organisation for user in known.order_by("pk")[:200]}
    return bool(found), next(iter(found.values())) if len(found) == 1 else None
