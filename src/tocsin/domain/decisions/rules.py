"""Who keeps the catalogue, and who answers requests."""

from rules.predicates import Predicate

from tocsin.domain.decisions.enums import RequestState
from tocsin.domain.decisions.models import Request
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_staff


def _asked(user: User, request: Request) -> bool:
    return user.is_active and request.asked_of.filter(pk=user.pk).exists()


def _asks(user: User, request: Request) -> bool:
    return user.is_active and request.asked_by_id == user.pk


def _open(_user: User, request: Request) -> bool:
    return request.state == RequestState.ASKED


may_keep_catalogue = is_lead | is_escalation_manager | is_administrator
may_take_decisions = is_staff
is_asked = Predicate(_asked, name="is_asked")
asks = Predicate(_asks, name="asks")
is_open_request = Predicate(_open, name="is_open_request")
may_withdraw_request = is_staff & asks
