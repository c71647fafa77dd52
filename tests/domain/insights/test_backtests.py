"""Back-tests over our own records: what ran in production comes out again, step by step (SEMANTICS 10)."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain.escalation.conftest import Company
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.logic.policy import TriggerKind
from tocsin.domain.escalation.models import Escalation, Run
from tocsin.domain.insights.backtests import asking, queries, working
from tocsin.domain.insights.backtests.running import Bench, Question, silent, tickets_of, walk_tickets
from tocsin.domain.insights.backtests.spreading import walk_on_all_processors
from tocsin.domain.insights.logic.backtest import merged
from tocsin.domain.insights.models import BackTest, BackTestTicket
from tocsin.domain.notify.models import Page
from tocsin.domain.people.models import Deputy
from tocsin.domain.sla.models import Agreement, Target
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WATCH = """
slug: watch
name: Watch
type: technical
reason: sla_at_risk
direction: functional
triggers:
  - key: waits
    kind: unassigned_for
    after: {wait}
  - key: half
    kind: clock_at
    clock: resolution
    percent: {percent}%
  - key: passed-on
    kind: handovers
    count: 2
  - key: asks
    kind: customer_asks
levels:
  - name: Desk
    targets: [owner, ticket_team]
  - name: Lead
    delay: 15m
    targets: [team_lead]
  - name: Next line
    delay: 20m
    targets: [next_line_team]
repeat: {{times: 1, after: 30m, terminal: page_catch_all}}
on_reassign: rebind
"""


def text(*, wait: str = "30m", percent: int = 50) -> str:
    return WATCH.format(wait=wait, percent=percent)


@pytest.fixture
def watched(company: Company) -> Company:
    """The company with a watching policy, and four hours for each ticket, around the clock."""
    calendar = Calendar.objects.create(name="Always", zone="UTC", weekly={key: [["00:00", "24:00"]] for key in DAYS})
    agreement = Agreement.objects.create(name="All", slug="all", calendar=calendar, pause_statuses=["waiting_customer"])
    for priority in (1, 2, 3, 4):
        Target.objects.create(agreement=agreement, kind="resolution", priority=priority, seconds=4 * 3600)
    company.publish(text())
    return company


def run_engine(now: datetime, until: datetime) -> None:
    """Let the engine act at exactly the instants at which something falls due."""
    while True:
        due = [at for at in (escalation.next_run_due(), escalation.next_watch_due()) if at is not None]
        soonest = min(due, default=None)
        if soonest is None or soonest > until:
            return
        at = max(soonest, now)
        while escalation.fire_watches(now=at, limit=100) + escalation.advance_due(now=at, limit=100):
            pass


def live_a_life(it: Company, seed: int) -> datetime:
    """A ticket or two that live at random through the actions of production; return when it ends."""
    chance = random.Random(seed)
    at = it.now
    lives = [it.ticket(now=at)]
    for _ in range(chance.randint(4, 12)):
        step = at + timedelta(minutes=chance.randint(1, 90), seconds=chance.randint(0, 59))
        run_engine(at, step)
        at = step
        ticket = Ticket.objects.get(pk=chance.choice(lives).pk)
        act = chance.choice(ACTS)
        if ticket.status in ("resolved", "closed"):
            act = comes_back
        if act is another:
            lives.append(it.ticket(now=at))
        else:
            act(it, ticket, chance.choice([it["ana"], it["ben"], it["nora"]]), at, chance)
    end = at + timedelta(minutes=chance.randint(5, 300))
    run_engine(at, end)
    return end


def another(*_given) -> None:
    """One more ticket is opened."""


def assigned(_it, ticket, by, at, _chance) -> None:
    tickets.assign(ticket_id=ticket.pk, owner=by, team=ticket.team, by=None, now=at)


def passed_on(it, ticket, _by, at, _chance) -> None:
    team = it.network if ticket.team_id == it.desk.pk else it.desk
    tickets.assign(ticket_id=ticket.pk, owner=None, team=team, by=None, now=at)


def replied(_it, ticket, by, at, _chance) -> None:
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="We are at it.", by=by, now=at)


def asks(it, ticket, _by, at, _chance) -> None:
    words = "I want to speak to a manager."
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body=words, by=it["rita"], now=at)


def comes_back(it, ticket, _by, at, _chance) -> None:
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="It is back.", by=it["rita"], now=at)


def graver(_it, ticket, by, at, chance) -> None:
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=chance.randint(1, 3), urgency=2, by=by, now=at)


def acknowledged(_it, ticket, by, at, _chance) -> None:
    for run in Run.objects.filter(ticket=ticket, ended_at__isnull=True):
        escalation.acknowledge(run_id=run.pk, by=by, now=at)


def declined(_it, ticket, by, at, _chance) -> None:
    for run in Run.objects.filter(ticket=ticket, ended_at__isnull=True):
        escalation.decline(run_id=run.pk, by=by, now=at, reason="Busy.")


def resolved(_it, ticket, by, at, _chance) -> None:
    tickets.resolve(ticket_id=ticket.pk, by=by, now=at, note="Done.")


ACTS = (another, assigned, passed_on, replied, asks, comes_back, graver, acknowledged, acknowledged, declined, resolved)


def really(ticket: Ticket) -> tuple[list[tuple[datetime, str]], list[tuple[datetime, str, int]]]:
    """What production did: (begun at, trigger) from the journal's escalations, and whom it paged when."""
    pages = Page.objects.filter(ticket=ticket.pk, purpose__in=["page", "catch_all"])
    told = sorted((page.created_at, str(page.user_id), page.level) for page in pages)
    from tocsin.domain.journal.models import Entry  # noqa: PLC0415 - only here

    fired = Entry.objects.filter(stream=f"ticket:{ticket.pk}", kind="trigger.fired").order_by("position")
    return [(entry.at, entry.data["trigger"]) for entry in fired], told


