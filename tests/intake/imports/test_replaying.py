"""Policies over logs: log time, no knowledge of what comes later, honest assumptions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.actions import Notify
from tocsin.domain.escalation.logic.events import LevelReached
from tocsin.domain.escalation.logic.policy import Policy, Target, TargetKind
from tocsin.domain.escalation.logic.simulate import Simulation
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.intake.imports.events import Case, LoggedEvent
from tocsin.intake.imports.promises import NONE, Promises
from tocsin.intake.imports.replay_report import counts_for, spread
from tocsin.intake.imports.replaying import facts_of, heard, reached, replay, replayable
from tocsin.intake.imports.verdicts import Verdict

START = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROMISES = Promises({3: 100 * HOUR, 1: 10 * HOUR})
TEXT = """
slug: technical
name: Technical
type: technical
reason: complexity
direction: functional
match: ticket.is_open
triggers:
  - {key: at-risk, kind: clock_at, clock: resolution, percent: 75%}
  - {key: hops, kind: handovers, count: 2}
  - {key: raised, kind: priority_raised}
levels:
  - {name: Holder, targets: [owner, ticket_team]}
  - {name: Next line, delay: 30m, targets: [next_line_team]}
  - {name: Manager, delay: 1h, targets: [team_manager]}
repeat: {times: 0, after: 30m, terminal: expire}
"""
POLICY = spec.load(TEXT)


def row(hour: float, **told: Any) -> LoggedEvent:
    values: dict[str, Any] = {"status": None, "by": "Eva", "priority": 3, "team": "A", "owner": "Eva"}
    values |= {"state": str(told.get("status", ""))}
    return LoggedEvent("1", START + hour * HOUR, int(hour) + 2, **{**values, **told})


def run(*rows: LoggedEvent, answers: bool = True, policy: Policy = POLICY, until: float = 1_000) -> Simulation:
    return replay(Case("1", rows), [policy], PROMISES, until=START + until * HOUR, answers=answers)


def fired(simulation: Simulation) -> list[tuple[str, float]]:
    return [(firing.trigger, (firing.at - START) / HOUR) for firing in simulation.fired]


def pages(simulation: Simulation) -> list[tuple[int, float, Sequence[str]]]:
    return [(step.level, (step.at - START) / HOUR, step.people) for step in simulation.steps if step.people]


def test_time_driven_trigger_fires_between_rows_at_its_own_instant() -> None:
    found = run(row(0, status="open"), row(200, status="closed"), answers=False)
    assert fired(found) == [("at-risk", 75)]
    assert pages(found) == [
        (1, 75, ("Eva", "team A")),
        (2, 75.5, ("line above A",)),
        (3, 76.5, ("escalation manager of A",)),
    ]


def test_ticket_that_ends_in_time_pages_nobody() -> None:
    assert run(row(0, status="open"), row(74, status="resolved"), row(200, status="closed")).fired == ()


def test_event_driven_triggers_see_the_history_so_far() -> None:
    rows = [row(0, status="open"), row(1, team="B", owner="Bo"), row(2, team="C", owner="Cy"), row(3, status="closed")]
    assert fired(run(*rows)) == [("hops", 2)]
    assert fired(run(row(0, status="open"), row(1, priority=1), row(2, status="closed"))) == [("raised", 1)]


def test_first_work_after_a_page_is_its_answer() -> None:
    rows = [row(0, status="open"), row(75.2), row(200, status="closed")]
    assert [level for level, _, _ in pages(run(*rows, answers=True))][:1] == [1]
    assert [level for level, at, _ in pages(run(*rows, answers=True)) if at < 75.6] == [1]
    assert [level for level, at, _ in pages(run(*rows, answers=False)) if at < 75.6] == [1, 2]


def test_machine_answers_nothing() -> None:
    rows = [row(0, status="open"), row(75.2, by=""), row(200, status="closed")]
    assert [level for level, at, _ in pages(run(*rows)) if at < 75.6] == [1, 2]


def test_level_without_anybody_is_passed_over() -> None:
    found = run(row(0, status="open", team="A", line="L3", owner=""), row(200, status="closed"), answers=False)
    assert [(level, people) for level, _, people in pages(found)] == [
        (1, ("team A",)),
        (3, ("escalation manager of A",)),
    ]


@pytest.mark.parametrize("cut", range(1, 6))
def test_triggers_never_see_what_comes_later(cut: int) -> None:
    """What fires up to a row is the same whether or not the log goes on after it."""
    rows = [
        row(0, status="open"),
        row(20, team="B", owner="Bo"),
        row(40, team="A", owner="Eva"),
        row(80, priority=1, status="waiting_vendor"),
        row(120, status="resolved"),
        row(300, status="closed", missed=True),
    ]
    until = (rows[cut - 1].at - START) / HOUR
    part, whole = run(*rows[:cut], until=until), run(*rows)
    assert part.fired == tuple(f for f in whole.fired if f.at <= START + until * HOUR)
    assert part.steps == tuple(s for s in whole.steps if s.at <= START + until * HOUR)


def test_outcome_changes_nothing_but_the_verdict() -> None:
    rows = [row(0, status="open"), row(200, status="closed")]
    assert run(*rows) == run(*(r._replace(missed=True, reassignments=9) for r in rows))


def test_facts_hold_what_the_row_shows() -> None:
    facts, opened_at = facts_of(Case("1", (row(1, status="open", opened_at=START), row(2), row(3, owner=""))))
    assert opened_at == START
    assert [(f.kind, (f.at - START) / HOUR) for f in facts] == [("opened", 1), ("changed", 2), ("changed", 3)]
    assert facts[1].changes == {}
    assert (facts[2].changes["owner"], facts[2].changes["has_owner"]) == ("", False)


def test_triggers_that_a_log_cannot_drive_are_named() -> None:
    text = TEXT.replace(
        "triggers:",
        "triggers:\n"
        "  - {key: silence, kind: no_public_update_for, after: 8h}\n"
        "  - {key: response, kind: clock_breached, clock: first_response}\n"
        "  - {key: line, kind: waiting_at_line_for, line: L1, after: 4h}\n"
        "  - {key: nobody, kind: unassigned_for, after: 4h}\n",
    )
    case = Case("1", (row(0, status="open"),))
    policy, silent = replayable(spec.load(text), heard([case], NONE, answers=True))
    assert [trigger.key for trigger in policy.triggers] == ["nobody", "hops", "raised"]
    assert list(silent) == ["silence", "response", "line", "at-risk"]
    with_lines = Case("1", (row(0, status="open", line="L1"),))
    _, silent = replayable(spec.load(text), heard([with_lines], PROMISES, answers=True))
    assert list(silent) == ["silence", "response"]


def test_report_counts_warnings_leads_and_pages() -> None:
    (count,) = counts_for([POLICY], [{}])
    simulation = run(row(0, status="open"), row(200, status="closed"), answers=False)
    count.add(simulation, Verdict(START + 200 * HOUR, START + 100 * HOUR))
    count.add(simulation, Verdict(START + 200 * HOUR))
    told = count.as_dict(ended_badly=2)
    assert told["triggers"][0] == {
        "key": "at-risk",
        "kind": "clock_at",
        "fired": 2,
        "tickets": 2,
        "came_true_while_at_work": 0,
        "ended_badly_warned": 1,
        "ended_badly_warned_in_time": 1,
        "hours_before_the_end": {"median": 125.0, "p90": 125.0},
        "ended_well": 1,
    }
    assert (told["pages"], told["pages_on_tickets_that_ended_well"]) == (8, 4)
    assert [level["pages"] for level in told["levels"]] == [4, 2, 2, 0]
    assert (told["tickets"], told["ended_badly_warned_share"], told["ended_well"]) == (2, 0.5, 1)


def test_spread_is_nearest_rank() -> None:
    assert spread([]) == {"median": None, "p90": None}
    assert spread([5.04]) == {"median": 5.0, "p90": 5.0}
    assert spread([float(n) for n in range(10, 0, -1)]) == {"median": 5.0, "p90": 9.0}


def test_a_round_robin_is_one_role_in_a_replay_the_same_every_time() -> None:
    """A log names no members, so whose turn it would have been cannot be told; that it is one person can."""
    ask = Notify(1, 1, (Target(TargetKind.ROUND_ROBIN_TEAM), Target(TargetKind.ROUND_ROBIN_SCHEDULE, "network")), True)
    answers = {reached(None, ask, TicketView(team="Desk")) for _ in range(3)}  # type: ignore[arg-type]
    assert answers == {LevelReached(1, ("the next of Desk", "round_robin_schedule network"))}
