"""Replies to page mails: "ack", "decline I am ill", "snooze 30". They act only for whom the mail was sent to.

Two things are checked, always: the signed token in the address the reply was sent to, and that the sender's address is
the one the page went to. What a mail server found out about the sender (Authentication-Results) is for the mail intake
to judge before it comes here; a mail that its own domain disowns does not.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape

from django.conf import settings

from tocsin.domain.escalation import actions
from tocsin.domain.escalation.logic.said import read
from tocsin.domain.escalation.views import Answer
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import links
from tocsin.domain.notify import queries as outbox
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.models import Delivery
from tocsin.intake.email.configured import letters_leave, terms
from tocsin.kernel.errors import NotAllowed, NotFound, TocsinError
from tocsin.kernel.ids import new_id

HOUR = timedelta(hours=1)
HOW = 'Reply with one word at the beginning: "ack", "take", "next", "snooze 30", or "decline" and why.'


def token_in(addresses: Iterable[str]) -> str:
    """Return the first of these addresses that takes answers to a page, "" if none does."""
    return next((address for address in addresses if links.read_reply_address(address) is not None), "")


def take_answer(*, token: str, sender: str, text: str, automatic: bool, now: datetime) -> Answer | None:
    """Take one reply; `token` is the address it was sent to, `text` its author's own words without what is quoted.

    None: an automatic mail, or no address of ours; nothing happens and nobody is written to. Otherwise what it
    did is mailed back, once. Raises NotFound (link_expired) and NotAllowed (another sender than the page's receiver).
    """
    delivery_id = links.read_reply_address(token)
    if automatic or delivery_id is None:
        return None
    delivery = Delivery.objects.select_related("user", "page").filter(pk=delivery_id).first()
    if delivery is None or now >= delivery.page.created_at + links.LIFETIME:
        raise NotFound("link_expired", "This page was sent too long ago to be answered by mail.")
    if delivery.channel != Channel.EMAIL or delivery.address.casefold() != sender.strip().casefold():
        raise NotAllowed("wrong_sender", "This page went to somebody else. Only its receiver may answer it.")
    answer = _answer(delivery, text, now)
    _confirm(delivery, answer, now)
    return answer


def _answer(delivery: Delivery, text: str, now: datetime) -> Answer:
    said, code, everything = read(text)
    try:
        if said is None:
            return Answer(changed=False, status="", message=f"That was not understood. {HOW}", detail={"answered": 0})
        if code or (everything and delivery.bundle is None):
            first_line = text.strip()[:500]
            return actions.answer_text(channel=Channel.EMAIL, address=delivery.address, text=first_line, now=now)
        return actions.answer_delivery(
            delivery_id=delivery.pk, channel=Channel.EMAIL, address=delivery.address, said=said, now=now
        )
    except TocsinError as refused:
        # It was they who wrote, so they are told why it did nothing.
        return Answer(changed=False, status="", message=refused.message, detail={"answered": 0})


def _confirm(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Mail back what the reply did. Marked as automatic, and capped, so that two machines never talk for long."""
    if not letters_leave() or outbox.answers_confirmed(delivery.user_id, since=now - HOUR) >= settings.MAIL_CAP:
        return
    told = terms()
    reference = str(delivery.page.data.get("reference", ""))
    subject = f"Re: {delivery.page.subject}"
    notify.post_letter(
        user_id=delivery.user_id, address=delivery.address, subject=subject, body=answer.message, ticket=delivery.page.ticket,
        due_at=now, now=now,
        data={
            "reference": reference, "from": told.desk, "from_name": told.name, "to_name": delivery.user.name,
            "message_id": f"{new_id()}@{told.domain}", "auto_submitted": "auto-replied",
            "installation": told.installation, "html": _paragraphs(answer.message), "language": delivery.user.language,
            outbox.CONFIRMS: str(delivery.pk),
        },
    )  # fmt: skip


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
