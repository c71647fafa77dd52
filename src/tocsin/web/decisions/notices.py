"""What stands above a ticket because it waits for somebody's decision."""

from django.urls import reverse

from tocsin.domain.decisions import queries
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.models import Request
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.models import Ticket
from tocsin.web.desk.notices import Button, Notice, SheetLink


def requests_on(ticket: Ticket, user: User) -> list[Notice]:
    """Return a banner for each open request, for those who work on tickets."""
    if not rules.may_work_on_ticket.test(user, ticket):
        return []
    return [_banner(one, user) for one in queries.open_requests(ticket.pk)]


def _banner(asked: Request, user: User) -> Notice:
    size = rights.sized(asked.amount, asked.decision.unit, asked.decision.unit_name)
    what = f"{asked.decision.name}, {size}" if size else asked.decision.name
    names = ", ".join(one.name for one in asked.asked_of.all())
    where = reverse("decision_answer", args=[asked.pk])
    forms: tuple[Button, ...] = ()
    links: tuple[SheetLink, ...] = ()
    if queries.may_answer(asked, user):
        title, text = f"{asked.asked_by.name} asks for your decision: {what}.", "Unanswered it runs out"
        forms = (Button("Approve", where, {"approve": "yes"}, primary=True),)
        links = (SheetLink("Refuse", where),)
    elif asked.asked_by_id == user.pk:
        title, text = f"{what} waits for {names}.", "You are told the answer. The request runs out"
        forms = (Button("Withdraw the request", reverse("decision_withdraw", args=[asked.pk])),)
    else:
        title, text = f"{what} waits for {names}.", f"{asked.asked_by.name} asked. The request runs out"
    told = "\n".join([asked.reason, "", *(f"- {label}: {said}" for label, said in asked.record.items())])
    return Notice(
        css="is-accent", icon="shield", title=title, text=text, at=asked.due_at, body=told, body_title="Why",
        forms=forms, links=links,
    )  # fmt: skip
