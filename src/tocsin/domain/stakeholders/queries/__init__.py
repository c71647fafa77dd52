"""Named reads of promises, plans, updates and subscriptions."""

from tocsin.domain.stakeholders.queries.audiences import (
    Group,
    Recipient,
    clocks_of,
    groups_of,
    live_communications,
    speaker_of,
    subscriptions_to,
)
from tocsin.domain.stakeholders.queries.composing import (
    Composed,
    Words,
    compose,
    in_zone,
    suggested_minutes,
    values_of,
)
from tocsin.domain.stakeholders.queries.following import (
    Heard,
    NextUpdate,
    customer_waits_until,
    escalation_to_follow,
    has_feed,
    heard_by,
    next_clock_due,
    next_updates,
    open_escalations_on,
    reader_of_feed,
    subscription_of,
    subscription_to_escalation,
    subscriptions_of,
    updates_on,
    wording_for,
)
from tocsin.domain.stakeholders.queries.ledger import (
    Ledger,
    access_promise,
    figures_of,
    ledger,
    next_promise_due,
    open_count,
    open_on,
    promises_for_customer,
    promises_on,
)
from tocsin.domain.stakeholders.queries.plans import (
    access_template,
    audiences_of,
    in_order,
    plan_of,
    plans,
    real_ticket,
    templates,
    versions_of,
)
from tocsin.domain.stakeholders.queries.recognition import Offer, due_named, hours_of, languages, offers_in

__all__ = [
    "Composed", "Group", "Heard", "Ledger", "NextUpdate", "Offer", "Recipient", "Words", "access_promise",
    "access_template", "audiences_of", "clocks_of", "compose", "customer_waits_until", "due_named", "escalation_to_follow",
    "figures_of", "groups_of", "has_feed", "heard_by", "hours_of", "in_order", "in_zone", "languages", "ledger",
    "live_communications", "next_clock_due", "next_promise_due", "next_updates", "offers_in", "open_count",
    "open_escalations_on", "open_on", "plan_of", "plans", "promises_for_customer", "promises_on", "reader_of_feed",
    "real_ticket", "speaker_of", "subscription_of", "subscription_to_escalation", "subscriptions_of",
    "subscriptions_to", "suggested_minutes", "templates", "updates_on", "values_of", "versions_of", "wording_for",
]  # fmt: skip
