"""Back-tests and a shadow in the demonstration: asked of the tickets that it has lived. They go with their policies."""

from datetime import datetime, timedelta

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.models import Policy
from tocsin.domain.insights.backtests import asking, shadow_reports, shadowing, working
from tocsin.domain.insights.logic import advisor
from tocsin.domain.people.models import User

DAYS, SHADOW_DAYS = 90, 8


def create(now: datetime) -> None:
    """Compare a policy with an earlier threshold, sweep that threshold, and let the draft run in the shadow for a week."""
    asker = User.objects.filter(is_demo=True, is_active=True, role="escalation_manager").order_by("email").first()
    demo = set(Policy.objects.filter(is_demo=True).values_list("slug", flat=True))
    fitting = [one for one in policies.live() if one.content.slug in demo and advisor.sweepable(one.content)]
    if asker is None or not fitting:
        return
    content, trigger = min(
        ((one.content, trigger) for one in fitting for trigger in advisor.sweepable(one.content)),
        key=lambda one: (
            one[1].kind != "clock_at",
            one[0].slug != "technical",
        ),  # what warns of broken promises shows most
    )
    earlier = max((v for v in advisor.values_of(trigger) if v < advisor.present(trigger)), default=None)
    if earlier is None:
        return
    text = spec.dump(advisor.with_value(content, trigger.key, earlier))
    slug, start = content.slug, now - timedelta(days=DAYS)
    compared = asking.compare(
        before=asking.published(slug), after=asking.draft(text, slug), starts_at=start, ends_at=now, by=asker, now=now,
        is_demo=True,
    )  # fmt: skip
    swept = asking.sweep(
        base=asking.published(slug), trigger=trigger.key, starts_at=start, ends_at=now, by=asker, now=now,
        is_demo=True,
    )  # fmt: skip
    for made in (compared, swept):
        working.work_on(backtest_id=made.pk)
    shadowing.start(slug=slug, text=text, by=asker, now=now - timedelta(days=SHADOW_DAYS), is_demo=True)
    while shadowing.look_due(now=now):
        pass
    shadow_reports.report_due(now=now)
