"""Shift handovers as they stand."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.frontline.enums import BundleState
from tocsin.domain.frontline.models import Bundle, BundleItem
from tocsin.domain.frontline.rules import may_see_bundle
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound

_SHOWN = ("giver", "team", "made_by", "to_user")


def access_bundle(user: User, bundle_id: UUID) -> Bundle:
    """Return one shift handover: those who work on tickets may see what is passed on. Raises NotFound."""
    found = Bundle.objects.select_related(*_SHOWN).filter(pk=bundle_id).first()
    if found is None or not may_see_bundle.test(user):
        raise NotFound("bundle_not_found", "There is no such shift handover, or you may not see it.")
    return found


def items_of(bundle: Bundle) -> list[BundleItem]:
    """Return what is in it, by the first promise that falls due."""
    rows = BundleItem.objects.filter(bundle=bundle).select_related(
        "ticket__organisation", "ticket__owner", "ticket__service", "handover", "run__escalation__policy"
    )
    return sorted(rows, key=lambda one: (one.due_at is None, one.due_at or one.ticket.opened_at, one.ticket.number))


def bundles_waiting_for(user: User, now: datetime) -> list[Bundle]:
    """Return the shift handovers that wait for this person's answer, oldest first, with `many` in each."""
    rows = bundles_offered_to(user, now).select_related(*_SHOWN).annotate(many=Count("items"))
    return list(rows.order_by("offered_at"))


def bundles_offered_to(user: User, now: datetime) -> QuerySet[Bundle]:
    """Return the shift handovers that wait for this person's answer, to be counted."""
    return Bundle.objects.filter(to_user=user, state=BundleState.OFFERED, expires_at__gt=now)


def bundles_given(user: User, limit: int = 10) -> list[Bundle]:
    """Return the latest shift handovers that this person gave or made, newest first, with `many` and `taken`."""
    rows = Bundle.objects.filter(Q(giver=user) | Q(made_by=user)).select_related(*_SHOWN)
    counted = rows.annotate(many=Count("items"), taken=Count("items", filter=Q(items__state="taken")))
    return list(counted.order_by("-offered_at")[:limit])


def next_bundle_due() -> datetime | None:
    """Return when the next shift handover runs out (UTC), None if none waits."""
    rows = Bundle.objects.filter(state=BundleState.OFFERED).order_by("expires_at")
    return rows.values_list("expires_at", flat=True).first()
