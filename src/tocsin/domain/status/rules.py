"""Who may tell what to whom, and who may read it."""

from rules.predicates import Predicate

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_staff, is_stakeholder
from tocsin.domain.status.enums import Audience
from tocsin.domain.status.models import AccountEscalation, StatusPage


def _reads(user: User, page: StatusPage) -> bool:
    if page.audience != Audience.ORGANISATION:
        return page.audience == Audience.PUBLIC
    return user.is_active and user.organisation_id is not None and user.organisation_id == page.organisation_id


def _of_the_house(user: User) -> bool:
    return user.organisation_id is None


def _manages(user: User, escalation: AccountEscalation) -> bool:
    managers = (escalation.owner_id, escalation.organisation.account_manager_id)
    return user.is_active and user.pk in managers


def _offered(user: User, escalation: AccountEscalation) -> bool:
    return user.is_active and escalation.offered_to_id == user.pk


# Telling is for whoever is awake at night; what a page consists of is for those who answer for it.
may_tell = is_staff
may_set_up_pages = is_lead | is_escalation_manager | is_administrator
# A secret link is its own key and is checked before this rule is asked.
may_read_page = is_staff | Predicate(_reads, name="reads_page")
of_the_house = is_staff | (is_stakeholder & Predicate(_of_the_house, name="of_the_house"))
may_see_accounts = of_the_house
may_open_account_escalation = is_staff
may_answer_account_offer = Predicate(_offered, name="is_offered_account")
may_run_account_escalation = (
    Predicate(_manages, name="manages_account") | is_lead | is_escalation_manager | is_administrator
)
