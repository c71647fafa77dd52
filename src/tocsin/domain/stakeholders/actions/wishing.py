"""What an author ticked beside a reply comes true when that reply is sent, and not before (it can be taken back)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.actions.promising import keep_promise, make_promise
from tocsin.domain.stakeholders.enums import PromiseSource, PromiseState
from tocsin.domain.stakeholders.models import Promise, Wish
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import MessageAdded
from tocsin.domain.tickets.models import Message

MOST = 20
STALE = timedelta(hours=1)  # a reply waits for seconds; what is older belongs to one that never went out


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise that was offered and ticked."""

    what: str
    due_at: datetime
    said: str
    zone: str


@transaction.atomic
def keep_wishes(
    *, ticket_id: UUID, body: str, makes: Sequence[Promised], keeps: Sequence[UUID], by: User, now: datetime
) -> None:
    """Remember what `by` ticked beside the reply of these words; what they ticked beside an earlier one is forgotten."""
    Wish.objects.filter(ticket_id=ticket_id, author=by).delete()
    open_here = Promise.objects.filter(ticket_id=ticket_id, pk__in=list(keeps)[:MOST], state=PromiseState.OPEN)
    digest = digest_of(body)
    wishes = [
        Wish(
            ticket_id=ticket_id, author=by, digest=digest, what=one.what[:300], said=one.said[:120], zone=one.zone[:64],
            due_at=one.due_at, made_at=now,
        )
        for one in list(makes)[:MOST]
    ]  # fmt: skip
    wishes += [
        Wish(ticket_id=ticket_id, author=by, digest=digest, keeps=one, made_at=now) for one in open_here
    ]  # fmt: skip
    Wish.objects.bulk_create(wishes)


def on_message_added(event: MessageAdded) -> None:
    """Make and keep what was ticked beside this very reply. A time that has passed meanwhile makes nothing."""
    if event.kind != MessageKind.REPLY or not event.actor.startswith("person:"):
        return
    wishes = list(
        Wish.objects.filter(
            ticket_id=event.ticket_id, author_id=UUID(event.actor.removeprefix("person:"))
        ).select_related("author", "keeps")
    )
    if not wishes:
        return
    digest = digest_of(event.body)
    message = Message.objects.get(pk=event.message_id)
    for wish in wishes:
        if wish.digest == digest and event.at - wish.made_at <= STALE:
            _come_true(wish, message, event.at)
    Wish.objects.filter(pk__in=[wish.pk for wish in wishes]).delete()


def _come_true(wish: Wish, message: Message, now: datetime) -> None:
    if wish.keeps_id is not None:
        if wish.keeps is None or wish.keeps.state not in (PromiseState.OPEN, PromiseState.BROKEN):
            return  # ended meanwhile: no reason to hold the reply back
        keep_promise(promise_id=wish.keeps_id, by=wish.author, now=now)
    elif wish.due_at is not None and wish.due_at > now:
        make_promise(
            ticket_id=wish.ticket_id, what=wish.what, due_at=wish.due_at, by=wish.author, now=now, said=wish.said,
            zone=wish.zone, message=message, source=PromiseSource.COMPOSER,
        )  # fmt: skip


def digest_of(body: str) -> str:
    """Return what names a reply by its words, however its line ends are written."""
    words = body.replace("\x00", "").replace("\r\n", "\n").strip()
    return hashlib.sha256(words.encode()).hexdigest()
