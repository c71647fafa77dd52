"""Settings: the taxonomy of causes, when reviews start, how overdue actions climb."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.overdue import begin_anew
from tocsin.domain.reviews.models import CauseCategory, Setting, StartRule
from tocsin.domain.reviews.queries import categories
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id

SETTERS = "This is set by problem managers, escalation managers and administrators. Ask one of them."


def _tell(kind: str, by: User, now: datetime, **data: object) -> None:
    record(stream="system", kind=kind, actor=f"person:{by.pk}", at=now, data=data)


@transaction.atomic
def save_category(
    *, name: str, by: User, now: datetime, parent: UUID | None = None, category_id: UUID | None = None
) -> CauseCategory:
    """Add a category of causes or rename one. Raises InvalidInput for a name that its siblings have already."""
    demand(by, rules.may_set_reviews, None, SETTERS)
    cleaned = text("name", name, 80, required=True)
    if category_id is None:
        if parent is not None and not CauseCategory.objects.filter(pk=parent).exists():
            raise NotFound("category_not_found", "There is no such category.")
        made = CauseCategory(id=new_id(), parent_id=parent, name=cleaned)
    else:
        made = _category(category_id)
        made.name = cleaned
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        problem = f"There is a category {cleaned} there already."
        raise InvalidInput("name_taken", problem, {"name": problem}) from None
    _tell("reviews.category_saved", by, now, name=cleaned)
    return made


def _category(pk: UUID) -> CauseCategory:
    found = CauseCategory.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("category_not_found", "There is no such category.")
    return found


@transaction.atomic
def retire_category(*, category_id: UUID, retired: bool, by: User, now: datetime) -> CauseCategory:
    """Offer a category no longer, or again. What was filed under it stays, and so do the figures."""
    demand(by, rules.may_set_reviews, None, SETTERS)
    found = _category(category_id)
    left = [one for one in categories() if not one.retired and one.pk != found.pk]
    if retired and not left:
        raise InvalidInput("last_category", "Closings need a category. Add another one first.", {})
    found.retired = retired
    found.save(update_fields=["retired"])
    _tell("reviews.category_retired" if retired else "reviews.category_saved", by, now, name=found.name)
    return found


@transaction.atomic
def save_rule(
    *, name: str, by: User, now: datetime, types: Sequence[str] = (), least_severity: int = 4, share: int = 100,
    rating_at_most: int | None = None, enabled: bool = True, rule_id: UUID | None = None,
) -> StartRule:  # fmt: skip
    """Add or change a rule that starts reviews. Raises InvalidInput for values out of range."""
    demand(by, rules.may_set_reviews, None, SETTERS)
    wrong = {}
    if set(types) - set(EscalationType.values):
        wrong["types"] = "Choose from the types of escalations."
    if not 1 <= least_severity <= 4:
        wrong["least_severity"] = "From 1 to 4."
    if not 0 <= share <= 100:
        wrong["share"] = "From 0 to 100 per cent."
    if rating_at_most is not None and not 1 <= rating_at_most <= 5:
        wrong["rating_at_most"] = "From 1 to 5, or nothing."
    if wrong:
        raise InvalidInput("bad_rule", " ".join(wrong.values()), wrong)
    made = StartRule.objects.filter(pk=rule_id).first() if rule_id else StartRule(id=new_id())
    if made is None:
        raise NotFound("rule_not_found", "There is no such rule.")
    made.name, made.types, made.least_severity = text("name", name, 120, required=True), list(types), least_severity
    made.share, made.rating_at_most, made.enabled = share, rating_at_most, enabled
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        problem = f"There is a rule {made.name} already."
        raise InvalidInput("name_taken", problem, {"name": problem}) from None
    _tell("reviews.rule_saved", by, now, name=made.name)
    return made


@transaction.atomic
def remove_rule(*, rule_id: UUID, by: User, now: datetime) -> None:
    """Remove a rule. Reviews that it has started stay."""
    demand(by, rules.may_set_reviews, None, SETTERS)
    found = StartRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound("rule_not_found", "There is no such rule.")
    _tell("reviews.rule_removed", by, now, name=found.name)
    found.delete()


@transaction.atomic
def change_setting(
    *, remind_days: int, lead_days: int, manager_days: int, policy: str, link_days: int, by: User, now: datetime
) -> Setting:
    """Set when overdue actions climb, by which policy at last, and how long shared links work."""
    demand(by, rules.may_set_reviews, None, SETTERS)
    wrong = {}
    for name, value in (("remind_days", remind_days), ("lead_days", lead_days), ("manager_days", manager_days)):
        if not 1 <= value <= 90:
            wrong[name] = "From 1 to 90 days."
    if manager_days < lead_days:
        wrong["manager_days"] = "Not before the lead is told."
    if not 1 <= link_days <= 365:
        wrong["link_days"] = "From 1 to 365 days."
    if policy and policy not in {one.content.slug for one in policies.live()}:
        wrong["policy"] = "Choose a published policy."
    if wrong:
        raise InvalidInput("bad_setting", " ".join(wrong.values()), wrong)
    fields = {
        "remind_days": remind_days, "lead_days": lead_days, "manager_days": manager_days, "policy": policy,
        "link_days": link_days,
    }  # fmt: skip
    found, _ = Setting.objects.update_or_create(pk=1, defaults=fields)
    begin_anew(now=now)
    _tell("reviews.setting_changed", by, now, **fields)
    return found
