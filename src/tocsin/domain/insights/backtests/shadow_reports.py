"""A week of a shadow in a few lines: kept, and mailed to whoever switched it on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.insights.backtests.rosters import zones_of
from tocsin.domain.insights.backtests.running import ran_from
from tocsin.domain.insights.backtests.shadowing import WEEK
from tocsin.domain.insights.logic.backtest import SAME, Tally, Ticket, add, count, leaf
from tocsin.domain.insights.models.backtest import Shadow, ShadowLook, ShadowReport
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.kernel.ids import new_id


def tally_of(shadow: Shadow, starts_at: datetime, ends_at: datetime) -> Tally:
    """Return what the draft would have done differently on the tickets that it or the live policy first paged for then."""
    looks = ShadowLook.objects.filter(shadow=shadow, first_at__gte=starts_at, first_at__lt=ends_at)
    rows = list(looks.exclude(change="").select_related("ticket").order_by("pk"))
    runs = [(look, tuple(ran_from(one) for one in look.detail["runs"])) for look in rows]
    zones = zones_of({page.person for _, pair in runs for ran in pair for page in ran.pages})
    whole: Tally = {}
    for look, pair in runs:
        add(whole, count(Ticket(look.ticket.number, look.detail["ended"]), pair, zones))
    return whole


def report_due(*, now: datetime, limit: int = 20) -> int:
    """Write and mail the reports that are due at `now`. Return how many."""
    ids = Shadow.objects.filter(report_due_at__lte=now).order_by("report_due_at").values_list("pk", flat=True)[:limit]
    return sum(_report(pk, now) for pk in list(ids))


@transaction.atomic
def _report(shadow_id: UUID, now: datetime) -> bool:
    rows = Shadow.objects.select_for_update(skip_locked=True, of=("self",)).select_related("policy", "owner")
    shadow = rows.filter(pk=shadow_id, report_due_at__lte=now).first()
    if shadow is None or shadow.report_due_at is None:
        return False
    ends_at = shadow.report_due_at
    while ends_at + WEEK <= now:  # after a downtime one report tells of all of it
        ends_at += WEEK
    last = ShadowReport.objects.filter(shadow=shadow).order_by("-ends_at").values_list("ends_at", flat=True).first()
    starts_at = last or shadow.started_at
    figures = tally_of(shadow, starts_at, ends_at)
    ShadowReport.objects.create(id=new_id(), shadow=shadow, starts_at=starts_at, ends_at=ends_at, figures=figures)
    shadow.report_due_at = ends_at + WEEK
    shadow.save(update_fields=["report_due_at"])
    if shadow.owner is not None and shadow.owner.is_active:
        page = PageRequest(
            user_id=shadow.owner.pk, purpose="notice", urgency=Urgency.NORMAL,
            subject=f"A week in the shadow: {shadow.policy.name}", body=body_of(shadow, figures),
            data={"path": f"/shadows/{shadow.pk}"},
        )  # fmt: skip
        notify.enqueue(pages=[page], now=now)
    return True


def body_of(shadow: Shadow, figures: Tally) -> str:
    """Return the report in words."""
    tickets = leaf(figures, "tickets")
    if not tickets:
        return f"Neither the draft of {shadow.policy.name} nor the live policy had anything to do this week."
    differently = tickets - leaf(figures, "difference", "tickets", SAME)
    added, avoided = leaf(figures, "difference", "added", "people"), leaf(figures, "difference", "avoided", "people")
    by_night = leaf(figures, "difference", "added", "nights") - leaf(figures, "difference", "avoided", "nights")
    return (
        f"On {differently} of {tickets} escalated tickets the draft of {shadow.policy.name} would have acted "
        f"differently: {added} pages more, {avoided} fewer; {by_night:+d} at night.\n\n"
        "The draft has told nobody. Who would have been paged differently stands on its page; publish it from there, "
        "or stop it."
    )


def next_report_due() -> datetime | None:
    """When the next report is due, or None."""
    rows = Shadow.objects.filter(report_due_at__isnull=False).order_by("report_due_at")
    return rows.values_list("report_due_at", flat=True).first()
