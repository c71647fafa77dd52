"""Promises, communication plans, updates, and who asked to be told (SEMANTICS 7)."""

from tocsin.domain.stakeholders.models.plans import Plan, PlanAudience, Template, TemplateVersion
from tocsin.domain.stakeholders.models.promises import Promise, Wish
from tocsin.domain.stakeholders.models.updates import Communication, FeedKey, Subscription, Told, Update, UpdateClock

__all__ = [
    "Communication",
    "FeedKey",
    "Plan",
    "PlanAudience",
    "Promise",
    "Subscription",
    "Template",
    "TemplateVersion",
    "Told",
    "Update",
    "UpdateClock",
    "Wish",
]
