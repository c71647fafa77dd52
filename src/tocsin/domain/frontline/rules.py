"""Who may hand promises over, and answer for them."""

from rules.predicates import Predicate

from tocsin.domain.frontline.models import Bundle
from tocsin.domain.people.models import Membership, Team, User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_staff, leads_team


def _leads_person(user: User, person: User) -> bool:
    led = Membership.objects.filter(user=person)
    return led.filter(team__lead=user).exists() or led.filter(team__escalation_manager=user).exists()


def _is_receiver(user: User, bundle: Bundle) -> bool:
    return user.is_active and bundle.to_user_id == user.pk


def _is_giver(user: User, bundle: Bundle) -> bool:
    return user.is_active and user.pk in (bundle.giver_id, bundle.made_by_id)


def _self(user: User, person: User) -> bool:
    return user.is_active and user.pk == person.pk


directs = is_lead | is_escalation_manager | is_administrator
# One hands over what is one's own; a lead also what somebody in their team holds (who fell ill, who has gone home).
may_hand_over_for = is_staff & (
    Predicate(_self, name="is_self") | directs | Predicate(_leads_person, name="leads_person")
)
may_hand_over_team = is_staff & (directs | leads_team)
may_answer_bundle = is_staff & Predicate(_is_receiver, name="is_receiver")
may_withdraw_bundle = is_staff & (Predicate(_is_giver, name="is_giver") | directs)
may_see_bundle = is_staff


def may_be_for_team(user: User, team: Team) -> bool:
    """Say whether this person may hand over for a team."""
    return bool(may_hand_over_team.test(user, team))
