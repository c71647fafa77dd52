"""Finding single tickets and the small facts that acts on them need."""

from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User
from tocsin.domain.people.rules import is_staff, is_stakeholder, sees_organisation
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

# What a page shows of a ticket without asking again.
SHOWN = ("organisation", "requester", "service", "team", "owner")


def visible_to(user: User) -> QuerySet[Ticket]:
    """Return the tickets that `rules.may_see_ticket` lets this person see, as one condition in SQL; no drills.

    The rule itself judges single tickets; a test holds the two against each other for every role.
    """
    tickets = Ticket.objects.filter(is_drill=False)
    if is_staff.test(user):
        return tickets
    if not user.is_active:
        return tickets.none()
    own = Q(requester=user)
    if is_stakeholder.test(user):
        own |= Q() if user.organisation_id is None else Q(organisation=user.organisation_id)
        return tickets if user.organisation_id is None else tickets.filter(own)
    return of_customer(user)


def of_customer(user: User) -> QuerySet[Ticket]:
    """Return what a person sees as a customer: own requests, and the organisation's where it shares them.

    The portal shows this to everybody: whoever works here sees their own requests there, not everybody's.
    """
    own = Q(requester=user)
    if sees_organisation.test(user):
        own |= Q(organisation=user.organisation_id)
    return Ticket.objects.filter(own) if user.is_active else Ticket.objects.none()


def access_as_customer(user: User, number: int) -> Ticket:
    """Return a ticket as its customer sees it. Raises NotFound if it is none of theirs."""
    ticket = of_customer(user).select_related(*SHOWN).filter(number=number).first()
    if ticket is None:
        raise NotFound("ticket_not_found", f"There is no request T-{number}, or you may not see it.")
    return ticket


def access_ticket(user: User, number: int) -> Ticket:
    """Return the ticket with what a page shows of it. Raises NotFound if absent or invisible to this person."""
    ticket = Ticket.objects.select_related(*SHOWN).filter(number=number).first()
    if ticket is None or not rules.may_see_ticket.test(user, ticket):
        raise NotFound("ticket_not_found", f"There is no ticket T-{number}, or you may not see it.")
    return ticket


def ticket_of(ticket_id: UUID) -> Ticket:
    """Return one ticket with its people, unlocked, for machines. Raises NotFound."""
    ticket = Ticket.objects.select_related(*SHOWN).filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("ticket_not_found", "There is no such ticket.")
    return ticket


def priority_cells() -> dict[tuple[int, int], int]:
    """Return the organisation's own cells of the matrix: (impact, urgency) -> priority."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT impact, urgency, priority FROM tickets_prioritycell")
        return {(impact, urgency): priority for impact, urgency, priority in cursor.fetchall()}


def home_team(user: User, current: Team | None) -> Team | None:
    """Return the team in which this person works on a ticket of `current`.

    It stays where it is if they are in that team, or in none, or in several (nobody can know which).
    """
    teams = list(user.teams.all()[:50])
    if len(teams) != 1 or (current is not None and current in teams):
        return current
    return teams[0]


def people_who_may_own() -> QuerySet[User]:
    """Return the active people who work on tickets, by name: for pickers."""
    outside = (Role.REQUESTER, Role.STAKEHOLDER)
    return User.objects.filter(is_active=True).exclude(role__in=outside).order_by("name")
