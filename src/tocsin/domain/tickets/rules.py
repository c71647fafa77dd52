"""Who may see and do what on a ticket. What somebody may not see does not exist for them (SECURITY 14)."""

from collections.abc import Callable

from rules.predicates import Predicate

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_staff,
    is_stakeholder,
    leads_team,
    sees_organisation,
)
from tocsin.domain.tickets.models import Ticket


def _requested(user: User, ticket: Ticket) -> bool:
    return user.is_active and ticket.requester_id == user.pk


def _owns(user: User, ticket: Ticket) -> bool:
    return user.is_active and ticket.owner_id == user.pk


def _unowned(_user: User, ticket: Ticket) -> bool:
    return ticket.owner_id is None


def _of_the_house(user: User, ticket: Ticket) -> bool:
    # A stakeholder of the house belongs to no organisation and may look everywhere; one who
    # belongs to an organisation is a customer's executive and sees that organisation only.
    return user.organisation_id is None or user.organisation_id == ticket.organisation_id


def _leads_its_team(user: User, ticket: Ticket) -> bool:
    return bool(leads_team.test(user, ticket.team))


def _manages_its_escalations(user: User, ticket: Ticket) -> bool:
    return user.is_active and ticket.team is not None and ticket.team.escalation_manager_id == user.pk


def _without_organisation(user: User) -> bool:
    return user.organisation_id is None


def _of_own_organisation(user: User, ticket: Ticket) -> bool:
    return user.organisation_id is not None and user.organisation_id == ticket.organisation_id


is_requester_of = Predicate(_requested, name="is_requester_of")
is_owner_of = Predicate(_owns, name="is_owner_of")
is_unowned = Predicate(_unowned, name="is_unowned")
leads_its_team = Predicate(_leads_its_team, name="leads_its_team")
is_of_the_house_or_its_customer = Predicate(_of_the_house, name="is_of_the_house_or_its_customer")
belongs_to_no_customer = Predicate(_without_organisation, name="belongs_to_no_customer")
# A colleague of the requester, where the customer shares its tickets among its people.
shares_it = sees_organisation & Predicate(_of_own_organisation, name="is_of_own_organisation")

may_see_ticket = is_staff | is_requester_of | shares_it | (is_stakeholder & is_of_the_house_or_its_customer)
# Notes and machine events are for those who work on tickets, and stakeholders of the house.
may_see_internals = is_staff | (is_stakeholder & belongs_to_no_customer)
may_work_on_ticket = is_staff
may_direct = is_lead | is_escalation_manager | is_administrator | leads_its_team
# An agent may route what nobody owns. What somebody owns moves by an accepted handover, by its
# owner's lead, or by an arbiter (SEMANTICS 6).
may_assign = may_direct | (is_staff & is_unowned)
may_offer_handover = may_direct | (is_staff & (is_owner_of | is_unowned))
may_arbitrate = (
    is_escalation_manager | is_administrator | Predicate(_manages_its_escalations, name="manages_its_escalations")
)
may_reply = is_staff
may_write_as_customer = is_requester_of | shares_it | is_staff
may_ask_for_escalation = is_requester_of | shares_it | is_staff
may_rate = is_requester_of
may_reopen = is_staff | is_requester_of
may_close = is_staff | is_requester_of
may_set_priority_matrix = is_administrator


def asked_of_many(rule: Predicate, ticket: Ticket | None) -> Callable[[User], bool]:
    """Return `rule` (of seeing) for thousands of people: it is asked once for each kind of person.

    A kind is everything that may_see_ticket and may_see_internals read of somebody.
    """
    requester = ticket.requester_id if ticket is not None else None
    answers: dict[tuple[object, ...], bool] = {}

    def answer(user: User) -> bool:
        kind = (user.is_active, user.role, user.organisation_id, user.sees_organisation, user.pk == requester)
        if kind not in answers:
            answers[kind] = bool(rule.test(user, ticket))
        return answers[kind]

    return answer
