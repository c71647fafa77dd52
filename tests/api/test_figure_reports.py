"""Reports of figures for programs: what a page does, they do."""

from typing import Any

from tocsin.domain.insights.models import FigureReport

GIVEN = {
    "name": "First line",
    "readers": ["lead@desk.example", "agent@desk.example"],
    "weekday": 2,
    "hour": 6,
    "scope": {"team": "first-line", "clock": "elapsed"},
}


def test_a_report_is_set_up_read_changed_left_and_taken_away(desk: Any, program: Any) -> None:
    lead, agent = program("lead"), program("agent")
    made = lead("POST", "/figure-reports", GIVEN)
    assert made.status_code == 201
    report = made.json()
    assert (report["scope"], report["weekday"], report["zone"]) == (GIVEN["scope"], 2, desk.lead.zone)
    where = f"/figure-reports/{report['id']}"
    assert agent("GET", where).json() == report
    assert [one["id"] for one in agent("GET", "/figure-reports").json()["items"]] == [report["id"]]
    assert agent("POST", f"{where}/leave").status_code == 204
    assert agent("POST", f"{where}/leave").status_code == 404
    changed = lead("PUT", where, {**GIVEN, "cadence": "monthly"}).json()
    left = {one["person"]["name"]: bool(one["left_at"]) for one in changed["readers"]}
    assert (changed["cadence"], left) == ("monthly", {"Lead": False, "Agent": True})  # chosen again, and still out
    assert lead("DELETE", where).status_code == 204
    assert lead("GET", where).status_code == 404


def test_what_is_wrong_is_named_and_nothing_is_set_up(desk: Any, program: Any) -> None:
    lead = program("lead")
    for wrong, field in (
        ({"scope": {"mood": "bad"}}, "scope"),
        ({"readers": ["nobody@desk.example"]}, "readers"),
        ({"readers": []}, "readers"),
        ({"cadence": "hourly"}, "cadence"),
        ({"name": " "}, "name"),
        ({"hour": 24}, "hour"),
    ):
        answer = lead("POST", "/figure-reports", {**GIVEN, **wrong})
        assert answer.status_code in (400, 422), wrong
        assert field in answer.content.decode(), wrong
    assert program("agent")("POST", "/figure-reports", GIVEN).status_code == 403
    assert program("requester")("GET", "/figure-reports").status_code == 403
    assert not FigureReport.objects.exists()
