"""Named reads of mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from tocsin.domain.people.models import User
from tocsin.intake.email.enums import LetterKind, MailState
from tocsin.intake.email.models import InboundMail, MailSource, SentMail
from tocsin.intake.email.parse import ParsedMail, Unreadable, parse
from tocsin.intake.email.rules import may_handle_mail
from tocsin.kernel.errors import NotFound

THREAD_LENGTH = 20  # ids in References; longer chains are cut in the middle by custom
WITHOUT_RAW = [field.name for field in InboundMail._meta.fields if field.name != "raw"]


def automatic_to(address: str, *, since: datetime) -> int:
    """Return how many automatic mails went to an address (lower case) since then."""
    return SentMail.objects.filter(address=address, automatic=True, at__gt=since).count()


def last_letter(ticket_id: UUID, user_id: UUID, kind: LetterKind) -> SentMail | None:
    """Return the latest letter of this kind to a person about a ticket."""
    return SentMail.objects.filter(ticket=ticket_id, user=user_id, kind=kind).order_by("-at", "-pk").first()


def known_ids(ticket_id: UUID, user: User) -> tuple[list[str], list[str]]:
    """Return In-Reply-To and References of a letter to this person: only ids of mails that they wrote or got."""
    sent = SentMail.objects.filter(ticket=ticket_id, user=user).values_list("at", "mail_id")
    own = InboundMail.objects.filter(ticket=ticket_id, sender=user.email.lower(), state=MailState.TAKEN)
    wrote = own.exclude(message_id="").values_list("received_at", "message_id")
    chain = [mail_id for _, mail_id in sorted([*sent, *wrote])]
    if len(chain) > THREAD_LENGTH:
        chain = [chain[0], *chain[1 - THREAD_LENGTH :]]
    return chain[-1:], chain


def letters_named(mail_ids: Sequence[str]) -> list[SentMail]:
    """Return our letters with these Message-IDs, in the order asked for."""
    found = {
        letter.mail_id: letter for letter in SentMail.objects.select_related("user").filter(mail_id__in=list(mail_ids))
    }
    return [found[mail_id] for mail_id in mail_ids if mail_id in found]


def next_due() -> datetime | None:
    """Return when the earliest mail is to be looked at, or was; None if none waits."""
    return (
        InboundMail.objects.filter(state=MailState.RECEIVED).order_by("due_at").values_list("due_at", flat=True).first()
    )


def mails(user: User, *, state: str = MailState.QUARANTINED, limit: int = 200) -> QuerySet[InboundMail]:
    """Return mails in one state, newest first, without their bytes; nothing for those who may not handle mail."""
    if not may_handle_mail.test(user):
        return InboundMail.objects.none()
    rows = InboundMail.objects.only(*WITHOUT_RAW).select_related("ticket", "dealt_with_by")
    return rows.filter(state=state).order_by("-received_at", "-pk")[:limit]


def counts(user: User) -> dict[str, int]:
    """Return how many mails are in each state, as far as this person may know."""
    found = dict.fromkeys((state.value for state in MailState), 0)
    if may_handle_mail.test(user):
        found |= dict(InboundMail.objects.values_list("state").annotate(Count("pk")))
    return found


def quarantined(user: User) -> QuerySet[InboundMail]:
    """Return the mails that wait for a person to decide, to be counted; none for whom they are not."""
    if not may_handle_mail.test(user):
        return InboundMail.objects.none()
    return InboundMail.objects.filter(state=MailState.QUARANTINED)


def access_mail(user: User, mail_id: UUID) -> InboundMail:
    """Return one mail with its bytes. Raises NotFound if absent or not for this person."""
    found = InboundMail.objects.select_related("ticket", "dealt_with_by").filter(pk=mail_id).first()
    if found is None or not may_handle_mail.test(user):
        raise NotFound("mail_not_found", "There is no such mail, or you may not see it.")
    return found


def read(mail: InboundMail) -> ParsedMail | None:
    """Return what a stored mail says; None if it cannot be read or is not kept any more."""
    try:
        return parse(bytes(mail.raw)) if mail.raw else None
    except Unreadable:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHealth:
    """How mail does: for the settings page and `tocsin mail check`."""

    sources: tuple[MailSource, ...]
    waiting: int
    oldest_seconds: float  # how long the oldest waits beyond its time
    quarantined: int
    refused_lately: int  # within a day
    letters_failed: int  # within a day


def health(now: datetime) -> MailHealth:
    """Return how the ways in and out do."""
    due = next_due()
    day = now - timedelta(days=1)
    return MailHealth(
        sources=tuple(MailSource.objects.order_by("name")),
        waiting=InboundMail.objects.filter(state=MailState.RECEIVED).count(),
        oldest_seconds=max(0.0, (now - due).total_seconds()) if due else 0.0,
        quarantined=InboundMail.objects.filter(state=MailState.QUARANTINED).count(),
        refused_lately=InboundMail.objects.filter(state=MailState.REFUSED, received_at__gt=day).count(),
        letters_failed=SentMail.objects.filter(failed_at__gt=day).count(),
    )
