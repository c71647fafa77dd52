"""From words in a request to the things they name, as far as the caller may name them."""

from contextlib import suppress
from uuid import UUID

from tocsin.api.auth import Caller
from tocsin.domain.decisions import queries as decisions
from tocsin.domain.decisions.models import Decision
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.people.rules import is_staff, may_see_people
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound


def person_of(caller: Caller, field: str, word: str | None) -> User | None:
    """Return the person with this id or address. Whoever may not see people can name only themselves.

    Raises InvalidInput for nobody, NotAllowed: who there is, is no customer's business.
    """
    if word is None:
        return None
    user = caller.user
    if word in (str(user.pk), user.email) or word.strip().lower() == user.email.lower():
        return user
    if not may_see_people.test(user):
        problem = "You can name nobody but yourself here."
        raise NotAllowed("not_allowed", problem, {field: problem})
    found = people.find_person(word) if "@" in word else _by_id(word)
    if found is None:
        problem = "Nobody has this id or address. GET /people lists those there are."
        raise InvalidInput("person_not_found", problem, {field: problem})
    return found


def _by_id(word: str) -> User | None:
    try:
        return people.person(UUID(word))
    except (ValueError, NotFound):
        return None


def team_of(field: str, slug: str | None) -> Team | None:
    if slug is None:
        return None
    try:
        return people.team_by_slug(slug)
    except NotFound as error:
        raise InvalidInput(error.code, error.message, {field: error.message}) from None


def service_of(caller: Caller, slug: str | None) -> Service | None:
    """Return a service; customers name those only that are offered to them."""
    if slug is None:
        return None
    found = None
    with suppress(NotFound):
        found = people.service_by_slug(slug)
    if found is None or not (may_see_people.test(caller.user) or found.offered):
        problem = f"There is no service {slug!r}. GET /services lists them."
        raise InvalidInput("service_not_found", problem, {"service": problem})
    return found


def decision_of(caller: Caller, slug: str) -> Decision:
    """Return a decision of the catalogue. Raises InvalidInput for one that is not there."""
    try:
        return decisions.access_decision(caller.user, slug)
    except NotFound as error:
        raise InvalidInput(error.code, error.message, {"decision": error.message}) from None


def organisation_of(organisation_id: UUID | None) -> Organisation | None:
    if organisation_id is None:
        return None
    try:
        return people.organisation(organisation_id)
    except NotFound as error:
        raise InvalidInput(error.code, error.message, {"organisation": error.message}) from None


def sees_internals(caller: Caller) -> bool:
    """Say whether this is somebody of the house, to whom the machinery behind a ticket is shown."""
    return bool(rules.may_see_internals.test(caller.user))


def demand_internals(caller: Caller, what: str) -> None:
    """Raise NotAllowed for customers."""
    if not sees_internals(caller):
        raise NotAllowed("not_allowed", f"{what} for those who work on tickets. Ask the service desk.")


def demand_staff(caller: Caller, what: str) -> None:
    """Raise NotAllowed for whoever does not work on tickets."""
    if not is_staff.test(caller.user):
        raise NotAllowed("not_allowed", f"{what} for those who work on tickets. Ask the service desk.")


def access_escalation(caller: Caller, escalation_id: UUID) -> Escalation:
    """Return an escalation on a ticket that the caller may see, with its machinery. Raises NotFound."""
    found = escalation.escalation_of(escalation_id)
    try:
        tickets.access_ticket(caller.user, found.ticket.number)
    except NotFound:
        raise _no_escalation() from None
    if not sees_internals(caller):
        raise _no_escalation()
    return found


def _no_escalation() -> NotFound:
    return NotFound("escalation_not_found", "There is no such escalation.")


def access_run(caller: Caller, escalation_id: UUID) -> UUID:
    """Return the run of an escalation that the caller may see, or on which they were paged. Raises NotFound."""
    found = escalation.escalation_of(escalation_id)
    if str(caller.user.pk) in found.run.state.get("paged", []):
        return found.run.pk
    return access_escalation(caller, escalation_id).run.pk