@pytest.mark.parametrize("seed", range(12))
def test_a_run_in_production_and_its_back_test_give_the_same_steps_at_the_same_times(watched, seed):
    end = live_a_life(watched, seed)
    content = asking.published("watch").content
    question = Question((content,), (), watched.now - timedelta(hours=1), end, answers="recorded")
    bench = Bench(question)
    for past in bench.past(list(Ticket.objects.select_related("requester").order_by("number"))):
        ran, _ = bench.run(past, content)
        fired, told = really(Ticket.objects.get(pk=past.id))
        assert [(at, trigger) for at, trigger, _ in ran.fired] == fired
        assert sorted((page.at, page.person, page.level) for page in ran.pages) == told


def asked(
    it: Company, *, before: str = "", after: str, days: int = 2, end: datetime | None = None, **given
) -> BackTest:
    made = asking.compare(
        before=asking.published("watch") if not before else asking.draft(before, "watch"),
        after=asking.draft(after, "watch"), starts_at=it.now - timedelta(days=days),
        ends_at=end or it.after(600), by=it["mara"], now=end or it.after(600), **given,
    )  # fmt: skip
    working.work_on(backtest_id=made.pk)
    return queries.access_backtest(it["mara"], made.pk)


def test_the_same_policy_twice_gives_an_empty_difference(watched):
    for seed in (1, 2, 3):
        live_a_life(watched, seed)
    found = asked(watched, after=text())
    figures = queries.result_of(found).figures
    assert found.state == "done"
    assert figures.fired_before == figures.fired_after > 0
    assert (figures.different, figures.added, figures.avoided, figures.only_before, figures.only_after) == (0,) * 5
    assert not BackTestTicket.objects.filter(backtest=found).exclude(change="same").exists()


def test_an_earlier_threshold_pages_earlier_and_names_who(watched):
    ticket = watched.ticket()
    found = asked(watched, after=text(wait="10m"), answers="nobody")
    told = queries.result_of(found)
    assert told.figures.different == 1
    row = queries.row_of(found, ticket.number)
    runs = queries.drawn(row.detail).runs
    assert next(page.at for page in runs[1].pages) == watched.after(10)
    assert next(page.at for page in runs[0].pages) == watched.after(30)
    assert {"Ana", "Ben"} <= {one.name for one in told.people}
    assert row.detail["sooner"] >= 2


