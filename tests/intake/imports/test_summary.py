"""The counts, on cases small enough to count by hand."""

from pathlib import Path

import pytest

from tests.intake.imports.logs import SERVICENOW_HEADER, VOLVO_HEADER, WriteLog, servicenow_row, taken, volvo_case
from tocsin.intake.imports.servicenow import servicenow
from tocsin.intake.imports.summary import Summary, summarise
from tocsin.intake.imports.volvo import volvo

WORK, QUEUE = ("Accepted", "In Progress"), ("Queued", "Awaiting Assignment")
DONE, CLOSED, UNMATCHED = ("Completed", "Resolved"), ("Completed", "Closed"), ("Unmatched", "Unmatched")


def volvo_counts(path: Path) -> Summary:
    return summarise("volvo", taken(path, volvo())[0])


def test_volvo_keys_are_the_published_ones(write_log: WriteLog) -> None:
    assert list(volvo_counts(write_log(VOLVO_HEADER, *volvo_case((*WORK, "A", "L1"))))) == [
        "tickets", "events", "highest_line", "started_l1", "escalated_after_l1", "came_back", "ping_pong",
        "ping_pong_same_line", "handovers", "reopened",
    ]  # fmt: skip


def test_servicenow_keys_are_the_published_ones(write_log: WriteLog) -> None:
    found, _ = taken(write_log(SERVICENOW_HEADER, servicenow_row()), servicenow())
    keys = ["tickets", "events", "sla_missed", "reassigned", "reopened", "priority_raised"]
    assert list(summarise("servicenow", found)) == keys


@pytest.mark.parametrize(
    ("lines", "highest", "started", "escalated", "came_back"),
    [
        ("1", "L1", 1, 0, 0),
        ("12", "L2", 1, 1, 0),
        ("121", "L2", 1, 1, 1),
        ("3", "L3", 0, 0, 0),
        ("2131", "L3", 0, 0, 1),
    ],
)
def test_volvo_lines(
    write_log: WriteLog, lines: str, highest: str, started: int, escalated: int, came_back: int
) -> None:
    case = volvo_case(*((*WORK, f"T{line}", f"L{line}") for line in lines))
    counts = volvo_counts(write_log(VOLVO_HEADER, *case))
    assert counts["highest_line"] == {line: int(line == highest) for line in ("L1", "L2", "L3")}
    assert (counts["started_l1"], counts["escalated_after_l1"], counts["came_back"]) == (started, escalated, came_back)


@pytest.mark.parametrize(
    ("stays", "handovers", "ping_pong", "same_line"),
    [
        ("A1 A1 A1", 0, 0, 0),
        ("A1 B1", 1, 0, 0),
        ("A1 B1 A1", 2, 1, 1),
        ("A1 A1 B1 B1 A1", 2, 1, 1),  # repeats are removed first
        ("A1 B2 A1", 2, 1, 0),
        ("A1 B2 A1 C1 A1", 4, 1, 1),  # one of its ping-pongs stayed on one line
        ("A1 B1 C1 A1", 3, 0, 0),
    ],
)
def test_volvo_team_moves(write_log: WriteLog, stays: str, handovers: int, ping_pong: int, same_line: int) -> None:
    case = volvo_case(*((*WORK, stay[0], f"L{stay[1]}") for stay in stays.split()))
    counts = volvo_counts(write_log(VOLVO_HEADER, *case))
    assert (counts["handovers"], counts["ping_pong"], counts["ping_pong_same_line"]) == (
        handovers,
        ping_pong,
        same_line,
    )


@pytest.mark.parametrize(
    ("states", "reopened"),
    [
        ([WORK, DONE, CLOSED], 0),
        ([WORK, DONE, WORK], 1),
        ([WORK, CLOSED, QUEUE, WORK, CLOSED], 1),
        ([DONE, UNMATCHED, WORK], 1),
        ([DONE, UNMATCHED], 0),
    ],
)
def test_volvo_reopened_is_active_again_after_completed(
    write_log: WriteLog, states: list[tuple[str, str]], reopened: int
) -> None:
    case = volvo_case(*((*state, "A", "L1") for state in states))
    assert volvo_counts(write_log(VOLVO_HEADER, *case))["reopened"] == reopened


def test_servicenow_counts(write_log: WriteLog) -> None:
    def rows(ref: str, *changes: dict[str, str]) -> list[str]:
        return [servicenow_row(number=ref, sys_mod_count=str(n), **c) for n, c in enumerate(changes)]

    path = write_log(
        SERVICENOW_HEADER,
        *rows("INC1", {"made_sla": "true"}, {"made_sla": "false"}),
        *rows("INC2", {"priority": "3 - Moderate"}, {"priority": "1 - Critical"}, {"priority": "4 - Low"}),
        *rows("INC3", {"reassignment_count": "0"}, {"reassignment_count": "2", "reopen_count": "1"}),
        *rows("INC4", {"priority": "3 - Moderate"}, {"priority": "4 - Low"}),
    )
    assert summarise("servicenow", taken(path, servicenow())[0]) == {
        "tickets": 4,
        "events": 9,
        "sla_missed": 1,
        "reassigned": 1,
        "reopened": 1,
        "priority_raised": 1,
    }
