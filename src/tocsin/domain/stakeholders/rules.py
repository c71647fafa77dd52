"""Who may do what with promises, updates and subscriptions. What somebody may not see does not exist (SECURITY 14)."""

from rules.predicates import Predicate

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_staff,
    is_stakeholder,
)
from tocsin.domain.stakeholders.models import Promise, Subscription
from tocsin.domain.tickets.rules import belongs_to_no_customer, may_see_internals, may_work_on_ticket


def _promised_it(user: User, promise: Promise) -> bool:
    return user.is_active and promise.by_id == user.pk


def _has_it(user: User, subscription: Subscription) -> bool:
    return user.is_active and subscription.user_id == user.pk


promised_it = Predicate(_promised_it, name="promised_it")

may_make_promises = may_work_on_ticket
may_see_ledger = is_staff
# A colleague may say that it was kept: whoever answers the phone while the promiser is away.
may_settle_promise = is_staff
may_send_updates = may_work_on_ticket
may_read_inward = may_see_internals
may_plan_communication = is_escalation_manager | is_administrator
may_subscribe_others = is_lead | is_escalation_manager | is_administrator
# A service's or another customer's escalations are for people of the house.
of_the_house = (is_staff | is_stakeholder) & belongs_to_no_customer
owns_subscription = Predicate(_has_it, name="owns_subscription")
