"""The state of a run as the database keeps it."""

import json
from zoneinfo import ZoneInfo

from tests.domain.escalation.logic.stories import begun, minutes
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import as_json, from_json


def test_state_survives_json():
    story = begun(people={1: ("ana", "ben")}).at(1, e.Acknowledged("ana")).at(2, e.Snoozed("ana", minutes(30)))
    assert from_json(json.loads(json.dumps(as_json(story.run)))) == story.run


def test_instants_are_written_in_utc():
    run = begun().run
    assert run.climb_at is not None
    away = run._replace(climb_at=run.climb_at.astimezone(ZoneInfo("Asia/Kolkata")))
    assert as_json(away)["climb_at"] == "2026-03-04T09:10:00+00:00"
    assert from_json(as_json(away)) == run


def test_state_of_an_older_release_takes_defaults():
    assert from_json({"status": "climbing", "cycle": 3}) == RunState(status=RunStatus.CLIMBING, cycle=3)


def test_names_of_a_newer_release_are_ignored():
    run = begun().run
    assert from_json(as_json(run) | {"colour": "red"}) == run


def test_state_that_does_not_say_whom_the_level_asked_still_takes_answers():
    story = begun(people={1: ("ana", "ben")})
    older = {name: value for name, value in as_json(story.run).items() if name not in ("asked", "awaiting")}
    story.run = from_json(older)
    assert story.at(1, e.Declined("ana", "busy")).at(2, e.Declined("ben", "busy")).openings()[-1] == (2, 1, 2)
    story.run = from_json(older)
    assert story.at(3, e.LevelEmpty(1, "failed")).openings()[-1] == (3, 1, 2)
