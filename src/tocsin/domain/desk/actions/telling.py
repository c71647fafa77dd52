"""Who is told of a message: those who are mentioned in it, and those who follow the ticket."""

from collections.abc import Iterable

from django.db.models import Q

from tocsin.domain.desk.actions.keeping import wake
from tocsin.domain.desk.logic.fields import mentions
from tocsin.domain.desk.models import Follower, Snooze
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import MessageAdded
from tocsin.domain.tickets.models import Ticket

SHOWN = 1_500  # characters of the message


def on_message_added(event: MessageAdded) -> None:
    """Tell who is mentioned (they follow from now on) and who follows; a customer's message wakes a sleeping ticket."""
    ticket = Ticket.objects.get(pk=event.ticket_id)
    if event.kind == MessageKind.CUSTOMER and Snooze.objects.filter(ticket=ticket).exists():
        wake(ticket_id=ticket.pk, by=None, now=event.at, why="the customer wrote")
    mentioned = list(_people(mentions(event.body))) if event.kind == MessageKind.NOTE else []
    author = event.actor.removeprefix("person:")
    told = {user.pk: user for user in mentioned if rules.may_see_internals.test(user) and str(user.pk) != author}
    for user in told.values():
        Follower.objects.get_or_create(ticket=ticket, user=user, defaults={"since": event.at})
    followers = {f.user_id: f.user for f in Follower.objects.filter(ticket=ticket).select_related("user")}
    pages = [
        PageRequest(
            user_id=pk, subject=_subject(ticket, pk in told), body=event.body[:SHOWN], urgency="normal", purpose="notice",
            ticket=ticket.pk, data={"reference": ticket.reference},
        )
        for pk, user in followers.items()
        if str(pk) != author and user.is_active and rules.may_see_internals.test(user)
    ]  # fmt: skip
    notify.enqueue(pages=pages, now=event.at)


def _subject(ticket: Ticket, mentioned: bool) -> str:
    words = "You are mentioned on" if mentioned else "News on"
    return f"{words} {ticket.reference}: {ticket.subject}"[:300]


def _people(names: Iterable[str]) -> Iterable[User]:
    """Return the staff that @names mean: an address, what stands before its @, or a name without blanks. Unsure is nobody."""
    for name in names:
        found = User.objects.filter(is_active=True).exclude(role=Role.REQUESTER)
        if "@" in name:
            found = found.filter(email__iexact=name)
        else:
            words = name.replace(".", " ").replace("-", " ").replace("_", " ")
            found = found.filter(
                Q(email__istartswith=f"{name}@") | Q(name__iexact=words) | Q(name__istartswith=f"{words} ")
            )
        people = list(found[:2])
        if len(people) == 1:
            yield people[0]
