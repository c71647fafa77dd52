"""The front line stays in the loop: whoever escalated follows, and what the expert did comes back to them."""

from uuid import UUID

from tocsin.domain.decisions.logic.lessons import Said, lesson
from tocsin.domain.decisions.models import Lesson
from tocsin.domain.desk import actions as desk
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import EscalationEnded, EscalationStarted
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.knowledge.models import Tick
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message

LESSON = "lesson"  # how a note says that it is what came back
HANDED_BACK = (EscalationState.RESOLVED, EscalationState.DE_ESCALATED)


def on_escalation_started(event: EscalationStarted) -> None:
    """Whoever escalated by hand follows the ticket from now on."""
    escalation = Escalation.objects.get(pk=event.escalation_id)
    opener = _opener(escalation)
    if opener is not None:
        desk.follow(ticket_id=event.ticket_id, by=opener, now=event.at)


def on_escalation_ended(event: EscalationEnded) -> None:
    """Hand back what the expert did: a note on the ticket, and a notice to whoever escalated.

    Nothing comes back where nobody else did anything, or the ladder was called off.
    """
    if event.state not in HANDED_BACK:
        return
    escalation = Escalation.objects.select_related("ticket", "run").get(pk=event.escalation_id)
    opener = _opener(escalation)
    if opener is None:
        return
    body = _told(escalation, opener)
    if not body:
        return
    ticket = escalation.ticket
    note = tickets.remark(ticket_id=ticket.pk, body=body, now=event.at, via=LESSON)
    Lesson.objects.create(escalation=escalation, to=opener, message=note, at=event.at)
    notice = PageRequest(
        user_id=opener.pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL,
        subject=f"What the expert did on {ticket.reference}: {ticket.subject}"[:300],
        body=f"{body}\n\nOn the ticket one press makes it an article.",
        data={"reference": ticket.reference, "number": ticket.number},
    )  # fmt: skip
    notify.enqueue(pages=[notice], now=event.at)


def _told(escalation: Escalation, opener: User) -> str:
    """Return the note's words from what others wrote and tried since the escalation began."""
    since = {"ticket": escalation.ticket_id, "at__gte": escalation.opened_at}
    kinds = (MessageKind.REPLY, MessageKind.NOTE)
    written = Message.objects.filter(**since, kind__in=kinds, author__isnull=False).exclude(author=opener)
    said = [Said(one.author.name, one.body) for one in written.select_related("author").order_by("at") if one.author]
    ticks = Tick.objects.filter(**since).exclude(by=opener).select_related("by", "article").order_by("at")
    tried = [Said(one.by.name, f"{one.text}: {one.get_result_display().lower()}") for one in ticks]
    acknowledger = escalation.run.state.get("acknowledger") or ""
    names = [one.author for one in [*said, *tried]]
    if acknowledger and acknowledger != str(opener.pk):
        names += User.objects.filter(pk=UUID(acknowledger)).values_list("name", flat=True)
    return lesson(outcome=escalation.outcome, experts=list(dict.fromkeys(names)), said=said, tried=tried)


def _opener(escalation: Escalation) -> User | None:
    """Return the person of the house who escalated by hand; a trigger's escalation has none."""
    kind, _, pk = escalation.opened_by.partition(":")
    if kind != "person" or escalation.trigger:
        return None
    found = User.objects.filter(pk=UUID(pk), is_active=True).first()
    return found if found is not None and is_staff.test(found) else None
