"""What stands above a ticket's ladders because it wants an answer: an offered handover, an approval, a window."""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.views import Ladder
from tocsin.domain.frontline import queries as frontline
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.logic.hops import Hops, needs_arbiter
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.web.languages.composed import composed


@dataclass(frozen=True, slots=True)
class Button:
    """A form of one button."""

    label: str
    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    primary: bool = False


@dataclass(frozen=True, slots=True)
class SheetLink:
    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One banner."""

    css: str
    icon: str
    title: str
    text: str = ""
    at: datetime | None = None
    body: str = ""
    body_title: str = ""
    forms: tuple[Button, ...] = ()
    links: tuple[SheetLink, ...] = ()


def notices_of(ticket: Ticket, ladders: list[Ladder], user: User, now: datetime) -> list[Notice]:
    """Return the banners of a ticket for this person, the most pressing first."""
    found = [_approval(ladder) for ladder in ladders if "approve" in ladder.may]
    found += [_reassigned(ladder) for ladder in ladders if "after_reassign" in ladder.may]
    found += [notice for ladder in ladders if (notice := _offered_back(ladder, user))]
    handover = tickets.open_handover(ticket.pk)
    if handover is not None:
        found.append(_handover(ticket, handover, user, now))
    window = escalation.maintenance_on(ticket, now)
    if window is not None:
        text = f"{window.reason}. Steps of ladders are put off to the end of the window."
        found.append(Notice(css="dashed", icon="wrench", title="Under maintenance.", text=text, at=window.ends_at))
    if needs_arbiter(Hops(ticket.handovers, ticket.ping_pongs).weight):
        found.append(_arbiter(ticket, user))
    return found


def _handover(ticket: Ticket, handover: Handover, user: User, now: datetime) -> Notice:
    answer = reverse("handover_answer", args=[handover.pk])
    to = handover.to_user.name if handover.to_user else handover.to_team.name if handover.to_team else "nobody"
    sender = handover.from_user.name if handover.from_user else "the queue"
    forms: tuple[Button, ...] = ()
    links: tuple[SheetLink, ...] = ()
    mine = handover.to_user_id == user.pk or (handover.to_user_id is None and handover.to_team in people.teams_of(user))
    if handover.expires_at <= now:
        title, text = f"The offer to {to} has run out.", f"{sender} still owns it."
    elif mine:
        title, text = f"{sender} hands this over to you.", "They own it until you accept. The offer runs out"
        forms = (Button("Accept and own it", answer, {"accept": "yes"}, primary=True),)
        links = (SheetLink("Decline", answer),)
    else:
        title, text = f"Offered to {to}.", f"{sender} owns it until they accept. The offer runs out"
        if rules.may_offer_handover.test(user, ticket):
            forms = (Button("Withdraw the offer", reverse("handover_withdraw", args=[handover.pk])),)
    return Notice(
        css="is-accent", icon="hand-over", title=title, text=text,
        at=handover.expires_at if handover.expires_at > now else None,
        body=composed(handover.brief), body_title="Brief", forms=forms, links=links,
    )  # fmt: skip


def _arbiter(ticket: Ticket, user: User) -> Notice:
    """The hop budget is used up: who names the owner, whether they were asked, and for them the way to do it."""
    title, asked = f"Passed on {ticket.handovers} times.", frontline.arbiter_asked_on(ticket.pk)
    proposed = (asked.to_user and f"person:{asked.to_user}") if asked else None
    address = f"{reverse('board_reassign', args=[ticket.number])}?back=ticket" + (f"&to={proposed}" if proposed else "")
    may = rules.may_arbitrate.test(user, ticket) and ticket.status not in ENDED
    links = (SheetLink("Name the owner", address),) if may else ()
    if asked is None:
        text = "The next move needs the escalation manager, who names the owner."
        return Notice(css="is-risk", icon="alert", title=title, text=text, links=links)
    names = people.names_of({str(pk) for pk in (asked.by, asked.to_user, asked.to_team) if pk})
    text = f"{names.get(str(asked.by), 'Somebody')} asked {asked.names} to name the owner."
    if whom := names.get(str(asked.to_user or asked.to_team)):
        text = f"{text} Proposed: {whom}."
    return Notice(
        css="is-risk",
        icon="alert",
        title=title,
        text=text,
        at=asked.at,
        body=composed(asked.word),
        body_title="Brief",
        links=links,
    )


def _approval(ladder: Ladder) -> Notice:
    asked = escalation.approval_of(ladder.run_id)
    names = ", ".join(person.name for person in asked.approvers.all()) if asked else "somebody"
    return Notice(
        css="is-risk", icon="shield", title=f"{ladder.policy_name} waits for approval.",
        text=f"Asked: {names}. Without an answer the policy decides", at=ladder.next_at,
        forms=(Button("Approve", reverse("run_approve", args=[ladder.run_id]), primary=True),),
        links=(SheetLink("Refuse", reverse("run_refuse", args=[ladder.run_id])),),
    )  # fmt: skip


def _reassigned(ladder: Ladder) -> Notice:
    action = reverse("escalation_after_reassign", args=[ladder.escalation_id])
    return Notice(
        css="is-risk", icon="hand-over", title="The ticket changed hands while a ladder climbs.",
        text=f"What shall become of {ladder.policy_name}?",
        forms=(
            Button("Page the new people", action, {"choice": "rebind"}, primary=True),
            Button("Keep as it is", action, {"choice": "keep"}),
            Button("Call it off", action, {"choice": "cancel"}),
        ),
    )  # fmt: skip


def _offered_back(ladder: Ladder, user: User) -> Notice | None:
    if ladder.state != EscalationState.OPEN:
        return None
    offer = escalation.offer_on(ladder.escalation_id)
    if offer is None:
        return None
    answer = reverse("de_escalation_answer", args=[offer.pk])
    mine = offer.acceptor_id == user.pk
    return Notice(
        css="is-accent", icon="down",
        title="Offered back to you." if mine else f"Offered back to {offer.acceptor.name}.",
        text="The ladder stops and you own the ticket once you accept." if mine else "The ladder stands until they accept.",
        body=offer.reason, body_title="Why it can go back",
        forms=(Button("Accept and own it", answer, {"accept": "yes"}, primary=True),) if mine else (),
        links=(SheetLink("Decline", answer),) if mine else (),
    )  # fmt: skip
