"""Who may ask experts in and run the command of an escalation: predicates over (person, ticket)."""

from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets.rules import is_owner_of, may_direct, may_see_internals, may_work_on_ticket

may_swarm = may_work_on_ticket
may_join = is_staff
# Whoever opened a swarm may end it too; that is asked of the swarm itself.
may_end_swarm = is_owner_of | may_direct
may_run_command = may_work_on_ticket
may_see_command = may_see_internals