def test_breaches_are_warned_of_earlier(watched):
    ticket = watched.ticket()
    tickets.take(ticket_id=ticket.pk, by=watched["ana"], now=watched.after(1))
    from tocsin.domain.sla import actions as sla  # noqa: PLC0415 - only here

    sla.breach_due(now=watched.after(241), limit=10)
    figures = queries.result_of(asked(watched, after=text(percent=25))).figures
    assert (figures.breaches, figures.warned_before, figures.warned_after) == (1, 1, 1)
    assert (figures.earlier, figures.earlier_minutes) == (1, 60)


def test_a_deputy_is_paged_as_it_was_then(watched):
    Deputy.objects.create(
        user=watched["ana"], deputy=watched["amy"], starts_at=watched.after(20), ends_at=watched.after(40)
    )
    ticket = watched.ticket()
    found = asked(watched, before=text(wait="10m"), after=text(wait="30m"), answers="nobody")
    runs = queries.drawn(queries.row_of(found, ticket.number).detail).runs
    first = [{page.person for page in ran.pages if page.at == ran.pages[0].at} for ran in runs]
    assert first == [
        {str(watched["ana"].pk), str(watched["ben"].pk)},
        {str(watched["amy"].pk), str(watched["ben"].pk)},
    ]


def test_pieces_on_several_workers_merge_to_what_one_finds(watched, monkeypatch):
    for seed in range(4):
        live_a_life(watched, seed)
    whole = asked(watched, after=text(wait="5m"))
    monkeypatch.setattr(asking, "CHUNK", 1)
    split = asked(watched, after=text(wait="5m"))
    assert split.pieces == split.tickets == Ticket.objects.count()
    assert split.found == whole.found
    assert merged([split.found]) == walk_tickets(
        working.question_of(split), Ticket.objects.order_by("number")
    ).tally  # fmt: skip


def test_a_piece_is_never_counted_twice(watched):
    watched.ticket()
    found = asked(watched, after=text(wait="5m"))
    assert working.work_on_chunk(backtest_id=found.pk, number=1) is False
    assert queries.access_backtest(watched["mara"], found.pk).found == found.found


def test_a_cancelled_back_test_stays_cancelled(watched):
    watched.ticket()
    made = asking.compare(
        before=asking.published("watch"), after=asking.draft(text(), "watch"), starts_at=watched.after(-60),
        ends_at=watched.after(60), by=watched["mara"], now=watched.after(60),
    )  # fmt: skip
    working.cancel(backtest_id=made.pk, by=watched["mara"], now=watched.after(61))
    working.work_on(backtest_id=made.pk)
    assert BackTest.objects.get(pk=made.pk).state == "cancelled"


def test_nothing_is_paged_or_written_on_tickets(watched):
    ticket = watched.ticket()
    asked(watched, after=text(wait="5m"))
    assert not Page.objects.filter(ticket=ticket.pk).exists()
    assert not Escalation.objects.filter(ticket=ticket).exists()


