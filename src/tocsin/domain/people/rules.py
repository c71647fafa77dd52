"""Who may do what, as small predicates over the person (django-rules). Nobody inactive may do anything.

A predicate takes the person and, where it needs one, the thing. Join them with `&`, `|` and `~`
and ask with `.test(person, thing)`.
"""

from rules.predicates import Predicate

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User


def _with_role(name: str, *roles: Role) -> Predicate:
    def check(user: User) -> bool:
        return user.is_active and user.role in roles

    return Predicate(check, name=name)


is_requester = _with_role("is_requester", Role.REQUESTER)
is_agent = _with_role("is_agent", Role.AGENT)
is_lead = _with_role("is_lead", Role.LEAD)
is_escalation_manager = _with_role("is_escalation_manager", Role.ESCALATION_MANAGER)
is_problem_manager = _with_role("is_problem_manager", Role.PROBLEM_MANAGER)
is_stakeholder = _with_role("is_stakeholder", Role.STAKEHOLDER)
is_administrator = _with_role("is_administrator", Role.ADMINISTRATOR)

# Those who work on tickets. Stakeholders are told and may look; requesters see their own.
is_staff = is_agent | is_lead | is_escalation_manager | is_problem_manager | is_administrator


def _leads(user: User, team: Team | None) -> bool:
    return user.is_active and team is not None and user.pk in (team.lead_id, team.escalation_manager_id)


# The lead and the escalation manager of one team, whatever their general role.
leads_team = Predicate(_leads, name="leads_team")


def _is_self(user: User, person: User) -> bool:
    return user.is_active and user.pk == person.pk


is_self = Predicate(_is_self, name="is_self")


def _sees_organisation(user: User) -> bool:
    organisation = user.organisation
    return organisation is not None and (user.sees_organisation or organisation.members_see_all)


# A customer's person to whom all tickets of the own organisation are shown.
sees_organisation = is_requester & Predicate(_sees_organisation, name="sees_organisation")

may_see_people = is_staff | is_stakeholder
may_administer_people = is_administrator
may_manage_team = is_administrator | is_escalation_manager | leads_team
may_set_deputy = is_administrator | is_escalation_manager | is_lead | is_self
# Why somebody cannot be reached names their addresses: for those who plan who is on call.
may_see_reach = is_administrator | is_escalation_manager | is_lead
may_edit_person = is_administrator | is_self
# Whoever takes a call may write down a caller who is not known yet: always a requester, never staff.
may_add_requesters = is_staff
may_see_sign_ins = is_administrator
# A token acts as its person: nobody makes one for somebody else in the pages.
may_have_tokens = is_self
may_revoke_token = is_self | is_administrator
