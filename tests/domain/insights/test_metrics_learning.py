"""Figures of learning, over a handful of closings, reviews and corrective actions that were counted by hand."""

from datetime import timedelta
from itertools import count

from tests.domain.insights.test_metrics import DAY, HOUR, figures, opened, shares
from tests.web.conftest import Desk
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.reviews.models import CauseCategory, Closing, CorrectiveAction, Review, SignOff

NUMBERS = count(9_000)


def escalated(desk: Desk, days: int) -> Escalation:
    one = opened(desk, desk.now - days * DAY)
    return escalation.escalate(
        ticket_id=one.pk, policy="quick", by=desk.agent, now=desk.now - days * DAY + HOUR, tried="x"
    )


def review(desk: Desk, days: int, *, signed_after: int | None = None) -> Review:
    """A review opened `days` ago, signed off so many days later (None: not yet)."""
    at = desk.now - days * DAY
    made = Review.objects.create(
        number=next(NUMBERS), title="R", why="hand", opened_at=at, opened_by="system", updated_at=at
    )
    made.escalations.add(escalated(desk, days + 1))
    if signed_after is not None:
        SignOff.objects.create(review=made, version=1, by=desk.lead, at=at + signed_after * DAY, document={})
    return made


def act(desk: Desk, of: Review, due: int, *, done: int | None = None, state: str = "") -> None:
    """A corrective action due `due` days from today, ended `done` days from today (None: open)."""
    CorrectiveAction.objects.create(
        review=of, title="A", kind="prevent", owner=desk.lead, due_on=(desk.now + due * DAY).date(),
        state=state or ("open" if done is None else "done"), evidence="" if done is None else "Seen.",
        ended_at=None if done is None else desk.now + done * DAY, ended_by=None if done is None else desk.lead,
        made_at=desk.now - 30 * DAY,
    )  # fmt: skip


def test_avoidable_counts_closings_that_were_filled_in(desk: Desk) -> None:
    category = CauseCategory.objects.create(name="Of this test")
    for days, avoidable in ((3, "knowledge"), (4, "no"), (5, "training"), (6, "")):
        filled = (
            {"category": category, "filled_at": desk.now, "filled_by": desk.lead, "done": "Mended."}
            if avoidable
            else {}
        )
        Closing.objects.create(
            escalation=escalated(desk, days), ended_at=desk.now - timedelta(hours=days), avoidable_by=avoidable, **filled
        )  # fmt: skip
    assert shares(figures(desk), "avoidable_closed") == [(2, 3)]


def test_reviews_are_in_time_within_fourteen_days(desk: Desk) -> None:
    review(desk, 30, signed_after=14)
    review(desk, 30, signed_after=15)
    review(desk, 20)  # not signed, and its days are over
    review(desk, 5)  # young: in neither
    review(desk, 5, signed_after=1)
    assert shares(figures(desk), "reviews_in_time") == [(2, 4)]


def test_actions_are_in_time_by_their_day_and_dropped_ones_are_in_neither(desk: Desk) -> None:
    of = review(desk, 30)
    act(desk, of, -10, done=-10)  # on its day
    act(desk, of, -10, done=-8)  # late
    act(desk, of, -3)  # not done, and its day is over
    act(desk, of, -3, done=-4, state="dropped")
    act(desk, of, 0)  # due today: still in time
    assert shares(figures(desk), "actions_in_time") == [(1, 3)]
