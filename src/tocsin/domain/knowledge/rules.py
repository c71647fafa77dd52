"""Who may read, write and publish what the house knows."""

from rules.predicates import Predicate

from tocsin.domain.knowledge.enums import Audience, State
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_problem_manager,
    is_staff,
    is_stakeholder,
)


def _owns(user: User, article: Article | None) -> bool:
    return user.is_active and article is not None and article.owner_id == user.pk


def _for_outside(user: User, article: Article) -> bool:
    if not user.is_active or article.live is None or article.state != State.PUBLISHED:
        return False
    if article.audience == Audience.ORGANISATION:
        return user.organisation_id is not None and user.organisation_id == article.organisation_id
    return article.audience == Audience.CUSTOMERS


may_write_articles = is_staff
may_publish_articles = is_lead | is_escalation_manager | is_problem_manager | is_administrator
owns_article = Predicate(_owns, name="owns_article")
# A stakeholder of the house reads what staff reads; one of a customer what the customer reads.
may_read_inside = is_staff | (
    is_stakeholder & Predicate(lambda user: user.organisation_id is None, name="of_the_house")
)
may_read_article = may_read_inside | Predicate(_for_outside, name="for_outside")
may_edit_article = is_staff
may_verify_article = owns_article | may_publish_articles
