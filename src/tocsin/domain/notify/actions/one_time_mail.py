"""Mailing a one-time link to a person's own address: the only message that needs no verified contact method.

Whoever asks for a link must come to the stored address; being able to open it is the proof.
"""

from django.db import connection

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.enums import Channel, DeliveryState, PageState, Urgency
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people.enums import LinkPurpose
from tocsin.domain.people.events import LinkMade
from tocsin.domain.people.models import User
from tocsin.kernel.doorbell import OUTBOX, ring

# The link itself is not in here: it is put together when the mail is sent (Outgoing.link), and stands in no row.
_WORDS = {
    LinkPurpose.INVITATION: (
        "You are invited to Tocsin",
        "{name}, an account was made for you. Set a password to begin. The link is good for seven days, once.",
    ),
    LinkPurpose.SIGN_IN: (
        "Your sign-in link",
        "{name}, this link signs you in. It is good for fifteen minutes, once. If you did not ask for it, "
        "leave it alone: nobody gets in without it.",
    ),
    LinkPurpose.PASSWORD: (
        "Set a new password",
        "{name}, this link lets you set a new password. It is good for one hour, once. If you did not ask for "
        "it, leave it alone: your password stays as it is.",
    ),
}


def on_link_made(event: LinkMade) -> None:
    """Put the mail into the outbox, in the transaction that made the link."""
    user = User.objects.get(pk=event.user_id)
    subject, body = _WORDS[LinkPurpose(event.purpose)]
    page = Page.objects.create(
        user=user, purpose="notice", urgency=Urgency.HIGH, subject=subject, body=body.format(name=user.name),
        data={"one_time": str(event.link_id), "one_time_purpose": event.purpose}, state=PageState.ACTIVE,
        created_at=event.at,
    )  # fmt: skip
    Delivery.objects.create(
        page=page, user=user, channel=Channel.EMAIL, address=user.email, state=DeliveryState.PENDING, due_at=event.at
    )
    told = {"page": str(page.pk), "user": str(user.pk), "purpose": "notice", "link": str(event.link_id)}
    record(stream=stream_of(None, user.pk), kind="page.enqueued", actor="engine", at=event.at, data=told)
    ring(connection, OUTBOX, Channel.EMAIL)
