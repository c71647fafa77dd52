"""Everything that can be done to people, teams and what belongs to them. Each act is one journalled transaction.

With `by` the person's rights are checked; with None it is a machine's act, journalled as `actor` or "system".
"""

from tocsin.domain.people.actions.customers import (
    create_organisation,
    create_service,
    edit_organisation,
    edit_service,
    set_account_manager,
    set_service_team,
    set_skills,
)
from tocsin.domain.people.actions.one_time_links import ask_for_link, invite, invite_again, link_of, use_link
from tocsin.domain.people.actions.persons import (
    add_requester,
    create_person,
    deactivate,
    edit_person,
    reactivate,
    set_password,
)
from tocsin.domain.people.actions.sign_ins import credential_changed, record_sign_in
from tocsin.domain.people.actions.skills import add_skill, drop_skill
from tocsin.domain.people.actions.standing_in import end_deputy, set_deputy
from tocsin.domain.people.actions.teams import create_team, edit_team, set_members, set_teams
from tocsin.domain.people.actions.tokens import make_token, note_use, revoke_token

__all__ = [
    "add_requester",
    "add_skill",
    "ask_for_link",
    "create_organisation",
    "create_person",
    "create_service",
    "create_team",
    "credential_changed",
    "deactivate",
    "drop_skill",
    "edit_organisation",
    "edit_person",
    "edit_service",
    "edit_team",
    "end_deputy",
    "invite",
    "invite_again",
    "link_of",
    "make_token",
    "note_use",
    "reactivate",
    "record_sign_in",
    "revoke_token",
    "set_account_manager",
    "set_deputy",
    "set_members",
    "set_password",
    "set_service_team",
    "set_skills",
    "set_teams",
    "use_link",
]
