"""Who may change what others use."""

from rules.predicates import Predicate

from tocsin.domain.desk.models import Macro, SavedView
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_staff


def _own(user: User, macro: Macro) -> bool:
    return user.is_active and macro.owner_id == user.pk


is_own_macro = Predicate(_own, name="is_own_macro")
may_share_macros = is_lead | is_escalation_manager | is_administrator
may_change_macro = is_own_macro | may_share_macros
may_use_macros = is_staff


def _own_view(user: User, view: SavedView) -> bool:
    return user.is_active and view.owner_id == user.pk


is_own_view = Predicate(_own_view, name="is_own_view")
may_share_views = may_share_macros
may_change_view = is_own_view | may_share_views
may_set_up_desk = is_lead | is_escalation_manager | is_administrator
