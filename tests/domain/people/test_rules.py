"""What each role may, as one table."""

import pytest

from tocsin.domain.people import rules
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User

STAFF = {Role.AGENT, Role.LEAD, Role.ESCALATION_MANAGER, Role.PROBLEM_MANAGER, Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("rule", "who"),
    [
        ("is_staff", STAFF),
        ("may_see_people", STAFF | {Role.STAKEHOLDER}),
        ("may_administer_people", {Role.ADMINISTRATOR}),
    ],
)
def test_roles(rule: str, who: set[Role], role: Role) -> None:
    predicate = getattr(rules, rule)
    assert predicate.test(User(role=role)) is (role in who)
    assert predicate.test(User(role=role, is_active=False)) is False


@pytest.mark.parametrize("role", Role)
def test_a_team_is_managed_by_its_own_lead_and_escalation_manager(role: Role) -> None:
    user = User(role=role)
    everywhere = role in {Role.ADMINISTRATOR, Role.ESCALATION_MANAGER}
    assert rules.may_manage_team.test(user, Team(lead=user)) is True
    assert rules.may_manage_team.test(user, Team(escalation_manager=user)) is True
    assert rules.may_manage_team.test(user, Team()) is everywhere
    assert rules.may_manage_team.test(User(role=role, is_active=False), Team(lead=user)) is False
    assert rules.leads_team.test(user, None) is False
