"""Everything that can be done to people, teams and what belongs to them. Each act is one journalled transaction.

With `by` the person's rights are checked; with None it is a machine's act, journalled as `actor` or "system".
"""

from tocsin.domain.people.actions.customers import (
    create_organisation,
    create_service,
    set_account_manager,
    set_service_team,
    set_skills,
)
from tocsin.domain.people.actions.persons import create_person, deactivate, edit_person, reactivate, set_password
from tocsin.domain.people.actions.standing_in import end_deputy, set_deputy
from tocsin.domain.people.actions.teams import create_team, edit_team, set_members

__all__ = [
    "create_organisation",
    "create_person",
    "create_service",
    "create_team",
    "deactivate",
    "edit_person",
    "edit_team",
    "end_deputy",
    "reactivate",
    "set_account_manager",
    "set_deputy",
    "set_members",
    "set_password",
    "set_service_team",
    "set_skills",
]
