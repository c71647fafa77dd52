"""The catalogue: what may be decided, and what somebody is as far as rights hang on it."""

from uuid import UUID

from django.db.models import Prefetch

from tocsin.domain.decisions.enums import Holder
from tocsin.domain.decisions.logic.rights import Entry, Right, Standing
from tocsin.domain.decisions.models import Decision, Grant, Taken, Version
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import NotFound

_WHOLE = ("services", "customers", Prefetch("grants", Grant.objects.select_related("skill", "team")))


def all_decisions() -> list[Decision]:
    """Return the whole catalogue by name, with grants and scope. Four queries."""
    return list(Decision.objects.prefetch_related(*_WHOLE))


def access_decision(user: User, slug: str) -> Decision:
    """Return one entry of the catalogue as far as `user` may see it (staff). Raises NotFound."""
    found = Decision.objects.prefetch_related(*_WHOLE).filter(slug=slug).first()
    if found is None or not is_staff.test(user):
        raise NotFound("decision_not_found", "There is no such decision in the catalogue.")
    return found


def decision_by_id(decision_id: UUID) -> Decision:
    """Return one entry of the catalogue. Raises NotFound."""
    found = Decision.objects.prefetch_related(*_WHOLE).filter(pk=decision_id).first()
    if found is None:
        raise NotFound("decision_not_found", "There is no such decision in the catalogue.")
    return found


def entry_of(decision: Decision) -> Entry:
    """Return a decision as the pure logic sees it."""
    return Entry(
        unit=decision.unit, unit_name=decision.unit_name, rights=tuple(right_of(one) for one in decision.grants.all()),
        starts_on=decision.starts_on, ends_on=decision.ends_on,
        services=frozenset(one.pk for one in decision.services.all()),
        customers=frozenset(one.pk for one in decision.customers.all()),
    )  # fmt: skip


def right_of(grant: Grant) -> Right:
    """Return a grant as the pure logic sees it."""
    if grant.holder == Holder.LINE:
        return Right(holder="line", key=grant.line, name=str(grant.get_line_display()), limit=grant.limit)
    if grant.holder == Holder.ROLE:
        return Right(holder="role", key=grant.role, name=str(grant.get_role_display()), limit=grant.limit)
    if grant.skill is not None:
        return Right(holder="skill", key=grant.skill.name, name=grant.skill.name, limit=grant.limit)
    team = grant.team
    if team is None:  # the database's own constraint says that there is one
        raise NotFound("grant_broken", "This right names nobody.")
    return Right(holder="team", key=team.slug, name=team.name, limit=grant.limit, line=team.line)


def standing_of(user: User) -> Standing:
    """Return what somebody is. Two queries."""
    teams = list(user.teams.values_list("slug", "line"))
    return Standing(
        role=user.role, lines=frozenset(line for _, line in teams), teams=frozenset(slug for slug, _ in teams),
        skills=frozenset(user.skills.values_list("name", flat=True)),
    )  # fmt: skip


def versions_of(decision: Decision) -> list[Version]:
    """Return what the catalogue said of it, newest first."""
    return list(Version.objects.filter(decision=decision).select_related("by"))


def recent_of(decision: Decision, limit: int = 20) -> list[Taken]:
    """Return how it was last taken, newest first."""
    rows = Taken.objects.filter(decision=decision).select_related("ticket", "by", "approved_by")
    return list(rows.order_by("-at")[:limit])