def test_who_may_and_what_is_refused(watched):
    given = {
        "before": asking.published("watch"), "after": asking.published("watch"), "starts_at": watched.after(-60),
        "ends_at": watched.after(60), "now": watched.now,
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        asking.compare(**given, by=watched["ana"])
    with pytest.raises(InvalidInput):
        asking.compare(**{**given, "starts_at": watched.after(70)}, by=watched["mara"])
    with pytest.raises(InvalidInput):
        asking.draft(text().replace("slug: watch", "slug: other"), "watch")


def test_a_sweep_warns_more_for_more_pages(watched):
    ticket = watched.ticket()
    tickets.take(ticket_id=ticket.pk, by=watched["ana"], now=watched.after(1))
    made = asking.sweep(
        base=asking.published("watch"), trigger="half", starts_at=watched.after(-60), ends_at=watched.after(600),
        by=watched["mara"], now=watched.after(600),
    )  # fmt: skip
    working.work_on(backtest_id=made.pk)
    found = queries.points_of(queries.access_backtest(watched["mara"], made.pk))
    assert [point.label for point in found][:3] == ["25 %", "40 %", "50 %"]
    assert [point.is_present for point in found].index(True) == 2
    assert all(point.fired == 1 for point in found)


HAPPENS = """
slug: watch
name: Watch
type: customer
reason: expectation_missed
direction: hierarchical
triggers:
  - {key: broken, kind: promise_missed, same: promise, count: 2}
  - {key: angry, kind: negative_message, count: 1, when: ticket.priority <= 4}
  - {key: many, kind: linked_tickets, same: problem, count: 1}
levels: [{targets: [team_lead]}]
"""


def test_promises_tone_and_links_happen_when_they_happened(watched):
    """Broken promises, angry words and links begin in the back-test what they began in production, at the same instants."""
    watched.publish(HAPPENS)
    promised, angry, hub = (watched.ticket(now=watched.now) for _ in range(3))
    for minutes in (20, 40):
        stakeholders.make_promise(
            ticket_id=promised.pk, what="Call back", due_at=watched.after(minutes), by=watched["ana"], now=watched.after(5)
        )  # fmt: skip
    for minutes in (20, 40):
        stakeholders.act_on_due_promises(now=watched.after(minutes))
    words = "This is the third time. Completely unacceptable, I am furious!!"
    tickets.add_message(ticket_id=angry.pk, kind="customer", body=words, by=watched["rita"], now=watched.after(50))
    for minutes in (60, 61):
        other = watched.ticket(now=watched.now)
        tickets.link(from_id=other.pk, to_id=hub.pk, kind="problem", by=watched["ana"], now=watched.after(minutes))
    content, end = asking.published("watch").content, watched.after(90)
    run_engine(watched.after(40), end)
    bench = Bench(Question((content,), (), watched.now - timedelta(hours=1), end, answers="recorded"))
    begun = {}
    for past in bench.past(list(Ticket.objects.select_related("requester").order_by("number"))):
        ran, _ = bench.run(past, content)
        fired, told = really(Ticket.objects.get(pk=past.id))
        assert [(at, trigger) for at, trigger, _ in ran.fired] == fired
        assert sorted((page.at, page.person, page.level) for page in ran.pages) == told
        if ran.fired:
            begun[past.id] = ran.fired[0][1]
    assert begun == {promised.pk: "broken", angry.pk: "angry", hub.pk: "many"}


def test_what_cannot_be_replayed_is_named(watched):
    content = asking.published("watch").content
    risky = replace(content.triggers[0], key="risky", kind=TriggerKind.RISK_AT_LEAST, percent=70)
    noisy = replace(content.triggers[0], key="noisy", kind=TriggerKind.ALERT_COUNT, count=3)
    assert set(silent(replace(content, triggers=(*content.triggers, risky, noisy)))) == {"risky", "noisy"}


def test_all_processors_find_what_one_finds(watched):
    """The pieces that `tocsin backtest` hands to processes add up to the whole walk."""
    for seed in range(3):
        live_a_life(watched, seed)
    before, after = asking.published("watch").content, asking.draft(text(wait="5m"), "watch").content
    question = Question((before, after), (), watched.now - timedelta(days=1), watched.after(600))
    told = []
    whole = walk_on_all_processors(question, processes=1, go_on=told.append)
    assert whole.tally == walk_tickets(question, tickets_of(question)).tally
    assert told[-1] == whole.tally["tickets"] == Ticket.objects.count()


def test_workers_that_begin_at_once_do_not_pass_each_other_over(watched):
    """A piece is claimed by its own row: the row that all pieces share must not be locked, or the others are skipped."""
    live_a_life(watched, 1)
    made = asking.compare(
        before=asking.published("watch"), after=asking.draft(text(wait="5m"), "watch"),
        starts_at=watched.now - timedelta(days=1), ends_at=watched.after(600), by=watched["mara"], now=watched.after(600),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert working.work_on_chunk(backtest_id=made.pk, number=1)
    (claim,) = [one["sql"] for one in asked if "SKIP LOCKED" in one["sql"]]
    assert 'FOR UPDATE OF "insights_backtestchunk" SKIP LOCKED' in claim
